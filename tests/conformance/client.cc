// SPDX-License-Identifier: MIT
#include "client.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace coord::testing {

// --- Keeper --------------------------------------------------------------------------------------

std::span<const std::string_view> Keeper::Keep(const Strings& names) {
  std::vector<std::string_view>& list = lists_.emplace_back();
  for (const std::string& name : names) list.push_back(Keep(name));
  return list;
}

std::span<const UnitItem> Keeper::Keep(const std::vector<NewUnit>& units) {
  std::vector<UnitItem>& items = items_.emplace_back();
  for (const NewUnit& unit : units) {
    items.push_back({.name = Keep(unit.name),
                     .data = Keep(unit.data),
                     .priority = unit.priority,
                     .not_before = unit.not_before,
                     .delay = unit.delay});
  }
  return items;
}

WorkUnitQuery Keeper::Keep(const Query& query) {
  WorkUnitQuery kept;
  if (query.names) kept.names = Keep(*query.names);
  kept.statuses = query.statuses;
  if (query.from) kept.from = Keep(*query.from);
  if (query.after) kept.after = Keep(*query.after);
  kept.limit = query.limit;
  return kept;
}

WorkUnitUpdate Keeper::Keep(const Update& update) {
  WorkUnitUpdate kept;
  kept.spec = Keep(update.spec);
  kept.unit = Keep(update.unit);
  kept.request = {.status = update.status,
                  .has_data = update.data.has_value(),
                  .has_lease_time = update.lease_time.has_value(),
                  .lease_time = update.lease_time.value_or(Duration(0)),
                  .has_delay = update.delay.has_value()};
  if (update.data) kept.data = Keep(*update.data);
  kept.delay = update.delay.value_or(Duration(0));
  kept.has_worker = update.worker.has_value();
  if (update.worker) kept.worker = Keep(*update.worker);
  kept.only_if_owner = update.only_if_owner;
  return kept;
}

std::span<const WorkUnitUpdate> Keeper::Keep(const std::vector<Update>& updates) {
  std::vector<WorkUnitUpdate>& kept = updates_.emplace_back();
  for (const Update& update : updates) kept.push_back(Keep(update));
  return kept;
}

std::span<const LockPath> Keeper::Keep(const std::vector<Path>& paths) {
  std::vector<LockPath>& kept = paths_.emplace_back();
  for (const Path& path : paths) {
    Strings labels;
    for (const Value& label : path) labels.push_back(EncodeCbor(label));
    kept.push_back(Keep(labels));
  }
  return kept;
}

RequestWork Keeper::Keep(const Ask& ask) {
  return {.worker = Keep(ask.worker),
          .count = ask.count,
          .lifetime = ask.lifetime,
          .filter = {.work_spec_names = Keep(ask.specs),
                     .runtimes = Keep(ask.runtimes),
                     .available_memory_gb = ask.memory_gb},
          .updates = {}};
}

// --- Connection ----------------------------------------------------------------------------------

namespace {

// More than any test needs; one that never ends is a failure that says so.
constexpr int kStepsMax = 1'000'000;

}  // namespace

Connection::Connection(StoreHarness& harness) : harness_(harness) {
  harness_.store().SetListener(this);
}

Connection::~Connection() {
  harness_.store().Flush();
  harness_.store().SetListener(nullptr);
}

std::vector<std::uint64_t> Connection::Submit(std::string_view name_space,
                                              std::vector<Command> commands) {
  return Submit(name_space, std::move(commands), [this] { return this; });
}

std::vector<std::uint64_t> Connection::SubmitAsMany(std::string_view name_space,
                                                    std::vector<Command> commands) {
  std::size_t next = 0;
  return Submit(name_space, std::move(commands), [&] {
    if (next == others_.size()) others_.emplace_back(*this);
    return &others_[next++];
  });
}

