// SPDX-License-Identifier: MIT
#include "stores/rest/rest_store.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/errand_thread.h"
#include "rest/command_body.h"
#include "stores/rest/available_work.h"
#include "stores/rest/rest_session.h"

namespace coord {

namespace {

// Commands that go one behind the other at most, before the next are gathered.
constexpr std::size_t kCommandsMax = 4'096;
constexpr std::size_t kBytesMax = std::size_t{16} << 20U;

// Who waits for the outcome of a command.
struct Asker {
  OutcomeSink* sink = nullptr;
  std::uint64_t token = 0;
};

// A long command that waits for its turn.
struct LongCommand {
  RestRequest request;
  Asker asker;
};

// Commands on their way to a session's thread and back.
struct CommandErrand {
  WallTime now;
  std::vector<RestRequest> requests;
  std::vector<Asker> askers;                    // one for each
  std::vector<LongCommand> long_commands;       // to be executed after these
  std::vector<std::unique_ptr<Batch>> batches;  // that all of them are of
  std::vector<RestAnswer> answers;              // what the outcomes point into
  OutcomeReader reader;
  std::vector<Outcome> outcomes;  // one for each request
  std::optional<Error> unreachable;
};

struct LookErrand {
  WallTime now;
  std::vector<std::string> name_spaces;
  std::vector<SpecSeen> seen;
};

Outcome OutcomeOf(const RestAnswer& answer, const OutcomeShape& shape, OutcomeReader& reader) {
  if (answer.has_error()) return answer.error();
  Outcome outcome = reader.Read(*answer);
  if (HasShape(outcome, shape) || std::holds_alternative<Error>(outcome)) return outcome;
  return Error{ErrorCode::kCorrupt, "the daemon answered another question", {}};
}

void RunCommands(RestSession& session, CommandErrand& errand) {
  errand.answers = session.Run(errand.requests, errand.now);
  for (std::size_t i = 0; i < errand.answers.size(); ++i) {
    errand.outcomes.push_back(
        OutcomeOf(errand.answers[i], errand.requests[i].shape, errand.reader));
  }
  if (session.unreachable()) errand.unreachable = session.last_error();
}

bool FoundNothing(const Outcome& outcome) {
  const auto* work = std::get_if<WorkReply>(&outcome);
  return work != nullptr && work->units.empty();
}

class RestStore final : public Store {
 public:
  RestStore(Clock& clock, const RestOptions& options, std::unique_ptr<RestSession> session,
            const RestAddress& address)
      : clock_(clock),
        events_(options.events),
        session_(std::move(session)),
        long_session_(address),
        look_session_(address) {}

  std::string_view name() const override { return "http"; }

  // Whoever waits for a long command then is not told any more how it ended.
  void SetListener(StoreListener* listener) override {
    if (listener == nullptr) {
      Flush();
      long_queue_.clear();
      if (long_commands_.busy()) long_commands_.Await();
    }
    listener_ = listener;
  }

  void Submit(std::unique_ptr<Batch> batch) override {
    COORD_CHECK(listener_ != nullptr);
    queue_.push_back(std::move(batch));
    GoOn();
  }

  void Poll() override {
    if (auto errand = commands_.Take()) OnCommandsDone(std::move(errand));
    if (auto errand = long_commands_.Take()) Deliver(*errand);
    if (auto errand = looks_.Take()) OnLookDone(std::move(errand));
    GoOn();
  }

  // A long command is not waited for.
  bool Flush() override {
    for (bool waited = false;; waited = true) {
      GoOn();
      if (commands_.busy()) {
        OnCommandsDone(commands_.Await());
      } else if (looks_.busy()) {
        OnLookDone(looks_.Await());
      } else {
        return waited;
      }
    }
  }

  // Only starts a look; that it has been done is told by OnPollWanted().
  bool Step() override {
    if (looks_.busy() || destroying_ || listener_ == nullptr) return false;
    auto errand = std::make_unique<LookErrand>();
    errand->now = clock_.Now();
    errand->name_spaces = available_work_.NamespacesToSee(errand->now);
    if (!errand->name_spaces.empty()) looks_.Start(std::move(errand));
    return false;
  }

  bool available() const override { return !unreachable_; }

  WallTime NextDue() override { return available_work_.NextLook(clock_.Now()); }

  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    available_work_.Visit(clock_.Now(), visit);
  }

 private:
  std::function<void()> OnErrandDone() {
    return [this] { listener_->OnPollWanted(); };
  }

