// SPDX-License-Identifier: MIT
#include "domain/unit_items.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cbor_build.h"
#include "domain/names.h"

namespace coord {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Bool;
using testing::Bytes;
using testing::Double;
using testing::Int;
using testing::List;
using testing::Map;
using testing::Null;
using testing::Text;
using testing::Tuple;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class UnitItems : public ::testing::Test {
 protected:
  UnitItem Good(const std::string& item) {
    encoded_.push_back(std::make_unique<std::string>(item));
    const auto parsed = ParseUnitItem(*encoded_.back(), arena_);
    EXPECT_TRUE(parsed.has_value()) << (parsed.has_error() ? parsed.error().detail : "");
    return parsed.has_value() ? *parsed : UnitItem();
  }

  void ExpectBad(const std::string& item, ErrorCode code) {
    const auto parsed = ParseUnitItem(item, arena_);
    ASSERT_TRUE(parsed.has_error()) << ::testing::PrintToString(item);
    EXPECT_EQ(parsed.error().code, code) << parsed.error().detail;
    EXPECT_FALSE(parsed.error().detail.empty());
  }

  // Parses the output of final data; the items' views stay valid during the test.
  std::span<const UnitItem> Output(const std::string& output) {
    encoded_.push_back(std::make_unique<std::string>(Map({{Bytes("output"), output}})));
    return ParseOutput(Data::FromStored(*encoded_.back()), arena_);
  }

  Arena arena_;
  std::vector<std::unique_ptr<std::string>> encoded_;
};

TEST_F(UnitItems, AStringIsAUnitWithoutData) {
  for (const std::string& item : {Text("k"), Bytes("k"), std::string("\x7f\x61k\xff")}) {
    const UnitItem unit = Good(item);
    EXPECT_EQ(unit.name, "k");
    EXPECT_EQ(unit.data.cbor(), Map({}));
    EXPECT_EQ(unit.priority, std::nullopt);
    EXPECT_EQ(unit.not_before, kNoTime);
    EXPECT_EQ(unit.delay, Duration(0));
  }
  EXPECT_EQ(Good(Bytes("")).name, "");
  EXPECT_EQ(Good(Bytes("\xff")).name, "\xff");
}

TEST_F(UnitItems, AListOrTupleHasTwoToFourParts) {
  const std::string data = Map({{Bytes("x"), Int(1)}});
  for (const auto& build : {List, Tuple}) {
    const UnitItem two = Good(build({Bytes("k"), data}));
    EXPECT_EQ(two.name, "k");
    EXPECT_EQ(two.data.cbor(), data);
    EXPECT_EQ(two.priority, std::nullopt);
    EXPECT_EQ(Good(build({Text("k"), Null()})).data.cbor(), Map({}));
    const UnitItem three = Good(build({Text("k"), data, Map({{Bytes("priority"), Int(-1)}})}));
    EXPECT_EQ(three.priority, -1);
    EXPECT_EQ(Good(build({Text("k"), data, Null()})).priority, std::nullopt);
    EXPECT_EQ(Good(build({Text("k"), data, Map({})})).priority, std::nullopt);
    const UnitItem four =
        Good(build({Text("k"), data, Map({{Bytes("priority"), Int(1)}}), Double(2.5)}));
    EXPECT_EQ(four.priority, 2.5);
    const UnitItem null =
        Good(build({Text("k"), data, Map({{Bytes("priority"), Int(1)}}), Null()}));
    EXPECT_EQ(null.priority, 1);
    EXPECT_EQ(Good(build({Text("k"), data, Null(), Text("7")})).priority, 7);
  }
}

TEST_F(UnitItems, MetaGivesPriorityAndDelay) {
  const auto with_meta = [&](const std::string& meta) {
    return Good(List({Text("k"), Null(), meta}));
  };
  EXPECT_EQ(with_meta(Map({{Text("delay"), Double(1.5)}})).delay, milliseconds(1500));
  EXPECT_EQ(with_meta(Map({{Text("delay"), Bytes("2")}})).delay, seconds(2));
  EXPECT_EQ(with_meta(Map({{Text("delay"), Int(0)}})).delay, Duration(0));
  EXPECT_EQ(with_meta(Map({{Text("delay"), Int(-5)}})).delay, Duration(0));
  EXPECT_EQ(with_meta(Map({{Text("delay"), Null()}})).delay, Duration(0));
  EXPECT_EQ(with_meta(Map({{Text("priority"), Null()}})).priority, std::nullopt);
  EXPECT_EQ(with_meta(Map({{Text("other"), List({})}})).priority, std::nullopt);
  EXPECT_EQ(with_meta(Map({{Text("priority"), Int(1)}, {Bytes("priority"), Int(2)}})).priority, 2);
}

TEST_F(UnitItems, SaysWhatIsWrongWithAnItem) {
  using enum ErrorCode;
  const std::string long_name(kNameBytesMax + 1, 'a');
  for (const std::string& item : {Int(1), Null(), Map({}), Bool(true), Double(1)}) {
    ExpectBad(item, kWorkUnitNotList);
  }
  for (const auto& build : {List, Tuple}) {
    ExpectBad(build({}), kWorkUnitTooShort);
    ExpectBad(build({Bytes("only-key")}), kWorkUnitTooShort);
    ExpectBad(build({Text("k"), Null(), Null(), Null(), Null()}), kInvalid);
    ExpectBad(build({Int(1), Map({})}), kInvalid);
    ExpectBad(build({Null(), Map({})}), kInvalid);
    ExpectBad(build({Bytes(long_name), Map({})}), kInvalid);
    ExpectBad(build({Text("k"), Int(5)}), kInvalid);
    ExpectBad(build({Text("k"), List({Int(1)})}), kInvalid);
    ExpectBad(build({Text("k"), Bytes("s")}), kInvalid);
    ExpectBad(build({Text("k"), Map({{Int(1), Int(1)}})}), kInvalid);
    ExpectBad(build({Text("k"), Null(), Int(1)}), kInvalid);
    ExpectBad(build({Text("k"), Null(), Map({{Text("delay"), Text("soon")}})}), kInvalid);
    ExpectBad(build({Text("k"), Null(), Map({{Text("delay"), Double(kInfinity)}})}), kInvalid);
    ExpectBad(build({Text("k"), Null(), Map({{Text("priority"), List({})}})}), kBadPriority);
    ExpectBad(build({Text("k"), Null(), Map({{Text("priority"), Double(kInfinity)}})}),
              kBadPriority);
    ExpectBad(build({Text("k"), Null(), Null(), Text("high")}), kBadPriority);
    ExpectBad(build({Text("k"), Null(), Null(), Double(-kInfinity)}), kBadPriority);
    ExpectBad(build({Text("k"), Null(), Null(), Bool(true)}), kBadPriority);
  }
  ExpectBad(Bytes(long_name), kInvalid);
  EXPECT_EQ(Good(Bytes(std::string(kNameBytesMax, 'a'))).name.size(), kNameBytesMax);
}

TEST_F(UnitItems, AListOfItemsIsReadInOrder) {
  const std::string one = Bytes("a");
  const std::string two = Tuple({Bytes("b"), Map({{Text("x"), Null()}}), Null(), Int(3)});
  const std::string three = Tuple({Bytes("a"), Null()});
  const std::string endless = "\x9f" + one + two + three + "\xff";
  for (const std::string& list : {List({one, two, three}), Tuple({one, two, three}), endless}) {
    const auto units = ParseUnitItems(list, arena_);
    ASSERT_TRUE(units.has_value());
    ASSERT_EQ(units->size(), 3U);
    EXPECT_EQ((*units)[0].name, "a");
    EXPECT_EQ((*units)[1].name, "b");
    EXPECT_EQ((*units)[1].data.cbor(), Map({{Text("x"), Null()}}));
    EXPECT_EQ((*units)[1].priority, 3);
    EXPECT_EQ((*units)[2].name, "a");
  }
  const auto none = ParseUnitItems(List({}), arena_);
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
}

// The usual form has a fast path of its own in lists.
TEST_F(UnitItems, AnItemMeansTheSameAloneAndInAList) {
  const std::string map = Map({{Bytes("x"), List({Int(1)})}, {Text("y"), Map({})}});
  const std::string endless_map = "\xbf" + Text("x") + Int(1) + "\xff";
  const std::string name_in_chunks = "\x5f\x41k\xff";
  std::vector<std::string> items = {Text("k"), Int(1), Null(), map, Bytes("")};
  for (const auto& name :
       {Bytes("k"), Text("k"), Bytes(""), name_in_chunks, Int(1), Null(),
        Bytes(std::string(kNameBytesMax, 'a')), Bytes(std::string(kNameBytesMax + 1, 'a'))}) {
    for (const auto& data : {Map({}), map, endless_map, Null(), List({}), Map({{Int(1), Null()}}),
                             Map({{Text("ok"), Null()}, {Null(), Null()}})}) {
      for (const auto& build : {List, Tuple}) {
        items.push_back(build({name, data}));
        items.push_back(build({name, data, Null()}));
      }
      items.push_back("\x9f" + name + data + "\xff");
    }
    items.push_back(List({name}));
  }
  for (const std::string& item : items) {
    SCOPED_TRACE(::testing::PrintToString(item.substr(0, 40)));
    const auto alone = ParseUnitItem(item, arena_);
    const std::string list = List({Bytes("before"), item, Bytes("after")});
    const auto listed = ParseUnitItems(list, arena_);
    ASSERT_EQ(alone.has_value(), listed.has_value());
    if (alone.has_error()) {
      EXPECT_EQ(listed.error().code, alone.error().code);
      EXPECT_EQ(listed.error().detail, "item 1: " + alone.error().detail);
      continue;
    }
    ASSERT_EQ(listed->size(), 3U);
    EXPECT_EQ((*listed)[1].name, alone->name);
    EXPECT_EQ((*listed)[1].data.cbor(), alone->data.cbor());
    EXPECT_EQ((*listed)[1].priority, alone->priority);
    EXPECT_EQ((*listed)[2].name, "after");
  }
}

TEST_F(UnitItems, TheFirstBadItemOfAListIsNamed) {
  const auto units =
      ParseUnitItems(List({Bytes("ok"), Bytes("ok"), Tuple({Int(1), Map({})}), Int(1)}), arena_);
  ASSERT_TRUE(units.has_error());
  EXPECT_EQ(units.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(units.error().detail.find("item 2: "), 0U) << units.error().detail;
  const auto first = ParseUnitItems(Tuple({Int(1)}), arena_);
  ASSERT_TRUE(first.has_error());
  EXPECT_EQ(first.error().code, ErrorCode::kWorkUnitNotList);
  EXPECT_EQ(first.error().detail.find("item 0: "), 0U);
}

TEST_F(UnitItems, OnlyAListHasItems) {
  for (const std::string& bad : {Map({{Text("a"), Map({})}}), Null(), Text("a"), Int(1)}) {
    const auto units = ParseUnitItems(bad, arena_);
    ASSERT_TRUE(units.has_error());
    EXPECT_EQ(units.error().code, ErrorCode::kInvalid);
  }
}

TEST_F(UnitItems, AListHasALimit) {
  std::string list;
  CborWriter(list).ArrayHead(kUnitItemsMax + 1);
  list.append(kUnitItemsMax + 1, '\x40');
  const auto units = ParseUnitItems(list, arena_);
  ASSERT_TRUE(units.has_error());
  EXPECT_EQ(units.error().code, ErrorCode::kOverLimit);
}

TEST_F(UnitItems, OutputMayBeAMap) {
  const std::string data = Map({{Text("x"), Int(1)}});
  const auto units = Output(Map({{Bytes("a"), data},
                                 {Int(1), data},
                                 {Text("b"), Null()},
                                 {Text("c"), Int(1)},
                                 {Text("d"), Map({{Null(), Int(1)}})},
                                 {Bytes(std::string(kNameBytesMax + 1, 'e')), data},
                                 {Text("a"), Map({})}}));
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(units[0].name, "a");
  EXPECT_EQ(units[0].data.cbor(), data);
  EXPECT_EQ(units[0].priority, std::nullopt);
  EXPECT_EQ(units[1].name, "b");
  EXPECT_EQ(units[1].data.cbor(), Map({}));
  EXPECT_EQ(units[2].name, "a");
  EXPECT_EQ(units[2].data.cbor(), Map({}));
}

TEST_F(UnitItems, OutputMayBeAListOfWhichBadItemsAreSkipped) {
  for (const auto& build : {List, Tuple}) {
    const auto units = Output(build({Int(1), Bytes("a"), List({Text("b")}),
                                     Tuple({Text("c"), Null(), Map({{Text("delay"), Int(4)}})}),
                                     List({Text("d"), Null(), Null(), Text("high")}),
                                     List({Text("e"), Null(), Null(), Int(6)})}));
    ASSERT_EQ(units.size(), 3U);
    EXPECT_EQ(units[0].name, "a");
    EXPECT_EQ(units[1].name, "c");
    EXPECT_EQ(units[1].delay, seconds(4));
    EXPECT_EQ(units[1].priority, std::nullopt);
    EXPECT_EQ(units[2].name, "e");
    EXPECT_EQ(units[2].priority, 6);
  }
}

TEST_F(UnitItems, OutputOfAnotherKindGivesNothing) {
  for (const std::string& output : {Null(), Text("a"), Int(1), Bool(true), List({}), Map({})}) {
    EXPECT_TRUE(Output(output).empty());
  }
  EXPECT_TRUE(ParseOutput(Data::Empty(), arena_).empty());
  EXPECT_TRUE(ParseOutput(Data(), arena_).empty());
  const std::string twice =
      Map({{Text("output"), List({Text("a")})}, {Text("output"), List({Text("b"), Text("c")})}});
  EXPECT_EQ(ParseOutput(Data::FromStored(twice), arena_).size(), 2U);
}

}  // namespace
}  // namespace coord
