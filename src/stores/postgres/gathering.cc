// SPDX-License-Identifier: MIT
#include "stores/postgres/gathering.h"

namespace coord {

void Gathering::Open(std::size_t enough, Duration patience) {
  const std::lock_guard lock(mutex_);
  open_ = true;
  enough_ = enough;
  patience_ = patience;
}

bool Gathering::Add(const std::function<std::size_t()>& add) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  complete_ = add() >= enough_;
  if (complete_) changed_.notify_all();
  return true;
}

void Gathering::Close() {
  std::unique_lock lock(mutex_);
  if (open_) changed_.wait_for(lock, patience_, [this] { return complete_; });
  open_ = false;
}

}  // namespace coord
