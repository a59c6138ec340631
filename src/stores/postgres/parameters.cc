// SPDX-License-Identifier: MIT
#include "stores/postgres/parameters.h"

#include <bit>

#include "base/check.h"

namespace coord {

namespace {

template <typename Integer>
void AppendInteger(std::string& to, Integer value) {
  for (int shift = static_cast<int>(sizeof(Integer)) * 8 - 8; shift >= 0; shift -= 8) {
    to.push_back(
        static_cast<char>(static_cast<std::uint64_t>(value) >> static_cast<unsigned>(shift)));
  }
}

void AppendLength(std::string& to, std::size_t length) {
  AppendInteger(to, static_cast<std::uint32_t>(length));
}

}  // namespace

void PgArray::Add(std::int64_t value) {
  ++count_;
  AppendLength(values_, 8);
  AppendInteger(values_, value);
}

void PgArray::AddInt4(std::int32_t value) {
  ++count_;
  AppendLength(values_, 4);
  AppendInteger(values_, static_cast<std::uint32_t>(value));
}

void PgArray::Add(bool value) {
  ++count_;
  AppendLength(values_, 1);
  values_.push_back(value ? '\1' : '\0');
}

void PgArray::Add(double value) {
  ++count_;
  AppendLength(values_, 8);
  AppendInteger(values_, std::bit_cast<std::uint64_t>(value));
}

void PgArray::Add(std::string_view bytes) {
  ++count_;
  AppendLength(values_, bytes.size());
  values_.append(bytes);
}

void PgArray::Add(WallTime time) {
  if (time == kNoTime) return AddNull();
  Add(std::int64_t{time.time_since_epoch().count()});
}

void PgArray::Add(const std::optional<std::string_view>& bytes) {
  if (!bytes) return AddNull();
  Add(*bytes);
}

void PgArray::AddNull() {
  ++count_;
  has_null_ = true;
  AppendInteger(values_, std::uint32_t{UINT32_MAX});
}

PgType PgArray::type() const {
  switch (element_) {
    case PgType::kBool:
      return PgType::kBoolArray;
    case PgType::kBytea:
      return PgType::kByteaArray;
    case PgType::kInt4:
      return PgType::kInt4Array;
    case PgType::kInt8:
      return PgType::kInt8Array;
    case PgType::kFloat8:
      return PgType::kFloat8Array;
    default:
      COORD_CHECK(false);
  }
  return element_;
}

std::string PgArray::Encoded() const {
  std::string encoded;
  encoded.reserve(values_.size() + 20);
  AppendInteger(encoded, std::uint32_t{count_ == 0 ? 0U : 1U});  // dimensions
  AppendInteger(encoded, std::uint32_t{has_null_ ? 1U : 0U});
  AppendInteger(encoded, static_cast<std::uint32_t>(element_));
  if (count_ == 0) return encoded;
  AppendLength(encoded, count_);
  AppendInteger(encoded, std::uint32_t{1});  // the index of the first value
  encoded += values_;
  return encoded;
}

PgParameters& PgParameters::Push(PgType type, std::optional<std::string> value) {
  types_.push_back(static_cast<std::uint32_t>(type));
  values_.push_back(std::move(value));
  return *this;
}

PgParameters& PgParameters::Add(std::int64_t value) {
  std::string bytes;
  AppendInteger(bytes, value);
  return Push(PgType::kInt8, std::move(bytes));
}

PgParameters& PgParameters::Add(bool value) {
  return Push(PgType::kBool, std::string(1, value ? '\1' : '\0'));
}

PgParameters& PgParameters::Add(double value) {
  std::string bytes;
  AppendInteger(bytes, std::bit_cast<std::uint64_t>(value));
  return Push(PgType::kFloat8, std::move(bytes));
}

PgParameters& PgParameters::Add(std::string_view bytes) {
  return Push(PgType::kBytea, std::string(bytes));
}

PgParameters& PgParameters::Add(WallTime time) {
  if (time == kNoTime) return Push(PgType::kInt8, std::nullopt);
  return Add(std::int64_t{time.time_since_epoch().count()});
}

PgParameters& PgParameters::Add(const std::optional<std::string_view>& bytes) {
  if (!bytes) return Push(PgType::kBytea, std::nullopt);
  return Add(*bytes);
}

PgParameters& PgParameters::Add(const PgArray& array) {
  return Push(array.type(), array.Encoded());
}

std::vector<const char*> PgParameters::values() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value ? value->data() : nullptr);
  return pointers;
}

std::vector<int> PgParameters::lengths() const {
  std::vector<int> sizes;
  sizes.reserve(values_.size());
  for (const auto& value : values_) sizes.push_back(value ? static_cast<int>(value->size()) : 0);
  return sizes;
}

}  // namespace coord
