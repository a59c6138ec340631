// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <array>

#include "base/check.h"

namespace coord {

namespace {

using enum ErrorClass;

constexpr std::array kTable = {
    ErrorInfo{ErrorCode::kNoWorkSpecName, "ErrNoWorkSpecName", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kBadWorkSpecName, "ErrBadWorkSpecName", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kChangedName, "ErrChangedName", 409, kDomain},
    ErrorInfo{ErrorCode::kLostLease, "ErrLostLease", 409, kDomain},
    ErrorInfo{ErrorCode::kNotPending, "ErrNotPending", 409, kDomain},
    ErrorInfo{ErrorCode::kCannotBecomeContinuous, "ErrCannotBecomeContinuous", 400, kDomain},
    ErrorInfo{ErrorCode::kWrongBackend, "ErrWrongBackend", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kNoWork, "ErrNoWork", 404, kDomain},
    ErrorInfo{ErrorCode::kWorkUnitNotList, "ErrWorkUnitNotList", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kWorkUnitTooShort, "ErrWorkUnitTooShort", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kBadPriority, "ErrBadPriority", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kGone, "ErrGone", 410, kDomain},
    ErrorInfo{ErrorCode::kNoSuchWorkSpec, "ErrNoSuchWorkSpec", 404, kDomain},
    ErrorInfo{ErrorCode::kNoSuchWorkUnit, "ErrNoSuchWorkUnit", 404, kDomain},
    ErrorInfo{ErrorCode::kInvalid, "error", 400, kInvalidInput},
    ErrorInfo{ErrorCode::kNotFound, "error", 404, kDomain},
    ErrorInfo{ErrorCode::kOverLimit, "error", 413, kInvalidInput},
    ErrorInfo{ErrorCode::kUnavailable, "error", 503, kTransient},
    ErrorInfo{ErrorCode::kInDoubt, "error", 503, ErrorClass::kInDoubt},
    ErrorInfo{ErrorCode::kCorrupt, "error", 500, ErrorClass::kCorrupt},
    ErrorInfo{ErrorCode::kInternal, "error", 500, kDomain},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  }
  return true;
}
static_assert(InOrder());

}  // namespace

std::span<const ErrorInfo> ErrorTable() { return kTable; }

const ErrorInfo& InfoOf(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  COORD_CHECK(index < kTable.size());
  return kTable[index];
}

Error InvalidError(std::string detail) { return {ErrorCode::kInvalid, std::move(detail), {}}; }

Error NoSuchWorkSpecError(std::string_view name) {
  std::string detail = "no such work spec ";
  detail.append(name);
  return {ErrorCode::kNoSuchWorkSpec, std::move(detail), std::string(name)};
}

Error NoSuchWorkUnitError(std::string_view name) {
  std::string detail = "no such work unit key='";
  detail.append(name).append("'");
  return {ErrorCode::kNoSuchWorkUnit, std::move(detail), std::string(name)};
}

}  // namespace coord
