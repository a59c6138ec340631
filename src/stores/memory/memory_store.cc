// SPDX-License-Identifier: MIT
#include "stores/memory/memory_store.h"

#include "base/check.h"
#include "engine/engine.h"

namespace coord {

namespace {

class MemoryStore final : public Store {
 public:
  MemoryStore(Clock& clock, const StoreOptions& options) : clock_(clock), engine_(options) {}

  std::string_view name() const override { return "memory"; }

  void SetListener(StoreListener* listener) override { listener_ = listener; }

  void Submit(std::unique_ptr<Batch> batch) override {
    COORD_CHECK(listener_ != nullptr);
    engine_.Advance(clock_.Now());
    engine_.Foresee(batch->submissions);
    for (const Submission& submission : batch->submissions) engine_.Execute(submission);
    listener_->OnBatchDone(std::move(batch));
  }

  void Poll() override {}
  bool Flush() override { return false; }

  bool Step() override {
    engine_.Advance(clock_.Now());
    return engine_.Step();
  }

  const StoreStats* stats() const override { return &engine_.stats(); }

  WallTime NextDue() override { return engine_.NextDue(); }

  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    engine_.Advance(clock_.Now());
    engine_.VisitAvailable(visit);
  }

 private:
  Clock& clock_;
  StoreListener* listener_ = nullptr;
  Engine engine_;
};

}  // namespace

std::unique_ptr<Store> OpenMemoryStore(Clock& clock, const StoreOptions& options) {
  return std::make_unique<MemoryStore>(clock, options);
}

}  // namespace coord
