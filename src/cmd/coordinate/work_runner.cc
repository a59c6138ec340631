// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_runner.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <utility>

#include "value/json.h"

namespace coord {

namespace {

constexpr int kExitTempFail = 75;  // EX_TEMPFAIL of sysexits.h
constexpr int kLeaseParts = 3;     // a lease is renewed when so much of it has passed
// Between two requests for work that get none, where the daemon does not hold them back.
constexpr Duration kAskPause = std::chrono::seconds(2);
constexpr Duration kAskPauseMin = std::chrono::seconds(1);
// How long --until-empty waits for work before it looks again whether all is done.
constexpr Duration kEmptinessWait = std::chrono::seconds(2);
// How long a worker that stops waits for a daemon that is away.
constexpr Duration kGiveUpAfter = std::chrono::seconds(60);
constexpr Duration kGiveUpAfterKill = std::chrono::seconds(5);

std::string Traceback(const std::string& what, const std::string& tail) {
  return tail.empty() ? what : what + "\n" + tail;
}

}  // namespace

WallTime MonotonicClock::Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return WallTime(std::chrono::seconds(time.tv_sec) +
                  std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(time.tv_nsec)));
}

WorkRunner::WorkRunner(const WorkOptions& options, Context& context, Clock& clock, Rng& rng)
    : options_(options),
      clock_(clock),
      display_(context, options, clock.Now()),
      protocol_(options, *this, rng),
      now_(clock.Now()) {}

WorkRunner::~WorkRunner() = default;

Result<int> WorkRunner::Run() {
  COORD_TRY_VOID(protocol_.Connect(now_));
  while (true) {
    Turn();
    if (Done()) break;
    Poll();
  }
  protocol_.Unregister();
  display_.Finish(counts_);
  if (protocol_.open_updates() > 0) {
    display_.Warn("the results of " + std::to_string(protocol_.open_updates()) +
                  " units could not be delivered");
  }
  return ExitCode();
}

void WorkRunner::Turn() {
  now_ = clock_.Now();
  protocol_.Tick(now_);
  SetGiveUp();
  TendPrograms();
  if (options_.units_max > 0 && taken_ >= options_.units_max) Stop();
  AskForWork();
  AskEmptiness();
  protocol_.Send(now_);
  display_.Draw(counts_, running_.size(), protocol_.connected(), now_);
}

void WorkRunner::SetGiveUp() {
  if (signals_taken_ >= 2) return;
  if (!stopping_ || protocol_.connected()) {
    give_up_at_ = kMaxTime;
  } else if (give_up_at_ == kMaxTime) {
    give_up_at_ = now_ + kGiveUpAfter;
  }
}

bool WorkRunner::Done() const {
  if (!stopping_ || !running_.empty()) return false;
  if (now_ >= give_up_at_) return true;
  return protocol_.open_updates() == 0 && !protocol_.waiting();
}

int WorkRunner::ExitCode() const {
  if (protocol_.open_updates() > 0) return kExitUnreachable;
  return signals_taken_ == 0 && counts_.failed > 0 ? kExitNegative : kExitOk;
}

void WorkRunner::AskForWork() {
  if (stopping_ || !protocol_.connected() || protocol_.waiting() || now_ < ask_at_) return;
  if (running_.size() >= options_.slots) return;
  std::uint64_t count = options_.slots - running_.size();
  if (options_.units_max > 0) count = std::min(count, options_.units_max - taken_);
  Duration wait = options_.wait;
  // Without --until-empty there is no hurry to learn that nothing is left.
  if (options_.until_empty) wait = idle_ ? std::min(wait, kEmptinessWait) : Duration::zero();
  asked_at_ = now_;
  protocol_.RequestWork(count, wait, now_);
}

void WorkRunner::AskEmptiness() {
  // Before its own results are on their way, the units are pending.
  const bool may = check_emptiness_ && running_.empty() && protocol_.queued_updates() == 0;
  if (!options_.until_empty || stopping_ || !may || !protocol_.connected()) return;
  check_emptiness_ = false;
  protocol_.AskEmptiness();
}

void WorkRunner::TendPrograms() {
  for (const std::unique_ptr<Running>& running : running_) {
    if (now_ >= running->kill_at) {
      running->process->Signal(SIGKILL);
      running->kill_at = kMaxTime;
    }
    if (now_ < running->renew_at || !protocol_.connected()) continue;
    running->renew_at = kMaxTime;
    Report(UpdateKind::kRenew, running->unit, "");
  }
}

