// SPDX-License-Identifier: MIT
// The runs `cycle` and `mixed`.
#include <algorithm>
#include <memory>
#include <thread>

#include "cmd/coordbench/runs.h"
#include "cmd/coordbench/side_traffic.h"
#include "cmd/coordbench/unit_adder.h"

namespace coord::bench {

namespace {

constexpr unsigned kTickMs = 10;
constexpr std::uint32_t kRefillConnections = 2;
constexpr unsigned kFirstNumberShift = 40;  // each thread names its units from a range of its own

// One thread: its workers, who refills for them and, on the first, who looks on.
class CyclePart final : public Ticker {
 public:
  CyclePart(const RunOptions& options, std::uint32_t number, UnitLedger* ledger)
      : options_(options), number_(number), ledger_(ledger) {}

  Result<void> Prepare();
  void Run() {
    start_ = MonotonicNanoseconds();
    loop_->Run();
    if (measured_until_ == 0) {
      measured_until_ = workers_->last_finish_at();
      measured_ = workers_->finished();
    }
  }
  void OnTick() override;

  const Errors& errors() const { return errors_; }
  const CycleTraffic& workers() const { return *workers_; }
  const UnitAdder& adder() const { return *adder_; }
  const SummaryTraffic* onlooker() const { return onlooker_.get(); }
  // Units finished within the measured time, and that time.
  std::uint64_t measured() const { return measured_; }
  double seconds() const {
    return measured_until_ > start_ ? SecondsBetween(start_, measured_until_) : 0;
  }

 private:
  CycleOptions WorkerOptions();
  Result<void> PrepareOnlooker();
  void Leased(std::uint32_t units);
  std::uint32_t RefillBatch() const;
  void TimeIsUp();

