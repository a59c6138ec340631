// SPDX-License-Identifier: MIT
// Requests for work.
#include <algorithm>
#include <limits>
#include <map>

#include "domain/names.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/lookup.h"

namespace coord {

namespace {

// How many units out of tries one request may fail.
constexpr std::size_t kFailBudget = 1'000;
constexpr Duration kDefaultLifetime = std::chrono::minutes(15);

// Rows that another transaction is just taking are passed over.
constexpr const char* kClaim =
    "WITH claimed AS (DELETE FROM available WHERE ctid = ANY (ARRAY ("
    "SELECT ctid FROM available WHERE generation = $1 AND (claim_order, name) > ($3, $4) "
    "ORDER BY claim_order, name LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING claim_order, name, "
    "tries, lapsed) "
    "SELECT c.name, u.priority, u.not_before, u.data, c.tries, c.lapsed FROM claimed c "
    "CROSS JOIN " COORD_LOOKUP("priority, not_before, data", "work_units",
                               "generation = $1 AND name = c.name",
                               "") "u ORDER BY c.claim_order, c.name";
constexpr const char* kDropLapsed =
    "UPDATE open_attempts SET active = false "
    "WHERE generation = $1 AND name = ANY ($2) AND active";

}  // namespace

void Executor::Request(NamespaceImage& name_space, const RequestWork& command, std::size_t place,
                       const OnOutcome& on_outcome) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    on_outcome(place, Outcome(checked.error()));
    return;
  }
  workers_.Touch(workers_.Ask(name_space.id, command.worker));
  WorkRequest& request = requests_.emplace_back();
  request.place = place;
  request.command = &command;
  request.name_space = &name_space;
  request.fail_budget = kFailBudget;
  const auto replies = request_arena_.CopyArray(
      std::span<const UpdateReply>(ApplyUpdates(name_space, command.updates)));
  for (UpdateReply& reply : replies) reply.message = request_arena_.Copy(reply.message);
  request.updates = replies;
}

// Several requests at once: each chooses its spec in order, as if those before it had been served;
// the units of one spec are taken by one statement and dealt out in order.
void Executor::Claim(const OnOutcome& on_outcome) {
  Supplies supplies;
  while (!transaction_.failed()) {
    units_.Flush();
    std::map<SpecImage*, std::vector<WorkRequest*>> chosen;
    for (WorkRequest& request : requests_) {
      if (request.done) continue;
      request.done = !Choose(request, supplies);
      if (!request.done) chosen[request.spec].push_back(&request);
    }
    if (chosen.empty()) break;
    for (const auto& [spec, requests] : chosen) Deal(*spec, requests, supplies[spec]);
  }
  for (const WorkRequest& request : requests_) {
    if (transaction_.failed()) break;
    scratch_.Reset();
    WorkReply reply;
    reply.updates = request.updates;
    if (!request.taken.empty()) reply.spec = request.spec->name;
    const auto granted = scratch_.NewArray<GrantedUnit>(request.taken.size());
    for (std::size_t i = 0; i < request.taken.size(); ++i) {
      const auto& [unit, attempt] = request.taken[i];
      granted[i] = {unit->name, Data::FromStored(unit->Row().data),
                    AttemptId{static_cast<std::uint64_t>(attempt->id)}, attempt->start,
                    attempt->expiration};
    }
    reply.units = granted;
    on_outcome(request.place, Outcome(reply));
  }
  requests_.clear();
  request_arena_.Reset();
}

Executor::Supply& Executor::SupplyOf(SpecImage& spec, Supplies& supplies) {
  const auto [found, added] = supplies.try_emplace(&spec);
  Supply& supply = found->second;
  if (added) {
    // What limits how many run has to be the same for all daemons until this has been committed.
    if (spec.meta.max_running > 0 || spec.meta.continuous) supply.exhausted = !catalog_.Lock(spec);
    supply.available = spec.Load().available;
    supply.pending = spec.Load().pending;
  }
  return supply;
}

