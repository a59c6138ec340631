// SPDX-License-Identifier: MIT
// The requests that wait for work, in the order in which they came.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "domain/store.h"

namespace coord {

// A RequestWork that found nothing, with copies of all that it borrowed. Its updates have been
// applied; their replies are kept for the answer.
class Waiter {
 public:
  Waiter(const Submission& submission, const WorkReply& reply, WallTime deadline);
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // The request without its updates, to be tried again. Views into this waiter.
  const RequestWork& request() const { return request_; }
  const std::string& name_space() const { return name_space_; }
  WallTime deadline() const { return deadline_; }
  OutcomeSink* sink() const { return sink_; }
  std::uint64_t token() const { return token_; }

  // Delivers an outcome, with the replies to the updates put back into it.
  void Answer(const Outcome& outcome) const;

  // Says which requests wait for the same: equal texts, equal demands.
  std::string FilterKey() const;

 private:
  std::vector<std::string_view> CopyTexts(std::span<const std::string_view> texts);

  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::string_view> work_spec_names_;
  std::vector<std::string_view> runtimes_;
  std::string name_space_;
  RequestWork request_;
  std::vector<UpdateReply> update_replies_;
  WallTime deadline_;
  OutcomeSink* sink_;
  std::uint64_t token_;
};

// All of them. Requests with the same demands stand in one line, so that finding the first who can
// use a spec costs the number of different demands, not of waiting requests.
class WaitingLine {
 public:
  // Takes one in, behind all others, and returns its number.
  std::uint64_t Add(std::unique_ptr<Waiter> waiter);
  // Takes one back in where it stood.
  void PutBack(std::uint64_t number, std::unique_ptr<Waiter> waiter);

  // True if there is one with this sink and token.
  bool Has(const OutcomeSink* sink, std::uint64_t token) const {
    return by_sink_.contains({sink, token});
  }

  // Drops the one with this sink and token; false where there is none.
  bool Cancel(const OutcomeSink* sink, std::uint64_t token);

  // Adds the sequence numbers of the `work.units` first waiters who could use this work to
  // `chosen`; those that are in it already are passed over. Returns true if it added any.
  bool Choose(const WorkAvailable& work, std::set<std::uint64_t>& chosen) const;

  // Takes one out; nullptr if it is not there.
  std::unique_ptr<Waiter> Take(std::uint64_t number);

  // The number of one whose deadline has passed, or 0.
  std::uint64_t FirstPast(WallTime now) const;
  // The earliest deadline, or kNoTime.
  WallTime NextDeadline() const;

  // The number of the one who has waited longest, or 0.
  std::uint64_t First() const { return waiters_.empty() ? 0 : waiters_.begin()->first; }
  std::size_t size() const { return waiters_.size(); }

 private:
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Waiter>> waiters_;
  std::map<std::string, std::map<std::uint64_t, Waiter*>> lines_;  // by Waiter::FilterKey()
  std::map<std::pair<WallTime, std::uint64_t>, Waiter*> deadlines_;
  std::map<std::pair<const OutcomeSink*, std::uint64_t>, std::uint64_t> by_sink_;
};

}  // namespace coord
