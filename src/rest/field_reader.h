// SPDX-License-Identifier: MIT
// Reads what FieldWriter writes, and trusts none of it.
//
// A field that is missing keeps its default, one that is unknown is passed over. Strings may be
// text as well, so that a request can be JSON. Errors: kInvalid, which name the field.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/fields.h"
#include "domain/outcome.h"
#include "rest/field.h"
#include "value/cbor_reader.h"
#include "value/data.h"

namespace coord {

class FieldReader {
 public:
  // What is read points into the item, the arena and this reader.
  explicit FieldReader(Arena& arena) : arena_(arena) {}
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;

  // Fills in the fields of a struct from a map.
  template <HasFieldList T>
  Result<void> ReadMap(std::string_view item, std::string_view name, T& to) {
    auto map = CborMap::Open(item);
    if (!map) return MustBeError(name, "a map");
    std::string_view key;
    std::string_view value;
    while (map->Next(key, value)) {
      const auto text = CborAsString(key, arena_);
      if (text) COORD_TRY_VOID(ReadFieldOf(*text, value, to));
    }
    return {};
  }

 private:
  // What a value is called in errors, and what its strings are.
  struct Place {
    std::string_view name;
    TextKind kind = TextKind::kAny;
  };

  template <typename T>
  Result<void> ReadFieldOf(std::string_view key, std::string_view value, T& to) {
    Result<void> result;
    [[maybe_unused]] const auto try_field = [&](const auto& field) {
      if (field.key != key) return false;
      result = Read(value, Place{field.key, field.kind}, to.*field.member);
      return true;
    };
    std::apply([&](const auto&... field) { static_cast<void>((try_field(field) || ...)); },
               kFieldsOf<T>);
    return result;
  }

  template <typename T>
  Result<void> Read(std::string_view item, const Place& place, T& to) {
    if constexpr (std::is_same_v<T, bool>) {
      return Assign(ReadBool(item, place.name), to);
    } else if constexpr (std::is_floating_point_v<T>) {
      return Assign(ReadNumber(item, place.name), to);
    } else if constexpr (std::is_same_v<T, AttemptId>) {
      COORD_TRY(number, ReadUnsigned(item, place.name));
      to = AttemptId{number};
      return {};
    } else if constexpr (std::is_enum_v<T>) {
      static_assert(kEnumSize<T> > 0);
      COORD_TRY(number, ReadUnsigned(item, place.name));
      if (number >= kEnumSize<T>) return MustBeError(place.name, "one of its numbers");
      to = static_cast<T>(number);
      return {};
    } else if constexpr (std::is_unsigned_v<T>) {
      return Assign(ReadUnsigned(item, place.name), to);
    } else if constexpr (std::is_integral_v<T>) {
      return Assign(ReadInteger(item, place.name), to);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      return Assign(ReadText(item, place), to);
    } else if constexpr (HasFieldList<T>) {
      COORD_TRY_VOID(ReadMap(item, place.name, to));
      Complete(to);
      return {};
    } else {
      return ReadPart(item, place, to);
    }
  }

  // Where fields depend on each other.
  template <typename T>
  static void Complete(T&) {}
  static void Complete(UnitItem& unit) { unit.data = unit.data.Or(Data::Empty()); }
  static void Complete(WorkUnitUpdate& update) {
    if (update.data.is_null()) update.request.has_data = false;
  }

  template <typename From, typename T>
  static Result<void> Assign(const Result<From>& from, T& to) {
    if (from.has_error()) return from.error();
    to = *from;
    return {};
  }

  template <typename T>
  Result<void> ReadPart(std::string_view item, const Place& place, std::optional<T>& to) {
    // There is a null that means something.
    if (!std::is_same_v<T, WallTime> && IsCborNull(item)) {
      to.reset();
      return {};
    }
    return Read(item, place, to.emplace());
  }
  template <typename T>
  Result<void> ReadPart(std::string_view item, const Place& place, std::span<const T>& to) {
    COORD_TRY(items, OpenList(item, place.name));
    const std::span<T> read = arena_.NewArray<T>(items.CountLeft());
    std::string_view each;
    for (std::size_t i = 0; i < read.size() && items.Next(each); ++i) {
      COORD_TRY_VOID(Read(each, place, read[i]));
    }
    to = read;
    return {};
  }
  template <typename T, std::size_t size>
  Result<void> ReadPart(std::string_view item, const Place& place, std::array<T, size>& to) {
    COORD_TRY(items, OpenList(item, place.name));
    if (items.CountLeft() != size) return MustBeError(place.name, "a list of another length");
    std::string_view each;
    for (std::size_t i = 0; i < size && items.Next(each); ++i) {
      COORD_TRY_VOID(Read(each, place, to[i]));
    }
    return {};
  }
  Result<void> ReadPart(std::string_view item, const Place& place, Data& to) {
    return Assign(Data::FromItem(item, place.name), to);
  }
  Result<void> ReadPart(std::string_view item, const Place& place, Duration& to);
  Result<void> ReadPart(std::string_view item, const Place& place, WallTime& to);
  Result<void> ReadPart(std::string_view item, const Place& place, StatusSet& to);
  Result<void> ReadPart(std::string_view item, const Place& place, const WorkSpecMeta*& to);
  Result<void> ReadPart(std::string_view item, const Place& place, const Error*& to);

  // A list that is not too long.
  static Result<CborList> OpenList(std::string_view item, std::string_view name);
  static Result<std::uint64_t> ReadUnsigned(std::string_view item, std::string_view name);
  Result<std::string_view> ReadText(std::string_view item, const Place& place);

  Arena& arena_;
  std::deque<WorkSpecMeta> metas_;
  std::deque<Error> errors_;
};

}  // namespace coord
