// SPDX-License-Identifier: MIT
#include "cmd/coordbench/side_traffic.h"

#include <utility>

namespace coord::bench {

void PingTraffic::OnStart(Connection& connection) {
  if (next_.empty()) {
    next_.resize(connections().size());
    sent_at_.resize(connections().size() * depth_);
  }
  for (std::uint32_t i = 0; i < depth_; ++i) SendOne(connection);
}

void PingTraffic::SendOne(Connection& connection) {
  std::uint32_t& next = next_[connection.index()];
  sent_at_[connection.index() * depth_ + next] = loop_.now();
  next = next + 1 == depth_ ? 0 : next + 1;
  Send(connection, request_);
}

void PingTraffic::OnResult(Connection& connection, CborWalk) {
  ++answered_;
  // The oldest request sits where the next one will be noted.
  const std::uint32_t next = next_[connection.index()];
  latency_.Add(loop_.now() - sent_at_[connection.index() * depth_ + next]);
  SendOne(connection);
}

void SummaryTraffic::CheckCounts(std::function<std::uint64_t()> least,
                                 std::function<std::uint64_t()> most) {
  least_ = std::move(least);
  most_ = std::move(most);
}

void SummaryTraffic::Ask() {
  for (Connection* connection : connections()) {
    if (Unanswered(*connection) > 0) continue;
    asked_for_count_ = !asked_for_count_;
    sent_at_ = MonotonicNanoseconds();
    if (least_) least_when_asked_ = least_();
    Send(*connection, asked_for_count_ ? count_ : summary_);
  }
}

void SummaryTraffic::OnResult(Connection&, CborWalk result) {
  (asked_for_count_ ? count_latency_ : summary_latency_).Add(loop_.now() - sent_at_);
  if (asked_for_count_ && least_) CheckCount(result);
}

void SummaryTraffic::CheckCount(CborWalk result) {
  std::uint64_t total = 0;
  if (result.List() != 2) Fail("count_work_units did not answer with a pair");
  for (std::uint64_t entries = result.Map(); entries > 0 && result.ok(); --entries) {
    result.Skip();
    total += result.Unsigned();
  }
  if (!result.ok() || total < least_when_asked_ || total > most_()) {
    Fail("count_work_units told " + std::to_string(total) + " units; between " +
         std::to_string(least_when_asked_) + " and " + std::to_string(most_()) + " were added");
  }
}

}  // namespace coord::bench
