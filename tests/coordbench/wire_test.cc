// SPDX-License-Identifier: MIT
// What coordbench writes is read back with the project's own reader, and the other way round.
#include "cmd/coordbench/wire.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "cmd/coordbench/methods.h"
#include "value/cbor_reader.h"
#include "value/cbor_writer.h"

namespace coord::bench {
namespace {

// The request map inside the frame, or an empty view where it is not framed as it must be.
std::string_view Unframed(std::string_view message) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(message, head, size) != CborScan::kDone || head.argument != 24) return {};
  message.remove_prefix(size);
  if (ReadCborHead(message, head, size) != CborScan::kDone || head.kind != CborKind::kBytes) {
    return {};
  }
  message.remove_prefix(size);
  if (head.argument != message.size()) return {};
  return CborItemSize(message, 16) == message.size() ? message : std::string_view();
}

std::string Framed(std::string_view body) {
  std::string message;
  CborWriter out(message);
  out.Tag(24);
  out.Bytes(body);
  return message;
}

TEST(RequestTest, IsOneFramedMapWhateverTheNumberOfItems) {
  UnitShape shape;
  shape.spec = "spec";
  shape.payload = 10;
  shape.random_priority = true;
  Request request = AddUnits(shape);
  for (const std::size_t count : {0U, 1U, 23U, 24U, 1000U, 3U}) {
    request.SetCount(count);
    request.SetId(77);
    const std::string_view map = Unframed(request.view());
    ASSERT_FALSE(map.empty()) << count;
    EXPECT_EQ(CborAsInteger(FindInCborMap(map, "id")), 77);
    auto params = CborList::Open(FindInCborMap(map, "params"));
    ASSERT_TRUE(params.has_value());
    std::string_view item;
    ASSERT_TRUE(params->Next(item) && params->Next(item));
    const auto units = CborList::Open(item);
    ASSERT_TRUE(units.has_value());
    EXPECT_EQ(units->CountLeft(), count);
  }
}

TEST(RequestTest, PatchesLandInTheItem) {
  Request request = FinishUnits("spec");
  request.SetCount(2);
  const std::size_t offset = request.BlankInItem(kBlankUnitName);
  std::memcpy(request.Item(0, offset), "0000000000000001", kUnitNameSize);
  std::memcpy(request.Item(1, offset), "0000000000000002", kUnitNameSize);
  const std::string text(request.view());
  EXPECT_LT(text.find("0000000000000001"), text.find("0000000000000002"));
  EXPECT_EQ(text.find(kBlankUnitName), std::string::npos);
}

TEST(ReadAnswerTest, ReadsAResultAndLeavesWhatFollows) {
  const std::string message = Framed("\xa2\x42id\x18\x2a\x46result\x82\xf5\xf6");
  const std::string received = message + "more";
  const Answer answer = ReadAnswer(received);  // views what was received
  ASSERT_EQ(answer.state, Answer::State::kResult);
  EXPECT_EQ(answer.size, message.size());
  EXPECT_EQ(answer.id, 42U);
  CborWalk result = answer.result;
  EXPECT_EQ(result.List(), 2U);
  EXPECT_TRUE(result.True());
  EXPECT_TRUE(result.NextIsNull());
}

TEST(ReadAnswerTest, WaitsForEveryByte) {
  const std::string message = Framed("\xa2\x42id\x18\x2a\x46result\x82\xf5\xf6");
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(ReadAnswer(std::string_view(message).substr(0, size)).state, Answer::State::kNeedMore)
        << size;
  }
}

TEST(ReadAnswerTest, TellsTheErrorMessage) {
  const std::string message = Framed(
      "\xa2\x42id\x01\x45"
      "error\xa1\x47message\x44oops");
  const Answer answer = ReadAnswer(message);
  ASSERT_EQ(answer.state, Answer::State::kError);
  EXPECT_EQ(answer.message, "oops");
}

TEST(ReadAnswerTest, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(ReadAnswer("HTTP/1.1 400 Bad").state, Answer::State::kMalformed);
  EXPECT_EQ(ReadAnswer(Framed("\x83\x01\x02\x03")).state, Answer::State::kMalformed);
}

TEST(UnitNameTest, ComesBackAndIsUnique) {
  for (const bool scatter : {false, true}) {
    std::set<std::string> names;
    for (std::uint64_t number : {0ULL, 1ULL, 2ULL, 999ULL, 1ULL << 40U, 1ULL << 63U}) {
      std::string name(kUnitNameSize, ' ');
      WriteUnitName(number, scatter, name.data());
      EXPECT_EQ(ReadUnitName(name, scatter), number);
      names.insert(name);
    }
    EXPECT_EQ(names.size(), 6U);
  }
  EXPECT_EQ(ReadUnitName("not a unit name!", true), UINT64_MAX);
  EXPECT_EQ(ReadUnitName("abc", false), UINT64_MAX);
}

}  // namespace
}  // namespace coord::bench
