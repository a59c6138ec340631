// SPDX-License-Identifier: MIT
// The bytes that a connection has received and not yet used up.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace coord {

// One block of memory with a used part [data, data + size). It grows by at most doubling, so that
// no claimed length is ever allocated before bytes back half of it.
class InputBuffer {
 public:
  // What every connection has.
  static constexpr std::size_t kBaseSize = 16 * 1024;

  char* data() { return block_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  std::size_t capacity() const { return capacity_; }

  // Takes bytes off the front. They stay where they are until the buffer is settled or compacted.
  void Consume(std::size_t size) { begin_ += size; }

  // Free room behind the used part: where to write, and what has been written.
  char* room() { return block_.get() + end_; }
  std::size_t room_size() const { return capacity_ - end_; }
  void Commit(std::size_t size) { end_ += size; }

  // The three below must not be called while a read into the room is under way. The first two must
  // not be called either while anybody borrows bytes that were consumed.

  // Gives back what a big message took and moves what is left to the front if that is cheap.
  void Settle();
  // Changes the block to `capacity`, at least size(); the used part is at its front afterwards.
  void Resize(std::size_t capacity);
  // Goes on in a new block of `capacity`; the old one is kept for those who borrow from it until
  // DropKept().
  void Continue(std::size_t capacity);
  void DropKept() { kept_.clear(); }
  bool keeps_any() const { return !kept_.empty(); }

 private:
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  using Block = std::unique_ptr<char, Free>;

  static Block Allocate(std::size_t capacity);
  void MoveToFront();

  Block block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::vector<Block> kept_;
};

}  // namespace coord