void WorkRunner::Poll() {
  std::vector<pollfd> waited{{signals_.descriptor(), POLLIN, 0}};
  protocol_.AddDescriptors(waited);
  const std::size_t first_program = waited.size();
  constexpr std::size_t kPerProgram = 3;
  WallTime due = std::min(protocol_.NextDue(), display_.NextDue());
  for (const std::unique_ptr<Running>& running : running_) {
    for (const int descriptor :
         {running->process->end_descriptor(), running->process->error_descriptor(),
          running->process->output_descriptor()}) {
      waited.push_back({descriptor, POLLIN, 0});  // poll() passes over -1
    }
    due = std::min({due, running->kill_at, protocol_.connected() ? running->renew_at : kMaxTime});
  }
  if (ask_at_ > now_) due = std::min(due, ask_at_);
  if (give_up_at_ > now_) due = std::min(due, give_up_at_);
  constexpr Duration kLongest = std::chrono::hours(1);
  const Duration left = std::clamp(due - now_, Duration::zero(), kLongest);
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(left);
  if (poll(waited.data(), waited.size(), static_cast<int>(timeout.count())) <= 0) return;

  now_ = clock_.Now();
  if (waited[0].revents != 0) OnSignals(signals_.Take());
  for (std::size_t i = first_program; i < waited.size(); i += kPerProgram) {
    Running& running = *running_[(i - first_program) / kPerProgram];
    if (waited[i].revents != 0) {
      OnProgramEnd(running);
    } else if (waited[i + 1].revents != 0 || waited[i + 2].revents != 0) {
      Listen(running);
    }
  }
  std::erase_if(running_, [](const auto& running) { return running->process == nullptr; });
  for (std::size_t i = 1; i < first_program; ++i) {
    if (waited[i].revents != 0) protocol_.OnReady(waited[i].fd, now_);
  }
}

void WorkRunner::OnSignals(int count) {
  if (count == 0) return;
  signals_taken_ += count;
  Stop();
  if (signals_taken_ >= 2) KillAll();
  // Whoever insists does not want to wait for anything.
  if (signals_taken_ >= 3) give_up_at_ = now_;
}

void WorkRunner::Stop() {
  if (stopping_) return;
  stopping_ = true;
  protocol_.StopWaiting(now_);
  protocol_.SetMode("TERMINATE");
  if (!running_.empty() && signals_taken_ > 0) {
    display_.Warn("finishing what runs; a second signal ends it and gives the units back");
  }
}

void WorkRunner::KillAll() {
  for (const std::unique_ptr<Running>& running : running_) {
    running->process->Signal(SIGKILL);
    if (running->ending == Ending::kByItself) running->ending = Ending::kKilled;
  }
  give_up_at_ = now_ + kGiveUpAfterKill;
}

void WorkRunner::OnWork(std::vector<WorkUnit> units) {
  if (!units.empty()) {
    idle_ = false;
    for (WorkUnit& unit : units) Take(std::move(unit));
    return;
  }
  check_emptiness_ = true;
  // The first empty answer of --until-empty came at once, and the next request will wait.
  const bool again = options_.until_empty && !idle_ && protocol_.CanWait();
  if (!again) ask_at_ = asked_at_ + (protocol_.CanWait() ? kAskPauseMin : kAskPause);
  idle_ = true;
}

void WorkRunner::Take(WorkUnit unit) {
  if (stopping_) {
    ++counts_.given_back;
    Report(UpdateKind::kGiveBack, unit, "");
    return;
  }
  ++taken_;
  // Its lease had run out and the daemon gave it to this worker again: the program goes on.
  if (Running* running = FindRunning(unit.spec, unit.key)) {
    running->renew_at = now_ + options_.lease / kLeaseParts;
    return;
  }
  StartProgram(std::move(unit));
}

void WorkRunner::StartProgram(WorkUnit unit) {
  Result<std::vector<std::string>> arguments = ExpandCommand(options_.command, unit);
  if (!arguments.has_value()) {
    Fail(unit, arguments.error().detail, arguments.error().detail);
    return;
  }
  ProgramSpec program;
  program.arguments = std::move(*arguments);
  program.environment = UnitEnvironment(options_, unit);
  program.input = ToJson(unit.data, JsonStyle::kCompact) + "\n";
  program.result_descriptor = options_.result_descriptor;
  program.result_file = options_.result_file;
  if (options_.quiet) program.output = ProgramOutput::kDiscard;
  if (display_.shares_output()) program.output = ProgramOutput::kCapture;
  Result<std::unique_ptr<WorkProcess>> process = WorkProcess::Start(program);
  if (!process.has_value() && process.error().code == ErrorCode::kUnavailable) {
    display_.Warn(process.error().detail);
    ++counts_.retried;
    Report(UpdateKind::kRetry, unit, "");
  } else if (!process.has_value()) {
    Fail(unit, process.error().detail, process.error().detail);
  } else {
    auto running = std::make_unique<Running>();
    running->unit = std::move(unit);
    running->process = std::move(*process);
    running->started = now_;
    running->renew_at = now_ + options_.lease / kLeaseParts;
    running_.push_back(std::move(running));
  }
}

void WorkRunner::Listen(Running& running) {
  display_.PassError(running.process->ReadError());
  display_.PassOutput(running.process->ReadOutput());
}

void WorkRunner::OnProgramEnd(Running& running) {
  Listen(running);
  const ProgramEnd end = running.process->Reap();
  ReportEnd(running, end);
  running.process.reset();  // Poll() takes it out of the list
  // What it made, or set free, may be work.
  idle_ = false;
  check_emptiness_ = true;
  ask_at_ = now_;
}

