// SPDX-License-Identifier: MIT
#include "dispatch/waiters.h"

#include <algorithm>
#include <bit>

#include "domain/scheduler.h"

namespace coord {

Waiter::Waiter(const Submission& submission, const WorkReply& reply, WallTime deadline)
    : name_space_(submission.name_space),
      request_(std::get<RequestWork>(submission.command)),
      deadline_(deadline),
      sink_(submission.sink),
      token_(submission.token) {
  request_.worker = *texts_.emplace_back(std::make_unique<std::string>(request_.worker));
  work_spec_names_ = CopyTexts(request_.filter.work_spec_names);
  runtimes_ = CopyTexts(request_.filter.runtimes);
  request_.filter.work_spec_names = work_spec_names_;
  request_.filter.runtimes = runtimes_;
  request_.updates = {};
  for (const UpdateReply& update : reply.updates) {
    const auto& text = texts_.emplace_back(std::make_unique<std::string>(update.message));
    update_replies_.push_back({update.ok, *text});
  }
}

std::vector<std::string_view> Waiter::CopyTexts(std::span<const std::string_view> texts) {
  std::vector<std::string_view> copies;
  for (const std::string_view text : texts) {
    copies.emplace_back(*texts_.emplace_back(std::make_unique<std::string>(text)));
  }
  return copies;
}

void Waiter::Answer(const Outcome& outcome) const {
  if (const auto* work = std::get_if<WorkReply>(&outcome)) {
    WorkReply whole = *work;
    whole.updates = update_replies_;
    sink_->OnOutcome(token_, whole);
  } else {
    sink_->OnOutcome(token_, outcome);
  }
}

std::string Waiter::FilterKey() const {
  // Each part with its length in front, so that no two different demands read the same.
  std::string key;
  const auto add = [&key](std::string_view text) {
    key.append(std::to_string(text.size())).append(":").append(text);
  };
  const auto add_sorted = [&](std::vector<std::string_view> texts) {
    std::sort(texts.begin(), texts.end());
    key.append(std::to_string(texts.size())).append("#");
    for (const std::string_view text : texts) add(text);
  };
  add(name_space_);
  add_sorted(work_spec_names_);
  add_sorted(runtimes_);
  // The whole number, where its text would round it.
  add(std::to_string(std::bit_cast<std::uint64_t>(request_.filter.available_memory_gb)));
  return key;
}

std::uint64_t WaitingLine::Add(std::unique_ptr<Waiter> waiter) {
  PutBack(++last_number_, std::move(waiter));
  return last_number_;
}

void WaitingLine::PutBack(std::uint64_t number, std::unique_ptr<Waiter> waiter) {
  lines_[waiter->FilterKey()].emplace(number, waiter.get());
  deadlines_.emplace(std::pair(waiter->deadline(), number), waiter.get());
  by_sink_.emplace(std::pair(waiter->sink(), waiter->token()), number);
  waiters_.emplace(number, std::move(waiter));
}

std::unique_ptr<Waiter> WaitingLine::Take(std::uint64_t number) {
  const auto found = waiters_.find(number);
  if (found == waiters_.end()) return nullptr;
  std::unique_ptr<Waiter> waiter = std::move(found->second);
  waiters_.erase(found);
  const auto line = lines_.find(waiter->FilterKey());
  line->second.erase(number);
  if (line->second.empty()) lines_.erase(line);
  deadlines_.erase({waiter->deadline(), number});
  by_sink_.erase({waiter->sink(), waiter->token()});
  return waiter;
}

bool WaitingLine::Cancel(const OutcomeSink* sink, std::uint64_t token) {
  const auto found = by_sink_.find({sink, token});
  if (found == by_sink_.end()) return false;
  Take(found->second);
  return true;
}

bool WaitingLine::Choose(const WorkAvailable& work, std::set<std::uint64_t>& chosen) const {
  struct Position {
    std::map<std::uint64_t, Waiter*>::const_iterator next;
    std::map<std::uint64_t, Waiter*>::const_iterator end;
  };
  std::vector<Position> positions;
  for (const auto& [key, line] : lines_) {
    const Waiter& any = *line.begin()->second;
    if (any.name_space() == work.name_space &&
        PassesFilter(work.spec, *work.meta, any.request().filter)) {
      positions.push_back({line.begin(), line.end()});
    }
  }
  // A heap whose top is the position of the one who came first.
  const auto later = [](const Position& a, const Position& b) {
    return a.next->first > b.next->first;
  };
  std::make_heap(positions.begin(), positions.end(), later);
  const std::size_t before = chosen.size();
  for (std::uint64_t left = work.units; left > 0 && !positions.empty();) {
    std::pop_heap(positions.begin(), positions.end(), later);
    Position& first = positions.back();
    if (chosen.insert(first.next->first).second) --left;
    if (++first.next == first.end) {
      positions.pop_back();
    } else {
      std::push_heap(positions.begin(), positions.end(), later);
    }
  }
  return chosen.size() > before;
}

std::uint64_t WaitingLine::FirstPast(WallTime now) const {
  if (deadlines_.empty() || deadlines_.begin()->first.first > now) return 0;
  return deadlines_.begin()->first.second;
}

WallTime WaitingLine::NextDeadline() const {
  return deadlines_.empty() ? kNoTime : deadlines_.begin()->first.first;
}

}  // namespace coord
