// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <algorithm>
#include <cstring>

namespace coord {

namespace {
constexpr std::size_t kBlockSize = 64 * 1024;
}  // namespace

std::string_view Arena::Copy(std::string_view text) {
  if (text.empty()) return {};
  char* to = static_cast<char*>(Allocate(text.size(), 1));
  std::memcpy(to, text.data(), text.size());
  return {to, text.size()};
}

void Arena::Reset() {
  if (blocks_.empty()) return;
  if (blocks_[0].size > kBlockSize) {
    *this = Arena();
    return;
  }
  blocks_.resize(1);
  free_ = blocks_[0].bytes.get();
  free_size_ = blocks_[0].size;
}

void* Arena::Allocate(std::size_t size, std::size_t alignment) {
  void* position = free_;
  if (free_ == nullptr || std::align(alignment, size, position, free_size_) == nullptr) {
    const std::size_t block_size = std::max(kBlockSize, size + alignment);
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(block_size), block_size});
    position = blocks_.back().bytes.get();
    free_size_ = block_size;
    std::align(alignment, size, position, free_size_);
  }
  free_ = static_cast<std::byte*>(position) + size;
  free_size_ -= size;
  return position;
}

}  // namespace coord
