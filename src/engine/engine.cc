// SPDX-License-Identifier: MIT
#include "engine/engine.h"

#include <algorithm>

#include "base/check.h"
#include "domain/names.h"

namespace coord {

namespace {

// Changes by query are atomic up to this many units (spec/domain.md, section 3); what is left goes
// on in slices. At about a microsecond a unit neither holds the engine for longer than 10 ms.
constexpr std::size_t kAtomicUnits = 10'000;
constexpr std::size_t kSliceUnits = 2'000;
constexpr std::size_t kFreeRecords = 5'000;
constexpr std::size_t kForgetWorkers = 100;

// True if the query takes every unit of the spec.
bool SelectsAll(const WorkUnitQuery& query) {
  return !query.names && (!query.statuses || *query.statuses == StatusSet::All()) && !query.from &&
         !query.after && query.limit == 0;
}

// True if the query takes every unit of the statuses that it names.
bool SelectsWholeStatuses(const WorkUnitQuery& query) {
  return !query.names && !query.from && !query.after && query.limit == 0;
}

}  // namespace

Engine::Engine(const StoreOptions& options)
    : default_retention_(options.retention),
      rng_(options.seed),
      nowhere_(std::make_unique<Namespace>(shared_)) {
  stats_.kept = options.keeps_stats;
}

Engine::~Engine() = default;

Namespace& Engine::NamespaceOf(std::string_view name) {
  const auto found = namespaces_.find(name);
  if (found != namespaces_.end()) return *found->second;
  auto made = std::make_unique<Namespace>(shared_);
  made->name = name;
  made->row = ++shared_.last.name_space;
  Namespace& name_space = *made;
  namespaces_.emplace(std::string(name), std::move(made));
  if (shared_.journal != nullptr) {
    ObserveLocks(name_space);
    MarkChanged(name_space);
    shared_.journal->undo.OnUndo(
        [this, &name_space] { namespaces_.erase(namespaces_.find(name_space.name)); });
  }
  return name_space;
}

// --- Time ----------------------------------------------------------------------------------------

void Engine::Advance(WallTime now) {
  COORD_CHECK(now >= now_);
  now_ = now;
  while (!due_.empty() && due_.begin()->first <= now_) {
    Spec& spec = *due_.begin()->second;
    due_.erase(due_.begin());
    spec.due = kNoTime;
    ApplyDue(spec);
    Changed(spec);
  }
}

void Engine::ApplyDue(Spec& spec) {
  UnitTable& units = *spec.units;
  for (UnitId id = units.FirstToExpire();
       id != kNoUnit && attempts_[units[id].newest].expiration <= now_;
       id = units.FirstToExpire()) {
    // The attempt lapses: it stays the active one, and the unit is there for others.
    units.Update(id, [this](Unit& unit) { unit.set_status(RestingStatus(unit)); });
    stats_.NoteLapsed();
  }
  for (UnitId id = units.FirstDelayed(); id != kNoUnit && units[id].not_before <= now_;
       id = units.FirstDelayed()) {
    units.Update(id, [](Unit& unit) { unit.set_status(WorkUnitStatus::kAvailable); });
  }
}

WallTime Engine::DueOf(const Spec& spec) const {
  WallTime due = spec.units->NextDue();
  const SpecLoad load = spec.Load();
  if (spec.meta.continuous && load.available == 0 && load.pending == 0 &&
      spec.meta.next_continuous > now_) {
    Earlier(due, spec.meta.next_continuous);
  }
  if (const auto age = RetentionOf(spec).completed_age) {
    for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
      const UnitId first = spec.units->FirstDone(status);
      if (first == kNoUnit) continue;
      const WallTime at = AddTime(attempts_[(*spec.units)[first].newest].end, *age);
      if (at > now_) Earlier(due, at);
    }
  }
  return due;
}

void Engine::Changed(Spec& spec) {
  const WallTime due = DueOf(spec);
  // A registered time that is too early only makes a needless visit; one too late would be wrong.
  if (due != kNoTime && (spec.due == kNoTime || due < spec.due)) {
    if (spec.due != kNoTime) due_.erase({spec.due, &spec});
    spec.due = due;
    due_.emplace(due, &spec);
  }
  if (!spec.noted_available) {
    spec.noted_available = true;
    noted_available_.push_back(&spec);
  }
  if (!spec.noted_retention && OverRetention(spec)) {
    spec.noted_retention = true;
    noted_retention_.push_back(&spec);
  }
}

