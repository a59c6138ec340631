// SPDX-License-Identifier: MIT
#include "base/fail_point.h"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace coord {

namespace {

struct Armed {
  std::string name;
  std::uint64_t count = 0;
};

Armed FromEnvironment() {
  const char* const text = std::getenv("COORDINATED_FAIL_POINT");
  const std::string_view asked = text == nullptr ? "" : text;
  const std::size_t colon = asked.rfind(':');
  if (colon == std::string_view::npos) return {};
  Armed armed{std::string(asked.substr(0, colon)), 0};
  std::from_chars(asked.data() + colon + 1, asked.data() + asked.size(), armed.count);
  return armed;
}

}  // namespace

void HitFailPoint(std::string_view name) {
  static const Armed armed = FromEnvironment();
  if (armed.count == 0 || name != armed.name) return;
  static std::atomic<std::uint64_t> hits{0};
  if (++hits == armed.count) std::raise(SIGKILL);
}

}  // namespace coord
