// SPDX-License-Identifier: MIT
#include "cmd/coordinated/rest_log.h"

#include <spdlog/spdlog.h>

namespace coord {

void RestLog::OnUnavailable(const std::string& reason) {
  spdlog::error("storage unavailable, requests are refused until it answers: {}", reason);
}

void RestLog::OnAvailable() { spdlog::info("storage available again"); }

}  // namespace coord
