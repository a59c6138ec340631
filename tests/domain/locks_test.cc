// SPDX-License-Identifier: MIT
#include "domain/locks.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "domain/lock_paths.h"

namespace coord {
namespace {

using std::chrono::seconds;

constexpr WallTime kStart = WallTime(seconds(1000));
constexpr Duration kLong = seconds(100);

using Path = std::vector<std::string_view>;

class Locks : public ::testing::Test {
 protected:
  bool Claim(const Path& path, std::string_view locker = "me", Duration lifetime = kLong) {
    return tree_.Claim(path, locker, now_, lifetime);
  }

  std::string Holder(const Path& path) {
    return std::string(tree_.Holder(path, now_).value_or("-"));
  }

  std::vector<bool> Apply(LockOperation operation, const std::vector<Path>& paths,
                          std::string_view locker = "me", Duration lifetime = kLong) {
    const std::vector<LockPath> views(paths.begin(), paths.end());
    const auto held = std::make_unique<bool[]>(paths.size());
    const ChangeLocks command = {
        .operation = operation, .locker = locker, .paths = views, .lifetime = lifetime};
    tree_.Apply(command, now_, {held.get(), paths.size()});
    return std::vector<bool>(held.get(), held.get() + paths.size());
  }

  LockTree tree_;
  WallTime now_ = kStart;
};

using Held = std::vector<bool>;

TEST_F(Locks, AHeldPathShutsOutItselfItsPrefixesAndItsExtensions) {
  ASSERT_TRUE(Claim({"a", "b"}));
  for (const std::string_view locker : {"me", "you"}) {
    EXPECT_FALSE(Claim({"a", "b"}, locker));
    EXPECT_FALSE(Claim({"a"}, locker));
    EXPECT_FALSE(Claim({}, locker));
    EXPECT_FALSE(Claim({"a", "b", "c"}, locker));
    EXPECT_FALSE(Claim({"a", "b", "c", "d"}, locker));
  }
  EXPECT_TRUE(Claim({"a", "c"}, "you"));
  EXPECT_TRUE(Claim({"b"}, "you"));
  EXPECT_TRUE(Claim({"ab"}, "you"));
  EXPECT_EQ(Holder({"a", "b"}), "me");
  EXPECT_EQ(Holder({"a", "c"}), "you");
  EXPECT_EQ(Holder({"a"}), "-");
  EXPECT_EQ(Holder({"a", "b", "c"}), "-");
}

TEST_F(Locks, TheEmptyPathIsAPrefixOfAll) {
  ASSERT_TRUE(Claim({}));
  EXPECT_EQ(Holder({}), "me");
  EXPECT_FALSE(Claim({"a"}));
  tree_.Release({});
  EXPECT_TRUE(tree_.empty());
  EXPECT_TRUE(Claim({"a"}));
  EXPECT_FALSE(Claim({}));
}

TEST_F(Locks, ALockIsGoneAtItsLastInstant) {
  ASSERT_TRUE(Claim({"a", "b"}, "me", seconds(10)));
  now_ = kStart + seconds(10) - Duration(1);
  EXPECT_EQ(Holder({"a", "b"}), "me");
  EXPECT_TRUE(tree_.IsHeldBy(Path{"a", "b"}, "me", now_));
  EXPECT_FALSE(Claim({"a"}, "you"));
  now_ = kStart + seconds(10);
  EXPECT_EQ(Holder({"a", "b"}), "-");
  EXPECT_FALSE(tree_.IsHeldBy(Path{"a", "b"}, "me", now_));
  EXPECT_TRUE(Claim({"a"}, "you"));
  EXPECT_EQ(Holder({"a"}), "you");
}

TEST_F(Locks, LifetimesAreHeldWithinBounds) {
  ASSERT_TRUE(Claim({"zero"}, "me", Duration(0)));
  ASSERT_TRUE(Claim({"negative"}, "me", seconds(-5)));
  ASSERT_TRUE(Claim({"endless"}, "me", Duration::max()));
  now_ = kStart + LockTree::kDefaultLifetime - Duration(1);
  EXPECT_EQ(Holder({"zero"}), "me");
  EXPECT_EQ(Holder({"negative"}), "me");
  now_ = kStart + LockTree::kDefaultLifetime;
  EXPECT_EQ(Holder({"zero"}), "-");
  EXPECT_EQ(Holder({"negative"}), "-");
  now_ = kStart + LockTree::kMaxLifetime - Duration(1);
  EXPECT_EQ(Holder({"endless"}), "me");
  now_ = kStart + LockTree::kMaxLifetime;
  EXPECT_EQ(Holder({"endless"}), "-");
}

TEST_F(Locks, LockAllTakesAllOrNone) {
  EXPECT_EQ(Apply(LockOperation::kLockAll, {{"a"}, {"b", "c"}}), Held({true, true}));
  EXPECT_EQ(Apply(LockOperation::kLockAll, {{"d"}, {"e"}, {"b"}}, "you"),
            Held({false, false, false}));
  EXPECT_EQ(Holder({"d"}), "-");
  EXPECT_EQ(Holder({"e"}), "-");
  EXPECT_EQ(Holder({"a"}), "me");
  EXPECT_EQ(Holder({"b", "c"}), "me");
  EXPECT_EQ(Apply(LockOperation::kLockAll, {}), Held());
}

TEST_F(Locks, TheKeysOfOneCallShutEachOtherOut) {
  EXPECT_EQ(Apply(LockOperation::kLockAll, {{"a"}, {"a"}}), Held({false, false}));
  EXPECT_EQ(Apply(LockOperation::kLockAll, {{"a"}, {"a", "b"}}), Held({false, false}));
  EXPECT_EQ(Apply(LockOperation::kLockAll, {{"a", "b"}, {"a"}}), Held({false, false}));
  EXPECT_TRUE(tree_.empty());
  EXPECT_EQ(Apply(LockOperation::kLockSome, {{"a", "b"}, {"a"}, {"a", "c"}}),
            Held({true, false, true}));
}

TEST_F(Locks, LockSomeTakesWhatItCanInOrder) {
  ASSERT_TRUE(Claim({"b"}, "you"));
  EXPECT_EQ(Apply(LockOperation::kLockSome, {{"a"}, {"b"}, {"a"}, {"c"}}),
            Held({true, false, false, true}));
  EXPECT_EQ(Holder({"a"}), "me");
  EXPECT_EQ(Holder({"b"}), "you");
  EXPECT_EQ(Holder({"c"}), "me");
}

TEST_F(Locks, RenewNeedsEveryOneToBeHeldByTheLocker) {
  ASSERT_EQ(Apply(LockOperation::kLockAll, {{"a"}, {"b"}}, "me", seconds(10)), Held({true, true}));
  ASSERT_TRUE(Claim({"c"}, "you", seconds(10)));
  EXPECT_EQ(Apply(LockOperation::kRenew, {{"a"}, {"c"}}), Held({false, false}));
  EXPECT_EQ(Apply(LockOperation::kRenew, {{"a"}, {"unknown"}}), Held({false, false}));
  now_ = kStart + seconds(5);
  EXPECT_EQ(Apply(LockOperation::kRenew, {{"b"}}, "me", seconds(10)), Held({true}));
  now_ = kStart + seconds(10);
  EXPECT_EQ(Holder({"a"}), "-") << "a renewal that failed changed something";
  EXPECT_EQ(Holder({"b"}), "me");
  EXPECT_EQ(Apply(LockOperation::kRenew, {{"a"}}), Held({false}));
  now_ = kStart + seconds(15);
  EXPECT_EQ(Holder({"b"}), "-");
}

TEST_F(Locks, UnlockNeedsEveryOneToBeHeldByTheLocker) {
  ASSERT_EQ(Apply(LockOperation::kLockAll, {{"a"}, {"b", "c"}}), Held({true, true}));
  EXPECT_EQ(Apply(LockOperation::kUnlock, {{"a"}}, "you"), Held({false}));
  EXPECT_EQ(Apply(LockOperation::kUnlock, {{"a"}, {"b"}}), Held({false, false}));
  EXPECT_EQ(Holder({"a"}), "me");
  EXPECT_EQ(Apply(LockOperation::kUnlock, {{"b", "c"}, {"a"}, {"a"}}), Held({true, true, true}));
  EXPECT_TRUE(tree_.empty());
  EXPECT_TRUE(Claim({"b"}, "you"));
}

TEST_F(Locks, DropTakesAllUnderAFirstLabel) {
  ASSERT_TRUE(Claim({"a", "b"}));
  ASSERT_TRUE(Claim({"a", "c", "d"}, "you"));
  ASSERT_TRUE(Claim({"ab"}));
  tree_.Drop("a");
  tree_.Drop("unknown");
  EXPECT_EQ(Holder({"a", "b"}), "-");
  EXPECT_EQ(Holder({"a", "c", "d"}), "-");
  EXPECT_EQ(Holder({"ab"}), "me");
  EXPECT_TRUE(Claim({"a"}, "you"));
  tree_.Drop("a");
  tree_.Drop("ab");
  EXPECT_TRUE(tree_.empty());
}

TEST_F(Locks, ExpiredLocksLeaveNothingBehind) {
  ASSERT_TRUE(Claim({"a", "b", "c"}, "me", seconds(1)));
  ASSERT_TRUE(Claim({"d"}, "me", seconds(1)));
  now_ = kStart + seconds(1);
  EXPECT_EQ(Apply(LockOperation::kRenew, {{"d"}}), Held({false}));
  EXPECT_TRUE(tree_.empty());
}

TEST_F(Locks, TheTreeCanBeMoved) {
  ASSERT_TRUE(Claim({"a", "b"}));
  LockTree moved = std::move(tree_);
  EXPECT_EQ(moved.Holder(Path{"a", "b"}, now_), "me");
  EXPECT_FALSE(moved.Claim(Path{"a"}, "you", now_, kLong));
  moved.Release(Path{"a", "b"});
  EXPECT_TRUE(moved.empty());
  EXPECT_TRUE(moved.Claim({}, "you", now_, kLong));
}

TEST_F(Locks, APathMayBeAsLongAsAMessage) {
  const Path path(1'000'000, "x");
  ASSERT_TRUE(Claim(path));
  EXPECT_EQ(Holder(path), "me");
  EXPECT_FALSE(Claim({"x"}));
  tree_.Drop("x");
  EXPECT_TRUE(tree_.empty());
  ASSERT_TRUE(Claim(path));  // and is freed with the tree
}

// The rule itself, over a list of all locks: slow and obviously right.
class LockModel {
 public:
  bool Claim(const Path& path, const std::string& locker, WallTime now, Duration lifetime) {
    for (const auto& [held, lock] : locks_) {
      const auto size = std::min(held.size(), path.size());
      const bool related =
          std::equal(held.begin(), held.begin() + static_cast<long>(size), path.begin());
      if (related && now < lock.until) return false;
    }
    locks_[path] = {locker, now + lifetime};
    return true;
  }

