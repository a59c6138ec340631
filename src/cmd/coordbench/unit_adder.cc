// SPDX-License-Identifier: MIT
#include "cmd/coordbench/unit_adder.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace coord::bench {

namespace {

constexpr std::uint64_t kPrioritySeed = 20;

}  // namespace

UnitAdder::UnitAdder(EpollLoop& loop, Errors& errors, const AddOptions& options)
    : Dialogue(loop, errors),
      options_(options),
      request_(AddUnits(options.shape)),
      name_offset_(request_.BlankInItem(kBlankUnitName)),
      priority_offset_(request_.BlankInItem(kBlankPriority)),
      rng_(kPrioritySeed) {}

void UnitAdder::OnStart(Connection& connection) {
  started_ = true;
  if (flights_.empty()) {
    flights_.resize(connections().size() * options_.depth);
    oldest_.resize(connections().size());
  }
  Pump(connection);
}

void UnitAdder::Want(std::uint64_t units) {
  wanted_ += units;
  if (!started_) return;
  for (Connection* connection : connections()) {
    if (sent_ == wanted_) break;
    Pump(*connection);
  }
}

void UnitAdder::Pump(Connection& connection) {
  while (sent_ < wanted_ && Unanswered(connection) < options_.depth) {
    SendBatch(connection,
              static_cast<std::uint32_t>(std::min<std::uint64_t>(options_.batch, wanted_ - sent_)));
  }
}

void UnitAdder::SendBatch(Connection& connection, std::uint32_t count) {
  request_.SetCount(count);
  const std::uint64_t first = options_.first_number + sent_;
  for (std::uint32_t i = 0; i < count; ++i) {
    WriteUnitName(first + i, options_.shape.scatter, request_.Item(i, name_offset_));
    if (options_.shape.random_priority) {
      const auto bits = __builtin_bswap64(std::bit_cast<std::uint64_t>(rng_.Unit()));
      std::memcpy(request_.Item(i, priority_offset_), &bits, sizeof bits);
    }
  }
  if (options_.ledger != nullptr) options_.ledger->Added(first, count);
  const std::size_t slot = (oldest_[connection.index()] + Unanswered(connection)) % options_.depth;
  flights_[connection.index() * options_.depth + slot] = {loop_.now(), count};
  sent_ += count;
  Send(connection, request_);
}

void UnitAdder::OnResult(Connection& connection, CborWalk result) {
  std::uint32_t& oldest = oldest_[connection.index()];
  const Flight& flight = flights_[connection.index() * options_.depth + oldest];
  oldest = (oldest + 1) % options_.depth;
  latency_.Add(loop_.now() - flight.sent_at);
  if (result.List() != 2 || !result.True()) {
    Fail("add_work_units was refused");
    return;
  }
  added_ += flight.count;
  Pump(connection);
  if (stop_when_done_ && done()) loop_.Stop();
}

}  // namespace coord::bench
