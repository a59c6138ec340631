// SPDX-License-Identifier: MIT
// What daemons on the same tables tell each other: that a spec may have got work to give, and where
// in the order of a spec's units some have become available.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "stores/postgres/claim_marks.h"

namespace coord {

struct PgNews {
  bool work = false;  // to look for
  SetBacks set_backs;

  void Merge(const PgNews& more);
};

// A message of at most some thousand bytes: what does not fit is left out. What is not understood,
// as it is of another version, counts as work to look for.
std::string ToText(const PgNews& news);
PgNews ParsePgNews(std::string_view text);

// A connection that listens, on a thread of its own. It is made again when it is lost.
//
// Others are told after the commit, from here, and not by the transaction itself: transactions that
// notify commit one after the other in the whole database.
class PgWakeups {
 public:
  // `on_heard` is called on the thread when another daemon has told something, when something may
  // have been missed, and every few seconds, for what a daemon did not live to tell.
  PgWakeups(std::string conninfo, std::function<void(const PgNews&)> on_heard);
  ~PgWakeups();

  // Tells the others, soon; many calls may make one message. Any thread.
  void Tell(const PgNews& news);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coord
