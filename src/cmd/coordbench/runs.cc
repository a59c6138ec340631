// SPDX-License-Identifier: MIT
#include "cmd/coordbench/runs.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "cmd/coordbench/side_traffic.h"
#include "cmd/coordbench/unit_adder.h"

namespace coord::bench {

namespace {

constexpr std::uint32_t kPrefillConnections = 4;
constexpr unsigned kTickMs = 10;

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Stops a loop when the time is up.
class Deadline final : public Ticker {
 public:
  Deadline(EpollLoop& loop, double seconds)
      : loop_(loop), at_(MonotonicNanoseconds() + static_cast<std::uint64_t>(seconds * 1e9)) {}
  void OnTick() override {
    if (loop_.now() >= at_) loop_.Stop();
  }

 private:
  EpollLoop& loop_;
  std::uint64_t at_;
};

// One thread's part of a ping run.
struct PingPart {
  std::unique_ptr<EpollLoop> loop;
  Errors errors;
  std::unique_ptr<PingTraffic> traffic;
};

Request PingRequest(const RunOptions& options) {
  if (options.method == "get_summary") return GetSummary();
  if (options.method == "count_work_units") return CountUnits(options.spec);
  return Now();
}

}  // namespace

std::uint32_t ShareOf(std::uint32_t whole, std::uint32_t parts, std::uint32_t index) {
  return whole / parts + (index < whole % parts ? 1 : 0);
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

double SecondsBetween(std::uint64_t from_ns, std::uint64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e9;
}

UnitShape ShapeOf(const RunOptions& options) {
  return UnitShape{options.spec, static_cast<std::size_t>(options.payload), options.random_order,
                   options.random_priority};
}

Result<void> MakeSpec(const RunOptions& options) {
  COORD_TRY(control, ControlClient::Open(options.address));
  COORD_TRY_VOID(control.Call(SetSpec({options.spec, options.limit_completed_count})));
  return {};
}

Result<void> DropSpec(const RunOptions& options) {
  if (options.keep) return {};
  COORD_TRY(control, ControlClient::Open(options.address));
  COORD_TRY_VOID(control.Call(DeleteSpec(options.spec)));
  return {};
}

Result<void> Prefill(const RunOptions& options, UnitLedger* ledger) {
  if (options.units == 0 || options.prefilled) return {};
  COORD_TRY(loop, EpollLoop::Open());
  Errors errors;
  AddOptions add;
  add.shape = ShapeOf(options);
  add.ledger = ledger;
  UnitAdder adder(*loop, errors, add);
  adder.Want(options.units);
  adder.StopWhenDone(true);
  COORD_TRY_VOID(adder.Connect(options.address, kPrefillConnections));
  loop->Run();
  if (errors.count > 0) return InvalidError("prefill: " + errors.first);
  return {};
}

Result<Report> RunPing(const RunOptions& options) {
  std::vector<PingPart> parts(options.threads);
  std::vector<std::unique_ptr<Deadline>> deadlines;
  for (std::uint32_t i = 0; i < options.threads; ++i) {
    PingPart& part = parts[i];
    COORD_TRY(loop, EpollLoop::Open());
    part.loop = std::move(loop);
    part.traffic =
        std::make_unique<PingTraffic>(*part.loop, part.errors, options.depth, PingRequest(options));
    COORD_TRY_VOID(
        part.traffic->Connect(options.address, ShareOf(options.connections, options.threads, i)));
    deadlines.push_back(std::make_unique<Deadline>(*part.loop, options.seconds));
    COORD_TRY_VOID(part.loop->SetTicker(*deadlines.back(), kTickMs));
  }
  const double processor = ProcessorSeconds();
  const std::uint64_t start = MonotonicNanoseconds();
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < options.threads; ++i) {
    threads.emplace_back([&loop = *parts[i].loop] { loop.Run(); });
  }
  parts[0].loop->Run();
  for (std::thread& thread : threads) thread.join();
  const double elapsed = SecondsBetween(start, MonotonicNanoseconds());
  std::uint64_t answered = 0;
  LatencyHistogram latency;
  for (const PingPart& part : parts) {
    if (part.errors.count > 0) return InvalidError(part.errors.first);
    answered += part.traffic->answered();
    latency.Merge(part.traffic->latency());
  }
  Report report;
  report.Add("command", std::string("ping"));
  report.Add("connections", std::uint64_t{options.connections});
  report.Add("round_trips", answered);
  report.Add("seconds", elapsed);
  report.Add("round_trips_per_second", static_cast<double>(answered) / elapsed);
  report.Add("processor_seconds", ProcessorSeconds() - processor);
  report.AddLatency(options.method, latency);
  return report;
}

Result<Report> RunAdd(const RunOptions& options) {
  COORD_TRY_VOID(MakeSpec(options));
  COORD_TRY(loop, EpollLoop::Open());
  Errors errors;
  AddOptions add;
  add.shape = ShapeOf(options);
  add.batch = options.batch;
  add.depth = options.depth;
  UnitAdder adder(*loop, errors, add);
  adder.Want(options.units);
  adder.StopWhenDone(true);
  COORD_TRY_VOID(adder.Connect(options.address, options.connections));
  const double processor = ProcessorSeconds();
  const std::uint64_t start = MonotonicNanoseconds();
  loop->Run();
  const double elapsed = SecondsBetween(start, MonotonicNanoseconds());
  if (errors.count > 0) return InvalidError(errors.first);
  Report report;
  report.Add("command", std::string("add"));
  report.Add("connections", std::uint64_t{options.connections});
  report.Add("batch", std::uint64_t{options.batch});
  report.Add("units", adder.added());
  report.Add("seconds", elapsed);
  report.Add("units_per_second", static_cast<double>(adder.added()) / elapsed);
  report.Add("processor_seconds", ProcessorSeconds() - processor);
  report.AddLatency("add_work_units", adder.latency());
  COORD_TRY_VOID(DropSpec(options));
  return report;
}

}  // namespace coord::bench
