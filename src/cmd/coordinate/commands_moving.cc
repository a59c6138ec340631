// SPDX-License-Identifier: MIT
// The commands that move everything from one daemon to another: export, import.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/export_file.h"
#include "cmd/coordinate/moving_progress.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/record_file_reader.h"
#include "cmd/coordinate/server_info.h"

namespace coord {

namespace {

constexpr std::string_view kStandardStream = "-";

// --- export --------------------------------------------------------------------------------------

struct Page {
  std::string records;
  std::string cursor;  // empty: that was all
  std::optional<std::uint64_t> work_units;
};

Result<Page> GetPage(Context& context, const std::string& cursor) {
  Map options;
  if (!cursor.empty()) options.emplace_back("cursor", Bytes{cursor});
  COORD_TRY(answer, context.Call("export_records", {std::move(options)}));
  const Value* const records = answer.Find("records");
  const Value* const next = answer.Find("cursor");
  const std::string* const bytes = records == nullptr ? nullptr : records->AsString();
  if (bytes == nullptr || next == nullptr || (!next->is_null() && next->AsString() == nullptr)) {
    return Error{ErrorCode::kCorrupt, "unexpected answer to export_records", {}};
  }
  Page page;
  page.records = *bytes;
  if (!next->is_null()) page.cursor = *next->AsString();
  const Value* const work_units = answer.Find("work_units");
  if (work_units != nullptr) {
    page.work_units = static_cast<std::uint64_t>(NumberOr(answer, "work_units", 0));
  }
  return page;
}

class ExportCommand final : public Command {
 public:
  std::string_view name() const override { return "export"; }
  std::string_view summary() const override {
    return "Write everything that a daemon holds to a file, for another daemon";
  }
  std::string_view notes() const override {
    return "All namespaces, work specs, work units, attempts, workers and locks, as lines of JSON\n"
           "or as CBOR; docs/moving.md describes them. An export that was cut off leaves\n"
           "FILE.partial, and goes on there when the same command is run again. What changes\n"
           "meanwhile may or may not be in it: pause the work specs and let the workers end.\n"
           "Exit code 5: the file cannot be written.\n"
           "\n"
           "Examples:\n"
           "  coordinate export all.jsonl\n"
           "  coordinate export --format cbor - | gzip >all.cbor.gz";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"file", "FILE", "Where to, -: standard output; must not exist"}, file_).Required();
    add.Text({"--format", "FORMAT:{jsonl,cbor}", "Lines of JSON (default) or CBOR"}, format_);
    add.Flag("--restart", restart_, "Begin anew, whatever FILE.partial there is");
    add.Flag("-q,--quiet", quiet_, "Show no progress, and say nothing at the end");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(format, RecordFormatFromText(format_));
    COORD_TRY(info, GetServerInfo(context, "export_records"));
    auto opened = OpenFile(context, format);
    if (opened.has_error()) {
      const bool failed = opened.error().code == ErrorCode::kUnavailable;
      return Ended(context, opened.error(), failed);
    }
    ExportFile& file = **opened;
    if (const auto copied = Copy(context, info, file); copied.has_error()) {
      return Ended(context, copied.error(), file.failed());
    }
    if (!quiet_ && file_ != kStandardStream) {
      context.out() << "exported " << file.state().counts.ToText() << "\n";
    }
    return kExitOk;
  }

 private:
  Result<std::unique_ptr<ExportFile>> OpenFile(Context& context, RecordFormat format) const {
    if (file_ == kStandardStream) return ExportFile::ToStream(context.out(), format);
    return ExportFile::Open(file_, format, restart_);
  }

  // Trouble with the file has a code of its own.
  static Result<int> Ended(Context& context, const Error& error, bool cannot_write) {
    if (!cannot_write) return error;
    context.Warn(error.detail);
    return kExitOutput;
  }

  Result<void> Copy(Context& context, const Value& info, ExportFile& file) const {
    if (!file.goes_on()) {
      COORD_TRY_VOID(file.AppendItem(EncodeFileHeader(context.clock().Now(), info)));
    } else if (!quiet_) {
      context.Warn(fmt::format("going on with {}.partial, behind {} records", file_,
                               file.state().counts.records()));
    }
    MovingProgress progress(context, quiet_);
    const auto copied = CopyPages(context, progress, file);
    progress.Erase();
    return copied;
  }

  static Result<void> CopyPages(Context& context, MovingProgress& progress, ExportFile& file) {
    std::uint64_t work_units = file.state().work_units;
    while (true) {
      COORD_TRY(page, GetPage(context, file.state().cursor));
      COORD_TRY_VOID(file.AppendRecords(page.records));
      work_units = page.work_units.value_or(work_units);
      if (page.cursor.empty()) return file.Finish();
      COORD_TRY_VOID(file.Note(page.cursor, work_units));
      const RecordCounts& counts = file.state().counts;
      progress.Show(counts.work_units(), work_units, counts.records());
    }
  }

  std::string file_;
  std::string format_ = "jsonl";
  bool restart_ = false;
  bool quiet_ = false;
};

