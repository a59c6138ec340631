// SPDX-License-Identifier: MIT
// The worker that runs a program for each work unit: one thread, one poll(), no busy waiting.
//
// A unit's way: handed out by the daemon, its program started in a free slot, its lease renewed at
// every third of it while the program runs, its end read, its result queued as an update, the
// update answered. A unit whose lease is lost has its program ended, and what it did is dropped.
//
// The worker's way: it takes work until it is told to stop (a signal, --max-units, --until-empty);
// then it takes no more, and is done when no program runs and every update is answered. A second
// signal kills the programs and gives their units back.
#pragma once

#include <poll.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "cmd/coordinate/command.h"
#include "cmd/coordinate/work_display.h"
#include "cmd/coordinate/work_options.h"
#include "cmd/coordinate/work_process.h"
#include "cmd/coordinate/work_protocol.h"
#include "cmd/coordinate/work_signals.h"

namespace coord {

// Time since the machine started: leases must be renewed in time also when the clock is set back.
class MonotonicClock final : public Clock {
 public:
  WallTime Now() override;
};

class WorkRunner final : private WorkListener {
 public:
  // All of them outlive it. `clock` must not stand still.
  WorkRunner(const WorkOptions& options, Context& context, Clock& clock, Rng& rng);
  ~WorkRunner() override;

  // Works until it is done; returns an exit code: kExitNegative where it ended by itself and units
  // failed, kExitUnreachable where results could not be delivered, else kExitOk.
  // Errors: those of WorkProtocol::Connect().
  Result<int> Run();

 private:
  enum class Ending : std::uint8_t { kByItself, kLost, kKilled };
  struct Running {
    WorkUnit unit;
    std::unique_ptr<WorkProcess> process;
    WallTime started;
    WallTime renew_at;            // kMaxTime while a renewal is under way
    WallTime kill_at = kMaxTime;  // SIGTERM has not been enough by then
    Ending ending = Ending::kByItself;
  };

  void OnWork(std::vector<WorkUnit> units) override;
  void OnUpdated(const UnitUpdate& update, UpdateAnswer answer,
                 const std::string& message) override;
  void OnEmptiness(bool empty) override;
  void OnReconnected() override;
  void OnTrouble(const std::string& text) override;

  void Turn();
  void SetGiveUp();
  bool Done() const;
  void AskForWork();
  void AskEmptiness();
  void TendPrograms();
  void Poll();
  void OnSignals(int count);
  void Stop();
  void KillAll();

  void Take(WorkUnit unit);
  void StartProgram(WorkUnit unit);
  void Listen(Running& running);
  void OnProgramEnd(Running& running);
  void ReportEnd(Running& running, const ProgramEnd& end);
  void ReportSuccess(Running& running);
  void Fail(const WorkUnit& unit, std::string traceback, std::string_view how);
  void Report(UpdateKind kind, const WorkUnit& unit, std::string data);
  void OnRenewed(Running& running, UpdateAnswer answer, const std::string& message);
  void CountLoss(const UnitUpdate& update);
  Running* FindRunning(const std::string& spec, const std::string& key);
  int ExitCode() const;

  const WorkOptions& options_;
  Clock& clock_;
  EndSignals signals_;
  WorkDisplay display_;
  WorkProtocol protocol_;
  WallTime now_;
  std::vector<std::unique_ptr<Running>> running_;
  WorkCounts counts_;
  std::uint64_t taken_ = 0;

  bool stopping_ = false;
  int signals_taken_ = 0;
  WallTime give_up_at_ = kMaxTime;  // results that cannot be delivered by then are abandoned
  bool idle_ = false;               // the last request for work got none
  bool check_emptiness_ = false;
  WallTime asked_at_;
  WallTime ask_at_;
};

}  // namespace coord
