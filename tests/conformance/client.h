// SPDX-License-Identifier: MIT
// A client of a store for tests: submits commands, pumps the store until they are answered, and
// returns results that own what they hold.
//
// A typed call that is answered with an error records a test failure and returns an empty result;
// where an error is expected, ErrorOf() is asked.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/store.h"
#include "owned.h"
#include "store_case.h"
#include "value/value.h"

namespace coord::testing {

// How a change of one thing ended: nothing where it went well.
using Failure = std::optional<ErrorCode>;
inline constexpr Failure kOk = std::nullopt;

using Strings = std::vector<std::string>;

// A unit to add.
struct NewUnit {
  std::string name;
  Map data = {};
  std::optional<double> priority = {};
  WallTime not_before = kNoTime;
  Duration delay{0};
};

// Which units, in words that own themselves.
struct Query {
  std::optional<Strings> names = {};
  std::optional<StatusSet> statuses = {};
  std::optional<std::string> from = {};
  std::optional<std::string> after = {};
  std::uint64_t limit = 0;
};

// An attempt that somebody holds.
struct Held {
  std::string spec;
  std::string unit;
  AttemptId id{0};

  AttemptKey key() const { return {spec, unit, id}; }
};

// A request for work.
struct Ask {
  std::string worker = "w";
  std::uint64_t count = 1;
  Duration lifetime{0};
  Strings specs = {};
  Strings runtimes = {};
  double memory_gb = 0;
};

// One update_work_unit.
struct Update {
  std::string spec;
  std::string unit;
  AskedStatus status = AskedStatus::kNone;
  std::optional<Map> data = {};
  std::optional<Duration> lease_time = {};
  std::optional<Duration> delay = {};
  std::optional<std::string> worker = {};
  bool only_if_owner = false;
};

// A lock's path of labels.
using Path = std::vector<Value>;

// Keeps the bytes that the views of a command point into.
class Keeper {
 public:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Data Keep(const Map& map) { return Data::FromStored(Keep(EncodeCbor(Value(map)))); }
  std::span<const std::string_view> Keep(const Strings& names);
  std::span<const UnitItem> Keep(const std::vector<NewUnit>& units);
  WorkUnitQuery Keep(const Query& query);
  WorkUnitUpdate Keep(const Update& update);
  std::span<const WorkUnitUpdate> Keep(const std::vector<Update>& updates);
  std::span<const LockPath> Keep(const std::vector<Path>& paths);
  RequestWork Keep(const Ask& ask);

 private:
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> lists_;
  std::deque<std::vector<UnitItem>> items_;
  std::deque<std::vector<WorkUnitUpdate>> updates_;
  std::deque<std::vector<LockPath>> paths_;
};

// The way to one store: its listener and every command's sink. A store has one of them.
class Connection final : public OutcomeSink, public StoreListener {
 public:
  explicit Connection(StoreHarness& harness);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  // The store may live on, so it owes nothing afterwards.
  ~Connection() override;

  // Submits the commands as one batch and returns their tokens. What they borrow must live until
  // they are answered.
  std::vector<std::uint64_t> Submit(std::string_view name_space, std::vector<Command> commands);
  // The same, as if each command came from another client.
  std::vector<std::uint64_t> SubmitAsMany(std::string_view name_space,
                                          std::vector<Command> commands);

  // Takes the answer if it has come.
  std::optional<OwnedOutcome> Take(std::uint64_t token);
  // Pumps the store until the answer has come and takes it. Aborts where it never comes.
  OwnedOutcome Await(std::uint64_t token);
  // The same for several, in their order.
  std::vector<OwnedOutcome> AwaitAll(const std::vector<std::uint64_t>& tokens);
  // Pumps the store until it has nothing more to do now.
  void Settle();
  // Lets the store do one step.
  void Step() { harness_.Pump(); }
  // Closes and opens a durable store.
  void Reopen();

  // Whether the store is told, as soon as it asks, that nothing else is submitted just now.
  void SetSettles(bool settles) { settles_ = settles; }

  StoreHarness& harness() { return harness_; }

  void OnOutcome(std::uint64_t token, const Outcome& outcome) override;
  void OnBatchDone(std::unique_ptr<Batch> batch) override;
  void OnPollWanted() override {}
  void OnSettleWanted() override {
    if (settles_) harness_.store().Settle();
  }

 private:
  // Stands for one of many clients.
  class Another final : public OutcomeSink {
   public:
    explicit Another(Connection& connection) : connection_(connection) {}
    void OnOutcome(std::uint64_t token, const Outcome& outcome) override {
      connection_.OnOutcome(token, outcome);
    }

   private:
    Connection& connection_;
  };

  std::vector<std::uint64_t> Submit(std::string_view name_space, std::vector<Command> commands,
                                    const std::function<OutcomeSink*()>& next_sink);

  StoreHarness& harness_;
  bool settles_ = true;
  std::deque<Another> others_;
  std::uint64_t last_token_ = 0;
  std::size_t unanswered_ = 0;
  std::map<std::uint64_t, OwnedOutcome> answers_;
  std::vector<std::unique_ptr<Batch>> spare_;
};

// Speaks to one namespace of a store.
class Client {
 public:
  explicit Client(Connection& connection, std::string name_space = "")
      : connection_(&connection), name_space_(std::move(name_space)) {}

