// SPDX-License-Identifier: MIT
#include "serve/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace coord {

InputBuffer::Block InputBuffer::Allocate(std::size_t capacity) {
  Block block(static_cast<char*>(std::malloc(capacity)));
  COORD_CHECK(block != nullptr);
  return block;
}

void InputBuffer::MoveToFront() {
  if (begin_ == 0) return;
  if (begin_ != end_) std::memmove(block_.get(), block_.get() + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void InputBuffer::Settle() {
  if (!kept_.empty()) kept_.clear();
  if (capacity_ > kBaseSize && size() <= kBaseSize / 2) {
    Resize(kBaseSize);
  } else if (begin_ == end_ || room_size() < kBaseSize / 4) {
    MoveToFront();
  }
}

void InputBuffer::Resize(std::size_t capacity) {
  COORD_CHECK(capacity >= size());
  MoveToFront();
  // realloc() moves the pages of big blocks instead of copying them.
  char* moved = static_cast<char*>(std::realloc(block_.get(), capacity));
  COORD_CHECK(moved != nullptr);
  static_cast<void>(block_.release());
  block_.reset(moved);
  capacity_ = capacity;
}

void InputBuffer::Continue(std::size_t capacity) {
  COORD_CHECK(capacity >= size());
  Block next = Allocate(capacity);
  const std::size_t used = size();
  if (used > 0) std::memcpy(next.get(), data(), used);
  kept_.push_back(std::exchange(block_, std::move(next)));
  capacity_ = capacity;
  begin_ = 0;
  end_ = used;
}

}  // namespace coord
