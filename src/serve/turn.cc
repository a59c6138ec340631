// SPDX-License-Identifier: MIT
#include "serve/turn.h"

namespace coord {

namespace {

constexpr std::size_t kBatchCommandsMax = 4096;
constexpr std::size_t kBatchBytesMax = std::size_t{16} << 20U;

}  // namespace

Batch& Turn::Room(Dispatcher& dispatcher, std::size_t bytes) {
  if (batches.empty() || batches.back()->submissions.size() >= kBatchCommandsMax ||
      bytes_ >= kBatchBytesMax) {
    batches.push_back(dispatcher.NewBatch());
    bytes_ = 0;
  }
  bytes_ += bytes;
  return *batches.back();
}

}  // namespace coord
