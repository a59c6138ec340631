// SPDX-License-Identifier: MIT
// Changes by query, and retention.
#include <algorithm>
#include <limits>

#include "stores/postgres/executor.h"

namespace coord {

namespace {

// Changes by query are atomic up to this many units (spec/domain.md, section 3); what is left goes
// on in transactions of its own.
constexpr std::size_t kAtomicUnits = 10'000;
constexpr std::size_t kSliceUnits = 2'000;

// True if the query takes every unit of the statuses that it names.
bool SelectsWholeStatuses(const WorkUnitQuery& query) {
  return !query.names && !query.from && !query.after && query.limit == 0;
}

bool SelectsAll(const WorkUnitQuery& query) {
  return SelectsWholeStatuses(query) && (!query.statuses || *query.statuses == StatusSet::All());
}

constexpr const char* kOldestFinished =
    "SELECT name, ended FROM ended_attempts WHERE generation = $1 AND kind = 2 AND ended >= $3 "
    "ORDER BY ended, id LIMIT $2";
constexpr const char* kOldestFailed =
    "SELECT name, ended FROM ended_attempts WHERE generation = $1 AND kind = 3 AND ended >= $3 "
    "ORDER BY ended, id LIMIT $2";

}  // namespace

Outcome Executor::Start(NamespaceImage& name_space, const Submission& submission, std::size_t place,
                        bool& unfinished, const OnLong& on_long) {
  PgLongCommand work;
  work.name_space = name_space.name;
  std::string_view spec_name;
  const WorkUnitQuery* query = nullptr;
  if (const auto* prioritize = std::get_if<PrioritizeWorkUnits>(&submission.command)) {
    work.action = PgLongCommand::Action::kPrioritize;
    work.priority = prioritize->priority;
    work.adjust = prioritize->adjust;
    spec_name = prioritize->spec;
    query = &prioritize->query;
    if (const auto checked = CheckPriority(work.priority, {}); checked.has_error()) {
      return checked.error();
    }
  } else if (const auto* erase = std::get_if<DeleteWorkUnits>(&submission.command)) {
    spec_name = erase->spec;
    query = &erase->query;
  } else if (const auto* retry = std::get_if<RetryWorkUnits>(&submission.command)) {
    work.action = PgLongCommand::Action::kRetry;
    spec_name = retry->spec;
    query = &retry->query;
  } else {
    const auto& retention = std::get<ApplyRetention>(submission.command);
    work.action = PgLongCommand::Action::kRetention;
    if (retention.specs) {
      work.retention_specs.assign(retention.specs->rbegin(), retention.specs->rend());
    } else {
      for (const auto& [name, spec] : name_space.specs) work.retention_specs.push_back(name);
    }
  }
  if (query != nullptr) {
    SpecImage* const spec = name_space.FindSpec(spec_name);
    if (spec == nullptr) return NoSuchWorkSpecError(spec_name);
    if (work.action == PgLongCommand::Action::kDelete && SelectsWholeStatuses(*query)) {
      for (const WorkUnitStatus status : kWorkUnitStatuses) {
        if (query->statuses && !query->statuses->Has(status)) continue;
        const std::size_t i = IndexOf(status);
        spec->removed_delta[i] -= static_cast<std::int64_t>(spec->removed[i]);
        work.count += std::exchange(spec->removed[i], 0);
      }
      if (SelectsAll(*query)) {
        units_.Flush();
        for (const std::uint64_t count : spec->counts) work.count += count;
        units_.Forget(*spec);
        catalog_.DetachUnits(*spec);
        spec->changed = true;
        return CountReply{work.count};
      }
    }
    work.spec = spec_name;
    work.spec_id = spec->id;
    work.cursor = UnitCursor(*query);
  }
  if (auto outcome = Continue(work, kAtomicUnits)) return *std::move(outcome);
  unfinished = true;
  on_long(place, std::move(work));
  return Done{};
}

std::optional<Outcome> Executor::Continue(PgLongCommand& work, std::size_t budget) {
  NamespaceImage& name_space = catalog_.NamespaceOf(work.name_space);
  if (work.action == PgLongCommand::Action::kRetention) {
    while (!work.retention_specs.empty()) {
      SpecImage* const spec = name_space.FindSpec(work.retention_specs.back());
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
  SpecImage* const spec = name_space.FindSpec(work.spec);
  // Deleted meanwhile, and perhaps made anew: what was done before counts.
  if (spec == nullptr || spec->id != work.spec_id) return CountReply{work.count};
  Flush();
  const StatusSet wanted = work.cursor.statuses;
  const std::vector<std::string> selected = Select(*spec, work.cursor, budget);
  std::vector<UnitKey> keys;
  for (const std::string& name : selected) keys.push_back({spec, name});
  units_.Load(keys);
  for (const std::string& name : selected) {
    UnitImage* const unit = units_.Find(*spec, name);
    // Another daemon may have changed it before it was locked.
    if (unit != nullptr && wanted.Has(StatusOf(*unit, now()))) ApplyTo(*unit, work);
  }
  if (!work.cursor.ended()) return std::nullopt;
  return CountReply{work.count};
}

void Executor::ApplyTo(UnitImage& unit, PgLongCommand& work) {
  switch (work.action) {
    case PgLongCommand::Action::kDelete:
      units_.Erase(unit);
      ++work.count;
      break;
    case PgLongCommand::Action::kRetry:
      if (unit.active != nullptr) ++work.count;
      units_.ClearActive(unit);
      break;
    case PgLongCommand::Action::kPrioritize: {
      constexpr double kMax = std::numeric_limits<double>::max();
      const double wanted =
          work.adjust ? units_.RowOf(unit).priority + work.priority : work.priority;
      units_.SetPriority(unit, std::clamp(wanted, -kMax, kMax));
      ++work.count;
      break;
    }
    case PgLongCommand::Action::kRetention:
      break;
  }
}

// --- Retention -----------------------------------------------------------------------------------

RetentionLimits Executor::RetentionOf(const SpecImage& spec) const {
  RetentionLimits limits = spec.retention;
  if (!limits.completed_count) limits.completed_count = default_retention_.completed_count;
  if (!limits.completed_age) limits.completed_age = default_retention_.completed_age;
  return limits;
}

// Names and times of completion, the first to be completed first.
PgRows Executor::ReadOldest(const SpecImage& spec, WorkUnitStatus status, std::size_t limit) {
  const bool finished = status == WorkUnitStatus::kFinished;
  // No time is before all others.
  const WallTime mark = state_.retention.Of(spec.generation, status);
  PgRows rows = transaction_.Query(finished ? kOldestFinished : kOldestFailed,
                                   PgParameters()
                                       .Add(spec.generation)
                                       .Add(static_cast<std::int64_t>(limit))
                                       .Add(std::int64_t{mark.time_since_epoch().count()}));
  if (rows.size() > 0) state_.retention.Set(spec.generation, status, rows.Time(0, 1));
  return rows;
}

std::uint64_t Executor::RemoveByRetention(SpecImage& spec, std::size_t budget) {
  const RetentionLimits limits = RetentionOf(spec);
  if (!limits.completed_count && !limits.completed_age) return 0;
  Flush();
  std::uint64_t count = 0;
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    const std::size_t i = IndexOf(status);
    const std::uint64_t kept = limits.completed_count.value_or(spec.counts[i]);
    std::uint64_t surplus = spec.counts[i] > kept ? spec.counts[i] - kept : 0;
    if (surplus == 0 && !limits.completed_age) continue;
    const PgRows rows = ReadOldest(spec, status, budget - count);
    std::vector<UnitKey> keys;
    for (int row = 0; row < rows.size(); ++row) keys.push_back({&spec, rows.Bytes(row, 0)});
    units_.Load(keys);
    for (int row = 0; row < rows.size(); ++row) {
      const bool too_old =
          limits.completed_age && AddTime(rows.Time(row, 1), *limits.completed_age) <= now();
      if (surplus == 0 && !too_old) break;
      UnitImage* const unit = units_.Find(spec, rows.Bytes(row, 0));
      if (unit == nullptr || StatusOf(*unit, now()) != status) continue;
      if (surplus > 0) --surplus;
      units_.Erase(*unit);
      ++spec.removed[i];
      ++spec.removed_delta[i];
      ++count;
    }
  }
  return count;
}

WallTime Executor::RetentionDue(const SpecImage& spec) {
  const RetentionLimits limits = RetentionOf(spec);
  WallTime due = kNoTime;
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    const std::uint64_t count = spec.counts[IndexOf(status)];
    if (limits.completed_count && count > *limits.completed_count) Earlier(due, now());
    if (!limits.completed_age || count == 0) continue;
    const PgRows rows = ReadOldest(spec, status, 1);
    if (rows.size() > 0) Earlier(due, AddTime(rows.Time(0, 1), *limits.completed_age));
  }
  return due;
}

bool Executor::ApplyRetentionSome() {
  bool more = false;
  catalog_.LoadAll();
  for (const auto& [name, name_space] : catalog_.namespaces()) {
    for (const auto& [spec_name, spec] : name_space->specs) {
      if (RemoveByRetention(*spec, kSliceUnits) == kSliceUnits) more = true;
    }
  }
  return more;
}

}  // namespace coord