WallTime Engine::NextDue() const {
  WallTime due = due_.empty() ? kNoTime : due_.begin()->first;
  if (!shared_.forgetting.empty()) Earlier(due, shared_.forgetting.begin()->first);
  if (!shared_.unwritten.empty()) Earlier(due, shared_.unwritten.begin()->first);
  return due;
}

void Engine::VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) {
  std::erase_if(noted_available_, [&](Spec* spec) {
    const SpecLoad load = spec->Load();
    spec->noted_available = CanGiveWork(spec->meta, load, now_);
    if (!spec->noted_available) return true;
    WorkAvailable work;
    work.name_space = spec->name_space->name;
    work.spec = spec->name;
    work.meta = &spec->meta;
    work.units = UnitsToOffer(spec->meta, load);
    spec->noted_available = visit(work);
    return !spec->noted_available;
  });
}

// --- Execution -----------------------------------------------------------------------------------

void Engine::Foresee(std::span<const Submission> submissions) {
  foreseen_.clear();
  for (const Submission& submission : submissions) {
    std::span<const WorkUnitUpdate> updates;
    if (const auto* update = std::get_if<UpdateWorkUnits>(&submission.command)) {
      updates = update->updates;
    } else if (const auto* request = std::get_if<RequestWork>(&submission.command)) {
      updates = request->updates;
    }
    if (updates.empty()) continue;
    const auto found = namespaces_.find(submission.name_space);
    if (found == namespaces_.end()) continue;
    const WorkUnitUpdate& first = updates.front();
    if (const Spec* spec = found->second->FindSpec(first.spec)) {
      foreseen_.push_back({spec->units.get(), spec->units->PrefetchEntry(first.unit), nullptr});
    }
  }
  // Each step looks at what the one before has had fetched.
  for (Foreseen& each : foreseen_) each.unit = each.table->PrefetchRecord(each.hash);
  for (const Foreseen& each : foreseen_) {
    if (each.unit != nullptr) each.unit->bytes.Prefetch();
  }
}

void Engine::Execute(const Submission& submission) {
  scratch_.Reset();
  if (const auto checked = CheckName(submission.name_space, "namespace"); checked.has_error()) {
    submission.sink->OnOutcome(submission.token, Outcome(checked.error()));
    return;
  }
  // Asking about all of them makes none.
  Namespace& name_space =
      IsOfAllNamespaces(submission.command) ? *nowhere_ : NamespaceOf(submission.name_space);
  bool unfinished = false;
  const Outcome outcome = std::visit(
      [&](const auto& command) -> Outcome {
        if constexpr (requires { command.may_be_long; }) {
          return Start(name_space, submission, unfinished);
        } else {
          return Run(name_space, command);
        }
      },
      submission.command);
  if (!unfinished) submission.sink->OnOutcome(submission.token, outcome);
}

namespace {

// The spec and query of those long commands that select units of one spec.
struct Target {
  std::string_view spec;
  const WorkUnitQuery* query = nullptr;
};

Target TargetOf(const Command& command) {
  return std::visit(
      [](const auto& typed) -> Target {
        if constexpr (requires {
                        typed.spec;
                        typed.query;
                      }) {
          return {typed.spec, &typed.query};
        } else {
          return {};
        }
      },
      command);
}

// What a command does to each unit.
LongCommand ActionOf(const Command& command) {
  LongCommand work;
  if (const auto* prioritize = std::get_if<PrioritizeWorkUnits>(&command)) {
    work.action = LongCommand::Action::kPrioritize;
    work.priority = prioritize->priority;
    work.adjust = prioritize->adjust;
  } else if (std::holds_alternative<DeleteWorkUnits>(command)) {
    work.action = LongCommand::Action::kDelete;
  } else if (std::holds_alternative<RetryWorkUnits>(command)) {
    work.action = LongCommand::Action::kRetry;
  } else {
    work.action = LongCommand::Action::kRetention;
  }
  return work;
}

}  // namespace

