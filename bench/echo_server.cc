// SPDX-License-Identifier: MIT
// echo_server [PORT]: sends back what it reads. The unit in which bench/compare measures.
#include <cstdlib>

#include "server_loop.h"

int main(int argc, char** argv) {
  return coord::bench::ServeForever(argc > 1 ? std::atoi(argv[1]) : 0,
                                    [](std::string_view in, std::string&, bool& echo) {
                                      echo = true;
                                      return in.size();
                                    });
}
