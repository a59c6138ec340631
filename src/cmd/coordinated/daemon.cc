// SPDX-License-Identifier: MIT
#include "cmd/coordinated/daemon.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>

#include "base/version.h"
#include "cmd/coordinated/backends.h"
#include "cmd/coordinated/stop_signals.h"
#include "cmd/coordinated/yaml_file.h"
#include "dispatch/dispatcher.h"
#include "http/http_server.h"
#include "net/event_loop.h"
#include "rpc/server.h"

namespace coord {

namespace {

// Descriptors that are not connections: the listener, the loops, standard streams, files.
constexpr rlim_t kOtherDescriptors = 64;

// No more than this is logged of what a peer sent.
constexpr std::size_t kLoggedBytesMax = 200;

// What a peer sent, fit for one line of the log.
std::string ForLog(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kLoggedBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      line.append(fmt::format("\\x{:02x}", byte));
    } else {
      line.push_back(c);
    }
  }
  if (text.size() > kLoggedBytesMax) line.append("...");
  return line;
}

class LoggingEvents final : public ServerEvents {
 public:
  explicit LoggingEvents(bool log_requests) : log_requests_(log_requests) {}

  void OnBadPeer(std::string_view peer, std::string_view reason) override {
    spdlog::warn("closed the connection of {}: {}", peer, reason);
  }
  void OnRefusedConnection(std::size_t limit) override {
    spdlog::warn("refused a connection: there are {} (--max-connections)", limit);
  }
  bool wants_requests() const override { return log_requests_; }
  void OnRequest(std::string_view method, Duration took, std::string_view error) override {
    spdlog::info("request method={} us={} outcome={}", ForLog(method), took.count(),
                 error.empty() ? "ok" : ForLog(error));
  }

 private:
  const bool log_requests_;
};

// Adds up what a summary says is not finished or failed.
class UnfinishedCounter final : public OutcomeSink {
 public:
  void OnOutcome(std::uint64_t, const Outcome& outcome) override {
    const auto* summary = std::get_if<SummaryReply>(&outcome);
    if (summary == nullptr) return;
    for (const SummaryReply::Record& record : summary->records) {
      const bool done =
          record.status == WorkUnitStatus::kFinished || record.status == WorkUnitStatus::kFailed;
      if (!done) count_ += record.count;
    }
  }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
};