std::vector<std::uint64_t> Connection::Submit(std::string_view name_space,
                                              std::vector<Command> commands,
                                              const std::function<OutcomeSink*()>& next_sink) {
  std::unique_ptr<Batch> batch;
  if (spare_.empty()) {
    batch = std::make_unique<Batch>();
  } else {
    batch = std::move(spare_.back());
    spare_.pop_back();
    batch->Clear();
  }
  std::vector<std::uint64_t> tokens;
  for (Command& command : commands) {
    tokens.push_back(++last_token_);
    ++unanswered_;
    batch->submissions.push_back({.command = std::move(command),
                                  .name_space = name_space,
                                  .sink = next_sink(),
                                  .token = last_token_,
                                  .wait = Duration(0)});
  }
  harness_.store().Submit(std::move(batch));
  return tokens;
}

std::optional<OwnedOutcome> Connection::Take(std::uint64_t token) {
  const auto found = answers_.find(token);
  if (found == answers_.end()) return std::nullopt;
  OwnedOutcome outcome = std::move(found->second);
  answers_.erase(found);
  return outcome;
}

OwnedOutcome Connection::Await(std::uint64_t token) {
  for (int step = 0; step < kStepsMax; ++step) {
    if (std::optional<OwnedOutcome> outcome = Take(token)) {
      if (unanswered_ == 0 && harness_.capabilities().reopen_after_each_command) Reopen();
      return *std::move(outcome);
    }
    harness_.Pump();
  }
  COORD_CHECK(!"a command was never answered");
  return Error{};
}

std::vector<OwnedOutcome> Connection::AwaitAll(const std::vector<std::uint64_t>& tokens) {
  std::vector<OwnedOutcome> outcomes;
  for (const std::uint64_t token : tokens) outcomes.push_back(Await(token));
  return outcomes;
}

void Connection::Settle() {
  for (int step = 0; step < kStepsMax; ++step) {
    if (!harness_.Pump()) return;
  }
  COORD_CHECK(!"the store never comes to rest");
}

void Connection::Reopen() {
  harness_.Reopen();
  harness_.store().SetListener(this);
}

void Connection::OnOutcome(std::uint64_t token, const Outcome& outcome) {
  --unanswered_;
  const bool first = answers_.emplace(token, Own(outcome)).second;
  EXPECT_TRUE(first) << "command " << token << " was answered twice";
}

void Connection::OnBatchDone(std::unique_ptr<Batch> batch) { spare_.push_back(std::move(batch)); }

// --- Client --------------------------------------------------------------------------------------

OwnedOutcome Client::Run(const Command& command) {
  return connection_->Await(connection_->Submit(name_space_, {command}).front());
}

std::vector<OwnedOutcome> Client::RunBatch(std::vector<Command> commands) {
  return connection_->AwaitAll(connection_->Submit(name_space_, std::move(commands)));
}

std::vector<OwnedOutcome> Client::RunAsMany(std::vector<Command> commands) {
  return connection_->AwaitAll(connection_->SubmitAsMany(name_space_, std::move(commands)));
}

Failure Client::ErrorOf(const Command& command) {
  const OwnedOutcome outcome = Run(command);
  const Error* const error = std::get_if<Error>(&outcome);
  return error == nullptr ? kOk : Failure(error->code);
}

Error Client::FullErrorOf(const Command& command) {
  const OwnedOutcome outcome = Run(command);
  const Error* const error = std::get_if<Error>(&outcome);
  if (error == nullptr) {
    ADD_FAILURE() << "expected an error";
    return {};
  }
  return *error;
}

template <typename T>
T Client::Expect(const Command& command) {
  OwnedOutcome outcome = Run(command);
  if (T* const result = std::get_if<T>(&outcome)) return std::move(*result);
  if (const Error* const error = std::get_if<Error>(&outcome)) {
    ADD_FAILURE() << "answered with the error " << InfoOf(error->code).name << ": "
                  << error->detail;
  } else {
    ADD_FAILURE() << "answered with another kind of outcome, number " << outcome.index();
  }
  return T{};
}

