// SPDX-License-Identifier: MIT
// A worker that runs functions of this program on work units, until it is told to stop.
//
//   coordinate::TaskRunner runner(client->InNamespace(""), {});
//   runner.AddTask("size", [](coordinate::TaskContext& context) -> coordinate::TaskResult {
//     return coordinate::Value(coordinate::Map{{"bytes", SizeOf(context.unit())}});
//   });
//   runner.Run();
//
// It takes units of work specs whose `runtime` is "cpp" and runs the task that the spec names under
// `task`, or, without that, the task of the spec's own name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "coordinate/client.h"
#include "coordinate/result.h"
#include "coordinate/types.h"
#include "coordinate/worker.h"

namespace coordinate {

class RunningUnit;

// What a task is given. Used on the task's thread, but for `stop_token`.
class TaskContext {
 public:
  // The name of the unit, and its data as they were when it was handed out.
  const std::string& unit() const { return attempt_.unit().name(); }
  const Value& data() const { return attempt_.made().data; }
  // The work spec's, in which `config` and the like stand.
  const Value& definition() const { return definition_; }
  const Attempt& attempt() const { return attempt_; }

  // True once the task is to stop: its lease is about to end, the unit is not this worker's any
  // more, or the worker stops in a hurry.
  bool should_stop() const { return stop_.stop_requested(); }
  std::stop_token stop_token() const { return stop_; }

  // The lease ends so long from now. Errors: kLostLease: somebody else has the unit.
  Result<void> Renew(Duration extend);

 private:
  friend class RunningUnit;
  TaskContext(RunningUnit& running, const Attempt& attempt, const Value& definition,
              std::stop_token stop);

  RunningUnit& running_;
  const Attempt& attempt_;
  const Value& definition_;
  std::stop_token stop_;
};

// The data that the unit is finished with (null: as they are), or an error, with whose message it
// fails. What a task throws fails its unit, too.
using TaskResult = Result<Value>;
using Task = std::function<TaskResult(TaskContext&)>;

struct TaskRunnerOptions {
  std::string name = {};    // of the worker; empty: made of the host, the process and chance
  std::size_t threads = 0;  // tasks at once; 0: one for each processor
  std::string runtime = "cpp";
  std::vector<std::string> work_specs = {};  // only these; none: all of the runtime
  double available_memory_gb = 0;            // 0: not stated

  Duration lifetime = std::chrono::minutes(15);  // of a lease
  // Leases are renewed until a unit has run for so long; 0: only by the task itself.
  Duration max_unit_time{0};
  // So long before its lease ends a task is asked to stop, but not in the lease's first half; and
  // its unit is failed, but not in the first two thirds.
  Duration stop_before = std::chrono::seconds(30);
  Duration fail_before = std::chrono::seconds(15);

  Duration heartbeat = std::chrono::seconds(15);
  // For how long a request is held back where there is no work; and the pause after one that was
  // not, or that failed, which doubles up to half a minute.
  Duration wait = std::chrono::seconds(1);
  Duration pause = std::chrono::seconds(1);

  // Is told what goes wrong, in a line each; any thread.
  std::function<void(const std::string&)> log = {};
};

struct TaskRunnerStats {
  std::uint64_t finished = 0;
  std::uint64_t failed = 0;      // by the task, or because it took too long
  std::uint64_t given_back = 0;  // when it stopped in a hurry
  std::uint64_t lost = 0;        // somebody else's by then, or deleted
};

class TaskRunner {
 public:
  // Nothing happens before Run().
  TaskRunner(Namespace name_space, TaskRunnerOptions options);
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;
  // Must not be running.
  ~TaskRunner();

  // Before Run() only.
  void AddTask(const std::string& name, Task task);

  // Works until it is told to stop, and returns when all tasks have returned. To be called once.
  //
  // A daemon that cannot be reached is waited for; a result is kept until the daemon has taken it.
  // The worker, and one child of it for each thread, are shown by `coordinate workers` while it
  // runs.
  void Run();

  // Takes no more units. Any thread, any number of times, but no signal handler.
  void Stop();
  // Asks the tasks to stop as well, gives back the units of those that then return an error, and
  // does not wait for a daemon that cannot be reached.
  void StopNow();

  const std::string& name() const;
  // So far. Any thread.
  TaskRunnerStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coordinate
