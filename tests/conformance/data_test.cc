// SPDX-License-Identifier: MIT
// spec/domain.md, section 1, "Data maps": kinds survive wherever data is stored.
#include <cstdint>
#include <limits>

#include "suite.h"

namespace coord::testing {

namespace {

Uuid SomeUuid() {
  Uuid uuid;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    uuid.bytes[i] = static_cast<unsigned char>(i * 17);
  }
  return uuid;
}

// One of every kind, and the neighbours that must not be taken for each other.
Map EveryKind() {
  return {{"null", Value()},
          {"true", true},
          {"false", false},
          {"zero", 0},
          {"zero float", 0.0},
          {"negative zero", -0.0},
          {"one", 1},
          {"one float", 1.0},
          {"float", 0.1},
          {"int64 min", std::numeric_limits<std::int64_t>::min()},
          {"int64 max", std::numeric_limits<std::int64_t>::max()},
          {"uint64 max", std::numeric_limits<std::uint64_t>::max()},
          {"bignum", Bignum{false, std::string("\x01\0\0\0\0\0\0\0\0", 9)}},
          {"negative bignum", Bignum{true, std::string("\x01\0\0\0\0\0\0\0\0", 9)}},
          {"text", "text"},
          {"bytes", Bytes{"text"}},
          {"broken utf-8", Bytes{"\xff\x00"}},
          {"empty text", ""},
          {"empty bytes", Bytes{}},
          {"list", List{1, "two", 3.0}},
          {"tuple", Tuple{{1, "two", 3.0}}},
          {"empty list", List{}},
          {"empty tuple", Tuple{}},
          {"empty map", Map{}},
          {"map", Map{{"deep", Map{{"deeper", List{Map{}}}}}}},
          {"keys", Map{{1, "int"},
                       {2.5, "float"},
                       {Bytes{"b"}, "bytes"},
                       {Value(), "null"},
                       {Tuple{{1, 2}}, "tuple"},
                       {true, "bool"}}},
          {"uuid", SomeUuid()}};
}

}  // namespace

// C-DATA-01 C-DATA-02 C-DATA-03 C-DATA-04 C-DATA-05
TEST_P(DataTest, AUnitsDataComesBackEqualAndOfTheSameKind) {
  GivenUnit(EveryKind());
  EXPECT_EQ(UnitA().data, Value(EveryKind()));
  const OwnedWork work = client().Request();
  ASSERT_EQ(work.units.size(), 1U);
  EXPECT_EQ(work.units.front().data, Value(EveryKind()));
}

// C-DATA-01
TEST_P(DataTest, ADefinitionComesBackEqualAndOfTheSameKind) {
  Map definition = {{"name", "s"}, {"min_gb", 1}, {"weight", 2.0}};
  for (const auto& entry : EveryKind()) definition.push_back(entry);
  client().SetWorkSpec(definition);
  EXPECT_EQ(client().Definition("s"), Value(definition));
  const OwnedSpecs specs = client().ListWorkSpecs();
  ASSERT_EQ(specs.definitions.size(), 1U);
  EXPECT_EQ(specs.definitions.front(), Value(definition));
}

// C-DATA-01
TEST_P(DataTest, AnAttemptsDataComesBackEqualAndOfTheSameKind) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Renew(held, 60s, EveryKind()), kOk);
  EXPECT_EQ(client().Attempt(held).data, Value(EveryKind()));
  EXPECT_EQ(UnitA().data, Value(EveryKind()));
}

// C-DATA-01
TEST_P(DataTest, AWorkersDataAndModeComeBackEqualAndOfTheSameKind) {
  client().Beat("w", 60s, EveryKind(), std::nullopt, "run");
  EXPECT_EQ(client().Worker("w").data, Value(EveryKind()));
  EXPECT_EQ(client().Worker("w").mode, Value("run"));
  client().Beat("w", 60s, EveryKind(), std::nullopt, Value());
  EXPECT_TRUE(client().Worker("w").mode.is_null());
  client().Beat("w", 60s, EveryKind(), std::nullopt, 3);
  EXPECT_EQ(client().Worker("w").mode, Value(3));
  client().Beat("w", 60s, EveryKind(), std::nullopt, Bytes{"run"});
  EXPECT_EQ(client().Worker("w").mode, Value(Bytes{"run"}));
}

// C-DATA-01
TEST_P(DataTest, ChainedDataComesBackEqualAndOfTheSameKind) {
  client().SetWorkSpec({{"name", "s"}, {"then", "t"}});
  client().SetWorkSpec({{"name", "t"}});
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Finish(client().Take(), Map{{"output", Map{{"b", EveryKind()}}}}), kOk);
  EXPECT_EQ(client().Unit("t", "b").data, Value(EveryKind()));
}

}  // namespace coord::testing