void SetUpLog(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("coordinated");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

// Raises the limit of open files so that the connections of so many servers fit, as far as the
// machine allows.
void RaiseDescriptorLimit(std::size_t connections, std::size_t servers) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = connections * servers + kOtherDescriptors;
  if (limit.rlim_cur >= wanted) return;
  rlimit raised{wanted, std::max(limit.rlim_max, wanted)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  raised = {std::min(wanted, limit.rlim_max), limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &raised);
  if (raised.rlim_cur < connections + kOtherDescriptors) {
    spdlog::warn("the system allows {} open files, too few for {} connections", raised.rlim_cur,
                 connections);
  }
}

Result<std::string> EncodedConfig(const std::string& path) {
  if (path.empty()) return std::string();
  COORD_TRY(config, ReadYamlMapFile(path));
  return EncodeCbor(config);
}

class Daemon {
 public:
  explicit Daemon(const DaemonOptions& options)
      : options_(options), events_(options.log_requests), signals_(loop_) {}

  // Brings what the backend keeps up to date, and no more.
  Result<void> Migrate() {
    COORD_TRY_VOID(Open());
    spdlog::info("the {} backend is up to date", backend_.store->name());
    return {};
  }

  Result<void> Start() {
    COORD_TRY(config, EncodedConfig(options_.config_path));
    COORD_TRY_VOID(Open());
    dispatcher_ =
        std::make_unique<Dispatcher>(loop_, clock(), *backend_.store, options_.full_metrics);
    RaiseDescriptorLimit(options_.server.connections_max, options_.http ? 2 : 1);
    COORD_TRY_VOID(ListenForRpc(std::move(config)));
    if (options_.http) COORD_TRY_VOID(ListenForHttp(*options_.http));
    signals_.Await([this](int number) { OnSignal(number); });
    AnnounceReady();
    return {};
  }

  void Run() {
    loop_.Run();
    backend_.store->Flush();
    http_.reset();
    server_.reset();
    if (!backend_.keeps_state) ReportDropped();
  }

 private:
  Clock& clock() {
    if (options_.manual_clock) return manual_clock_;
    return system_clock_;
  }

  Result<void> Open() {
    BackendOptions options;
    options.store = options_.store;
    options.may_migrate = options_.may_migrate;
    options.clock_is_real = !options_.manual_clock;
    COORD_TRY(backend, OpenBackend(options_.backend, clock(), options));
    backend_ = std::move(backend);
    return {};
  }

  Result<void> ListenForRpc(std::string config) {
    ServerFacts facts;
    facts.clock = &clock();
    facts.config = std::move(config);
    facts.backend = backend_.store->name();
    facts.message_bytes_max = options_.server.frames.message_bytes_max;
    facts.nesting_max = options_.server.frames.nesting_max;
    facts.batch_requests_max = options_.server.batch_requests_max;
    const ListenOptions listen{options_.cborrpc.host, options_.cborrpc.port, options_.io_threads};
    COORD_TRY(server,
              Server::Listen(loop_, *dispatcher_, listen, options_.server, facts, &events_));
    server_ = std::move(server);
    return {};
  }

  Result<void> ListenForHttp(const Address& address) {
    HttpOptions options;
    static_cast<ServeOptions&>(options) = options_.server;
    options.limits.body_bytes_max = options_.server.frames.message_bytes_max;
    options.nesting_max = options_.server.frames.nesting_max;
    options.hosts = options_.http_hosts;
    HttpFacts facts;
    facts.clock = &clock();
    facts.manual_clock = options_.manual_clock ? &manual_clock_ : nullptr;
    facts.dispatcher = dispatcher_.get();
    facts.store = backend_.store.get();
    facts.protocols.push_back({"cborrpc", &server_->requests(),
                               [server = server_.get()] { return server->connections(); }});
    const ListenOptions listen{address.host, address.port, options_.io_threads};
    auto http = HttpServer::Listen(loop_, *dispatcher_, listen, options, facts, &events_);
    if (http.has_error()) {
      // It listens by default, so that the flag may be news.
      Error error = http.error();
      error.detail.append(" (--http; --http none does without)");
      return error;
    }
    http_ = *std::move(http);
    return {};
  }

  void OnSignal(int number) {
    if (stopping_) std::_Exit(128 + number);
    stopping_ = true;
    spdlog::info("stopping; a second signal ends the daemon at once");
    sd_notify(0, "STOPPING=1");
    servers_left_ = http_ ? 2 : 1;
    const auto done = [this] {
      if (--servers_left_ == 0) loop_.Stop();
    };
    server_->Shutdown(done);
    if (http_) http_->Shutdown(done);
  }

  void AnnounceReady() {
    if (!server_->on_loopback()) WarnOfPublicAddress(server_->address());
    if (http_ && !http_->on_loopback()) WarnOfPublicAddress(http_->address());
    if (options_.manual_clock) {
      spdlog::warn("--manual-clock: time stands still; this daemon is for tests");
    }
    if (!backend_.keeps_state) {
      spdlog::warn("the {} backend keeps all state in memory: it is lost when the daemon stops",
                   backend_.store->name());
    }
    fmt::print(stderr, "coordinated {} ready: cborrpc={} http={} backend={}\n", Version(),
               server_->address(), http_ ? http_->address() : "none", backend_.store->name());
    sd_notify(0, "READY=1");
  }

  static void WarnOfPublicAddress(const std::string& address) {
    spdlog::warn(
        "listening on {}: there is no authentication yet, everybody who reaches this address "
        "can read, change and delete all work",
        address);
  }

  void ReportDropped() {
    UnfinishedCounter unfinished;
    auto batch = dispatcher_->NewBatch();
    batch->submissions.push_back({GetSummary{.all_namespaces = true, .spec = {}}, "", &unfinished});
    dispatcher_->Submit(std::move(batch));
    spdlog::info("stopped; dropped {} unfinished work units", unfinished.count());
  }

  const DaemonOptions& options_;
  SystemClock system_clock_;
  ManualClock manual_clock_;
  LoggingEvents events_;
  EventLoop loop_;
  StopSignals signals_;
  OpenedBackend backend_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpServer> http_;  // may be null
  bool stopping_ = false;
  int servers_left_ = 0;  // to shut down
};

}  // namespace

int RunDaemon(const DaemonOptions& options) {
  SetUpLog(options.log_level);
  Daemon daemon(options);
  const auto started = options.migrate_only ? daemon.Migrate() : daemon.Start();
  if (started.has_error()) {
    fmt::print(stderr, "coordinated: {}\n", started.error().detail);
    return 1;
  }
  if (!options.migrate_only) daemon.Run();
  return 0;
}

}  // namespace coord