  std::string Holder(const Path& path, WallTime now) const {
    const auto lock = locks_.find(path);
    return lock != locks_.end() && now < lock->second.until ? lock->second.locker : "-";
  }

  void Release(const Path& path) { locks_.erase(path); }

 private:
  struct Lock {
    std::string locker;
    WallTime until;
  };
  std::map<Path, Lock> locks_;
};

TEST_F(Locks, AreVisitedInOrderFromAnyPathOn) {
  // Labels as they are stored: encoded integers.
  const Path paths[] = {{"\x01", "\x01"}, {"\x01", "\x03", "\x05"}, {"\x02"}, {"\x04", "\x01"}};
  for (const Path& path : paths) ASSERT_TRUE(Claim(path));
  const auto visit = [this](std::optional<std::string_view> after) {
    std::vector<std::string> seen;
    tree_.VisitAfter(after, [&](std::string path, const LockTree::Lock& lock) {
      EXPECT_EQ(lock.locker, "me");
      seen.push_back(std::move(path));
      return true;
    });
    return seen;
  };
  std::vector<std::string> all;
  for (const Path& path : paths) all.push_back(EncodeLockPath(path));
  EXPECT_EQ(visit(std::nullopt), all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(visit(all[i]),
              std::vector<std::string>(all.begin() + static_cast<long>(i) + 1, all.end()));
  }
  // Paths that nobody holds.
  const auto after = [&](const Path& path) { return visit(EncodeLockPath(path)).size(); };
  EXPECT_EQ(after({}), 4U);
  EXPECT_EQ(after({"\x01"}), 4U);
  EXPECT_EQ(after({"\x01", "\x02"}), 3U);
  EXPECT_EQ(after({"\x01", "\x03", "\x06"}), 2U);
  EXPECT_EQ(after({"\x03"}), 1U);
  EXPECT_EQ(after({"\x05"}), 0U);
}

TEST_F(Locks, VisitingStopsWhenAsked) {
  ASSERT_TRUE(Claim({"\x01"}));
  ASSERT_TRUE(Claim({"\x02"}));
  int seen = 0;
  tree_.VisitAfter(std::nullopt, [&](std::string, const LockTree::Lock&) {
    ++seen;
    return false;
  });
  EXPECT_EQ(seen, 1);
}

TEST_F(Locks, AgreeWithTheModelOverRandomOperations) {
  constexpr std::uint64_t kSeed = 20'240'607;
  Rng rng(kSeed);
  LockModel model;
  const std::array<std::string_view, 3> labels = {"a", "b", "c"};
  for (int step = 0; step < 20'000; ++step) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " step " + std::to_string(step));
    Path path;
    for (std::uint64_t size = rng.Below(5); path.size() < size;)
      path.push_back(labels[rng.Below(3)]);
    const std::string locker = rng.Below(2) == 0 ? "me" : "you";
    now_ += Duration(rng.Below(3));
    ASSERT_EQ(Holder(path), model.Holder(path, now_));
    if (rng.Below(4) == 0 && tree_.IsHeldBy(path, locker, now_)) {
      tree_.Release(path);
      model.Release(path);
    } else {
      const auto lifetime = Duration(1 + rng.Below(40));
      ASSERT_EQ(Claim(path, locker, lifetime), model.Claim(path, locker, now_, lifetime));
    }
  }
}

}  // namespace
}  // namespace coord
