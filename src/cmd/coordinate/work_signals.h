// SPDX-License-Identifier: MIT
// Signals that end a worker, as something that poll() can wait for.
#pragma once

#include <signal.h>

#include "base/result.h"
#include "cmd/coordinate/work_process.h"

namespace coord {

// While it lives, SIGINT, SIGTERM and SIGHUP (unless it is ignored, as nohup does) are counted
// instead of ending the process, and SIGPIPE is ignored. One at a time in a process.
class EndSignals {
 public:
  EndSignals();
  ~EndSignals();
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  // Readable when a signal has come.
  int descriptor() const { return descriptor_.number(); }

  // Takes the signals that have come; returns how many.
  int Take();

 private:
  Descriptor descriptor_;
  sigset_t old_mask_;
  struct sigaction old_pipe_ {};
};

}  // namespace coord
