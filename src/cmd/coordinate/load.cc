// SPDX-License-Identifier: MIT
#include "cmd/coordinate/load.h"

#include <fmt/format.h>

#include <ostream>
#include <utility>

#include "cmd/coordinate/progress.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

// Well below the daemon's limit for a message, whatever the units' sizes.
constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20U;
// Batches sent and not answered: enough to keep both sides busy.
constexpr std::size_t kBatchesAheadMax = 4;
constexpr Duration kDrawInterval = std::chrono::milliseconds(100);
constexpr std::size_t kBarWidth = 30;

// Adds to an error what had been done before it.
Error WithDone(Error error, std::uint64_t done, bool only_new) {
  if (done == 0) return error;
  error.detail += fmt::format(" (before it, at least {} units had been added", done);
  if (!only_new) error.detail += "; load again with --only-new to leave those as they are";
  error.detail += ")";
  return error;
}

Result<void> SendAll(OpenLoad& open, UnitSender& sender) {
  for (EncodedUnit& unit : open.load.units) COORD_TRY_VOID(sender.Add(std::move(unit)));
  while (open.reader != nullptr) {
    // What a slow program wrote goes on its way before the next wait for it.
    if (!open.reader->Ready()) COORD_TRY_VOID(sender.Flush());
    Result<std::optional<EncodedUnit>> unit = open.reader->Next();
    if (!unit.has_value()) {
      COORD_TRY_VOID(sender.Flush());
      return unit.error();
    }
    if (!unit->has_value()) break;
    COORD_TRY_VOID(sender.Add(std::move(**unit)));
  }
  return sender.Flush();
}

}  // namespace

LoadProgress::LoadProgress(Context& context, std::uint64_t total)
    : context_(context), total_(total), begun_(context.clock().Now()) {}

double LoadProgress::Rate(WallTime now) const {
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  return seconds > 0 ? static_cast<double>(done_) / seconds : 0;
}

void LoadProgress::Add(std::uint64_t count) {
  done_ += count;
  if (!context_.terminals().error) return;
  const WallTime now = context_.clock().Now();
  if (drawn_ != kNoTime && now - drawn_ < kDrawInterval) return;
  Draw(now);
}

void LoadProgress::Draw(WallTime now) {
  drawn_ = now;
  const double rate = Rate(now);
  std::string line = fmt::format("\r\x1b[K{} units  {}", done_, FormatRate(rate));
  if (total_ > 0) {
    line += "  " + ProgressBar(done_, total_, kBarWidth);
    if (done_ < total_) line += "  " + Eta(total_ - done_, rate);
  }
  context_.err() << line << std::flush;
}

void LoadProgress::Erase() {
  if (drawn_ != kNoTime) context_.err() << "\r\x1b[K" << std::flush;
  drawn_ = kNoTime;
}

void LoadProgress::Finish(bool only_new) {
  const double rate = Rate(context_.clock().Now());
  Erase();
  context_.out() << fmt::format("{} {} unit{} ({}){}\n", only_new ? "sent" : "added", done_,
                                done_ == 1 ? "" : "s", FormatRate(rate),
                                only_new ? "; those that existed are as they were" : "");
}

UnitSender::UnitSender(RpcClient& client, LoadProgress& progress, std::string work_spec,
                       bool only_new)
    : client_(client), progress_(progress), work_spec_(std::move(work_spec)), only_new_(only_new) {}

Result<void> UnitSender::Add(EncodedUnit unit) {
  if (!batch_.empty() && batch_bytes_ + unit.size() > kBatchBytesMax) COORD_TRY_VOID(SendBatch());
  batch_bytes_ += unit.size();
  batch_.emplace_back(Opaque{std::move(unit)});
  if (batch_.size() < kUnitsPerCall) return {};
  return SendBatch();
}

Result<void> UnitSender::Flush() {
  if (!batch_.empty()) COORD_TRY_VOID(SendBatch());
  while (!unanswered_.empty()) COORD_TRY_VOID(ReceiveOne());
  return {};
}

Result<void> UnitSender::SendBatch() {
  while (unanswered_.size() >= kBatchesAheadMax) COORD_TRY_VOID(ReceiveOne());
  unanswered_.push_back(batch_.size());
  List params{work_spec_, std::move(batch_)};
  if (only_new_) params.emplace_back(Map{{"only_new", true}});
  batch_ = List();
  batch_bytes_ = 0;
  COORD_TRY_VOID(client_.Send("add_work_units", std::move(params)));
  return client_.Flush();
}

Result<void> UnitSender::ReceiveOne() {
  COORD_TRY_VOID(ValueOfPair(client_.Receive()));
  progress_.Add(unanswered_.front());
  unanswered_.pop_front();
  return {};
}

Result<std::optional<std::uint64_t>> CountUnits(const UnitReader& reader, const UnitSource& source,
                                                std::istream& standard_input) {
  if (!reader.streaming()) return std::optional<std::uint64_t>(reader.buffered());
  if (!reader.repeatable()) return std::optional<std::uint64_t>();
  COORD_TRY(second, UnitReader::Open(source, standard_input));
  std::uint64_t count = 0;
  while (true) {
    COORD_TRY(unit, second->Next());
    if (!unit.has_value()) return std::optional<std::uint64_t>(count);
    ++count;
  }
}

Result<std::vector<OpenLoad>> OpenLoads(std::vector<UnitLoad> loads, std::istream& standard_input) {
  std::vector<OpenLoad> open;
  for (UnitLoad& load : loads) {
    OpenLoad opened{std::move(load), nullptr, 0};
    if (!opened.load.source.path.empty()) {
      COORD_TRY(reader, UnitReader::Open(opened.load.source, standard_input));
      COORD_TRY(count, CountUnits(*reader, opened.load.source, standard_input));
      opened.reader = std::move(reader);
      opened.count = count;
    }
    if (opened.count) *opened.count += opened.load.units.size();
    open.push_back(std::move(opened));
  }
  return open;
}

Result<void> SendLoads(Context& context, std::vector<OpenLoad> loads, bool only_new) {
  COORD_TRY(client, context.Client());
  std::uint64_t total = 0;
  bool known = true;
  for (const OpenLoad& load : loads) {
    total += load.count.value_or(0);
    known = known && load.count.has_value();
  }
  LoadProgress progress(context, known ? total : 0);
  for (OpenLoad& load : loads) {
    UnitSender sender(*client, progress, load.load.work_spec, only_new);
    const Result<void> sent = SendAll(load, sender);
    if (!sent.has_value()) {
      progress.Erase();
      return WithDone(sent.error(), progress.done(), only_new);
    }
  }
  progress.Finish(only_new);
  return {};
}

}  // namespace coord