// --- import --------------------------------------------------------------------------------------

// Sends records in batches, a few of them ahead of their answers.
class RecordSender {
 public:
  explicit RecordSender(RpcClient& client) : client_(client) {}

  // Errors: those of RpcClient; kInternal for a batch that the daemon refused. The sender is then
  // spent, and earlier batches have been imported.
  Result<void> Add(std::string_view record) {
    if (!batch_.empty() && batch_.size() + record.size() > kBatchBytesMax) {
      COORD_TRY_VOID(SendBatch());
    }
    batch_ += record;
    if (++batch_records_ < kBatchRecordsMax) return {};
    return SendBatch();
  }

  Result<void> Flush() {
    if (!batch_.empty()) COORD_TRY_VOID(SendBatch());
    while (client_.unanswered() > 0) COORD_TRY_VOID(ReceiveOne());
    return {};
  }

  std::uint64_t added() const { return added_; }
  std::uint64_t equal() const { return equal_; }

 private:
  static constexpr std::size_t kBatchRecordsMax = 1'000;
  static constexpr std::size_t kBatchBytesMax = std::size_t{1} << 20U;
  static constexpr std::size_t kBatchesAheadMax = 4;

  Result<void> SendBatch() {
    while (client_.unanswered() >= kBatchesAheadMax) COORD_TRY_VOID(ReceiveOne());
    COORD_TRY_VOID(client_.Send("import_records", {Bytes{std::exchange(batch_, {})}}));
    batch_records_ = 0;
    return client_.Flush();
  }

  Result<void> ReceiveOne() {
    COORD_TRY(answer, client_.Receive());
    added_ += static_cast<std::uint64_t>(NumberOr(answer, "added", 0));
    equal_ += static_cast<std::uint64_t>(NumberOr(answer, "equal", 0));
    return {};
  }

  RpcClient& client_;
  std::string batch_;
  std::size_t batch_records_ = 0;
  std::uint64_t added_ = 0;
  std::uint64_t equal_ = 0;
};

class ImportCommand final : public Command {
 public:
  std::string_view name() const override { return "import"; }
  std::string_view summary() const override {
    return "Take what `coordinate export` wrote into a daemon, on any backend";
  }
  std::string_view notes() const override {
    return "The daemon should have nothing to do and nothing of its own. What it has of the file "
           "is\n"
           "left as it is, so that an import that was cut off is run again; what it has and is "
           "not\n"
           "the same is refused, and so is what comes after it. A file is read to its end before\n"
           "anything is sent: a damaged one changes nothing.\n"
           "Exit code 2: the file is damaged. 4: the daemon refused a record.\n"
           "\n"
           "Examples:\n"
           "  coordinate import all.jsonl\n"
           "  zcat all.cbor.gz | coordinate import -";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"file", "FILE", "The file; -: standard input"}, file_).Required();
    add.Flag("-q,--quiet", quiet_, "Show no progress, and say nothing at the end");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY_VOID(RequireExtension(context, "import_records"));
    if (file_ != kStandardStream) COORD_TRY_VOID(Check(context));
    COORD_TRY(client, context.Client());
    RecordSender sender(*client);
    if (const auto sent = Send(context, sender); sent.has_error()) {
      Error error = sent.error();
      const std::uint64_t taken = sender.added() + sender.equal();
      if (taken > 0) error.detail += fmt::format(" (before it, {} records were imported)", taken);
      return error;
    }
    if (!quiet_) {
      context.out() << fmt::format("imported {} records; {} were there already\n", sender.added(),
                                   sender.equal());
    }
    return kExitOk;
  }

 private:
  // Calls `take` for each record.
  template <typename Take>
  Result<void> ForEach(Context& context, Take take) const {
    COORD_TRY(reader, RecordFileReader::Open(file_, context.in()));
    while (true) {
      COORD_TRY(record, reader->Next());
      if (!record) return {};
      COORD_TRY_VOID(take(*record, *reader));
    }
  }

  // Reads the file to its end, each record as the daemon will.
  Result<void> Check(Context& context) const {
    return ForEach(context, [](std::string_view record, const RecordFileReader& reader) {
      const auto checked = CheckRecord(record);
      if (checked.has_value()) return checked;
      return Result<void>(InvalidError(reader.Where() + ": " + checked.error().detail));
    });
  }

  Result<void> Send(Context& context, RecordSender& sender) const {
    MovingProgress progress(context, quiet_);
    const auto sent = [&]() -> Result<void> {
      COORD_TRY_VOID(ForEach(context, [&](std::string_view record, const RecordFileReader& reader) {
        progress.Show(reader.bytes_read(), reader.size().value_or(0), reader.counts().records());
        return sender.Add(record);
      }));
      return sender.Flush();
    }();
    progress.Erase();
    return sent;
  }

  std::string file_;
  bool quiet_ = false;
};

}  // namespace

void RegisterMovingCommands(Registry& registry) {
  registry.Add(std::make_unique<ExportCommand>());
  registry.Add(std::make_unique<ImportCommand>());
}

}  // namespace coord
