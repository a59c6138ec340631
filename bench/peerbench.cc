// SPDX-License-Identifier: MIT
// peerbench: the cycles of other servers, driven by the loop that coordbench uses.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cmd/coordbench/report.h"
#include "peers.h"

namespace coord::bench {

namespace {

constexpr unsigned kTickMs = 10;

struct PeerOptions {
  std::string address;
  std::uint32_t connections = 1;
  double seconds = 2;
  std::uint64_t units = 200000;
  std::size_t payload = 32;
  std::uint32_t batch = 1;
  std::size_t bytes = 64;
  std::string path = "/";
  bool json = false;
};

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

Result<Report> Drive(EpollLoop& loop, PeerTraffic& traffic, const Address& address,
                     const std::string& peer, const PeerOptions& options) {
  for (std::uint32_t i = 0; i < options.connections; ++i) {
    COORD_TRY_VOID(loop.Add(address, traffic, i));
  }
  Deadline deadline(loop, options.seconds);
  COORD_TRY_VOID(loop.SetTicker(deadline, kTickMs));
  const std::uint64_t start = MonotonicNanoseconds();
  loop.Run();
  const double elapsed = static_cast<double>(MonotonicNanoseconds() - start) / 1e9;
  if (!traffic.error().empty()) return InvalidError(traffic.error());
  Report report;
  report.Add("peer", peer);
  report.Add("connections", std::uint64_t{options.connections});
  report.Add("cycles", traffic.cycles());
  report.Add("seconds", elapsed);
  report.Add("cycles_per_second", static_cast<double>(traffic.cycles()) / elapsed);
  report.AddLatency("request", traffic.latency());
  return report;
}

Result<Report> RunPeer(const std::string& peer, const PeerOptions& options) {
  COORD_TRY(address, ParseAddress(options.address));
  COORD_TRY(loop, EpollLoop::Open());
  std::unique_ptr<PeerTraffic> traffic;
  if (peer == "echo") {
    traffic = std::make_unique<EchoTraffic>(*loop, options.connections, options.bytes);
  } else if (peer == "beanstalkd") {
    COORD_TRY_VOID(FillBeanstalk(address, options.units, options.payload));
    traffic = std::make_unique<BeanstalkTraffic>(*loop, options.connections);
  } else if (peer == "http") {
    traffic =
        std::make_unique<HttpGetTraffic>(*loop, options.connections, options.path, options.units);
  } else if (peer == "rest") {
    traffic = std::make_unique<RestTraffic>(*loop, options.connections);
  } else {
    COORD_TRY(scripts, FillRedis(address, options.units, options.payload));
    traffic = std::make_unique<RedisTraffic>(*loop, options.connections, options.batch,
                                             scripts.reserve_sha, scripts.finish_sha);
  }
  return Drive(*loop, *traffic, address, peer, options);
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Measures another server: round trips of an echo or of GET, or units that are reserved and "
      "finished by beanstalkd, redis or a daemon's REST interface, where they must be already. "
      "Give it a server of its own: it empties redis."};
  std::string peer;
  PeerOptions options;
  app.add_option("peer", peer, "echo, beanstalkd, redis, http (GET) or rest (cycles)")
      ->required()
      ->check(CLI::IsMember({"echo", "beanstalkd", "redis", "http", "rest"}));
  app.add_option("--address", options.address, "HOST:PORT")->required();
  app.add_option("--connections", options.connections)
      ->check(CLI::Range(1U, 99999U))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds)->capture_default_str();
  app.add_option("--units", options.units, "Units put there beforehand; http: that are there")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--payload", options.payload, "Bytes in each unit")->capture_default_str();
  app.add_option("--batch", options.batch, "redis: units a call")->capture_default_str();
  app.add_option("--bytes", options.bytes, "echo: bytes a message")->capture_default_str();
  app.add_option("--path", options.path, "http: what to get; {unit}: the units' names by turns")
      ->capture_default_str();
  app.add_flag("--json", options.json, "One JSON object on standard output");
  CLI11_PARSE(app, argc, argv);
  RaiseDescriptorLimit();
  const Result<Report> report = RunPeer(peer, options);
  if (!report) {
    fmt::print(stderr, "peerbench: {}\n", report.error().detail);
    return 1;
  }
  fmt::print("{}", options.json ? report->Json() : report->Text());
  return 0;
}

}  // namespace

}  // namespace coord::bench

int main(int argc, char** argv) { return coord::bench::Main(argc, argv); }