Outcome Engine::Start(Namespace& name_space, const Submission& submission, bool& unfinished) {
  LongCommand work = ActionOf(submission.command);
  if (const auto checked = CheckPriority(work.priority, {}); checked.has_error()) {
    return checked.error();
  }
  work.name_space = name_space.name;
  if (const auto* retention = std::get_if<ApplyRetention>(&submission.command)) {
    if (retention->specs) {
      work.retention_specs.assign(retention->specs->rbegin(), retention->specs->rend());
    } else {
      for (const auto& [name, spec] : name_space.specs) work.retention_specs.push_back(name);
    }
  } else {
    const Target target = TargetOf(submission.command);
    Spec* spec = name_space.FindSpec(target.spec);
    if (spec == nullptr) return NoSuchWorkSpecError(target.spec);
    if (work.action == LongCommand::Action::kDelete && SelectsWholeStatuses(*target.query)) {
      for (const WorkUnitStatus status : kWorkUnitStatuses) {
        if (target.query->statuses && !target.query->statuses->Has(status)) continue;
        NoteMeta(*spec);
        work.count += std::exchange(spec->removed[IndexOf(status)], 0);
      }
      if (SelectsAll(*target.query)) {
        work.count += spec->units->size();
        DetachUnits(*spec);
        Changed(*spec);
        return CountReply{work.count};
      }
    }
    work.spec = target.spec;
    work.spec_serial = spec->serial;
    work.selection = UnitSelection(*target.query);
  }
  if (auto outcome = Continue(work, kAtomicUnits)) return *std::move(outcome);
  work.sink = submission.sink;
  work.token = submission.token;
  long_commands_.push_back(std::move(work));
  unfinished = true;
  return Done{};
}

std::optional<Outcome> Engine::Continue(LongCommand& work, std::size_t budget) {
  const auto found = namespaces_.find(work.name_space);
  Namespace* name_space = found == namespaces_.end() ? nullptr : found->second.get();
  if (work.action == LongCommand::Action::kRetention) {
    while (!work.retention_specs.empty()) {
      Spec* spec =
          name_space == nullptr ? nullptr : name_space->FindSpec(work.retention_specs.back());
      if (spec != nullptr) {
        const std::uint64_t removed = RemoveByRetention(*spec, budget);
        work.count += removed;
        budget -= static_cast<std::size_t>(removed);
        if (budget == 0) return std::nullopt;
      }
      work.retention_specs.pop_back();
    }
    return CountReply{work.count};
  }
  Spec* spec = name_space == nullptr ? nullptr : name_space->FindSpec(work.spec);
  // Deleted meanwhile, and perhaps made anew: what was done before counts.
  if (spec == nullptr || spec->serial != work.spec_serial) return CountReply{work.count};
  const bool finished = work.selection.VisitSome(*spec->units, budget, [&](UnitId id, Unit& unit) {
    switch (work.action) {
      case LongCommand::Action::kDelete:
        EraseUnit(*spec, id);
        ++work.count;
        break;
      case LongCommand::Action::kRetry:
        if (unit.has_active()) ++work.count;
        ClearActive(*spec, id);
        break;
      case LongCommand::Action::kPrioritize: {
        constexpr double kMax = std::numeric_limits<double>::max();
        const double wanted = work.adjust ? unit.priority + work.priority : work.priority;
        spec->units->Update(
            id, [&](Unit& changed) { changed.priority = std::clamp(wanted, -kMax, kMax); });
        ++work.count;
        break;
      }
      case LongCommand::Action::kRetention:
        break;
    }
  });
  Changed(*spec);
  if (!finished) return std::nullopt;
  return CountReply{work.count};
}

// --- Background work -----------------------------------------------------------------------------

bool Engine::Step() {
  WorkerTable::WriteLate(shared_, now_);
  // Those who wait for an answer come first.
  if (RunLongCommands()) return true;
  if (ApplyRetentionSome()) return true;
  if (ForgetSome()) return true;
  return FreeSome();
}

bool Engine::ForgetSome() {
  for (std::size_t left = kForgetWorkers;
       !shared_.forgetting.empty() && shared_.forgetting.begin()->first <= now_; --left) {
    if (left == 0) return true;
    Worker& worker = *shared_.forgetting.begin()->second;
    worker.table->Forget(worker, now_);
  }
  return false;
}