bool Executor::Choose(WorkRequest& request, Supplies& supplies) {
  const WorkFilter& filter = request.command->filter;
  std::vector<SpecImage*> eligible;
  std::vector<SpecCandidate> candidates;
  for (const auto& [name, spec] : request.name_space->specs) {
    if (!PassesFilter(name, spec->meta, filter)) continue;
    if (!CanGiveWork(spec->meta, spec->Load(), now()) && !supplies.contains(spec.get())) continue;
    const Supply& supply = SupplyOf(*spec, supplies);
    const SpecLoad load{supply.available, supply.pending};
    if (supply.exhausted || !CanGiveWork(spec->meta, load, now())) continue;
    eligible.push_back(spec.get());
    candidates.push_back({spec->meta.priority, spec->meta.weight, load.pending});
  }
  if (eligible.empty()) return false;
  request.spec = eligible[ChooseSpec(candidates, state_.rng)];
  Supply& supply = supplies[request.spec];
  if (supply.available == 0) MakeContinuousUnit(*request.spec, supply);
  const std::uint64_t wanted =
      UnitsToTake(request.command->count, request.spec->meta, supply.pending);
  request.wanted = std::min(wanted, supply.available);
  supply.available -= request.wanted;
  supply.pending += request.wanted;
  return true;
}

void Executor::MakeContinuousUnit(SpecImage& spec, Supply& supply) {
  const std::string name = MadeUpUnitName(
      now(), [&](std::string_view asked) { return units_.Find(spec, asked) != nullptr; });
  UnitItem item;
  item.name = name;
  units_.Add(spec, item, 0, /*only_new=*/false);
  units_.Flush();
  spec.meta.next_continuous = AddTime(now(), spec.meta.interval);
  catalog_.Write(spec);
  ++supply.available;
}

// Takes up to so many units, from where the last claim ended; from the front if that gives too few.
PgRows Executor::TakeAvailable(const SpecImage& spec, std::uint64_t wanted) {
  const PgId generation = spec.generation;
  const ClaimMarks::Place* const mark = state_.claims.Of(generation);
  const ClaimMarks::Place front{-std::numeric_limits<double>::infinity(), {}};
  const auto take = [&](const ClaimMarks::Place& from) {
    return transaction_.Query(kClaim, PgParameters()
                                          .Add(generation)
                                          .Add(static_cast<std::int64_t>(wanted))
                                          .Add(from.order)
                                          .Add(std::string_view(from.name)));
  };
  PgRows rows = take(mark == nullptr ? front : *mark);
  if (rows.size() == 0 && mark != nullptr) rows = take(front);
  if (const int last = rows.size() - 1; last >= 0) {
    state_.claims.Advance(generation, -rows.Real(last, 1), rows.Bytes(last, 0));
  }
  return rows;
}

void Executor::Deal(SpecImage& spec, std::span<WorkRequest* const> requests, Supply& supply) {
  std::uint64_t wanted = 0;
  for (const WorkRequest* const request : requests) wanted += request->wanted;
  const PgRows rows = TakeAvailable(spec, wanted);
  PgArray lapsed(PgType::kBytea);
  int row = 0;
  for (WorkRequest* const request : requests) {
    const WorkerImage& worker = workers_.Ask(request->name_space->id, request->command->worker);
    for (std::uint64_t i = 0; i < request->wanted && row < rows.size(); ++i, ++row) {
      const auto tries = static_cast<std::uint32_t>(rows.Integer(row, 4));
      UnitImage& unit = units_.TakeClaimed(
          spec, rows.Bytes(row, 0),
          {rows.Real(row, 1), rows.Time(row, 2), std::string(rows.Bytes(row, 3))}, tries);
      if (rows.Flag(row, 5)) lapsed.Add(std::string_view(unit.name));
      const bool out_of_tries = spec.meta.max_retries > 0 && tries >= spec.meta.max_retries;
      AttemptImage& attempt = units_.StartAttempt(
          unit, worker, out_of_tries ? kDefaultLifetime : request->command->lifetime);
      if (!out_of_tries) {
        request->taken.emplace_back(&unit, &attempt);
        continue;
      }
      if (request->fail_budget > 0) --request->fail_budget;
      IgnoreError(units_.ApplyEvent(attempt, AttemptEvent::kFail, Duration(0),
                                    Data::FromStored(TooManyRetriesData())),
                  "an attempt just made can fail");
      --supply.pending;
    }
    request->done = !request->taken.empty() || request->fail_budget == 0;
  }
  if (lapsed.size() > 0) {
    transaction_.Query(kDropLapsed, PgParameters().Add(spec.generation).Add(lapsed));
  }
  // The others stand before the mark, or they are being taken by somebody else, or the counts tell
  // of some that are locked.
  if (rows.size() == 0) supply.exhausted = true;
  const std::uint64_t missing = wanted - static_cast<std::uint64_t>(rows.size());
  supply.available += missing;
  supply.pending -= missing;
}

}  // namespace coord
