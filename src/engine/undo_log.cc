// SPDX-License-Identifier: MIT
#include "engine/undo_log.h"

namespace coord {

void* UndoLog::Room(std::size_t size) {
  constexpr std::size_t kAlignment = alignof(std::max_align_t);
  size = (size + kAlignment - 1) / kAlignment * kAlignment;
  if (!blocks_.empty() && used_ + size > kBlockBytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
  }
  void* const room = blocks_[block_].get() + used_;
  used_ += size;
  return room;
}

void UndoLog::Clear() {
  for (std::vector<Noted>* list : {&undo_, &keep_}) {
    for (const Noted& step : *list) {
      if (step.destroy != nullptr) step.destroy(step.closure);
    }
    list->clear();
  }
  // One block is kept for the next changes.
  if (blocks_.size() > 1) blocks_.resize(1);
  block_ = 0;
  used_ = 0;
}

}  // namespace coord
