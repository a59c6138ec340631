// SPDX-License-Identifier: MIT
#include "cmd/coordinated/stop_signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace coord {

namespace {

int OpenDescriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
  COORD_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  const int descriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  COORD_CHECK(descriptor >= 0);
  return descriptor;
}

}  // namespace

StopSignals::StopSignals(EventLoop& loop) : loop_(loop), descriptor_(OpenDescriptor()) {}

StopSignals::~StopSignals() {
  if (on_signal_) loop_.Remove(descriptor_.get(), *this);
}

void StopSignals::Await(std::function<void(int number)> on_signal) {
  on_signal_ = std::move(on_signal);
  loop_.Add(descriptor_.get(), EPOLLIN, *this);
}

void StopSignals::OnReady(std::uint32_t) {
  signalfd_siginfo taken{};
  while (read(descriptor_.get(), &taken, sizeof taken) == sizeof taken) {
    on_signal_(static_cast<int>(taken.ssi_signo));
  }
}

}  // namespace coord
