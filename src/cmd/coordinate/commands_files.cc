// SPDX-License-Identifier: MIT
// The commands about files of the embedded store: backup, check.
#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/progress.h"
#include "stores/sqlite/maintenance.h"

namespace coord {

namespace {

constexpr std::size_t kBarWidth = 40;

// No daemon is asked, so none is unreachable: trouble with a file has a code of its own.
Result<int> FileTrouble(Context& context, const Error& error, int code) {
  if (error.code != ErrorCode::kUnavailable) return error;
  context.Warn(error.detail);
  return code;
}

class BackupCommand final : public Command {
 public:
  std::string_view name() const override { return "backup"; }
  std::string_view summary() const override {
    return "Copy a file of the sqlite backend, also while its daemon runs";
  }
  std::string_view notes() const override {
    return "The copy is the state of one instant, and is there when all of it is on the disk. The\n"
           "daemon is not asked, and goes on undisturbed. To use a copy, start a daemon on it.\n"
           "Exit code 5: the file cannot be read, or the copy cannot be written.\n"
           "\n"
           "Examples:\n"
           "  coordinate backup work.db work-$(date +%F).db";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"file", "FILE", "The file, PATH in --backend sqlite:PATH"}, file_).Required();
    add.Text({"copy", "FILE", "Where the copy goes; must not exist"}, copy_).Required();
  }

  Result<int> Run(Context& context) override {
    const bool shows = context.terminals().error;
    const auto done = BackUpSqliteFile(file_, copy_, [&](std::uint64_t copied, std::uint64_t all) {
      if (shows) context.err() << "\r" << ProgressBar(copied, all, kBarWidth) << std::flush;
    });
    if (shows) context.err() << "\n";
    return done.has_error() ? FileTrouble(context, done.error(), kExitOutput) : kExitOk;
  }

 private:
  std::string file_;
  std::string copy_;
};

class CheckCommand final : public Command {
 public:
  std::string_view name() const override { return "check"; }
  std::string_view summary() const override {
    return "Verify a file of the sqlite backend that no daemon has open";
  }
  std::string_view notes() const override {
    return "Exit code 1: the file is damaged; each problem is one line. 4: a daemon has it open.\n"
           "\n"
           "Examples:\n"
           "  coordinate check work.db";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"file", "FILE", "The file, or a copy of it"}, file_).Required();
  }

  Result<int> Run(Context& context) override {
    const auto report = CheckSqliteFile(file_);
    if (report.has_error()) return FileTrouble(context, report.error(), kExitRefused);
    for (const std::string& problem : report->problems) context.out() << problem << "\n";
    if (!report->problems.empty()) return kExitNegative;
    context.out() << fmt::format("{}: ok, {} work units and {} attempts\n", file_, report->units,
                                 report->attempts);
    return kExitOk;
  }

 private:
  std::string file_;
};

}  // namespace

void RegisterFileCommands(Registry& registry) {
  registry.Add(std::make_unique<BackupCommand>());
  registry.Add(std::make_unique<CheckCommand>());
}

}  // namespace coord
