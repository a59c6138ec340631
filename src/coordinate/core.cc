// SPDX-License-Identifier: MIT
#include "coordinate/core.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/rng.h"
#include "stores/memory/memory_store.h"
#include "stores/rest/rest_store.h"
#include "stores/sqlite/sqlite_store.h"

namespace coordinate {

namespace {

// Lets a thread wait for an outcome that comes on another.
class PendingCall final : public coord::OutcomeSink {
 public:
  explicit PendingCall(const std::function<void(const coord::Outcome&)>& on_outcome)
      : on_outcome_(on_outcome) {}

  void OnOutcome(std::uint64_t, const coord::Outcome& outcome) override {
    on_outcome_(outcome);
    // With the lock held: whoever waits may end this as soon as it is free.
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_one();
  }
  void Await() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
  }

 private:
  const std::function<void(const coord::Outcome&)>& on_outcome_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

coord::Result<std::unique_ptr<coord::Store>> OpenStore(const std::string& backend,
                                                       coord::Clock& clock) {
  coord::StoreOptions options;
  options.seed = coord::RandomSeed();
  if (backend == "memory") return coord::OpenMemoryStore(clock, options);
  if (backend.starts_with("sqlite:")) {
    coord::SqliteOptions sqlite;
    sqlite.path = backend.substr(backend.find(':') + 1);
    return coord::OpenSqliteStore(clock, sqlite, options);
  }
  if (backend.starts_with("http:")) return coord::OpenRestStore(clock, {backend, nullptr});
  return coord::InvalidError("unknown backend '" + backend +
                             "': want http://HOST:PORT/, memory or sqlite:PATH");
}

}  // namespace

coord::WallTime SourceClock::Now() {
  last_ = std::max(last_, time_.Now());
  return last_;
}

Result<std::shared_ptr<Core>> Core::Open(const std::string& backend, const ClientOptions& options) {
  std::shared_ptr<TimeSource> time = options.time;
  if (time == nullptr) time = std::make_shared<SystemTime>();
  auto clock = std::make_unique<SourceClock>(*time);
  auto store = OpenStore(backend, *clock);
  if (store.has_error()) return ToPublic(store.error());
  return std::shared_ptr<Core>(new Core(std::move(time), std::move(clock), *std::move(store)));
}

Core::Core(std::shared_ptr<TimeSource> time, std::unique_ptr<coord::Clock> clock,
           std::unique_ptr<coord::Store> store)
    : time_(std::move(time)),
      clock_(std::move(clock)),
      store_(std::move(store)),
      dispatcher_(loop_, *clock_, *store_),
      thread_([this] { loop_.Run(); }) {}

Core::~Core() {
  loop_.Post([this] {
    dispatcher_.Shutdown();
    store_->Flush();
    loop_.Stop();
  });
  thread_.join();
}

Result<void> Core::Do(std::string_view name_space, const coord::Command& command) {
  return Call<coord::Done>(name_space, command, [](const coord::Done&) {});
}

Result<std::uint64_t> Core::Count(std::string_view name_space, const coord::Command& command) {
  return Call<coord::CountReply>(name_space, command,
                                 [](const coord::CountReply& reply) { return reply.count; });
}

void Core::Run(std::string_view name_space, const coord::Command& command, Duration wait,
               const std::function<void(const coord::Outcome&)>& on_outcome) {
  PendingCall call(on_outcome);
  loop_.Post([&] {
    auto batch = dispatcher_.NewBatch();
    batch->submissions.push_back({command, name_space, &call, 0, wait});
    dispatcher_.Submit(std::move(batch));
  });
  call.Await();
}

}  // namespace coordinate
