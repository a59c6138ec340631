// SPDX-License-Identifier: MIT
#include "coordinate/task_runner.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "coordinate/running_unit.h"

namespace coordinate {

namespace {

constexpr Duration kLongestPause = std::chrono::seconds(30);
// How long a definition is used before it is asked for again.
constexpr Duration kDefinitionAge = std::chrono::seconds(1);
// A worker that has missed so many heartbeats is not shown any more.
constexpr int kHeartbeatsMissed = 4;

std::string HostName() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string MadeUpName() {
  std::random_device chance;
  return HostName() + "-" + std::to_string(getpid()) + "-" + std::to_string(chance());
}

bool MayWorkLater(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kInDoubt;
}

Value Traceback(const std::string& text) { return Map{{"traceback", text}}; }

}  // namespace

class TaskRunner::Impl {
 public:
  Impl(Namespace name_space, TaskRunnerOptions options)
      : name_space_(std::move(name_space)),
        options_(std::move(options)),
        time_(name_space_.time()),
        rules_{options_.lifetime, options_.max_unit_time, options_.stop_before,
               options_.fail_before} {
    if (options_.name.empty()) options_.name = MadeUpName();
    if (options_.threads == 0) options_.threads = std::max(1U, std::thread::hardware_concurrency());
  }

  void AddTask(const std::string& name, Task task) { tasks_[name] = std::move(task); }

  void Run() {
    std::vector<std::jthread> threads;
    SendHeartbeats();
    for (std::size_t i = 0; i < options_.threads; ++i) {
      threads.emplace_back([this, i] { Work(ChildNamed(i)); });
    }
    std::jthread keeper([this] { LookAfterUnits(); });
    threads.clear();  // waits for them
    {
      const std::lock_guard lock(mutex_);
      all_done_ = true;
    }
    changed_.notify_all();
    keeper.join();
    Leave();
  }

  void Stop(bool now) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (now) {
      in_a_hurry_ = true;
      for (RunningUnit* const running : running_) running->AskToStop();
    }
    changed_.notify_all();
  }

  const std::string& name() const { return options_.name; }
  TaskRunnerStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  struct Definition {
    Value value;
    Time read{};
  };

  void Log(const std::string& what, const Error& error) const {
    if (options_.log) options_.log(what + ": " + error.message);
  }

  bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }
  bool in_a_hurry() const {
    const std::lock_guard lock(mutex_);
    return in_a_hurry_;
  }

  // Waits; less where it is to stop (in a hurry).
  void Pause(Duration duration, bool only_hurry_ends_it) {
    std::unique_lock lock(mutex_);
    const Time until = time_.Now() + duration;
    while (time_.Now() < until && !(only_hurry_ends_it ? in_a_hurry_ : stopping_)) {
      time_.Wait(lock, changed_, until);
    }
  }

  // --- Units -------------------------------------------------------------------------------------

  Worker ChildNamed(std::size_t number) const {
    return name_space_.WorkerNamed(options_.name + "-" + std::to_string(number));
  }

  // The loop of a thread.
  void Work(const Worker& child) {
    WorkRequest request;
    request.lifetime = options_.lifetime;
    request.work_specs = options_.work_specs;
    request.runtimes = {options_.runtime};
    request.available_memory_gb = options_.available_memory_gb;
    request.wait = options_.wait;
    Duration pause = options_.pause;
    while (!stopping()) {
      const Time asked = time_.Now();
      const auto attempts = child.RequestAttempts(request);
      if (!attempts) {
        Log("asking for work", attempts.error());
        Pause(std::exchange(pause, std::min(pause * 2, kLongestPause)), false);
        continue;
      }
      pause = options_.pause;
      for (const Attempt& attempt : *attempts) RunOne(attempt, asked);
      if (attempts->empty() && options_.wait <= Duration(0)) Pause(options_.pause, false);
    }
  }

  void RunOne(const Attempt& attempt, Time asked) {
    RunningUnit running(attempt, rules_, time_, asked);
    {
      const std::lock_guard lock(mutex_);
      running_.insert(&running);
      if (in_a_hurry_) running.AskToStop();
    }
    changed_.notify_all();
    const TaskResult result = RunTask(attempt, running);
    {
      const std::lock_guard lock(mutex_);
      running_.erase(&running);
    }
    // It may be looked after just now, which is to end first.
    { const std::lock_guard looking(looking_); }
    Report(attempt, result, running.failed());
  }

  TaskResult RunTask(const Attempt& attempt, RunningUnit& running) {
    const auto definition = DefinitionOf(attempt.unit().spec());
    if (!definition) return definition.error();
    const Value* const named = definition->Find("task");
    const std::string* const text = named == nullptr ? nullptr : named->AsString();
    const std::string& name = text == nullptr ? attempt.unit().spec().name() : *text;
    const auto task = tasks_.find(name);
    if (task == tasks_.end()) {
      return Error{ErrorCode::kNotFound, "this worker has no task '" + name + "'", name};
    }
    return running.Run(task->second, *definition);
  }

  Result<Value> DefinitionOf(const WorkSpec& spec) {
    const Time now = time_.Now();
    {
      const std::lock_guard lock(mutex_);
      const auto known = definitions_.find(spec.name());
      if (known != definitions_.end() && now < known->second.read + kDefinitionAge) {
        return known->second.value;
      }
    }
    auto read = spec.Definition();
    if (read) {
      const std::lock_guard lock(mutex_);
      definitions_[spec.name()] = {*read, now};
    }
    return read;
  }

  // --- Results -----------------------------------------------------------------------------------

  void Report(const Attempt& attempt, const TaskResult& result, bool failed_already) {
    if (result) {
      Count(Send(attempt, [&] { return attempt.Finish(*result); }), &TaskRunnerStats::finished,
            attempt, *result);
    } else if (in_a_hurry()) {
      Count(Send(attempt, [&] { return attempt.Expire(); }), &TaskRunnerStats::given_back, attempt,
            {});
    } else if (failed_already) {
      Count({}, &TaskRunnerStats::failed, attempt, {});
    } else {
      const Value data = Traceback(result.error().message);
      Count(Send(attempt, [&] { return attempt.Fail(data); }), &TaskRunnerStats::failed, attempt,
            {});
    }
  }

  // Sends what ends an attempt until the daemon has taken or refused it.
  template <typename Call>
  Result<void> Send(const Attempt& attempt, Call call) {
    Duration pause = options_.pause;
    bool in_doubt = false;
    while (true) {
      Result<void> sent = call();
      if (sent) return sent;
      // It was done the first time.
      if (in_doubt && sent.error().code == ErrorCode::kNotPending) return {};
      if (!MayWorkLater(sent.error()) || in_a_hurry()) return sent;
      in_doubt = in_doubt || sent.error().code == ErrorCode::kInDoubt;
      Log("the result of " + attempt.unit().name() + " is kept", sent.error());
      Pause(std::exchange(pause, std::min(pause * 2, kLongestPause)), true);
    }
  }

  void Count(const Result<void>& sent, std::uint64_t TaskRunnerStats::*as, const Attempt& attempt,
             const Value& data) {
    Result<void> refused = sent;
    if (!sent && sent.error().code == ErrorCode::kInvalid && !data.is_null()) {
      const Value why = Traceback("the data were refused: " + sent.error().message);
      refused = Send(attempt, [&] { return attempt.Fail(why); });
      as = &TaskRunnerStats::failed;
    }
    if (!refused) {
      Log("the result of " + attempt.unit().name() + " was not taken", refused.error());
      as = &TaskRunnerStats::lost;
    }
    const std::lock_guard lock(mutex_);
    ++(stats_.*as);
  }

  // --- Leases and heartbeats ---------------------------------------------------------------------

  void LookAfterUnits() {
    Time heartbeat_due = time_.Now() + options_.heartbeat;
    std::unique_lock lock(mutex_);
    while (!all_done_) {
      const Time now = time_.Now();
      Time next = heartbeat_due;
      bool looked = false;
      for (RunningUnit* const running : std::set(running_)) {
        const auto due = running->NextDue();
        if (due && *due <= now && running_.contains(running)) {
          looked = true;
          LookAfterOne(lock, *running);
        } else if (due) {
          next = std::min(next, *due);
        }
      }
      if (now >= heartbeat_due) {
        heartbeat_due = now + options_.heartbeat;
        lock.unlock();
        SendHeartbeats();
        lock.lock();
      } else if (!looked) {
        time_.Wait(lock, changed_, next);
      }
    }
  }

  void LookAfterOne(std::unique_lock<std::mutex>& lock, RunningUnit& running) {
    // Taken before the other is let go, so that the unit stays until this is done.
    const std::lock_guard looking(looking_);
    lock.unlock();
    if (const auto done = running.LookAfter(options_.pause); !done) {
      Log("looking after a lease", done.error());
    }
    lock.lock();
  }

  void SendHeartbeats() {
    WorkerUpdate update;
    update.lifetime = options_.heartbeat * kHeartbeatsMissed;
    update.mode = stopping() ? "stopping" : "run";
    List names;
    for (const auto& [name, task] : tasks_) names.emplace_back(name);
    update.data = Map{{"host", HostName()},
                      {"pid", std::int64_t{getpid()}},
                      {"runtime", options_.runtime},
                      {"threads", static_cast<std::uint64_t>(options_.threads)},
                      {"tasks", names}};
    Beat(name_space_.WorkerNamed(options_.name), update);
    update.data = {};
    update.parent = options_.name;
    for (std::size_t i = 0; i < options_.threads; ++i) Beat(ChildNamed(i), update);
  }

  void Beat(const Worker& worker, const WorkerUpdate& update) {
    if (const auto sent = worker.Update(update); !sent) Log("a heartbeat", sent.error());
  }

  void Leave() {
    for (std::size_t i = 0; i < options_.threads; ++i) LeaveAs(ChildNamed(i));
    LeaveAs(name_space_.WorkerNamed(options_.name));
  }
  void LeaveAs(const Worker& worker) {
    if (const auto left = worker.Deactivate(); !left) Log("leaving", left.error());
  }

  const Namespace name_space_;
  TaskRunnerOptions options_;
  TimeSource& time_;
  const LeaseRules rules_;
  std::map<std::string, Task> tasks_;

  // Held while a lease is looked after, and before a unit that was taken out of `running_` goes.
  std::mutex looking_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<RunningUnit*> running_;  // guarded by mutex_, like all that follows
  std::map<std::string, Definition> definitions_;
  TaskRunnerStats stats_;
  bool stopping_ = false;
  bool in_a_hurry_ = false;
  bool all_done_ = false;
};

TaskRunner::TaskRunner(Namespace name_space, TaskRunnerOptions options)
    : impl_(std::make_unique<Impl>(std::move(name_space), std::move(options))) {}
TaskRunner::~TaskRunner() = default;

void TaskRunner::AddTask(const std::string& name, Task task) {
  impl_->AddTask(name, std::move(task));
}
void TaskRunner::Run() { impl_->Run(); }
void TaskRunner::Stop() { impl_->Stop(/*now=*/false); }
void TaskRunner::StopNow() { impl_->Stop(/*now=*/true); }
const std::string& TaskRunner::name() const { return impl_->name(); }
TaskRunnerStats TaskRunner::stats() const { return impl_->stats(); }

}  // namespace coordinate