void Client::SetWorkSpec(const Map& definition) {
  Keeper keeper;
  Expect<OwnedNames>(coord::SetWorkSpec{.definition = keeper.Keep(definition), .replaces = {}});
}

Error Client::SetWorkSpecError(const Map& definition) {
  Keeper keeper;
  return FullErrorOf(coord::SetWorkSpec{.definition = keeper.Keep(definition), .replaces = {}});
}

Value Client::Definition(const std::string& spec) { return Expect<Value>(GetWorkSpec{spec}); }

OwnedMeta Client::Meta(const std::string& spec) {
  return Expect<OwnedMeta>(GetWorkSpecMeta{.spec = spec});
}

OwnedMeta Client::MetaWithCounts(const std::string& spec) {
  return Expect<OwnedMeta>(GetWorkSpecMeta{.spec = spec, .with_counts = true});
}

void Client::SetMeta(const std::string& spec, const WorkSpecMetaChange& change) {
  Expect<Done>(SetWorkSpecMeta{.spec = spec, .change = change});
}

OwnedSpecs Client::ListWorkSpecs(const std::string& from, std::uint64_t limit) {
  return Expect<OwnedSpecs>(coord::ListWorkSpecs{.from = from, .limit = limit});
}

void Client::DeleteWorkSpec(const std::string& spec) {
  Expect<Done>(coord::DeleteWorkSpec{.spec = spec});
}

void Client::Add(const std::string& spec, const std::vector<NewUnit>& units) {
  Keeper keeper;
  Expect<Done>(AddWorkUnits{.spec = spec, .items = keeper.Keep(units)});
}

void Client::AddNew(const std::string& spec, const std::vector<NewUnit>& units) {
  Keeper keeper;
  Expect<Done>(AddWorkUnits{.spec = spec, .items = keeper.Keep(units), .only_new = true});
}

OwnedUnits Client::List(const std::string& spec, const Query& query) {
  Keeper keeper;
  return Expect<OwnedUnits>(ListWorkUnits{.spec = spec, .query = keeper.Keep(query)});
}

Strings Client::Names(const std::string& spec, const Query& query) {
  Strings names;
  for (const OwnedUnit& unit : List(spec, query)) names.push_back(unit.name);
  return names;
}

OwnedUnits Client::Get(const std::string& spec, const Strings& names) {
  Keeper keeper;
  return Expect<OwnedUnits>(GetWorkUnits{.spec = spec, .names = keeper.Keep(names)});
}

OwnedUnit Client::Unit(const std::string& spec, const std::string& name) {
  OwnedUnits units = Get(spec, {name});
  return units.empty() ? OwnedUnit{} : units.front();
}

WorkUnitStatus Client::StatusOf(const std::string& spec, const std::string& name) {
  const OwnedUnit unit = Unit(spec, name);
  EXPECT_TRUE(unit.exists) << name;
  return unit.status;
}

StatusCounts Client::Counts(const std::string& spec) {
  return Expect<StatusCountsReply>(CountWorkUnits{.spec = spec}).counts;
}

std::uint64_t Client::Prioritize(const std::string& spec, const Query& query, double priority) {
  Keeper keeper;
  return Expect<CountReply>(
             PrioritizeWorkUnits{.spec = spec, .query = keeper.Keep(query), .priority = priority})
      .count;
}

std::uint64_t Client::AdjustPriority(const std::string& spec, const Query& query, double amount) {
  Keeper keeper;
  return Expect<CountReply>(
             PrioritizeWorkUnits{
                 .spec = spec, .query = keeper.Keep(query), .priority = amount, .adjust = true})
      .count;
}

std::uint64_t Client::Delete(const std::string& spec, const Query& query) {
  Keeper keeper;
  return Expect<CountReply>(DeleteWorkUnits{.spec = spec, .query = keeper.Keep(query)}).count;
}

