// SPDX-License-Identifier: MIT
// The power goes at any write or sync; what was answered before is there afterwards. COORD_SEED
// chooses what is done and what is lost. The storage threads run free, so that the same seed does
// about the same again, not exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "client.h"
#include "fault_harness.h"
#include "unit_ledger.h"

namespace coord::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kCutsOfOneSpec = 10;

// Adds, claims and finishes at random and keeps the ledger.
class Traffic {
 public:
  Traffic(Client& client, UnitLedger& ledger, std::string spec, Rng& rng)
      : client_(client), ledger_(ledger), spec_(std::move(spec)), rng_(rng) {}

  // Sends a few commands at once.
  void Send() {
    std::vector<Command> commands;
    std::vector<Sent> sent;
    for (std::uint64_t left = 1 + rng_.Below(4); left > 0; --left) {
      Sent one;
      commands.push_back(Draw(one));
      sent.push_back(one);
    }
    const auto tokens = client_.connection().Submit("", std::move(commands));
    for (std::size_t i = 0; i < sent.size(); ++i) sent_.emplace(tokens[i], sent[i]);
  }

  // Takes the answers that have come.
  void TakeAnswers() {
    for (auto next = sent_.begin(); next != sent_.end();) {
      const auto answer = client_.connection().Take(next->first);
      if (answer) OnAnswer(next->second, *answer);
      next = answer ? sent_.erase(next) : std::next(next);
    }
  }

  bool all_answered() const { return sent_.empty(); }

 private:
  struct Sent {
    enum class Kind : std::uint8_t { kAdd, kClaim, kFinish } kind = Kind::kAdd;
    std::vector<std::string> units;
    std::uint64_t count = 0;
  };

  Command Draw(Sent& sent) {
    const std::uint64_t dice = rng_.Below(3);
    const std::string claimed = ledger_.ClaimedUnit(rng_.Next());
    if (dice == 0 && !claimed.empty()) {
      // Twice would be an update of a finished unit; nobody sends the second while the first is
      // out.
      ledger_.MaybeFinished(claimed);
      sent = {Sent::Kind::kFinish, {claimed}};
      return UpdateWorkUnits{keeper_.Keep(std::vector<Update>{
          {.spec = spec_, .unit = claimed, .status = AskedStatus::kFinished, .worker = "w"}})};
    }
    if (dice == 1) {
      sent = {Sent::Kind::kClaim, {}, 1 + rng_.Below(3)};
      return keeper_.Keep(Ask{.worker = "w", .count = sent.count, .specs = {spec_}});
    }
    std::vector<NewUnit> units;
    for (std::uint64_t left = 1 + rng_.Below(3); left > 0; --left) {
      sent.units.push_back("unit " + std::to_string(++last_unit_));
      units.push_back({.name = sent.units.back(), .data = {{"n", Value(last_unit_)}}});
    }
    return AddWorkUnits{.spec = keeper_.Keep(spec_), .items = keeper_.Keep(units)};
  }

  void OnAnswer(const Sent& sent, const OwnedOutcome& answer) {
    const bool known = !std::holds_alternative<Error>(answer);
    switch (sent.kind) {
      case Sent::Kind::kAdd:
        for (const std::string& unit : sent.units) {
          known ? ledger_.OnAdded(unit) : ledger_.MaybeAdded(unit);
        }
        break;
      case Sent::Kind::kClaim:
        if (!known) return ledger_.MaybeClaimed(sent.count);
        for (const OwnedGrant& grant : std::get<OwnedWork>(answer).units) {
          ledger_.OnClaimed(grant.name, grant.attempt);
        }
        break;
      case Sent::Kind::kFinish:
        if (known) {
          EXPECT_TRUE(std::get<OwnedUpdates>(answer).front().ok);
          ledger_.OnFinished(sent.units.front());
        }
        break;
    }
  }

