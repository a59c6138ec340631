// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coord {
namespace {

Value UnitTuple(const std::string& key) { return Tuple{{"spec", Bytes{key}, Map{{"n", 1}}}}; }

TEST(ReadWorkTest, OneUnitIsATuple) {
  const Result<std::vector<WorkUnit>> units = ReadWork(UnitTuple("a"));
  ASSERT_TRUE(units.has_value());
  ASSERT_EQ(units->size(), 1U);
  EXPECT_EQ((*units)[0].spec, "spec");
  EXPECT_EQ((*units)[0].key, "a");
  EXPECT_EQ((*units)[0].data, Value(Map{{"n", 1}}));
}

TEST(ReadWorkTest, NoUnitIsATupleOfNulls) {
  const Result<std::vector<WorkUnit>> units = ReadWork(Tuple{{Value(), Value(), Value()}});
  ASSERT_TRUE(units.has_value());
  EXPECT_TRUE(units->empty());
}

TEST(ReadWorkTest, SeveralUnitsAreAList) {
  EXPECT_EQ(ReadWork(List{UnitTuple("a"), UnitTuple("b")})->size(), 2U);
  EXPECT_TRUE(ReadWork(List{})->empty());
}

TEST(ReadWorkTest, AllElseIsCorrupt) {
  for (const Value& bad : {Value(), Value("text"), Value(List{"a"}), Value(List{List{"a", "b"}}),
                           Value(Tuple{{1, "key", Map{}}})}) {
    const Result<std::vector<WorkUnit>> units = ReadWork(bad);
    ASSERT_TRUE(units.has_error());
    EXPECT_EQ(units.error().code, ErrorCode::kCorrupt);
  }
}

UpdateAnswer Answer(UpdateKind kind, bool repeated, const Value& done, const Value& message) {
  UnitUpdate update;
  update.kind = kind;
  update.sent_before = repeated;
  std::string text;
  return ReadUpdateAnswer(update, Tuple{{done, message}}, text);
}

TEST(ReadUpdateAnswerTest, TrueIsDone) {
  for (const UpdateKind kind : {UpdateKind::kRenew, UpdateKind::kFinish, UpdateKind::kFail,
                                UpdateKind::kRetry, UpdateKind::kGiveBack}) {
    EXPECT_EQ(Answer(kind, false, true, Value()), UpdateAnswer::kDone);
  }
}

TEST(ReadUpdateAnswerTest, LostLeaseIsLost) {
  for (const UpdateKind kind : {UpdateKind::kRenew, UpdateKind::kFinish, UpdateKind::kFail,
                                UpdateKind::kRetry, UpdateKind::kGiveBack}) {
    EXPECT_EQ(Answer(kind, false, false, "lost lease"), UpdateAnswer::kLost);
  }
}

TEST(ReadUpdateAnswerTest, RenewalThatIsNotDoneIsALostLease) {
  EXPECT_EQ(Answer(UpdateKind::kRenew, false, false, "no such work spec x"), UpdateAnswer::kLost);
  EXPECT_EQ(Answer(UpdateKind::kRenew, false, false, Value()), UpdateAnswer::kLost);
}

TEST(ReadUpdateAnswerTest, RepeatedResultThatDoesNothingHadBeenTaken) {
  EXPECT_EQ(Answer(UpdateKind::kFinish, true, false, Value()), UpdateAnswer::kDone);
  EXPECT_EQ(Answer(UpdateKind::kFail, true, false, Value()), UpdateAnswer::kDone);
  EXPECT_EQ(Answer(UpdateKind::kFinish, false, false, Value()), UpdateAnswer::kLost);
  EXPECT_EQ(Answer(UpdateKind::kFinish, true, false, "lost lease"), UpdateAnswer::kLost);
}

TEST(ReadUpdateAnswerTest, UnitThatIsFreeAlreadyHasBeenGivenBack) {
  EXPECT_EQ(Answer(UpdateKind::kGiveBack, false, false, Value()), UpdateAnswer::kDone);
  // The first one gave it back, and so this worker's attempt is its active one no more.
  EXPECT_EQ(Answer(UpdateKind::kRetry, true, false, "lost lease"), UpdateAnswer::kDone);
}

class UpdateOptionsTest : public testing::Test {
 protected:
  UpdateOptionsTest() {
    options_.worker_id = "w";
    options_.lease = std::chrono::seconds(30);
    options_.retry_delay = std::chrono::milliseconds(1500);
  }

  Value Options(UpdateKind kind, const Extensions& extensions, const std::string& data = "") {
    UnitUpdate update;
    update.kind = kind;
    update.data = data;
    return UpdateOptions(update, options_, extensions);
  }

  WorkOptions options_;
};

TEST_F(UpdateOptionsTest, ExtensionsAreUsedOnlyWhereListed) {
  EXPECT_EQ(Options(UpdateKind::kRetry, {}), Value(Map{{"status", 1}, {"worker_id", "w"}}));
  EXPECT_EQ(Options(UpdateKind::kRetry, {"delay", "only_if_owner"}),
            Value(Map{{"status", 1}, {"worker_id", "w"}, {"only_if_owner", true}, {"delay", 1.5}}));
}

TEST_F(UpdateOptionsTest, RenewalNamesTheLeaseAndTakesALapsedOneUpAgain) {
  EXPECT_EQ(Options(UpdateKind::kRenew, {}),
            Value(Map{{"status", 3}, {"worker_id", "w"}, {"lease_time", 30.0}}));
}

TEST_F(UpdateOptionsTest, DataGoesWithItOnlyWhereThereIsSome) {
  const Value data(Map{{"a", Tuple{{1}}}});
  const std::string encoded = EncodeCbor(Options(UpdateKind::kFinish, {}, EncodeCbor(data)));
  EXPECT_EQ(*DecodeCbor(encoded), Value(Map{{"status", 4}, {"worker_id", "w"}, {"data", data}}));
  EXPECT_EQ(Options(UpdateKind::kFail, {}).Find("data"), nullptr);
  EXPECT_EQ(*Options(UpdateKind::kFail, {}).Find("status"), Value(5));
  EXPECT_EQ(*Options(UpdateKind::kGiveBack, {"delay"}).Find("status"), Value(1));
  EXPECT_EQ(Options(UpdateKind::kGiveBack, {"delay"}).Find("delay"), nullptr);
}

Value Record(const char* spec, const char* status, int count) {
  return Map{{"work_spec", spec}, {"status", status}, {"count", count}};
}

TEST(HasUnfinishedTest, CountsWhatIsNotDoneOfTheSpecsAsked) {
  EXPECT_FALSE(*HasUnfinished(List{}, {"a"}));
  EXPECT_FALSE(*HasUnfinished(List{Record("a", "finished", 3), Record("a", "failed", 1)}, {"a"}));
  EXPECT_FALSE(*HasUnfinished(List{Record("b", "available", 3)}, {"a"}));
  for (const char* status : {"available", "delayed", "pending"}) {
    EXPECT_TRUE(*HasUnfinished(List{Record("b", status, 1)}, {"a", "b"})) << status;
  }
  EXPECT_TRUE(HasUnfinished(Value(), {"a"}).has_error());
}

}  // namespace
}  // namespace coord
