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

StopSignals::StopSignals(boost::asio::io_context& loop) : descriptor_(loop, OpenDescriptor()) {}

void StopSignals::Await(std::function<void(int number)> on_signal) {
  on_signal_ = std::move(on_signal);
  WaitForNext();
}

void StopSignals::WaitForNext() {
  using Descriptor = boost::asio::posix::stream_descriptor;
  descriptor_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    signalfd_siginfo taken{};
    while (read(descriptor_.native_handle(), &taken, sizeof taken) == sizeof taken) {
      on_signal_(static_cast<int>(taken.ssi_signo));
    }
    WaitForNext();
  });
}

}  // namespace coord
