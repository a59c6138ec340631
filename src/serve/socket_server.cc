// SPDX-License-Identifier: MIT
#include "serve/socket_server.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "net/listener.h"
#include "serve/connection.h"

namespace coord {

namespace {

// A loop of its own thread.
struct IoThread {
  EventLoop events;
  std::thread thread;
};

}  // namespace

class SocketServer::Impl {
 public:
  Impl(EventLoop& engine, Dispatcher& dispatcher, int io_threads, const ServeOptions& options,
       ServerEvents* events, MakeConnection make)
      : engine_(engine),
        budget_(options.unfinished_max),
        link_(engine, dispatcher, /*direct=*/io_threads <= 1),
        context_{options, events, dispatcher, link_, budget_, std::move(make), [this] {
                   connections_.fetch_sub(1, std::memory_order_relaxed);
                 }} {
    if (io_threads <= 1) {
      loops_.push_back(std::make_unique<IoLoop>(engine, context_));
      return;
    }
    for (int i = 0; i < io_threads; ++i) {
      threads_.push_back(std::make_unique<IoThread>());
      loops_.push_back(std::make_unique<IoLoop>(threads_.back()->events, context_));
    }
  }

  ~Impl() {
    for (const auto& thread : threads_) thread->events.Stop();
    for (const auto& thread : threads_) {
      if (thread->thread.joinable()) thread->thread.join();
    }
  }

  Result<void> Listen(const ListenOptions& listen) {
    COORD_TRY(listener, Listener::Open(engine_, listen.host, listen.port,
                                       [this](Fd socket) { Take(std::move(socket)); }));
    listener_ = std::move(listener);
    endpoint_ = listener_->endpoint();
    for (const auto& thread : threads_) {
      thread->thread = std::thread([events = &thread->events] { events->Run(); });
    }
    return {};
  }

  const Endpoint& endpoint() const { return endpoint_; }
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  void Shutdown(std::function<void()> done) {
    listener_.reset();
    shutdown_done_ = std::move(done);
    link_.Shutdown();
    loops_left_ = loops_.size();
    for (const auto& loop : loops_) {
      loop->events().Post([this, loop = loop.get()] {
        loop->Shutdown([this] { engine_.Post([this] { OnLoopDone(); }); });
      });
    }
  }

 private:
  void Take(Fd socket) {
    if (connections() >= context_.options.connections_max) {
      if (context_.events != nullptr) {
        context_.events->OnRefusedConnection(context_.options.connections_max);
      }
      return;  // which closes it
    }
    connections_.fetch_add(1, std::memory_order_relaxed);
    IoLoop& loop = *loops_[next_loop_];
    next_loop_ = (next_loop_ + 1) % loops_.size();
    if (threads_.empty()) {
      loop.Adopt(std::move(socket));
    } else {
      loop.events().Post(
          [&loop, socket = std::move(socket)]() mutable { loop.Adopt(std::move(socket)); });
    }
  }

  void OnLoopDone() {
    if (--loops_left_ == 0) shutdown_done_();
  }

  EventLoop& engine_;
  InputBudget budget_;
  EngineLink link_;
  const LoopContext context_;
  std::vector<std::unique_ptr<IoThread>> threads_;  // outlive their loops
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::unique_ptr<Listener> listener_;  // on the engine's loop, like all that follows
  Endpoint endpoint_;
  std::size_t next_loop_ = 0;
  std::atomic<std::size_t> connections_{0};
  std::size_t loops_left_ = 0;
  std::function<void()> shutdown_done_;
};

SocketServer::SocketServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SocketServer::~SocketServer() = default;

Result<std::unique_ptr<SocketServer>> SocketServer::Listen(
    EventLoop& engine, Dispatcher& dispatcher, const ListenOptions& listen,
    const ServeOptions& options, ServerEvents* events, MakeConnection make) {
  auto impl = std::make_unique<Impl>(engine, dispatcher, listen.io_threads, options, events,
                                     std::move(make));
  COORD_TRY_VOID(impl->Listen(listen));
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(impl)));
}

const Endpoint& SocketServer::endpoint() const { return impl_->endpoint(); }

std::size_t SocketServer::connections() const { return impl_->connections(); }

void SocketServer::Shutdown(std::function<void()> done) { impl_->Shutdown(std::move(done)); }

}  // namespace coord