void WorkRunner::ReportEnd(Running& running, const ProgramEnd& end) {
  switch (running.ending) {
    case Ending::kLost:
      return;
    case Ending::kKilled:
      ++counts_.given_back;
      Report(UpdateKind::kGiveBack, running.unit, "");
      return;
    case Ending::kByItself:
      break;
  }
  if (!end.signalled && end.number == 0) {
    ReportSuccess(running);
  } else if (!end.signalled && end.number == kExitTempFail) {
    ++counts_.retried;
    Report(UpdateKind::kRetry, running.unit, "");
    display_.UnitLine(running.unit.spec, running.unit.key, "to be tried again");
  } else {
    Fail(running.unit, Traceback(end.Describe(), running.process->error_tail().Text()),
         end.Describe());
  }
}

void WorkRunner::ReportSuccess(Running& running) {
  Result<std::string> text = running.process->TakeResult(kResultBytesMax);
  Result<Value> result = text.has_value() ? ReadResult(*text) : Result<Value>(text.error());
  if (!result.has_value()) {
    const std::string& what = result.error().detail;
    Fail(running.unit, Traceback(what, running.process->error_tail().Text()), what);
    return;
  }
  ++counts_.finished;
  Report(UpdateKind::kFinish, running.unit, result->is_null() ? "" : EncodeCbor(*result));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - running.started);
  display_.UnitLine(running.unit.spec, running.unit.key,
                    "finished after " + std::to_string(took.count()) + " ms");
}

void WorkRunner::Fail(const WorkUnit& unit, std::string traceback, std::string_view how) {
  ++counts_.failed;
  display_.UnitLine(unit.spec, unit.key, "failed: " + std::string(how));
  Report(UpdateKind::kFail, unit, EncodeCbor(WithTraceback(unit.data, std::move(traceback))));
}

void WorkRunner::Report(UpdateKind kind, const WorkUnit& unit, std::string data) {
  UnitUpdate update;
  update.kind = kind;
  update.spec = unit.spec;
  update.key = unit.key;
  update.data = std::move(data);
  protocol_.Queue(std::move(update));
}

WorkRunner::Running* WorkRunner::FindRunning(const std::string& spec, const std::string& key) {
  for (const std::unique_ptr<Running>& running : running_) {
    const bool same = running->unit.key == key && running->unit.spec == spec;
    if (same && running->process != nullptr && running->ending == Ending::kByItself) {
      return running.get();
    }
  }
  return nullptr;
}

void WorkRunner::OnUpdated(const UnitUpdate& update, UpdateAnswer answer,
                           const std::string& message) {
  if (update.kind == UpdateKind::kRenew) {
    if (Running* running = FindRunning(update.spec, update.key)) {
      OnRenewed(*running, answer, message);
    }
    return;
  }
  if (answer == UpdateAnswer::kDone) return;
  CountLoss(update);
  display_.UnitLine(update.spec, update.key, "the daemon did not take the result: " + message);
  if (answer == UpdateAnswer::kRefused && update.kind == UpdateKind::kFinish) {
    // Its data cannot be stored, so the unit fails as it was.
    display_.Warn("the result of a unit was refused, so it fails: " + message);
    UnitUpdate failed = update;
    failed.kind = UpdateKind::kFail;
    failed.data.clear();
    failed.refusals = 0;
    ++counts_.failed;
    protocol_.Queue(std::move(failed));
  }
}

void WorkRunner::CountLoss(const UnitUpdate& update) {
  switch (update.kind) {
    case UpdateKind::kFinish:
      --counts_.finished;
      break;
    case UpdateKind::kFail:
      --counts_.failed;
      break;
    case UpdateKind::kRetry:
      --counts_.retried;
      break;
    case UpdateKind::kGiveBack:
      --counts_.given_back;
      break;
    case UpdateKind::kRenew:
      return;
  }
  ++counts_.lost;
}

void WorkRunner::OnRenewed(Running& running, UpdateAnswer answer, const std::string& message) {
  if (answer != UpdateAnswer::kLost) {
    running.renew_at = now_ + options_.lease / kLeaseParts;
    return;
  }
  ++counts_.lost;
  display_.UnitLine(running.unit.spec, running.unit.key,
                    "lost, so its program is ended: " + message);
  running.ending = Ending::kLost;
  running.kill_at = now_ + options_.grace;
  running.process->Signal(SIGTERM);
}

void WorkRunner::OnEmptiness(bool empty) {
  if (empty && running_.empty()) Stop();
}

void WorkRunner::OnReconnected() {
  display_.Warn("connected again");
  // The daemon may have given the units away, or know nothing of them any more.
  for (const std::unique_ptr<Running>& running : running_) {
    if (running->ending == Ending::kByItself) running->renew_at = now_;
  }
  ask_at_ = now_;
}

void WorkRunner::OnTrouble(const std::string& text) { display_.Warn(text); }

}  // namespace coord