  Client& client_;
  UnitLedger& ledger_;
  const std::string spec_;
  Rng& rng_;
  Keeper keeper_;
  std::uint64_t last_unit_ = 0;
  std::map<std::uint64_t, Sent> sent_;
};

// Another connection that reads now and then, which keeps the log from starting anew.
class Reader {
 public:
  Reader(std::string path, Rng& rng) : path_(std::move(path)), rng_(rng) {}

  // Begins or ends to read, at random.
  void Toss() {
    if (rng_.Below(8) != 0) return;
    if (handle_ != nullptr) return Close();
    sqlite3* handle = nullptr;
    COORD_CHECK(sqlite3_open(path_.c_str(), &handle) == SQLITE_OK);
    handle_.reset(handle);
    sqlite3_exec(handle, "BEGIN; SELECT count(*) FROM work_units", nullptr, nullptr, nullptr);
  }

  void Close() { handle_.reset(); }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };

  const std::string path_;
  Rng& rng_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

std::uint64_t Seed() {
  const char* const asked = std::getenv("COORD_SEED");
  return asked == nullptr ? 1 : std::strtoull(asked, nullptr, 10);
}

class PowerCutTest : public ::testing::Test {
 protected:
  // `log_bytes`: after how many the log is copied. `changes_max`: of the disk before a cut.
  // Goes on until the log's file has been cut so often, too.
  void Cut(int cuts, int truncations, std::uint64_t log_bytes, std::uint64_t changes_max,
           bool with_reader) {
    SqliteOptions limits;
    limits.log_bytes = log_bytes;
    limits.reader_wait = std::chrono::milliseconds(1);  // it will not leave meanwhile
    FaultHarness harness(seed_, limits);
    Connection connection(harness);
    Client client(connection);
    Reader reader(harness.path(), rng_);
    for (int round = 0; round * kCutsOfOneSpec < cuts || truncations_ < truncations; ++round) {
      const std::string spec = "spec " + std::to_string(round);
      client.SetWorkSpec({{"name", spec}});
      UnitLedger ledger(spec);
      Traffic traffic(client, ledger, spec, rng_);
      for (int cut = 0; cut < kCutsOfOneSpec; ++cut) {
        CountTruncations(harness.vfs());
        harness.vfs().CutAt(harness.vfs().changes() + 1 + rng_.Below(changes_max));
        while (!harness.vfs().is_off()) {
          traffic.Send();
          if (with_reader) reader.Toss();
          if (rng_.Below(3) == 0) connection.Step();
          traffic.TakeAnswers();
        }
        while (!traffic.all_answered()) {
          connection.Step();
          traffic.TakeAnswers();
        }
        reader.Close();
        connection.Reopen();
        ASSERT_THAT(ledger.Check(client), IsEmpty()) << "round " << round << ", cut " << cut;
      }
      client.DeleteWorkSpec(spec);
    }
  }

  // Until the next cut.
  void CountTruncations(FaultVfs& vfs) {
    vfs.SetFault([this](DiskOperation operation) {
      if (operation == DiskOperation::kTruncate) ++truncations_;
      return SQLITE_OK;
    });
  }

  const std::uint64_t seed_ = Seed();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__,
                                      "To repeat: COORD_SEED=" + std::to_string(seed_)};
  Rng rng_{seed_};
  std::atomic<int> truncations_{0};
};

TEST_F(PowerCutTest, NothingThatWasAnsweredIsLost) {
  // So that the log is copied now and then.
  Cut(200, /*truncations=*/0, /*log_bytes=*/64 * 1024, /*changes_max=*/60, /*with_reader=*/false);
}

TEST_F(PowerCutTest, NorWhereReadersMakeTheLogLongAndItIsCutShort) {
  Cut(50, /*truncations=*/5, /*log_bytes=*/16 * 1024, /*changes_max=*/500, /*with_reader=*/true);
}

}  // namespace
}  // namespace coord::testing
