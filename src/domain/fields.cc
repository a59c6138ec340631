// SPDX-License-Identifier: MIT
#include "domain/fields.h"

#include <string>

#include "domain/names.h"

namespace coord {

namespace {
constexpr std::size_t kStringsMax = 1'000'000;
}  // namespace

Error MustBeError(std::string_view name, std::string_view kind) {
  return InvalidError(std::string(name).append(" must be ").append(kind));
}

Result<std::string_view> ReadString(std::string_view value, std::string_view name, Arena& arena) {
  const auto text = CborAsString(value, arena);
  if (!text) return MustBeError(name, "a string");
  return *text;
}

Result<std::string_view> ReadName(std::string_view value, std::string_view name, Arena& arena) {
  COORD_TRY(text, ReadString(value, name, arena));
  COORD_TRY_VOID(CheckName(text, name));
  return text;
}

Result<double> ReadNumber(std::string_view value, std::string_view name) {
  const auto number = CborAsNumber(value);
  if (!number) return MustBeError(name, "a number");
  return *number;
}

Result<std::int64_t> ReadInteger(std::string_view value, std::string_view name) {
  const auto number = CborAsInteger(value);
  if (!number) return MustBeError(name, "an integer");
  return *number;
}

Result<bool> ReadBool(std::string_view value, std::string_view name) {
  const auto truth = CborAsBool(value);
  if (!truth) return MustBeError(name, "a boolean");
  return *truth;
}

Result<std::span<const std::string_view>> ReadStrings(std::string_view value, std::string_view name,
                                                      Arena& arena) {
  auto list = CborList::Open(value);
  if (!list) return MustBeError(name, "a list");
  const std::size_t count = list->CountLeft();
  if (count > kStringsMax) {
    return Error{ErrorCode::kOverLimit,
                 std::string(name) + " has more than " + std::to_string(kStringsMax) + " items",
                 {}};
  }
  const auto strings = arena.NewArray<std::string_view>(count);
  std::string_view item;
  for (std::size_t i = 0; i < count && list->Next(item); ++i) {
    const auto text = CborAsString(item, arena);
    if (!text) return MustBeError(name, "a list of strings");
    strings[i] = *text;
  }
  return std::span<const std::string_view>(strings);
}

}  // namespace coord
