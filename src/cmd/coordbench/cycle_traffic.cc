// SPDX-License-Identifier: MIT
#include "cmd/coordbench/cycle_traffic.h"

#include <cstring>
#include <utility>

namespace coord::bench {

namespace {

WorkRequest WorkRequestOf(const CycleOptions& options) {
  WorkRequest request;
  request.worker_prefix = options.worker_prefix;
  if (!options.any_spec) request.spec = options.spec;
  request.max_jobs = options.max_jobs;
  request.carries_updates = options.finish == FinishMode::kCarried;
  request.update_spec = options.spec;
  return request;
}

}  // namespace

CycleTraffic::CycleTraffic(EpollLoop& loop, Errors& errors, CycleOptions options)
    : Dialogue(loop, errors),
      options_(std::move(options)),
      get_work_(GetWork(WorkRequestOf(options_))),
      finish_unit_(FinishUnit(options_.spec)),
      finish_units_(FinishUnits(options_.spec)),
      worker_offset_(get_work_.BlankInFront(kBlankWorker)),
      carried_offset_(get_work_.BlankInItem(kBlankUnitName)),
      single_offset_(finish_unit_.BlankInFront(kBlankUnitName)),
      batched_offset_(finish_units_.BlankInItem(kBlankUnitName)) {
  keys_.reserve(options_.max_jobs);
}

void CycleTraffic::OnStart(Connection& connection) {
  if (workers_.empty()) workers_.resize(connections().size());
  AskForWork(connection, workers_[connection.index()]);
}

void CycleTraffic::Nudge() {
  if (idle_ == 0) return;
  for (Connection* connection : connections()) {
    Worker& worker = workers_[connection->index()];
    if (worker.phase != Phase::kIdle) continue;
    --idle_;
    if (finish_up_) {
      WorkerDone(worker);
    } else {
      AskForWork(*connection, worker);
    }
  }
}

void CycleTraffic::AskForWork(Connection& connection, Worker& worker) {
  if (finish_up_ && keys_.empty()) {
    WorkerDone(worker);
    return;
  }
  worker.phase = Phase::kAwaitWork;
  worker.carried = 0;
  if (options_.finish == FinishMode::kCarried) {
    worker.carried = static_cast<std::uint32_t>(keys_.size());
    get_work_.SetCount(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      std::memcpy(get_work_.Item(i, carried_offset_), keys_[i].data(), kUnitNameSize);
    }
  }
  WriteWorkerNumber(connection.index(), get_work_.Front(worker_offset_));
  worker.sent_at = loop_.now();
  Send(connection, get_work_);
}

void CycleTraffic::OnResult(Connection& connection, CborWalk result) {
  Worker& worker = workers_[connection.index()];
  if (worker.phase == Phase::kAwaitWork) {
    OnWork(connection, worker, result);
  } else {
    OnFinish(connection, worker, result);
  }
}

void CycleTraffic::OnWork(Connection& connection, Worker& worker, CborWalk result) {
  work_latency_.Add(loop_.now() - worker.sent_at);
  keys_.clear();
  bool read = result.List() == 2;
  if (options_.finish == FinishMode::kCarried) {
    for (std::uint64_t entries = result.Map(); entries > 0 && read; --entries) {
      if (result.String() == "updates") {
        const std::uint64_t count = result.List();
        read = count == worker.carried;
        for (std::uint64_t i = 0; i < count && result.ok(); ++i) {
          read = read && result.List() == 2 && result.True();
          result.Skip();
        }
        if (read) NoteFinished(connection, worker, worker.carried);
      } else {
        read = ReadWork(result);
      }
    }
  } else {
    read = read && ReadWork(result);
  }
  if (!read || !result.ok()) {
    Fail("get_work or an update in it was refused");
    return;
  }
  NoteLeased(connection, worker);
  if (keys_.empty()) {
    ran_dry_ = true;
    if (options_.retry_when_empty && !finish_up_) {
      worker.phase = Phase::kIdle;
      ++idle_;
    } else {
      WorkerDone(worker);
    }
  } else if (options_.finish == FinishMode::kCarried && !finish_up_) {
    AskForWork(connection, worker);
    keys_.clear();
  } else {
    SendFinished(connection, worker);
    keys_.clear();
  }
}

bool CycleTraffic::ReadWork(CborWalk& work) {
  std::uint64_t units = options_.max_jobs == 1 ? 1 : work.List();
  for (; units > 0 && work.ok(); --units) {
    if (work.List() != 3) return false;
    if (work.NextIsNull()) {
      for (int i = 0; i < 3; ++i) work.Skip();
      continue;
    }
    const std::string_view spec = work.String();
    const std::string_view key = work.String();
    if (spec != options_.spec || key.size() != kUnitNameSize) return false;
    keys_.push_back(key);
    work.Skip();
  }
  return work.ok();
}

void CycleTraffic::NoteLeased(Connection& connection, Worker& worker) {
  if (options_.ledger != nullptr) {
    for (const std::string_view key : keys_) {
      const std::uint64_t unit = ReadUnitName(key, options_.scatter);
      const auto verdict = options_.ledger->Leased(unit, connection.index());
      if (verdict != UnitLedger::Verdict::kFine) {
        Fail(std::string("get_work gave out ") + Describe(verdict));
      }
      worker.held.push_back(unit);
    }
  }
  if (options_.on_leased && !keys_.empty()) {
    options_.on_leased(static_cast<std::uint32_t>(keys_.size()));
  }
}

void CycleTraffic::NoteFinished(Connection& connection, Worker& worker, std::uint32_t count) {
  finished_ += count;
  last_finish_at_ = loop_.now();
  if (options_.ledger == nullptr) return;
  // Units are finished in the order in which they were given.
  for (std::uint32_t i = 0; i < count && i < worker.held.size(); ++i) {
    const auto verdict = options_.ledger->Finished(worker.held[i], connection.index());
    if (verdict != UnitLedger::Verdict::kFine) {
      Fail(std::string("the server let a worker finish ") + Describe(verdict));
    }
  }
  worker.held.erase(worker.held.begin(), worker.held.begin() + count);
}

void CycleTraffic::SendFinished(Connection& connection, Worker& worker) {
  worker.phase = Phase::kAwaitFinish;
  worker.sent_at = loop_.now();
  if (options_.finish == FinishMode::kSingle) {
    worker.answers_due = static_cast<std::uint32_t>(keys_.size());
    SendSingles(connection);
    return;
  }
  worker.answers_due = 1;
  worker.carried = static_cast<std::uint32_t>(keys_.size());
  finish_units_.SetCount(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    std::memcpy(finish_units_.Item(i, batched_offset_), keys_[i].data(), kUnitNameSize);
  }
  Send(connection, finish_units_);
}

void CycleTraffic::SendSingles(Connection& connection) {
  if (keys_.size() == 1) {
    std::memcpy(finish_unit_.Front(single_offset_), keys_[0].data(), kUnitNameSize);
    Send(connection, finish_unit_);
    return;
  }
  burst_.clear();
  for (const std::string_view key : keys_) {
    std::memcpy(finish_unit_.Front(single_offset_), key.data(), kUnitNameSize);
    Number(connection, finish_unit_);
    burst_.append(finish_unit_.view());
  }
  connection.Send(burst_);
}

void CycleTraffic::OnFinish(Connection& connection, Worker& worker, CborWalk result) {
  TakeFinished(connection, worker, result);
  if (--worker.answers_due > 0) return;
  finish_latency_.Add(loop_.now() - worker.sent_at);
  AskForWork(connection, worker);
}

void CycleTraffic::TakeFinished(Connection& connection, Worker& worker, CborWalk pair) {
  std::uint64_t pairs = 1;
  if (options_.finish != FinishMode::kSingle) {
    pairs = pair.List();
    if (pairs != worker.carried) Fail("update_work_units did not answer each update");
  }
  for (std::uint64_t i = 0; i < pairs && pair.ok(); ++i) {
    if (pair.List() != 2 || !pair.True()) {
      Fail("the server did not let a worker finish its unit");
      return;
    }
    pair.Skip();
  }
  NoteFinished(connection, worker, static_cast<std::uint32_t>(pairs));
}

void CycleTraffic::WorkerDone(Worker& worker) {
  worker.phase = Phase::kDone;
  if (++done_ == workers_.size()) loop_.Stop();
}

}  // namespace coord::bench
