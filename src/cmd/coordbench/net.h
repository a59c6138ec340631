// SPDX-License-Identifier: MIT
// Sockets for the load generator: addresses, dialling, an owned descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace coord::bench {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Address {
  std::string host;
  std::string port;
};

// Reads "HOST:PORT" or "[IPV6]:PORT". Errors: kInvalid.
Result<Address> ParseAddress(std::string_view text);

// Connects, waiting for the handshake; the socket blocks and sends without delay (TCP_NODELAY).
// Errors: kInvalid where the name does not resolve, kUnavailable where nobody answers.
Result<Fd> Dial(const Address& address);

// Raises the limit of open descriptors as far as the system allows.
void RaiseDescriptorLimit();

// The last system error as an Error of code kUnavailable, `what` in front of it.
Error SystemError(std::string_view what);

// Nanoseconds on the monotonic clock. A load generator measures real time, so it is not injected.
std::uint64_t MonotonicNanoseconds();

}  // namespace coord::bench