bool Engine::RunLongCommands() {
  if (long_commands_.empty()) return false;
  scratch_.Reset();
  LongCommand work = std::move(long_commands_.front());
  long_commands_.pop_front();
  if (const auto outcome = Continue(work, kSliceUnits)) {
    work.sink->OnOutcome(work.token, *outcome);
  } else {
    long_commands_.push_back(std::move(work));
  }
  return true;
}

RetentionLimits Engine::RetentionOf(const Spec& spec) const {
  RetentionLimits limits = spec.retention;
  if (!limits.completed_count) limits.completed_count = default_retention_.completed_count;
  if (!limits.completed_age) limits.completed_age = default_retention_.completed_age;
  return limits;
}

bool Engine::OverRetention(const Spec& spec) const {
  const RetentionLimits limits = RetentionOf(spec);
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    const UnitId first = spec.units->FirstDone(status);
    if (first == kNoUnit) continue;
    if (limits.completed_count && spec.units->count(status) > *limits.completed_count) return true;
    if (limits.completed_age &&
        AddTime(attempts_[(*spec.units)[first].newest].end, *limits.completed_age) <= now_) {
      return true;
    }
  }
  return false;
}

std::uint64_t Engine::RemoveByRetention(Spec& spec, std::size_t budget) {
  const RetentionLimits limits = RetentionOf(spec);
  NoteMeta(spec);
  std::uint64_t count = 0;
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    while (count < budget) {
      const UnitId first = spec.units->FirstDone(status);
      if (first == kNoUnit) break;
      const bool too_many =
          limits.completed_count && spec.units->count(status) > *limits.completed_count;
      const bool too_old =
          limits.completed_age &&
          AddTime(attempts_[(*spec.units)[first].newest].end, *limits.completed_age) <= now_;
      if (!too_many && !too_old) break;
      EraseUnit(spec, first);
      ++spec.removed[IndexOf(status)];
      ++count;
    }
  }
  if (count > 0) Changed(spec);
  return count;
}

bool Engine::ApplyRetentionSome() {
  if (noted_retention_.empty()) return false;
  Spec& spec = *noted_retention_.front();
  noted_retention_.pop_front();
  spec.noted_retention = false;
  RemoveByRetention(spec, kSliceUnits);
  if (!spec.noted_retention && OverRetention(spec)) {
    spec.noted_retention = true;
    noted_retention_.push_back(&spec);
  }
  return true;
}

// Takes a spec out of the engine's lists before it goes.
void Engine::Unregister(Spec& spec) {
  if (spec.due != kNoTime) due_.erase({spec.due, &spec});
  if (spec.noted_available) std::erase(noted_available_, &spec);
  if (spec.noted_retention) std::erase(noted_retention_, &spec);
  spec.due = kNoTime;
  spec.noted_available = false;
  spec.noted_retention = false;
}

void Engine::DetachUnits(Spec& spec) {
  MarkChanged(spec);
  spec.units->Detach();
  // Shared by the two of which one runs: the units come back, or are freed.
  auto units = std::make_shared<std::unique_ptr<UnitTable>>(std::move(spec.units));
  spec.units = std::make_unique<UnitTable>(&spec, shared_);
  Reversibly(
      [&spec, units] {
        spec.units = std::move(*units);
        spec.units->Reattach(&spec);
      },
      [this, units] { Retire(std::move(*units)); });
}

void Engine::DropSpec(Spec& spec) {
  Unregister(spec);
  MarkChanged(spec);
  spec.units->Detach();
  spec.dropped = true;
  Namespace& name_space = *spec.name_space;
  const auto found = name_space.specs.find(spec.name);
  // Shared by the two of which one runs: the spec comes back, or its units are freed.
  auto dropped = std::make_shared<std::unique_ptr<Spec>>(std::move(found->second));
  name_space.specs.erase(found);
  Reversibly(
      [&name_space, dropped] {
        Spec& back = **dropped;
        back.dropped = false;
        back.units->Reattach(&back);
        name_space.specs.emplace(back.name, std::move(*dropped));
      },
      [this, dropped] { Retire(std::move((*dropped)->units)); });
}

