// SPDX-License-Identifier: MIT
// Parameters of SQL statements in PostgreSQL's binary format.
//
// Formats: https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES and the
// receive functions of the types; all integers are in network byte order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace coord {

// The object numbers that PostgreSQL gives its own types (pg_type.dat); they never change.
enum class PgType : std::uint32_t {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt4 = 23,
  kFloat8 = 701,
  kBoolArray = 1000,
  kByteaArray = 1001,
  kInt4Array = 1007,
  kInt8Array = 1016,
  kFloat8Array = 1022,
};

// One column of many values: the parameter of unnest(). Values are added one by one.
class PgArray {
 public:
  // `element`: the type of one value.
  explicit PgArray(PgType element) : element_(element) {}

  void Add(std::int64_t value);
  void Add(bool value);
  void Add(double value);
  void Add(std::string_view bytes);
  void AddInt4(std::int32_t value);
  // kNoTime is null.
  void Add(WallTime time);
  void Add(const std::optional<std::string_view>& bytes);
  void AddNull();

  std::size_t size() const { return count_; }
  PgType type() const;
  // The array as PostgreSQL receives it.
  std::string Encoded() const;

 private:
  PgType element_;
  std::size_t count_ = 0;
  bool has_null_ = false;
  std::string values_;  // each with its length before it
};

// The parameters of one statement, in order. Owns copies of everything.
class PgParameters {
 public:
  PgParameters& Add(std::int64_t value);
  PgParameters& Add(std::uint64_t value) { return Add(static_cast<std::int64_t>(value)); }
  PgParameters& Add(bool value);
  PgParameters& Add(double value);
  PgParameters& Add(std::string_view bytes);
  PgParameters& Add(const char*) = delete;
  // kNoTime is null.
  PgParameters& Add(WallTime time);
  PgParameters& Add(const std::optional<std::string_view>& bytes);
  PgParameters& Add(const PgArray& array);

  // As libpq wants them: valid until the next Add().
  std::span<const std::uint32_t> types() const { return types_; }
  std::vector<const char*> values() const;
  std::vector<int> lengths() const;
  int size() const { return static_cast<int>(types_.size()); }

 private:
  PgParameters& Push(PgType type, std::optional<std::string> value);

  std::vector<std::uint32_t> types_;
  std::vector<std::optional<std::string>> values_;
};

}  // namespace coord
