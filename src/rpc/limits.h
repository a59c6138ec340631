// SPDX-License-Identifier: MIT
// The bounds of single methods that do not depend on the daemon's options. server_info tells them.
#pragma once

#include <cstdint>

namespace coord {

// The longest that get_work waits.
inline constexpr double kWaitSecondsMax = 3600;
// The most units that one get_work returns, and that one page of get_work_units has.
inline constexpr std::int64_t kWorkUnitsMax = 10'000;
// A page of get_work_units that names no limit.
inline constexpr std::int64_t kWorkUnitsDefault = 1'000;
// The most data of work units that one answer has: a request may name a unit a million times.
inline constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{256} << 20U;
// The longest a worker is shown without another heartbeat; more is an hour.
inline constexpr double kHeartbeatSecondsMax = 86'400;

}  // namespace coord
