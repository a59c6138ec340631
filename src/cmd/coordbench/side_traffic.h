// SPDX-License-Identifier: MIT
// Small traffic beside the workers: pings, and people who look at the summary.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cmd/coordbench/dialogue.h"
#include "cmd/coordbench/methods.h"

namespace coord::bench {

// Round trips of one request, `depth` on their way on each connection.
class PingTraffic final : public Dialogue {
 public:
  PingTraffic(EpollLoop& loop, Errors& errors, std::uint32_t depth, Request request)
      : Dialogue(loop, errors), depth_(depth), request_(std::move(request)) {}

  std::uint64_t answered() const { return answered_; }
  const LatencyHistogram& latency() const { return latency_; }

  void OnStart(Connection& connection) override;

 private:
  void OnResult(Connection& connection, CborWalk result) override;
  void SendOne(Connection& connection);

  std::uint32_t depth_;
  Request request_;
  std::uint64_t answered_ = 0;
  std::vector<std::uint64_t> sent_at_;  // depth a connection, used in turn
  std::vector<std::uint32_t> next_;
  LatencyHistogram latency_;
};

// get_summary and count_work_units by turns, one each time that Ask() is called and the connection
// is free.
class SummaryTraffic final : public Dialogue {
 public:
  SummaryTraffic(EpollLoop& loop, Errors& errors, const std::string& spec)
      : Dialogue(loop, errors), summary_(GetSummary()), count_(CountUnits(spec)) {}

  void Ask();
  // Bounds for the number of units of all statuses that count_work_units may tell, taken when the
  // question is sent and when the answer is there.
  void CheckCounts(std::function<std::uint64_t()> least, std::function<std::uint64_t()> most);

  const LatencyHistogram& summary_latency() const { return summary_latency_; }
  const LatencyHistogram& count_latency() const { return count_latency_; }

  void OnStart(Connection&) override {}

 private:
  void OnResult(Connection& connection, CborWalk result) override;
  void CheckCount(CborWalk result);

  Request summary_;
  Request count_;
  bool asked_for_count_ = false;
  std::uint64_t sent_at_ = 0;
  std::function<std::uint64_t()> least_;
  std::function<std::uint64_t()> most_;
  std::uint64_t least_when_asked_ = 0;
  LatencyHistogram summary_latency_;
  LatencyHistogram count_latency_;
};

}  // namespace coord::bench
