// SPDX-License-Identifier: MIT
#include "coordinate/value.h"

namespace coordinate {

bool Tuple::operator==(const Tuple&) const = default;

Value::Value(std::uint64_t value) {
  if (value <= INT64_MAX) {
    variant_ = static_cast<std::int64_t>(value);
  } else {
    variant_ = value;
  }
}

const std::string* Value::AsString() const {
  if (const auto* bytes = As<Bytes>()) return &bytes->bytes;
  return As<std::string>();
}

const std::vector<Value>* Value::AsItems() const {
  if (const auto* tuple = As<Tuple>()) return &tuple->items;
  return As<List>();
}

std::optional<double> Value::AsNumber() const {
  if (const auto* number = As<std::int64_t>()) return static_cast<double>(*number);
  if (const auto* number = As<std::uint64_t>()) return static_cast<double>(*number);
  if (const auto* number = As<double>()) return *number;
  return std::nullopt;
}

const Value* Value::Find(std::string_view key) const {
  const Map* const map = As<Map>();
  if (map == nullptr) return nullptr;
  for (auto entry = map->rbegin(); entry != map->rend(); ++entry) {
    const std::string* const text = entry->first.AsString();
    if (text != nullptr && *text == key) return &entry->second;
  }
  return nullptr;
}

}  // namespace coordinate
