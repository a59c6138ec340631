// SPDX-License-Identifier: MIT
// The store that is another daemon, reached over its REST interface: for a proxy near its workers,
// and for programs that use a daemon through the interface of a store.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/store.h"

namespace coord {

// What an operator may want to know. Called on the store's thread.
class RestEvents {
 public:
  virtual ~RestEvents() = default;
  // Commands are refused from now on, because of this; and are taken again.
  virtual void OnUnavailable(const std::string& reason) = 0;
  virtual void OnAvailable() = 0;
};

struct RestOptions {
  std::string url;               // "http://HOST:PORT/" of the daemon's root document
  RestEvents* events = nullptr;  // outlives the store; nullptr: nobody wants to know
};

// Connects. Each command is one request to the resource that the root document names; the commands
// of a batch, and all that came while the last one was under way, go one behind the other without
// waiting for answers. A long command that comes last in its batch has a connection of its own, so
// that others need not wait for it; it takes effect some time before its outcome, which nobody can
// tell, as the connection that sent it waits. Outcomes are delivered from Poll() or Flush().
//
// The time is the other daemon's, and so are retention and the choices of its scheduler; `clock` is
// for pauses only. Requests that wait for work are told once a second of what came there by another
// way.
//
// Where the daemon cannot be reached, commands get kUnavailable; where the connection breaks while
// one is on its way, kInDoubt, unless it only reads: then it is sent again. It is tried to connect
// with the next command, after a pause of a second, which grows to half a minute.
//
// Errors: kInvalid (the URL, or no daemon that takes commands), kUnavailable.
Result<std::unique_ptr<Store>> OpenRestStore(Clock& clock, const RestOptions& options);

}  // namespace coord
