// SPDX-License-Identifier: MIT
// The library over each kind of store that it has.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "coordinate/client.h"
#include "memory_case.h"
#include "server_thread.h"
#include "test_folder.h"

namespace coordinate::testing {

// A client of a store of its own, and what that needs.
class Backend {
 public:
  // "memory", "sqlite" or "http": a daemon's server over a memory store.
  Backend(const std::string& kind, std::shared_ptr<TimeSource> time) {
    std::string backend = kind;
    if (kind == "sqlite") backend += ":" + folder_.emplace().File("db");
    if (kind == "http") {
      server_ = std::make_unique<coord::testing::ServerThread>(
          coord::testing::MemoryCase().open({}), coord::testing::ServerThread::Steps::kServer);
      backend = server_->url();
    }
    client_.emplace(*Client::Open(backend, {std::move(time)}));
  }

  Client& client() { return *client_; }

 private:
  std::optional<coord::testing::TestFolder> folder_;
  std::unique_ptr<coord::testing::ServerThread> server_;
  std::optional<Client> client_;
};

}  // namespace coordinate::testing
