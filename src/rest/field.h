// SPDX-License-Identifier: MIT
// How a struct is written as a map: a list of its fields, from which both the writer and the reader
// are made, so that neither can know a field that the other does not.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace coord {

// What a string of a request is, and so how it is checked.
enum class TextKind : std::uint8_t {
  kAny,
  kName,      // of a namespace, spec or worker: CheckName()
  kUnitName,  // CheckWorkUnitName()
  kScalar,    // one encoded scalar, within a byte string
};

// A field of a struct: its key, where it stands, and what its strings are.
template <typename Owner, typename Member>
struct Field {
  std::string_view key;
  Member Owner::*member;
  TextKind kind = TextKind::kAny;
};
template <typename Owner, typename Member>
Field(std::string_view, Member Owner::*) -> Field<Owner, Member>;
template <typename Owner, typename Member>
Field(std::string_view, Member Owner::*, TextKind) -> Field<Owner, Member>;

// The fields of T, a tuple; specialised for each struct that can be written.
struct NoFieldList {};
template <typename T>
inline constexpr auto kFieldsOf = NoFieldList{};

template <typename T>
concept HasFieldList = !std::is_same_v<std::remove_cv_t<decltype(kFieldsOf<T>)>, NoFieldList>;

// How many enumerators E has; they count from 0. Specialised for each enum that can be written.
template <typename E>
inline constexpr std::uint64_t kEnumSize = 0;

}  // namespace coord
