// SPDX-License-Identifier: MIT
// Encoded CBOR for tests, item by item: Map({{Text("name"), Text("a")}}).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value/cbor_writer.h"
#include "value/data.h"

namespace coord::testing {

inline std::string Text(std::string_view text) {
  std::string out;
  CborWriter(out).Text(text);
  return out;
}

inline std::string Bytes(std::string_view bytes) {
  std::string out;
  CborWriter(out).Bytes(bytes);
  return out;
}

inline std::string Int(std::int64_t value) {
  std::string out;
  CborWriter(out).Integer(value);
  return out;
}

inline std::string Double(double value) {
  std::string out;
  CborWriter(out).Double(value);
  return out;
}

inline std::string Bool(bool value) { return value ? "\xf5" : "\xf4"; }

inline std::string Null() { return "\xf6"; }

inline std::string List(const std::vector<std::string>& items) {
  std::string out;
  CborWriter writer(out);
  writer.ArrayHead(items.size());
  for (const std::string& item : items) writer.Raw(item);
  return out;
}

inline std::string Tuple(const std::vector<std::string>& items) {
  std::string out;
  CborWriter writer(out);
  writer.TupleHead(items.size());
  for (const std::string& item : items) writer.Raw(item);
  return out;
}

inline std::string Map(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string out;
  CborWriter writer(out);
  writer.MapHead(entries.size());
  for (const auto& [key, value] : entries) {
    writer.Raw(key);
    writer.Raw(value);
  }
  return out;
}

}  // namespace coord::testing
