// SPDX-License-Identifier: MIT
// Byte strings that live in millions: one pointer each, one allocation, no capacity.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace coord {

// An owned, immutable byte string that may be absent ("null"). Costs 8 bytes, and where present one
// allocation of its size plus 4.
class HeapBytes {
 public:
  HeapBytes() = default;
  explicit HeapBytes(std::string_view bytes)
      : block_(std::make_unique_for_overwrite<char[]>(sizeof(std::uint32_t) + bytes.size())) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(block_.get(), &size, sizeof size);
    bytes.copy(block_.get() + sizeof size, bytes.size());
  }

  bool is_null() const { return block_ == nullptr; }

  // The bytes, valid until this object is assigned to or destroyed; empty where null.
  std::string_view view() const {
    if (is_null()) return {};
    std::uint32_t size = 0;
    std::memcpy(&size, block_.get(), sizeof size);
    return {block_.get() + sizeof size, size};
  }

 private:
  std::unique_ptr<char[]> block_;
};

// A unit's name and data in one allocation. The name never changes.
class NamedBytes {
 public:
  NamedBytes() = default;
  NamedBytes(std::string_view name, std::string_view data)
      : block_(std::make_unique_for_overwrite<char[]>(sizeof(Sizes) + name.size() + data.size())) {
    const Sizes sizes{static_cast<std::uint32_t>(data.size()),
                      static_cast<std::uint16_t>(name.size())};
    std::memcpy(block_.get(), &sizes, sizeof sizes);
    // copy() takes views of nothing that have no address.
    name.copy(block_.get() + sizeof sizes, name.size());
    data.copy(block_.get() + sizeof sizes + name.size(), data.size());
  }

  bool is_null() const { return block_ == nullptr; }

  // Has the processor fetch them.
  void Prefetch() const { __builtin_prefetch(block_.get()); }

  std::string_view name() const { return {block_.get() + sizeof(Sizes), sizes().name}; }
  std::string_view data() const {
    const Sizes sizes_now = sizes();
    return {block_.get() + sizeof(Sizes) + sizes_now.name, sizes_now.data};
  }

 private:
  struct Sizes {
    std::uint32_t data;
    std::uint16_t name;
  };
  Sizes sizes() const {
    Sizes sizes_now;
    std::memcpy(&sizes_now, block_.get(), sizeof sizes_now);
    return sizes_now;
  }

  std::unique_ptr<char[]> block_;
};

}  // namespace coord