void Engine::DropSpecs(Namespace& name_space) {
  // Off the lists in one pass, not in one for each spec.
  std::erase_if(noted_available_, [&](Spec* spec) {
    if (spec->name_space != &name_space) return false;
    spec->noted_available = false;
    return true;
  });
  std::erase_if(noted_retention_, [&](Spec* spec) {
    if (spec->name_space != &name_space) return false;
    spec->noted_retention = false;
    return true;
  });
  while (!name_space.specs.empty()) DropSpec(*name_space.specs.begin()->second);
}

bool Engine::FreeSome() {
  if (!dead_tables_.empty()) {
    UnitTable& table = *dead_tables_.front();
    const bool emptied =
        table.FreeSome(kFreeRecords, [&](UnitId id, Unit& unit, std::size_t& budget) {
          if (!FreeAttempts(unit, budget)) return false;
          if (shared_.journal != nullptr) {
            shared_.journal->rows.freed_units.push_back(table.RowOf(id));
          }
          return true;
        });
    if (emptied) dead_tables_.pop_front();
  } else if (!dead_namespaces_.empty()) {
    Namespace& name_space = *dead_namespaces_.front();
    if (name_space.locks.FreeSome(kFreeRecords) && name_space.workers.FreeSome(kFreeRecords)) {
      dead_namespaces_.pop_front();
    }
  }
  return !dead_tables_.empty() || !dead_namespaces_.empty();
}

// --- Namespaces, summary, locks ------------------------------------------------------------------

Outcome Engine::Run(Namespace&, const CreateNamespace&) { return Done{}; }

Outcome Engine::Run(Namespace&, const ListNamespaces&) {
  const auto names = scratch_.NewArray<std::string_view>(namespaces_.size());
  std::size_t i = 0;
  for (const auto& [name, name_space] : namespaces_) names[i++] = name;
  return NamesReply{names};
}

Outcome Engine::Run(Namespace& name_space, const DestroyNamespace&) {
  DropSpecs(name_space);
  MarkChanged(name_space);
  name_space.dropped = true;
  const auto found = namespaces_.find(name_space.name);
  // Shared by the two of which one runs: it comes back, or is freed.
  auto dropped = std::make_shared<std::unique_ptr<Namespace>>(std::move(found->second));
  namespaces_.erase(found);
  Reversibly(
      [this, dropped] {
        (*dropped)->dropped = false;
        const std::string& name = (*dropped)->name;
        namespaces_.emplace(name, std::move(*dropped));
      },
      [this, dropped] { Retire(std::move(*dropped)); });
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const GetSummary& command) {
  std::vector<SummaryReply::Record> records;
  const auto add = [&](const Spec& spec) {
    const StatusCounts counts = spec.Counts();
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      const std::uint64_t count = counts[IndexOf(status)];
      if (count > 0) records.push_back({spec.name_space->name, spec.name, status, count});
    }
  };
  if (command.spec) {
    const Spec* spec = name_space.FindSpec(*command.spec);
    if (spec == nullptr) return NoSuchWorkSpecError(*command.spec);
    add(*spec);
  } else if (command.all_namespaces) {
    for (const auto& [name, other] : namespaces_) {
      for (const auto& [spec_name, spec] : other->specs) add(*spec);
    }
  } else {
    for (const auto& [spec_name, spec] : name_space.specs) add(*spec);
  }
  return SummaryReply{scratch_.CopyArray(std::span<const SummaryReply::Record>(records))};
}

Outcome Engine::Run(Namespace& name_space, const ChangeLocks& command) {
  const auto held = scratch_.NewArray<bool>(command.paths.size());
  name_space.locks.Apply(command, now_, held);
  return LockReply{held, {}};
}

Outcome Engine::Run(Namespace& name_space, const ReadLocks& command) {
  const auto holders = scratch_.NewArray<std::optional<std::string_view>>(command.paths.size());
  for (std::size_t i = 0; i < command.paths.size(); ++i) {
    holders[i] = name_space.locks.Holder(command.paths[i], now_);
  }
  return LockReply{{}, holders};
}

Outcome Engine::Run(Namespace& name_space, const DropLocks& command) {
  name_space.locks.Drop(command.first_label);
  return Done{};
}

}  // namespace coord
