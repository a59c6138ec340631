// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace coord {
namespace {

TEST(ErrorTest, EachCodeHasItsRow) {
  const auto table = ErrorTable();
  ASSERT_EQ(table.size(), static_cast<std::size_t>(ErrorCode::kInternal) + 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(table[i].code, code);
    EXPECT_EQ(&InfoOf(code), &table[i]);
    EXPECT_GE(table[i].http_status, 400);
    EXPECT_LT(table[i].http_status, 600);
  }
}

TEST(ErrorTest, NamesOtherThanErrorAreUnique) {
  std::set<std::string_view> seen;
  for (const ErrorInfo& info : ErrorTable()) {
    if (info.name == "error") continue;
    EXPECT_TRUE(info.name.starts_with("Err")) << info.name;
    EXPECT_TRUE(seen.insert(info.name).second) << info.name;
  }
  EXPECT_EQ(seen.size(), 14U);  // spec/rest.md, section 1, lists so many
}

TEST(ErrorTest, StatusesAreThoseOfTheRestProtocol) {
  const std::map<ErrorCode, int> expected = {
      {ErrorCode::kGone, 410},           {ErrorCode::kLostLease, 409},
      {ErrorCode::kNotPending, 409},     {ErrorCode::kChangedName, 409},
      {ErrorCode::kNoSuchWorkSpec, 404}, {ErrorCode::kNoSuchWorkUnit, 404},
      {ErrorCode::kNotFound, 404},       {ErrorCode::kInvalid, 400},
      {ErrorCode::kOverLimit, 413},      {ErrorCode::kUnavailable, 503},
      {ErrorCode::kInternal, 500},
  };
  for (const auto& [code, status] : expected) EXPECT_EQ(InfoOf(code).http_status, status);
}

TEST(ErrorTest, OnlyWhatIsSafeToTryAgainIsTransient) {
  for (const ErrorInfo& info : ErrorTable()) {
    EXPECT_EQ(info.error_class == ErrorClass::kTransient, info.code == ErrorCode::kUnavailable);
    EXPECT_EQ(info.error_class == ErrorClass::kInDoubt, info.code == ErrorCode::kInDoubt);
  }
}

TEST(ErrorTest, ShorthandsNameTheirSubject) {
  const Error spec = NoSuchWorkSpecError("ws");
  EXPECT_EQ(spec.code, ErrorCode::kNoSuchWorkSpec);
  EXPECT_EQ(spec.subject, "ws");
  EXPECT_EQ(spec.detail, "no such work spec ws");
  const Error unit = NoSuchWorkUnitError("u");
  EXPECT_EQ(unit.code, ErrorCode::kNoSuchWorkUnit);
  EXPECT_EQ(unit.subject, "u");
  EXPECT_EQ(unit.detail, "no such work unit key='u'");
  EXPECT_EQ(InvalidError("bad").code, ErrorCode::kInvalid);
}

TEST(ErrorDeathTest, AnUnknownCodeIsABug) {
  EXPECT_DEATH(InfoOf(static_cast<ErrorCode>(200)), "check failed");
}

}  // namespace
}  // namespace coord
