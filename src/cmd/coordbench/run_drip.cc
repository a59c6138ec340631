// SPDX-License-Identifier: MIT
// The run `drip`: many connections that each send a huge message, a little at a time.
#include <algorithm>
#include <memory>

#include "cmd/coordbench/runs.h"
#include "cmd/coordbench/side_traffic.h"
#include "value/cbor_writer.h"

namespace coord::bench {

namespace {

constexpr unsigned kProbeEveryMs = 100;

// The requests are `now` with one huge byte string as its only, superfluous, parameter: what comes
// back is an error answer, and nothing is stored.
class DripTraffic final : public Conversation {
 public:
  DripTraffic(std::uint64_t message_bytes, std::uint32_t drip_bytes);

  Result<void> Connect(EpollLoop& loop, const Address& address, std::uint32_t count);
  void Drip();

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t answers() const { return answers_; }
  std::uint64_t closed() const { return closed_; }

  void OnStart(Connection&) override {}
  std::size_t OnBytes(Connection& connection, std::string_view bytes) override;
  void OnClosed(Connection& connection, std::string_view why) override;

 private:
  struct Sender {
    Connection* connection = nullptr;
    std::uint64_t position = 0;
    bool open = true;
  };

  std::string front_;
  std::string filling_;
  std::string back_;
  std::uint64_t message_bytes_;
  std::uint32_t drip_bytes_;
  std::vector<Sender> senders_;
  std::uint64_t bytes_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t closed_ = 0;
};

DripTraffic::DripTraffic(std::uint64_t message_bytes, std::uint32_t drip_bytes)
    : filling_(drip_bytes, 'x'), message_bytes_(message_bytes), drip_bytes_(drip_bytes) {
  constexpr std::size_t kEnvelope = 64;  // more than all that is around the filling
  const std::uint64_t filling = std::max<std::uint64_t>(message_bytes, 2 * kEnvelope) - kEnvelope;
  CborWriter end(back_);
  end.Bytes("id");
  end.Unsigned(1);
  end.Bytes("method");
  end.Bytes("now");
  std::string inner;
  CborWriter start(inner);
  start.MapHead(3);
  start.Bytes("params");
  start.ArrayHead(1);
  std::string head;
  CborWriter(head).Unsigned(filling);
  head[0] = static_cast<char>(head[0] | 0x40);
  start.Raw(head);
  CborWriter frame(front_);
  frame.Tag(24);
  std::string length;
  CborWriter(length).Unsigned(inner.size() + filling + back_.size());
  length[0] = static_cast<char>(length[0] | 0x40);
  frame.Raw(length);
  frame.Raw(inner);
  message_bytes_ = front_.size() + filling + back_.size();
}

Result<void> DripTraffic::Connect(EpollLoop& loop, const Address& address, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    COORD_TRY(connection, loop.Add(address, *this, i));
    senders_.push_back({connection, 0, true});
  }
  return {};
}

void DripTraffic::Drip() {
  for (Sender& sender : senders_) {
    if (!sender.open || sender.connection->has_unsent()) continue;
    if (sender.position == message_bytes_) continue;  // waits for its answer
    const std::uint64_t back_at = message_bytes_ - back_.size();
    std::string_view piece;
    if (sender.position < front_.size()) {
      piece = front_;
    } else if (sender.position < back_at) {
      const std::uint64_t left = back_at - sender.position;
      piece = std::string_view(filling_).substr(0, std::min<std::uint64_t>(drip_bytes_, left));
    } else {
      piece = back_;
      ++messages_;
    }
    sender.position += piece.size();
    bytes_ += piece.size();
    sender.connection->Send(piece);
  }
}

std::size_t DripTraffic::OnBytes(Connection& connection, std::string_view bytes) {
  const Answer answer = ReadAnswer(bytes);
  if (answer.state == Answer::State::kNeedMore) return 0;
  ++answers_;
  senders_[connection.index()].position = 0;
  return bytes.size();
}

void DripTraffic::OnClosed(Connection& connection, std::string_view) {
  senders_[connection.index()].open = false;
  ++closed_;
}

class DripTicker final : public Ticker {
 public:
  DripTicker(EpollLoop& loop, DripTraffic& drips, SummaryTraffic& probe, const RunOptions& options)
      : loop_(loop),
        drips_(drips),
        probe_(probe),
        probe_every_(std::max(1U, kProbeEveryMs / options.interval_ms)),
        end_(MonotonicNanoseconds() + static_cast<std::uint64_t>(options.seconds * 1e9)) {}

  void OnTick() override {
    if (loop_.now() >= end_) loop_.Stop();
    drips_.Drip();
    if (++ticks_ % probe_every_ == 0) probe_.Ask();
  }

 private:
  EpollLoop& loop_;
  DripTraffic& drips_;
  SummaryTraffic& probe_;
  std::uint32_t probe_every_;
  std::uint64_t end_;
  std::uint64_t ticks_ = 0;
};

}  // namespace

Result<Report> RunDrip(const RunOptions& options) {
  COORD_TRY(loop, EpollLoop::Open());
  Errors errors;
  SummaryTraffic probe(*loop, errors, options.spec);
  DripTraffic drips(options.message_bytes, options.drip_bytes);
  COORD_TRY_VOID(probe.Connect(options.address, 1));
  COORD_TRY_VOID(drips.Connect(*loop, options.address, options.connections));
  DripTicker ticker(*loop, drips, probe, options);
  COORD_TRY_VOID(loop->SetTicker(ticker, options.interval_ms));
  loop->Run();
  if (errors.count > 0) return InvalidError("the onlooker: " + errors.first);
  Report report;
  report.Add("command", std::string("drip"));
  report.Add("connections", std::uint64_t{options.connections});
  report.Add("bytes_sent", drips.bytes());
  report.Add("messages_sent", drips.messages());
  report.Add("answers", drips.answers());
  report.Add("closed_by_server", drips.closed());
  report.AddLatency("get_summary", probe.summary_latency());
  report.AddLatency("count_work_units", probe.count_latency());
  return report;
}

}  // namespace coord::bench
