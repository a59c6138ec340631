// SPDX-License-Identifier: MIT
#include "server_thread.h"

#include <utility>

#include "base/check.h"
#include "dispatch/dispatcher.h"
#include "http/http_server.h"
#include "net/event_loop.h"

namespace coord::testing {

namespace {

// Another store, but for its steps, which whoever has that one does.
class HeldStore final : public Store {
 public:
  explicit HeldStore(Store& store) : store_(store) {}

  std::string_view name() const override { return store_.name(); }
  void SetListener(StoreListener* listener) override { store_.SetListener(listener); }
  void Submit(std::unique_ptr<Batch> batch) override { store_.Submit(std::move(batch)); }
  void Poll() override { store_.Poll(); }
  bool Flush() override { return store_.Flush(); }
  bool Step() override { return false; }
  bool available() const override { return store_.available(); }
  const StoreStats* stats() const override { return store_.stats(); }
  WallTime NextDue() override { return store_.NextDue(); }
  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    store_.VisitAvailable(visit);
  }

 private:
  Store& store_;
};

}  // namespace

ServerThread::ServerThread(std::unique_ptr<StoreHarness> behind, Steps steps)
    : behind_(std::move(behind)) {
  std::promise<std::uint16_t> port;
  std::future<std::uint16_t> opened = port.get_future();
  thread_ = std::thread([this, steps, port = std::move(port)]() mutable { Run(steps, port); });
  port_ = opened.get();
}

ServerThread::~ServerThread() {
  loop_->Stop();
  thread_.join();
}

void ServerThread::SetTime(WallTime now) {
  OnThread([this, now] {
    if (now > behind_->clock().Now()) behind_->clock().Set(now);
    dispatcher_->Poll();
    return true;
  });
}

bool ServerThread::Pump() {
  return OnThread([this] { return behind_->Pump(); });
}

void ServerThread::Run(Steps steps, std::promise<std::uint16_t>& port) {
  HeldStore held(behind_->store());
  Store& store = steps == Steps::kPump ? static_cast<Store&>(held) : behind_->store();
  EventLoop loop;
  loop_ = &loop;
  Dispatcher dispatcher(loop, behind_->clock(), store);
  dispatcher_ = &dispatcher;
  HttpFacts facts;
  facts.clock = &behind_->clock();
  facts.dispatcher = &dispatcher;
  facts.store = &store;
  ListenOptions listen;
  listen.port = 0;
  auto server = HttpServer::Listen(loop, dispatcher, listen, {}, facts, nullptr);
  COORD_CHECK(server.has_value());
  port.set_value((*server)->port());
  loop.Run();
  behind_->store().Flush();
}

bool ServerThread::OnThread(std::function<bool()> function) {
  std::packaged_task<bool()> task(std::move(function));
  std::future<bool> result = task.get_future();
  loop_->Post([task = std::move(task)]() mutable { task(); });
  return result.get();
}

}  // namespace coord::testing