  const RunOptions& options_;
  std::uint32_t number_;
  UnitLedger* ledger_;
  Errors errors_;
  std::unique_ptr<EpollLoop> loop_;
  std::unique_ptr<CycleTraffic> workers_;
  std::unique_ptr<UnitAdder> adder_;
  std::unique_ptr<SummaryTraffic> onlooker_;
  std::uint64_t start_ = 0;
  std::uint64_t measured_until_ = 0;
  std::uint64_t measured_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint32_t owed_ = 0;  // leased and not yet replaced
  bool time_is_up_ = false;
};

CycleOptions CyclePart::WorkerOptions() {
  CycleOptions workers;
  workers.spec = options_.spec;
  workers.worker_prefix = options_.run_id + "-" + std::to_string(number_) + "-";
  workers.any_spec = options_.any_spec;
  workers.scatter = options_.random_order;
  workers.max_jobs = options_.max_jobs;
  workers.finish = options_.finish;
  workers.retry_when_empty = options_.refill;
  workers.ledger = ledger_;
  if (options_.refill) workers.on_leased = [this](std::uint32_t units) { Leased(units); };
  return workers;
}

Result<void> CyclePart::Prepare() {
  COORD_TRY(loop, EpollLoop::Open());
  loop_ = std::move(loop);
  workers_ = std::make_unique<CycleTraffic>(*loop_, errors_, WorkerOptions());
  COORD_TRY_VOID(workers_->Connect(options_.address,
                                   ShareOf(options_.connections, options_.threads, number_)));
  AddOptions add;
  add.shape = ShapeOf(options_);
  add.batch = RefillBatch();
  add.first_number = number_ == 0 ? options_.units : std::uint64_t{number_} << kFirstNumberShift;
  add.ledger = ledger_;
  adder_ = std::make_unique<UnitAdder>(*loop_, errors_, add);
  if (options_.refill) COORD_TRY_VOID(adder_->Connect(options_.address, kRefillConnections));
  if (options_.side_traffic && number_ == 0) COORD_TRY_VOID(PrepareOnlooker());
  return loop_->SetTicker(*this, kTickMs);
}

Result<void> CyclePart::PrepareOnlooker() {
  onlooker_ = std::make_unique<SummaryTraffic>(*loop_, errors_, options_.spec);
  if (ledger_ != nullptr) {
    onlooker_->CheckCounts([this] { return options_.units + adder_->added(); },
                           [this] { return options_.units + adder_->sent(); });
  }
  return onlooker_->Connect(options_.address, 1);
}

// At most half of what is kept available, so that workers never wait for a batch to fill up.
std::uint32_t CyclePart::RefillBatch() const {
  const std::uint64_t half = options_.units / (std::uint64_t{2} * options_.threads);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(half, 1, options_.batch));
}

void CyclePart::Leased(std::uint32_t units) {
  if (time_is_up_) return;
  owed_ += units;
  const std::uint32_t whole = owed_ - owed_ % RefillBatch();
  if (whole == 0) return;
  owed_ -= whole;
  adder_->Want(whole);
}

void CyclePart::OnTick() {
  ++ticks_;
  if (options_.seconds > 0 && SecondsBetween(start_, loop_->now()) >= options_.seconds) TimeIsUp();
  if (onlooker_ && !time_is_up_ && ticks_ * kTickMs % options_.interval_ms < kTickMs) {
    onlooker_->Ask();
  }
  workers_->Nudge();
}

void CyclePart::TimeIsUp() {
  if (!time_is_up_) {
    time_is_up_ = true;
    measured_until_ = loop_->now();
    measured_ = workers_->finished();
    if (ledger_ == nullptr) workers_->FinishUp();
  }
  // What is on its way must arrive before a worker may take "nothing" for the end.
  if (ledger_ != nullptr && adder_->done()) workers_->DrainAll();
}

// Every unit that was added must be finished, and nothing else be there.
Result<void> CheckEnd(const RunOptions& options, const UnitLedger& ledger) {
  if (ledger.finished() != ledger.added()) {
    return InvalidError("units lost: " + std::to_string(ledger.added()) + " added, " +
                        std::to_string(ledger.finished()) + " finished");
  }
  COORD_TRY(control, ControlClient::Open(options.address));
  COORD_TRY(message, control.Call(CountUnits(options.spec)));
  CborWalk result = ReadAnswer(message).result;
  result.List();
  for (std::uint64_t entries = result.Map(); entries > 0; --entries) {
    const std::uint64_t status = result.Unsigned();
    const std::uint64_t count = result.Unsigned();
    const std::uint64_t expected = status == 4 ? ledger.added() : 0;
    if (!result.ok() || count != expected) {
      return InvalidError("at the end the server counts " + std::to_string(count) +
                          " units of status " + std::to_string(status) + ", not " +
                          std::to_string(expected));
    }
  }
  return {};
}

Result<Report> Summarise(const RunOptions& options,
                         const std::vector<std::unique_ptr<CyclePart>>& parts) {
  std::uint64_t cycles = 0;
  std::uint64_t added = options.units;
  double rate = 0;
  double seconds = 0;
  bool ran_dry = false;
  LatencyHistogram work;
  LatencyHistogram finish;
  LatencyHistogram add;
  for (const auto& part : parts) {
    if (part->errors().count > 0) return InvalidError(part->errors().first);
    cycles += part->measured();
    added += part->adder().added();
    seconds = std::max(seconds, part->seconds());
    if (part->seconds() > 0) rate += static_cast<double>(part->measured()) / part->seconds();
    ran_dry = ran_dry || part->workers().ran_dry();
    work.Merge(part->workers().work_latency());
    finish.Merge(part->workers().finish_latency());
    add.Merge(part->adder().latency());
  }
  Report report;
  report.Add("command", std::string(options.side_traffic ? "mixed" : "cycle"));
  report.Add("connections", std::uint64_t{options.connections});
  report.Add("max_jobs", std::uint64_t{options.max_jobs});
  report.Add("units_added", added);
  report.Add("cycles", cycles);
  report.Add("seconds", seconds);
  report.Add("cycles_per_second", rate);
  report.Add("ran_dry", std::uint64_t{ran_dry ? 1U : 0U});
  report.AddLatency("get_work", work);
  report.AddLatency("update", finish);
  report.AddLatency("add_work_units", add);
  if (const SummaryTraffic* onlooker = parts[0]->onlooker()) {
    report.AddLatency("get_summary", onlooker->summary_latency());
    report.AddLatency("count_work_units", onlooker->count_latency());
  }
  return report;
}

}  // namespace

Result<Report> RunCycle(const RunOptions& options) {
  COORD_TRY_VOID(MakeSpec(options));
  UnitLedger ledger;
  UnitLedger* books = options.verify ? &ledger : nullptr;
  COORD_TRY_VOID(Prefill(options, books));
  std::vector<std::unique_ptr<CyclePart>> parts;
  for (std::uint32_t i = 0; i < options.threads; ++i) {
    parts.push_back(std::make_unique<CyclePart>(options, i, books));
    COORD_TRY_VOID(parts.back()->Prepare());
  }
  const double processor = ProcessorSeconds();
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < options.threads; ++i) {
    threads.emplace_back([&part = *parts[i]] { part.Run(); });
  }
  parts[0]->Run();
  for (std::thread& thread : threads) thread.join();
  COORD_TRY(report, Summarise(options, parts));
  report.Add("processor_seconds", ProcessorSeconds() - processor);
  if (options.verify) {
    COORD_TRY_VOID(CheckEnd(options, ledger));
    report.Add("verified_units", ledger.finished());
  }
  COORD_TRY_VOID(DropSpec(options));
  return report;
}

}  // namespace coord::bench