std::uint64_t Client::Retry(const std::string& spec, const Query& query) {
  Keeper keeper;
  return Expect<CountReply>(RetryWorkUnits{.spec = spec, .query = keeper.Keep(query)}).count;
}

void Client::ClearActive(const std::string& spec, const std::string& unit) {
  SetWorkUnitMeta change;
  change.spec = spec;
  change.unit = unit;
  change.clear_active = true;
  Expect<Done>(change);
}

OwnedUpdate Client::Apply(const Update& update) {
  OwnedUpdates replies = Apply(std::vector<Update>{update});
  return replies.empty() ? OwnedUpdate{} : replies.front();
}

OwnedUpdates Client::Apply(const std::vector<Update>& updates) {
  Keeper keeper;
  OwnedUpdates replies = Expect<OwnedUpdates>(UpdateWorkUnits{.updates = keeper.Keep(updates)});
  EXPECT_EQ(replies.size(), updates.size());
  return replies;
}

Failure Client::Renew(const Held& held, Duration extend, const std::optional<Map>& data) {
  return Change(held, AttemptEvent::kRenew, extend, data);
}
Failure Client::Expire(const Held& held, const std::optional<Map>& data) {
  return Change(held, AttemptEvent::kExpire, Duration(0), data);
}
Failure Client::Finish(const Held& held, const std::optional<Map>& data) {
  return Change(held, AttemptEvent::kFinish, Duration(0), data);
}
Failure Client::Fail(const Held& held, const std::optional<Map>& data) {
  return Change(held, AttemptEvent::kFail, Duration(0), data);
}
Failure Client::RetryAttempt(const Held& held, Duration delay, const std::optional<Map>& data) {
  return Change(held, AttemptEvent::kRetry, delay, data);
}

Failure Client::Change(const Held& held, AttemptEvent event, Duration duration,
                       const std::optional<Map>& data) {
  Keeper keeper;
  AttemptChange change{.key = held.key(), .event = event, .data = {}, .duration = duration};
  if (data) change.data = keeper.Keep(*data);
  const OwnedResults results = Expect<OwnedResults>(ChangeAttempts{.changes = {&change, 1}});
  if (results.size() != 1) {
    ADD_FAILURE() << results.size() << " results for one change";
    return ErrorCode::kInternal;
  }
  return results.front() ? Failure(results.front()->code) : kOk;
}

OwnedAttempt Client::Attempt(const Held& held) {
  const OwnedAttempts attempts = Expect<OwnedAttempts>(GetAttempt{.key = held.key()});
  EXPECT_EQ(attempts.size(), 1U);
  return attempts.empty() ? OwnedAttempt{} : attempts.front();
}

Held Client::MakeAttempt(const std::string& spec, const std::string& unit,
                         const std::string& worker, Duration lifetime) {
  const OwnedAttempts attempts = Expect<OwnedAttempts>(
      coord::MakeAttempt{.spec = spec, .unit = unit, .worker = worker, .lifetime = lifetime});
  EXPECT_EQ(attempts.size(), 1U);
  return {spec, unit, attempts.empty() ? AttemptId{0} : attempts.front().id};
}

OwnedAttempts Client::UnitAttempts(const std::string& spec, const std::string& unit,
                                   std::uint64_t limit) {
  return Expect<OwnedAttempts>(ListUnitAttempts{.spec = spec, .unit = unit, .limit = limit});
}

OwnedAttempts Client::WorkerAttemptsOf(const std::string& worker, WorkerAttempts which) {
  return Expect<OwnedAttempts>(ListWorkerAttempts{.worker = worker, .which = which});
}

OwnedWork Client::Request(const Ask& ask, const std::vector<Update>& updates) {
  Keeper keeper;
  RequestWork request = keeper.Keep(ask);
  request.updates = keeper.Keep(updates);
  return Expect<OwnedWork>(request);
}

