// SPDX-License-Identifier: MIT
// durable_echo_server FILE [PORT]: sends back what it reads, once it is on the disk. What a server
// whose every answer is durable cannot do without: one append and one fdatasync a turn of its loop.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server_loop.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: durable_echo_server FILE [PORT]\n", stderr);
    return 2;
  }
  const int file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) {
    std::perror(argv[1]);
    return 1;
  }
  const auto make_durable = [file](std::string_view out) {
    if (write(file, out.data(), out.size()) != static_cast<ssize_t>(out.size()) ||
        fdatasync(file) != 0) {
      std::perror("write");
      std::exit(1);
    }
  };
  return coord::bench::ServeForever(
      argc > 2 ? std::atoi(argv[2]) : 0,
      [](std::string_view in, std::string&, bool& echo) {
        echo = true;
        return in.size();
      },
      make_durable);
}
