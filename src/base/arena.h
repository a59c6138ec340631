// SPDX-License-Identifier: MIT
// Memory that is taken piece by piece and given back all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coord {

// A bump allocator for trivially destructible things that live as long as a batch.
// Not thread-safe. Reset() keeps a first block of the usual size, so that a reused arena
// seldom allocates, and gives a larger one back.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Returns room for `count` objects of type T, value-initialised; valid until Reset().
  template <typename T>
  std::span<T> NewArray(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* first = static_cast<T*>(Allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  // Returns a copy of the elements, valid until Reset().
  template <typename T>
  std::span<T> CopyArray(std::span<const T> from) {
    std::span<T> to = NewArray<T>(from.size());
    std::copy(from.begin(), from.end(), to.begin());
    return to;
  }

  // Returns a copy of the text, valid until Reset().
  std::string_view Copy(std::string_view text);

  // Gives everything back.
  void Reset();

 private:
  void* Allocate(std::size_t size, std::size_t alignment);

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::byte* free_ = nullptr;
  std::size_t free_size_ = 0;
};

}  // namespace coord
