// SPDX-License-Identifier: MIT
// Writes structs that have a list of fields as CBOR.
//
// A struct is a map of its fields; optional ones that are absent are left out. Strings are byte
// strings, whatever they hold; enums are their numbers; times and durations are integer
// microseconds, "no time" is null; data is the map itself.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/clock.h"
#include "domain/outcome.h"
#include "rest/documents.h"
#include "rest/field.h"
#include "rest/outcome_fields.h"
#include "value/cbor_writer.h"

namespace coord {

// Appends to a string that outlives it.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : cbor_(out) {}

  // The entries of the map, behind a head that the caller has written.
  template <HasFieldList T>
  void Fields(const T& value) {
    std::apply([&](const auto&... field) { (PutField(field.key, value.*field.member), ...); },
               kFieldsOf<T>);
  }

  // How many entries Fields() writes.
  template <HasFieldList T>
  static std::size_t CountFields(const T& value) {
    return std::apply(
        [&](const auto&... field) {
          return (std::size_t{0} + ... + (IsPresent(value.*field.member) ? 1U : 0U));
        },
        kFieldsOf<T>);
  }

 private:
  template <typename T>
  static bool IsPresent(const T&) {
    return true;
  }
  template <typename T>
  static bool IsPresent(const std::optional<T>& value) {
    return value.has_value();
  }

  template <typename T>
  void PutField(std::string_view key, const T& value) {
    if (!IsPresent(value)) return;
    cbor_.Text(key);
    Put(value);
  }

  template <typename T>
  void Put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      cbor_.Bool(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      cbor_.Double(value);
    } else if constexpr (std::is_enum_v<T>) {
      cbor_.Unsigned(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_unsigned_v<T>) {
      cbor_.Unsigned(value);
    } else if constexpr (std::is_integral_v<T>) {
      cbor_.Integer(value);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      cbor_.Bytes(value);
    } else if constexpr (HasFieldList<T>) {
      cbor_.MapHead(CountFields(value));
      Fields(value);
    } else {
      PutPart(value);
    }
  }

  template <typename T>
  void PutPart(const std::optional<T>& value) {
    value ? Put(*value) : cbor_.Null();
  }
  template <typename T>
  void PutPart(std::span<const T> items) {
    cbor_.ArrayHead(items.size());
    for (const T& item : items) Put(item);
  }
  template <typename T, std::size_t size>
  void PutPart(const std::array<T, size>& items) {
    PutPart(std::span<const T>(items));
  }
  void PutPart(Data data) { data.is_null() ? cbor_.Null() : cbor_.Raw(data.cbor()); }
  void PutPart(Duration duration) { cbor_.Integer(duration.count()); }
  void PutPart(WallTime time) {
    time == kNoTime ? cbor_.Null() : cbor_.Integer(time.time_since_epoch().count());
  }
  void PutPart(StatusSet statuses) {
    std::size_t count = 0;
    for (const WorkUnitStatus status : kWorkUnitStatuses) count += statuses.Has(status) ? 1 : 0;
    cbor_.ArrayHead(count);
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      if (statuses.Has(status)) Put(status);
    }
  }
  void PutPart(const WorkSpecMeta* meta) { Put(*meta); }
  // An error is its document, with the status that it would have by itself.
  void PutPart(const Error* error) {
    if (error == nullptr) return cbor_.Null();
    BodyWriter writer(BodyFormat::kCbor, cbor_.out());
    writer.BeginMap();
    WriteCount(writer, "status", static_cast<std::uint64_t>(InfoOf(error->code).http_status));
    WriteErrorFields(writer, *error);
    writer.EndMap();
  }

  CborWriter cbor_;
};

}  // namespace coord