  // Starts what can be started.
  void GoOn() {
    if (!commands_.busy() && !queue_.empty()) {
      // A look would make a namespace again that is destroyed under its eyes.
      const bool destroys = std::any_of(queue_.begin(), queue_.end(), Destroys);
      if (!destroys || !looks_.busy()) {
        destroying_ = destroys;
        commands_.Start(Gather());
      }
    }
    if (!long_commands_.busy() && !long_queue_.empty()) {
      auto errand = std::make_unique<CommandErrand>();
      errand->now = clock_.Now();
      errand->requests.push_back(std::move(long_queue_.front().request));
      errand->askers.push_back(long_queue_.front().asker);
      long_queue_.pop_front();
      long_commands_.Start(std::move(errand));
    }
  }

  static bool Destroys(const std::unique_ptr<Batch>& batch) {
    return std::any_of(batch->submissions.begin(), batch->submissions.end(),
                       [](const Submission& submission) {
                         return std::holds_alternative<DestroyNamespace>(submission.command);
                       });
  }

  // What has been submitted meanwhile.
  std::unique_ptr<CommandErrand> Gather() {
    auto errand = std::make_unique<CommandErrand>();
    errand->now = clock_.Now();
    std::size_t bytes = 0;
    while (!queue_.empty() && errand->requests.size() < kCommandsMax && bytes < kBytesMax) {
      bytes += Take(*queue_.front(), *errand);
      errand->batches.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return errand;
  }

  // Encodes the commands of a batch; returns how long they are. A long command has a connection of
  // its own, unless others of its batch are to be executed after it.
  static std::size_t Take(const Batch& batch, CommandErrand& errand) {
    std::size_t bytes = 0;
    for (const Submission& submission : batch.submissions) {
      RestRequest request = MakeRestRequest(submission.name_space, submission.command);
      const Asker asker{submission.sink, submission.token};
      bytes += request.command.size();
      const bool is_last = &submission == &batch.submissions.back();
      if (is_last && MayBeLong(submission.command)) {
        errand.long_commands.push_back({std::move(request), asker});
      } else {
        errand.requests.push_back(std::move(request));
        errand.askers.push_back(asker);
      }
    }
    return bytes;
  }

  void OnCommandsDone(std::unique_ptr<CommandErrand> errand) {
    destroying_ = false;
    NoteAvailability(errand->unreachable);
    Deliver(*errand);
    for (auto& batch : errand->batches) listener_->OnBatchDone(std::move(batch));
    for (LongCommand& command : errand->long_commands) long_queue_.push_back(std::move(command));
  }

  void Deliver(const CommandErrand& errand) {
    for (std::size_t i = 0; i < errand.requests.size(); ++i) {
      const RestRequest& request = errand.requests[i];
      const Outcome& outcome = errand.outcomes[i];
      if (FoundNothing(outcome)) {
        available_work_.NoteNothing(request.name_space, errand.now);
      } else if (!request.repeatable) {
        available_work_.NoteChange(request.name_space, errand.now);
      }
      errand.askers[i].sink->OnOutcome(errand.askers[i].token, outcome);
    }
  }

  void OnLookDone(std::unique_ptr<LookErrand> errand) {
    available_work_.Take(errand->name_spaces, std::move(errand->seen));
  }

  void NoteAvailability(const std::optional<Error>& unreachable) {
    if (unreachable.has_value() == unreachable_) return;
    unreachable_ = unreachable.has_value();
    if (events_ == nullptr) return;
    if (unreachable_) {
      events_->OnUnavailable(unreachable->detail);
    } else {
      events_->OnAvailable();
    }
  }

  Clock& clock_;
  RestEvents* const events_;
  StoreListener* listener_ = nullptr;
  std::deque<std::unique_ptr<Batch>> queue_;
  std::deque<LongCommand> long_queue_;
  AvailableWork available_work_;
  bool unreachable_ = false;
  bool destroying_ = false;  // a namespace is being destroyed

  // A connection for each thread. The threads come last: they use the sessions.
  const std::unique_ptr<RestSession> session_;
  RestSession long_session_;
  RestSession look_session_;
  ErrandThread<CommandErrand> commands_{
      [this](CommandErrand& errand) { RunCommands(*session_, errand); }, OnErrandDone()};
  ErrandThread<CommandErrand> long_commands_{
      [this](CommandErrand& errand) { RunCommands(long_session_, errand); }, OnErrandDone()};
  ErrandThread<LookErrand> looks_{[this](LookErrand& errand) {
                                    errand.seen =
                                        LookAround(look_session_, errand.name_spaces, errand.now);
                                  },
                                  OnErrandDone()};
};

}  // namespace

Result<std::unique_ptr<Store>> OpenRestStore(Clock& clock, const RestOptions& options) {
  COORD_TRY(address, ParseRestAddress(options.url));
  auto session = std::make_unique<RestSession>(address);
  COORD_TRY_VOID(session->Connect());
  return std::unique_ptr<Store>(
      std::make_unique<RestStore>(clock, options, std::move(session), address));
}

}  // namespace coord
