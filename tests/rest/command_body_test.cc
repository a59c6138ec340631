// SPDX-License-Identifier: MIT
// Commands and outcomes there and back. Every field of each is shown by the conformance suite,
// which runs on the store that uses them; here is what it cannot see.
#include "rest/command_body.h"

#include <gtest/gtest.h>

#include <array>

#include "rest/body_writer.h"
#include "rest/documents.h"
#include "rest/error_document.h"
#include "rest/outcome_shape.h"

namespace coord {
namespace {

TEST(CommandBody, WhatIsWrittenAgainIsTheSame) {
  const std::array<std::string_view, 2> names = {"a", "\xff"};
  PrioritizeWorkUnits command{"s", {}, -2.5, /*adjust=*/true};
  command.query.names = names;
  command.query.statuses = StatusSet(WorkUnitStatus::kFailed);
  command.query.limit = UINT64_MAX;
  std::string first;
  WriteCommand(command, first);
  Arena arena;
  const auto read = ReadCommand(first, arena);
  ASSERT_TRUE(read.has_value());
  std::string second;
  WriteCommand(*read, second);
  EXPECT_EQ(first, second);
  const auto& query = std::get<PrioritizeWorkUnits>(*read).query;
  EXPECT_EQ((*query.names)[1], "\xff");
  EXPECT_FALSE(query.from.has_value());
}

TEST(CommandBody, NoTimeIsNotAbsence) {
  for (const std::optional<WallTime> time :
       {std::optional<WallTime>(), std::optional(kNoTime), std::optional(WallTime{})}) {
    std::string body;
    WriteCommand(SetWorkUnitMeta{"s", "u", {}, time, false}, body);
    Arena arena;
    EXPECT_EQ(std::get<SetWorkUnitMeta>(*ReadCommand(body, arena)).not_before, time);
  }
}

TEST(OutcomeReader, RefusesWhatIsNoOutcome) {
  for (const std::string_view item : {"\xa0", "\x01", "\xa1\x67outcome\x65other",
                                      "\xa1\x67outcome\x65"
                                      "error",
                                      "\xa1\x67outcome\x64meta"}) {
    OutcomeReader reader;
    const Outcome outcome = reader.Read(item);
    ASSERT_TRUE(std::holds_alternative<Error>(outcome));
    EXPECT_EQ(std::get<Error>(outcome).code, ErrorCode::kCorrupt);
  }
}

TEST(OutcomeShape, AnotherKindOrNumberIsNoAnswer) {
  const std::array<std::string_view, 2> names = {"a", "b"};
  const OutcomeShape shape = ShapeOf(GetWorkUnits{"s", names});
  const std::array<WorkUnitView, 2> units = {};
  EXPECT_TRUE(HasShape(UnitsReply{units}, shape));
  EXPECT_FALSE(HasShape(UnitsReply{std::span(units).first(1)}, shape));
  EXPECT_FALSE(HasShape(Done{}, shape));
  EXPECT_TRUE(HasShape(UnitsReply{units}, ShapeOf(ListWorkUnits{})));
}

// Every error that has a name of its own, or a status, is the same on the other side.
TEST(ErrorDocument, IsReadBack) {
  for (const ErrorInfo& info : ErrorTable()) {
    std::string body;
    BodyWriter writer(BodyFormat::kCbor, body);
    WriteError(writer, {info.code, "why", "\xff"});
    const Error error = ReadErrorDocument(info.http_status, body);
    EXPECT_EQ(error.code == ErrorCode::kInDoubt, info.code == ErrorCode::kInDoubt);
    EXPECT_EQ(InfoOf(error.code).http_status, info.http_status);
    EXPECT_EQ(InfoOf(error.code).name, info.name);
    EXPECT_EQ(error.detail, "why");
    EXPECT_EQ(error.subject, "\xff");
  }
}

}  // namespace
}  // namespace coord