Strings Client::RequestNames(const Ask& ask) {
  Strings names;
  for (const OwnedGrant& unit : Request(ask).units) names.push_back(unit.name);
  return names;
}

Held Client::Take(const Ask& ask) {
  const OwnedWork work = Request(ask);
  if (work.units.size() != 1) {
    ADD_FAILURE() << "a request for one unit got " << work.units.size();
    return {};
  }
  return {work.spec, work.units.front().name, work.units.front().attempt};
}

void Client::Beat(const std::string& worker, Duration lifetime, const Map& data,
                  std::optional<std::string> parent, const Value& mode) {
  Keeper keeper;
  Heartbeat beat{.worker = worker,
                 .mode = keeper.Keep(EncodeCbor(mode)),
                 .lifetime = lifetime,
                 .data = keeper.Keep(data),
                 .parent = {}};
  if (parent) beat.parent = *parent;
  Expect<Done>(beat);
}

OwnedWorker Client::Worker(const std::string& name) {
  const OwnedWorkers workers = Expect<OwnedWorkers>(GetWorker{.worker = name, .create = true});
  EXPECT_EQ(workers.size(), 1U);
  return workers.empty() ? OwnedWorker{} : workers.front();
}

std::optional<OwnedWorker> Client::FindWorker(const std::string& name) {
  const OwnedWorkers workers = Expect<OwnedWorkers>(GetWorker{.worker = name, .create = false});
  return workers.empty() ? std::nullopt : std::optional<OwnedWorker>(workers.front());
}

Strings Client::WorkerNames(const ListWorkers& which) {
  Strings names;
  for (const OwnedWorker& worker : Expect<OwnedWorkers>(which)) names.push_back(worker.name);
  return names;
}

OwnedChildUnits Client::ChildUnits(const std::string& worker) {
  return Expect<OwnedChildUnits>(GetChildWorkUnits{.worker = worker});
}

OwnedPage Client::ExportPage(const std::string& cursor, std::uint64_t records_max) {
  return Expect<OwnedPage>(ExportRecords{.cursor = cursor, .records_max = records_max});
}

Strings Client::ExportAll(std::uint64_t records_max) {
  OwnedPage page = ExportPage("", records_max);
  Strings records = page.records;
  while (page.cursor) {
    page = ExportPage(*page.cursor, records_max);
    records.insert(records.end(), page.records.begin(), page.records.end());
  }
  return records;
}

namespace {

std::string Joined(const Strings& records) {
  std::string joined;
  for (const std::string& record : records) joined += record;
  return joined;
}

}  // namespace

ImportReply Client::Import(const Strings& records) {
  const std::string joined = Joined(records);
  return Expect<ImportReply>(ImportRecords{joined});
}

Error Client::ImportError(const Strings& records) {
  const std::string joined = Joined(records);
  return FullErrorOf(ImportRecords{joined});
}

OwnedSummary Client::Summary() { return Expect<OwnedSummary>(GetSummary{}); }

std::uint64_t Client::ApplyRetention(const std::optional<Strings>& specs) {
  Keeper keeper;
  coord::ApplyRetention command;
  if (specs) command.specs = keeper.Keep(*specs);
  return Expect<CountReply>(command).count;
}

std::vector<bool> Client::ChangeLocks(LockOperation operation, const std::string& locker,
                                      const std::vector<Path>& paths, Duration lifetime) {
  Keeper keeper;
  return Expect<OwnedLocks>(coord::ChangeLocks{.operation = operation,
                                               .locker = locker,
                                               .paths = keeper.Keep(paths),
                                               .lifetime = lifetime})
      .held;
}

std::vector<std::optional<std::string>> Client::ReadLocks(const std::vector<Path>& paths) {
  Keeper keeper;
  return Expect<OwnedLocks>(coord::ReadLocks{.paths = keeper.Keep(paths)}).holders;
}

}  // namespace coord::testing
