// SPDX-License-Identifier: MIT
#include "domain/names.h"

#include <string>

namespace coord {

namespace {

Error TooLongError(std::string_view what) {
  return InvalidError(std::string(what) + " is longer than " + std::to_string(kNameBytesMax) +
                      " bytes");
}

}  // namespace

Result<void> CheckName(std::string_view name, std::string_view what) {
  if (name.size() > kNameBytesMax) return TooLongError(what);
  if (!IsUtf8(name)) return InvalidError(std::string(what) + " is not UTF-8");
  return {};
}

Result<void> CheckWorkSpecName(std::string_view name) {
  if (name.empty()) return Error{ErrorCode::kNoWorkSpecName, "the work spec has no name", {}};
  Result<void> checked = CheckName(name, "the work spec's name");
  if (checked.has_error()) {
    return Error{ErrorCode::kBadWorkSpecName, checked.error().detail, {}};
  }
  return {};
}

Result<void> CheckWorkUnitName(std::string_view name) {
  if (name.size() > kNameBytesMax) return TooLongError("the work unit's name");
  return {};
}

}  // namespace coord
