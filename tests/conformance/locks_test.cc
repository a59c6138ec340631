// SPDX-License-Identifier: MIT
// spec/domain.md, section 10.
#include "suite.h"

namespace coord::testing {

using ::testing::Each;
using ::testing::ElementsAre;

namespace {

// Claims one path for "me" and says whether that went well.
bool Claim(Client& client, const Path& path, Duration lifetime = 60s) {
  return client.ChangeLocks(LockOperation::kLockAll, "me", {path}, lifetime).front();
}

}  // namespace

// C-LOCK-01
TEST_P(LockTest, AHeldPathShutsOutItselfItsPrefixesAndItsExtensions) {
  EXPECT_TRUE(Claim(client(), {"a", "b"}));
  EXPECT_FALSE(Claim(client(), {"a", "b"}));
  EXPECT_FALSE(Claim(client(), {"a"}));
  EXPECT_FALSE(Claim(client(), {"a", "b", "c"}));
  EXPECT_FALSE(Claim(client(), {"a", "b", "c", "d"}));
  EXPECT_TRUE(Claim(client(), {"a", "c"}));
  EXPECT_TRUE(Claim(client(), {"b"}));
}

// C-LOCK-02
TEST_P(LockTest, ItShutsOutEverybodyTheHolderIncluded) {
  EXPECT_TRUE(Claim(client(), {"a"}));
  EXPECT_FALSE(Claim(client(), {"a"}));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockAll, "you", {{"a", "b"}}),
              ElementsAre(false));
}

// C-LOCK-02 C-LOCK-03
TEST_P(LockTest, ItShutsOutTheSameCall) {
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockAll, "me", {{"a"}, {"a", "b"}}),
              Each(false));
  EXPECT_THAT(client().ReadLocks({{"a"}, {"a", "b"}}), Each(std::nullopt));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockSome, "me", {{"a"}, {"a", "b"}, {"c"}}),
              ElementsAre(true, false, true));
}

// C-LOCK-03
TEST_P(LockTest, ClaimingAllTakesAllOrNone) {
  EXPECT_TRUE(Claim(client(), {"b"}));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockAll, "you", {{"a"}, {"b"}, {"c"}}),
              Each(false));
  EXPECT_THAT(client().ReadLocks({{"a"}, {"b"}, {"c"}}),
              ElementsAre(std::nullopt, "me", std::nullopt));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockAll, "you", {{"a"}, {"c"}}), Each(true));
}

// C-LOCK-03
TEST_P(LockTest, ClaimingSomeTakesAsManyAsPossibleInOrder) {
  EXPECT_TRUE(Claim(client(), {"b"}));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockSome, "you", {{"a"}, {"b", "x"}, {"c"}}),
              ElementsAre(true, false, true));
  EXPECT_THAT(client().ReadLocks({{"a"}, {"b"}, {"b", "x"}, {"c"}}),
              ElementsAre("you", "me", std::nullopt, "you"));
}

// C-LOCK-04
TEST_P(LockTest, RenewingNeedsEveryOneByItsExactPath) {
  EXPECT_TRUE(Claim(client(), {"a", "b"}, 10s));
  EXPECT_TRUE(Claim(client(), {"c"}, 10s));
  const auto renew = [this](const std::string& locker, const std::vector<Path>& paths) -> bool {
    return client().ChangeLocks(LockOperation::kRenew, locker, paths, 60s).front();
  };
  EXPECT_FALSE(renew("you", {{"c"}}));
  EXPECT_FALSE(renew("me", {{"a"}}));
  EXPECT_FALSE(renew("me", {{"a", "b", "c"}}));
  EXPECT_FALSE(renew("me", {{"c"}, {"d"}}));
  EXPECT_TRUE(renew("me", {{"a", "b"}}));
  Advance(10s);
  EXPECT_THAT(client().ReadLocks({{"a", "b"}, {"c"}}), ElementsAre("me", std::nullopt));
}

// C-LOCK-04
TEST_P(LockTest, ReleasingNeedsEveryOneByItsExactPath) {
  EXPECT_TRUE(Claim(client(), {"a", "b"}));
  EXPECT_TRUE(Claim(client(), {"c"}));
  const auto release = [this](const std::string& locker, const std::vector<Path>& paths) -> bool {
    return client().ChangeLocks(LockOperation::kUnlock, locker, paths).front();
  };
  EXPECT_FALSE(release("you", {{"c"}}));
  EXPECT_FALSE(release("me", {{"c"}, {"a"}}));
  EXPECT_THAT(client().ReadLocks({{"a", "b"}, {"c"}}), ElementsAre("me", "me"));
  EXPECT_TRUE(release("me", {{"c"}, {"a", "b"}}));
  EXPECT_THAT(client().ReadLocks({{"a", "b"}, {"c"}}), Each(std::nullopt));
  EXPECT_TRUE(Claim(client(), {"a"}));
}

// C-LOCK-05 C-TIME-03
TEST_P(LockTest, OneIsGoneFromTheInstantItExpires) {
  EXPECT_TRUE(Claim(client(), {"a"}, 10s));
  Advance(10s - kInstant);
  EXPECT_THAT(client().ReadLocks({{"a"}}), ElementsAre("me"));
  EXPECT_FALSE(Claim(client(), {"a"}));
  Advance(kInstant);
  EXPECT_THAT(client().ReadLocks({{"a"}}), ElementsAre(std::nullopt));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kRenew, "me", {{"a"}}, 60s), Each(false));
  EXPECT_THAT(client().ChangeLocks(LockOperation::kLockAll, "you", {{"a", "b"}}, 60s), Each(true));
}

// C-LOCK-06
TEST_P(LockTest, ReadingGoesByTheExactPath) {
  EXPECT_TRUE(Claim(client(), {"a", "b"}));
  EXPECT_THAT(client().ReadLocks({{"a"}, {"a", "b"}, {"a", "b", "c"}}),
              ElementsAre(std::nullopt, "me", std::nullopt));
}

// C-LOCK-07 C-NS-02
TEST_P(LockTest, NamespacesDoNotShareLocks) {
  Client one = client().In("one");
  Client two = client().In("two");
  EXPECT_TRUE(Claim(one, {"a"}));
  EXPECT_THAT(two.ReadLocks({{"a"}}), ElementsAre(std::nullopt));
  EXPECT_TRUE(Claim(two, {"a"}));
}

// C-LOCK-08
TEST_P(LockTest, LabelsAreAnyScalarAndKindsDiffer) {
  EXPECT_TRUE(Claim(client(), {1}));
  EXPECT_TRUE(Claim(client(), {"1"}));
  EXPECT_TRUE(Claim(client(), {true}));
  EXPECT_TRUE(Claim(client(), {2.5}));
  EXPECT_TRUE(Claim(client(), {""}));
  EXPECT_FALSE(Claim(client(), {1, 2}));
}

// C-LOCK-09
TEST_P(LockTest, EveryLockUnderAFirstLabelCanBeDropped) {
  EXPECT_TRUE(Claim(client(), {"a", "b"}));
  EXPECT_TRUE(Claim(client(), {"a", "c", "d"}));
  EXPECT_TRUE(Claim(client(), {"b"}));
  Keeper keeper;
  EXPECT_EQ(client().ErrorOf(DropLocks{.first_label = keeper.Keep(EncodeCbor(Value("a")))}), kOk);
  EXPECT_THAT(client().ReadLocks({{"a", "b"}, {"a", "c", "d"}, {"b"}}),
              ElementsAre(std::nullopt, std::nullopt, "me"));
  EXPECT_TRUE(Claim(client(), {"a"}));
}

}  // namespace coord::testing
