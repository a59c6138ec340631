// SPDX-License-Identifier: MIT
#include <cstdio>

#include "cmd/coordinated/allocator.h"
#include "cmd/coordinated/daemon.h"
#include "cmd/coordinated/options.h"

int main(int argc, char** argv) {
  coord::PrepareAllocator();
  const coord::ParsedCommandLine parsed = coord::ParseCommandLine(argc, argv);
  if (parsed.options) return coord::RunDaemon(*parsed.options);
  std::fputs(parsed.text.c_str(), parsed.exit_code == 0 ? stdout : stderr);
  return parsed.exit_code;
}
