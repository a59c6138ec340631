// SPDX-License-Identifier: MIT
// The power goes at any write or sync; what was answered before is there afterwards. COORD_SEED
// chooses what is done and what is lost. The storage threads run free, so that the same seed does
// about the same again, not exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client.h"
#include "fault_harness.h"
#include "unit_ledger.h"

namespace coord::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kCuts = 200;
constexpr int kCutsOfOneSpec = 10;
constexpr std::uint64_t kChangesMax = 60;       // of the disk before the power goes
constexpr std::uint64_t kLogBytes = 64 * 1024;  // so that the log is copied now and then

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

TEST(PowerCutTest, NothingThatWasAnsweredIsLost) {
  const char* const asked = std::getenv("COORD_SEED");
  const std::uint64_t seed = asked == nullptr ? 1 : std::strtoull(asked, nullptr, 10);
  SCOPED_TRACE("To repeat: COORD_SEED=" + std::to_string(seed));
  Rng rng(seed);
  SqliteOptions limits;
  limits.log_bytes = kLogBytes;
  FaultHarness harness(seed, limits);
  Connection connection(harness);
  Client client(connection);
  for (int round = 0; round < kCuts / kCutsOfOneSpec; ++round) {
    const std::string spec = "spec " + std::to_string(round);
    client.SetWorkSpec({{"name", spec}});
    UnitLedger ledger(spec);
    Traffic traffic(client, ledger, spec, rng);
    for (int cut = 0; cut < kCutsOfOneSpec; ++cut) {
      harness.vfs().CutAt(harness.vfs().changes() + 1 + rng.Below(kChangesMax));
      while (!harness.vfs().is_off()) {
        traffic.Send();
        if (rng.Below(3) == 0) connection.Step();
        traffic.TakeAnswers();
      }
      while (!traffic.all_answered()) {
        connection.Step();
        traffic.TakeAnswers();
      }
      connection.Reopen();
      ASSERT_THAT(ledger.Check(client), IsEmpty()) << "round " << round << ", cut " << cut;
    }
    client.DeleteWorkSpec(spec);
  }
}

}  // namespace
}  // namespace coord::testing
