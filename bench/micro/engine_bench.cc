// SPDX-License-Identifier: MIT
// The engine alone: adding units, and taking and finishing one, in specs of several sizes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "domain/command.h"
#include "domain/outcome.h"
#include "engine/engine.h"
#include "value/cbor_writer.h"

namespace coord {
namespace {

constexpr std::string_view kSpec = "bench";
constexpr std::size_t kNameSize = 16;
constexpr std::size_t kBatch = 1000;
constexpr std::uint64_t kSeed = 1;

// Keeps the unit that a request for work brought.
class Catcher final : public OutcomeSink {
 public:
  void OnOutcome(std::uint64_t, const Outcome& outcome) override {
    const auto* reply = std::get_if<WorkReply>(&outcome);
    if (reply == nullptr || reply->units.empty()) return;
    unit_ = reply->units.front().name;
  }
  const std::string& unit() const { return unit_; }

 private:
  std::string unit_;
};

// An engine with one spec.
class Bench {
 public:
  Bench() : engine_(StoreOptions{}), rng_(kSeed) {
    engine_.Advance(WallTime(std::chrono::seconds(1'700'000'000)));
    std::string definition;
    CborWriter out(definition);
    out.MapHead(1);
    out.Text("name");
    out.Text(kSpec);
    Execute(SetWorkSpec{Data::FromStored(definition), std::nullopt});
  }

  void Execute(const Command& command) {
    Submission submission;
    submission.command = command;
    submission.sink = &catcher_;
    engine_.Execute(submission);
  }

  // Adds kBatch units with random names.
  void AddBatch() {
    std::vector<UnitItem> items(kBatch);
    names_.resize(kBatch);
    for (std::size_t i = 0; i < kBatch; ++i) {
      names_[i].resize(kNameSize);
      for (char& letter : names_[i]) letter = static_cast<char>('a' + rng_.Below(16));
      items[i].name = names_[i];
    }
    Execute(AddWorkUnits{kSpec, items});
  }

  void Cycle() {
    RequestWork request;
    request.worker = "worker";
    Execute(request);
    WorkUnitUpdate update;
    update.spec = kSpec;
    update.unit = catcher_.unit();
    update.request.status = AskedStatus::kFinished;
    Execute(UpdateWorkUnits{{&update, 1}});
  }

 private:
  Engine engine_;
  Rng rng_;
  Catcher catcher_;
  std::vector<std::string> names_;
};

void BM_AddWorkUnits(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) bench.AddBatch();
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
// A fixed number of rounds, so that the size of the spec does not depend on the machine.
BENCHMARK(BM_AddWorkUnits)->Iterations(200);

void BM_TakeAndFinish(benchmark::State& state) {
  Bench bench;
  for (std::int64_t added = 0; added < state.range(0); added += kBatch) bench.AddBatch();
  std::size_t until_refill = kBatch;
  for (auto _ : state) {
    bench.Cycle();
    if (--until_refill == 0) {
      state.PauseTiming();
      bench.AddBatch();
      until_refill = kBatch;
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_TakeAndFinish)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace coord
