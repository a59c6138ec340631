// SPDX-License-Identifier: MIT
#include "wrong_store.h"

#include <map>
#include <utility>

#include "memory_case.h"

namespace coord::testing {

namespace {

// What a store does wrongly.
enum class Mistake {
  kKeepsUnit,     // does not return the last unit that a request got
  kMiscounts,     // counts one available unit too many
  kSaysPending,   // says that an available unit is pending
  kForgetsError,  // says that a change went well that did not
  kIgnoresAdd,    // does nothing where units are added
  kWrongUpdate,   // answers the opposite to an update
};

// Once in so many chances.
constexpr std::uint64_t kSeldom = 7;

// Passes everything through but for the mistake.
class WrongStore final : public Store, public OutcomeSink {
 public:
  WrongStore(Store& right, Mistake mistake) : right_(right), mistake_(mistake) {}

  std::string_view name() const override { return "wrong"; }
  void SetListener(StoreListener* listener) override { right_.SetListener(listener); }
  void Poll() override { right_.Poll(); }
  bool Flush() override { return right_.Flush(); }
  bool Step() override { return right_.Step(); }
  WallTime NextDue() override { return right_.NextDue(); }
  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    right_.VisitAvailable(visit);
  }

  void Submit(std::unique_ptr<Batch> batch) override {
    for (Submission& submission : batch->submissions) {
      callers_[submission.token] = submission.sink;
      submission.sink = this;
      AddWorkUnits* const add = std::get_if<AddWorkUnits>(&submission.command);
      if (add != nullptr && mistake_ == Mistake::kIgnoresAdd && Errs()) add->items = {};
    }
    right_.Submit(std::move(batch));
  }

  void OnOutcome(std::uint64_t token, const Outcome& outcome) override {
    OutcomeSink* const caller = callers_.at(token);
    callers_.erase(token);
    Outcome given = outcome;
    Spoil(given);
    caller->OnOutcome(token, given);
  }

 private:
  bool Errs() { return ++chances_ % kSeldom == 0; }

  void Spoil(Outcome& outcome) {
    if (WorkReply* const work = std::get_if<WorkReply>(&outcome)) {
      if (mistake_ == Mistake::kKeepsUnit && !work->units.empty() && Errs()) {
        work->units = work->units.first(work->units.size() - 1);
      }
    } else if (StatusCountsReply* const counts = std::get_if<StatusCountsReply>(&outcome)) {
      if (mistake_ == Mistake::kMiscounts && Errs()) ++counts->counts[0];
    } else if (UnitsReply* const units = std::get_if<UnitsReply>(&outcome)) {
      if (mistake_ == Mistake::kSaysPending && !units->units.empty() && Errs()) Spoil(*units);
    } else if (ResultsReply* const results = std::get_if<ResultsReply>(&outcome)) {
      if (mistake_ == Mistake::kForgetsError && results->errors.front() != nullptr && Errs()) {
        static constexpr const Error* kNone = nullptr;
        results->errors = {&kNone, 1};
      }
    } else if (UpdatesReply* const updates = std::get_if<UpdatesReply>(&outcome)) {
      if (mistake_ == Mistake::kWrongUpdate && updates->replies.size() == 1 && Errs()) {
        update_ = updates->replies.front();
        update_.ok = !update_.ok;
        updates->replies = {&update_, 1};
      }
    }
  }

  void Spoil(UnitsReply& reply) {
    units_.assign(reply.units.begin(), reply.units.end());
    for (WorkUnitView& unit : units_) {
      if (unit.status == WorkUnitStatus::kAvailable) unit.status = WorkUnitStatus::kPending;
    }
    reply.units = units_;
  }

  Store& right_;
  const Mistake mistake_;
  std::uint64_t chances_ = 0;
  std::map<std::uint64_t, OutcomeSink*> callers_;
  std::vector<WorkUnitView> units_;
  UpdateReply update_;
};

class WrongHarness final : public StoreHarness {
 public:
  WrongHarness(const TestEnv& env, Mistake mistake)
      : right_(MemoryCase().open(env)), wrong_(right_->store(), mistake) {}

  Store& store() override { return wrong_; }
  ManualClock& clock() override { return right_->clock(); }
  Capabilities capabilities() const override { return right_->capabilities(); }
  void Reopen() override { right_->Reopen(); }

 private:
  std::unique_ptr<StoreHarness> right_;
  WrongStore wrong_;
};

template <Mistake mistake>
std::unique_ptr<StoreHarness> Open(const TestEnv& env) {
  return std::make_unique<WrongHarness>(env, mistake);
}

}  // namespace

std::vector<StoreCase> WrongCases() {
  return {{.name = "KeepsUnit", .open = &Open<Mistake::kKeepsUnit>},
          {.name = "Miscounts", .open = &Open<Mistake::kMiscounts>},
          {.name = "SaysPending", .open = &Open<Mistake::kSaysPending>},
          {.name = "ForgetsError", .open = &Open<Mistake::kForgetsError>},
          {.name = "IgnoresAdd", .open = &Open<Mistake::kIgnoresAdd>},
          {.name = "WrongUpdate", .open = &Open<Mistake::kWrongUpdate>}};
}

}  // namespace coord::testing
