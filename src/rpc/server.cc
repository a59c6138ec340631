// SPDX-License-Identifier: MIT
#include "rpc/server.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/connection.h"
#include "rpc/io_loop.h"

namespace coord {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

// How long nothing is accepted when the process is out of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

// A loop of its own thread.
struct IoThread {
  IoThread() : work(context.get_executor()) {}

  // Run by one thread, but with its locks: accepted sockets are registered here by the engine's.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::thread thread;
};

std::string AddressText(const Tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

}  // namespace

class Server::Impl {
 public:
  using Acceptor = asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type>;

  Impl(asio::io_context& engine, Dispatcher& dispatcher, int io_threads,
       const ServerOptions& options, const ServerFacts& facts, ServerEvents* events)
      : engine_(engine),
        context_{options, facts, events, &dispatcher},
        budget_(options.unfinished_max),
        link_(engine, dispatcher, /*direct=*/io_threads <= 1),
        acceptor_(engine),
        accept_pause_(engine) {
    const auto closed = [this] { connections_.fetch_sub(1, std::memory_order_relaxed); };
    if (io_threads <= 1) {
      loops_.push_back(std::make_unique<IoLoop>(engine, context_, link_, budget_, closed));
      return;
    }
    for (int i = 0; i < io_threads; ++i) {
      threads_.push_back(std::make_unique<IoThread>());
      loops_.push_back(
          std::make_unique<IoLoop>(threads_.back()->context, context_, link_, budget_, closed));
    }
  }

  ~Impl() {
    for (const auto& thread : threads_) thread->context.stop();
    for (const auto& thread : threads_) {
      if (thread->thread.joinable()) thread->thread.join();
    }
  }

  Result<void> Listen(const ListenOptions& listen) {
    boost::system::error_code error;
    const Tcp::endpoint endpoint = Resolve(listen, error);
    if (error) return InvalidError("cannot listen on '" + listen.host + "': " + error.message());
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{ErrorCode::kUnavailable,
                   "cannot listen on " + AddressText(endpoint) + ": " + error.message(),
                   {}};
    }
    endpoint_ = acceptor_.local_endpoint(error);
    for (const auto& thread : threads_) {
      thread->thread = std::thread([io = &thread->context] { io->run(); });
    }
    Accept();
    return {};
  }

  const Tcp::endpoint& endpoint() const { return endpoint_; }
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  void Shutdown(std::function<void()> done) {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    shutdown_done_ = std::move(done);
    link_.Shutdown();
    loops_left_ = loops_.size();
    for (const auto& loop : loops_) {
      asio::post(loop->context(), [this, loop = loop.get()] {
        loop->Shutdown([this] { asio::post(engine_, [this] { OnLoopDone(); }); });
      });
    }
  }

 private:
  Tcp::endpoint Resolve(const ListenOptions& listen, boost::system::error_code& error) {
    const auto address = asio::ip::make_address(listen.host, error);
    if (!error) return {address, listen.port};
    Tcp::resolver resolver(engine_);
    const auto found = resolver.resolve(listen.host, std::to_string(listen.port), error);
    return error || found.empty() ? Tcp::endpoint() : found.begin()->endpoint();
  }

  void Accept() {
    IoLoop& loop = *loops_[next_loop_];
    acceptor_.async_accept(loop.context(), [this, &loop](const boost::system::error_code& error,
                                                         IoLoop::Socket socket) {
      OnAccept(error, loop, std::move(socket));
    });
  }

  void OnAccept(const boost::system::error_code& error, IoLoop& loop, IoLoop::Socket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (error == asio::error::no_descriptors || error == asio::error::no_memory ||
        error == asio::error::no_buffer_space) {
      accept_pause_.expires_after(kAcceptPause);
      accept_pause_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) Accept();
      });
      return;
    }
    if (!error) Take(loop, std::move(socket));
    Accept();
  }

  void Take(IoLoop& loop, IoLoop::Socket socket) {
    if (connections() >= context_.options.connections_max) {
      if (context_.events != nullptr) {
        context_.events->OnRefusedConnection(context_.options.connections_max);
      }
      return;  // which closes it
    }
    connections_.fetch_add(1, std::memory_order_relaxed);
    next_loop_ = (next_loop_ + 1) % loops_.size();
    if (threads_.empty()) {
      loop.Adopt(std::move(socket));
    } else {
      asio::post(loop.context(),
                 [&loop, socket = std::move(socket)]() mutable { loop.Adopt(std::move(socket)); });
    }
  }

  void OnLoopDone() {
    if (--loops_left_ == 0) shutdown_done_();
  }

  asio::io_context& engine_;
  const ServerContext context_;
  InputBudget budget_;
  EngineLink link_;
  std::vector<std::unique_ptr<IoThread>> threads_;  // outlive their loops
  std::vector<std::unique_ptr<IoLoop>> loops_;
  Acceptor acceptor_;  // on the engine's loop, like all that follows
  asio::steady_timer accept_pause_;
  Tcp::endpoint endpoint_;
  std::size_t next_loop_ = 0;
  std::atomic<std::size_t> connections_{0};
  std::size_t loops_left_ = 0;
  std::function<void()> shutdown_done_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Listen(asio::io_context& engine, Dispatcher& dispatcher,
                                               const ListenOptions& listen,
                                               const ServerOptions& options,
                                               const ServerFacts& facts, ServerEvents* events) {
  auto impl = std::make_unique<Impl>(engine, dispatcher, listen.io_threads, options, facts, events);
  COORD_TRY_VOID(impl->Listen(listen));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::string Server::address() const { return AddressText(impl_->endpoint()); }

std::uint16_t Server::port() const { return impl_->endpoint().port(); }

bool Server::on_loopback() const { return impl_->endpoint().address().is_loopback(); }

std::size_t Server::connections() const { return impl_->connections(); }

void Server::Shutdown(std::function<void()> done) { impl_->Shutdown(std::move(done)); }

}  // namespace coord
