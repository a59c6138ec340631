// SPDX-License-Identifier: MIT
// COORD_CHECK: assertions that stay on in release builds.
//
// A failed check is a bug in this program: it prints file, line and the condition and aborts.
// Input from a peer, a file or a disk is never checked this way, always validated.
#pragma once

namespace coord::internal {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace coord::internal

#define COORD_CHECK(condition)                                        \
  do {                                                                \
    if (!(condition)) [[unlikely]] {                                  \
      ::coord::internal::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                                 \
  } while (false)
