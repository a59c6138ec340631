// SPDX-License-Identifier: MIT
// What has been handed to another thread and may still be added to, until that begins with it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

#include "base/clock.h"

namespace coord {

class Gathering {
 public:
  Gathering() = default;
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  // To be called before the other thread has it; without it, Close() does not wait. Nobody waits
  // for more than `enough`.
  void Open(std::size_t enough, Duration patience);

  // Runs `add`, which returns how many there are then, unless the other thread has begun; returns
  // whether it ran.
  bool Add(const std::function<std::size_t()>& add);

  // On the other thread: waits until there is enough, or as long as patience lasts. From then on
  // nothing is added.
  void Close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;  // guarded by mutex_, like all that follows
  bool complete_ = false;
  std::size_t enough_ = 0;
  Duration patience_{};
};

}  // namespace coord
