// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace coord {

EndSignals::EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, &old_mask_);
  descriptor_ = Descriptor(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignored, &old_pipe_);
}

EndSignals::~EndSignals() {
  Take();
  sigaction(SIGPIPE, &old_pipe_, nullptr);
  sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

int EndSignals::Take() {
  int count = 0;
  signalfd_siginfo taken;
  while (read(descriptor_.number(), &taken, sizeof taken) == sizeof taken) ++count;
  return count;
}

}  // namespace coord
