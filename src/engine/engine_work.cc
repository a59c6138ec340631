// SPDX-License-Identifier: MIT
// Requests for work.
#include <algorithm>

#include "domain/names.h"
#include "engine/engine.h"

namespace coord {

namespace {
// How many units out of tries one request may fail.
constexpr std::size_t kFailBudget = 1'000;
}  // namespace

Outcome Engine::Run(Namespace& name_space, const RequestWork& command) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  Worker& worker = name_space.workers.Ask(command.worker, now_);
  name_space.workers.Touch(worker, now_);
  WorkReply reply;
  reply.updates = ApplyUpdates(name_space, command.updates);
  taken_.clear();
  std::size_t fail_budget = kFailBudget;
  Spec* spec = nullptr;
  FindAllowed(name_space, command.filter);
  while (taken_.empty() && fail_budget > 0) {
    spec = ChooseAllowedSpec();
    if (spec == nullptr) break;
    TakeUnits(*spec, worker, command, fail_budget);
    Changed(*spec);
  }
  if (taken_.empty()) return reply;
  const auto granted = scratch_.NewArray<GrantedUnit>(taken_.size());
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const Unit& unit = (*spec->units)[taken_[i]];
    const Attempt& attempt = attempts_[unit.newest];
    granted[i] = {unit.name(), Data::FromStored(unit.bytes.data()), attempt.id(), attempt.start,
                  attempt.expiration};
  }
  reply.spec = spec->name;
  reply.units = granted;
  return reply;
}

void Engine::FindAllowed(Namespace& name_space, const WorkFilter& filter) {
  allowed_.clear();
  if (filter.work_spec_names.empty()) {
    for (const auto& [name, spec] : name_space.specs) allowed_.push_back(spec.get());
  } else {
    for (const std::string_view name : filter.work_spec_names) {
      if (Spec* spec = name_space.FindSpec(name)) allowed_.push_back(spec);
    }
    // In an order that does not depend on how the request put them, each once.
    std::sort(allowed_.begin(), allowed_.end(),
              [](const Spec* left, const Spec* right) { return left->name < right->name; });
    allowed_.erase(std::unique(allowed_.begin(), allowed_.end()), allowed_.end());
  }
  std::erase_if(allowed_, [&](const Spec* spec) { return !PassesDemands(spec->meta, filter); });
}

Spec* Engine::ChooseAllowedSpec() {
  eligible_.clear();
  candidates_.clear();
  for (Spec* spec : allowed_) {
    const SpecLoad load = spec->Load();
    if (!CanGiveWork(spec->meta, load, now_)) continue;
    eligible_.push_back(spec);
    candidates_.push_back({spec->meta.priority, spec->meta.weight, load.pending});
  }
  return eligible_.empty() ? nullptr : eligible_[ChooseSpec(candidates_, rng_)];
}

void Engine::TakeUnits(Spec& spec, Worker& worker, const RequestWork& command,
                       std::size_t& fail_budget) {
  if (spec.units->count(WorkUnitStatus::kAvailable) == 0) MakeContinuousUnit(spec);
  std::uint64_t left =
      UnitsToTake(command.count, spec.meta, spec.units->count(WorkUnitStatus::kPending));
  for (; left > 0; --left) {
    const UnitId id = spec.units->FirstAvailable();
    if (id == kNoUnit) return;
    const bool out_of_tries =
        spec.meta.max_retries > 0 && (*spec.units)[id].tries() >= spec.meta.max_retries;
    if (!out_of_tries) {
      StartAttempt(spec, id, worker, command.lifetime);
      spec.units->PrefetchAvailable();
      taken_.push_back(id);
    } else {
      if (fail_budget == 0) return;
      --fail_budget;
      FailOutOfTries(spec, id, worker);
    }
  }
}

void Engine::FailOutOfTries(Spec& spec, UnitId id, Worker& worker) {
  const AttemptRef ref = StartAttempt(spec, id, worker, WorkerTable::kDefaultLifetime);
  IgnoreError(ApplyEvent(spec, ref, AttemptEvent::kFail, Duration(0),
                         Data::FromStored(TooManyRetriesData())),
              "an attempt just made can fail");
}

void Engine::MakeContinuousUnit(Spec& spec) {
  const std::string name = MadeUpUnitName(
      now_, [&](std::string_view asked) { return spec.units->Find(asked) != kNoUnit; });
  spec.units->Insert(name, kEmptyCborMap, 0, kNoTime, now_);
  NoteMeta(spec);
  spec.meta.next_continuous = AddTime(now_, spec.meta.interval);
}

}  // namespace coord