  // The same store, another namespace.
  Client In(std::string name_space) const { return Client(*connection_, std::move(name_space)); }
  Connection& connection() const { return *connection_; }

  // Any command, whatever its answer.
  OwnedOutcome Run(const Command& command);
  // Commands that are executed in one batch.
  std::vector<OwnedOutcome> RunBatch(std::vector<Command> commands);
  // The same, each command as if from another client.
  std::vector<OwnedOutcome> RunAsMany(std::vector<Command> commands);
  // The error that a command is answered with, or kOk.
  Failure ErrorOf(const Command& command);
  // The whole error; an empty one of kInternal where there is none.
  Error FullErrorOf(const Command& command);

  // Work specs.
  void SetWorkSpec(const Map& definition);
  Error SetWorkSpecError(const Map& definition);
  Value Definition(const std::string& spec);
  OwnedMeta Meta(const std::string& spec);
  OwnedMeta MetaWithCounts(const std::string& spec);
  void SetMeta(const std::string& spec, const WorkSpecMetaChange& change);
  OwnedSpecs ListWorkSpecs(const std::string& from = "", std::uint64_t limit = 0);
  void DeleteWorkSpec(const std::string& spec);

  // Work units.
  void Add(const std::string& spec, const std::vector<NewUnit>& units);
  void AddNew(const std::string& spec, const std::vector<NewUnit>& units);
  OwnedUnits List(const std::string& spec, const Query& query = {});
  Strings Names(const std::string& spec, const Query& query = {});
  OwnedUnits Get(const std::string& spec, const Strings& names);
  OwnedUnit Unit(const std::string& spec, const std::string& name);
  WorkUnitStatus StatusOf(const std::string& spec, const std::string& name);
  StatusCounts Counts(const std::string& spec);
  std::uint64_t Prioritize(const std::string& spec, const Query& query, double priority);
  std::uint64_t AdjustPriority(const std::string& spec, const Query& query, double amount);
  std::uint64_t Delete(const std::string& spec, const Query& query);
  std::uint64_t Retry(const std::string& spec, const Query& query);
  void ClearActive(const std::string& spec, const std::string& unit);
  OwnedUpdate Apply(const Update& update);
  OwnedUpdates Apply(const std::vector<Update>& updates);

  // Attempts. Without data nothing is changed.
  Failure Renew(const Held& held, Duration extend, const std::optional<Map>& data = {});
  Failure Expire(const Held& held, const std::optional<Map>& data = {});
  Failure Finish(const Held& held, const std::optional<Map>& data = {});
  Failure Fail(const Held& held, const std::optional<Map>& data = {});
  Failure RetryAttempt(const Held& held, Duration delay, const std::optional<Map>& data = {});
  Failure Change(const Held& held, AttemptEvent event, Duration duration = Duration(0),
                 const std::optional<Map>& data = {});
  OwnedAttempt Attempt(const Held& held);
  Held MakeAttempt(const std::string& spec, const std::string& unit,
                   const std::string& worker = "w", Duration lifetime = Duration(0));
  OwnedAttempts UnitAttempts(const std::string& spec, const std::string& unit,
                             std::uint64_t limit = 0);
  OwnedAttempts WorkerAttemptsOf(const std::string& worker,
                                 WorkerAttempts which = WorkerAttempts::kActive);

  // Work.
  OwnedWork Request(const Ask& ask = {}, const std::vector<Update>& updates = {});
  // The names that a request gets.
  Strings RequestNames(const Ask& ask = {});
  // Requests one unit, which must be there.
  Held Take(const Ask& ask = {});

  // Workers.
  void Beat(const std::string& worker, Duration lifetime, const Map& data = {},
            std::optional<std::string> parent = {}, const Value& mode = "");
  OwnedWorker Worker(const std::string& name);                     // created if unknown
  std::optional<OwnedWorker> FindWorker(const std::string& name);  // nothing if unknown
  Strings WorkerNames(const ListWorkers& which = {});
  OwnedChildUnits ChildUnits(const std::string& worker);

  // Moving; whatever the namespace.
  OwnedPage ExportPage(const std::string& cursor = "", std::uint64_t records_max = 0);
  // Every record, in pages of at most so many.
  Strings ExportAll(std::uint64_t records_max = 0);
  ImportReply Import(const Strings& records);
  // An empty error of kInternal where there is none.
  Error ImportError(const Strings& records);

  // The rest.
  OwnedSummary Summary();
  std::uint64_t ApplyRetention(const std::optional<Strings>& specs = {});
  std::vector<bool> ChangeLocks(LockOperation operation, const std::string& locker,
                                const std::vector<Path>& paths, Duration lifetime = Duration(0));
  std::vector<std::optional<std::string>> ReadLocks(const std::vector<Path>& paths);

 private:
  template <typename T>
  T Expect(const Command& command);

  Connection* connection_;
  std::string name_space_;
};

}  // namespace coord::testing
