// SPDX-License-Identifier: MIT
// The cursor; what a walk meets is in the conformance suite.
#include "domain/export_walk.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

TEST(ExportCursor, ReadsBack) {
  using Stage = ExportCursor::Stage;
  for (const Stage stage :
       {Stage::kNamespaces, Stage::kWorkSpecs, Stage::kWorkers, Stage::kLocks, Stage::kWorkUnits}) {
    for (const std::optional<std::string>& after :
         {std::optional<std::string>(), std::optional<std::string>(""),
          std::optional<std::string>("\xff")}) {
      const ExportCursor cursor{stage, "name space", "spec", after};
      const auto read = DecodeExportCursor(EncodeExportCursor(cursor));
      ASSERT_TRUE(read.has_value());
      EXPECT_EQ(read->stage, stage);
      EXPECT_EQ(read->name_space, "name space");
      EXPECT_EQ(read->spec, "spec");
      EXPECT_EQ(read->after, after);
    }
  }
}

TEST(ExportPage, IsFullAtEitherLimit) {
  ExportPage records({2, 1'000});
  EXPECT_EQ(records.room(), 2U);
  records.Add(NamespaceRecord{"a"});
  EXPECT_FALSE(records.full());
  records.Add(NamespaceRecord{"b"});
  EXPECT_TRUE(records.full());
  EXPECT_EQ(records.room(), 0U);
  ExportPage bytes({10, 5});
  bytes.Add(NamespaceRecord{"a"});
  EXPECT_TRUE(bytes.full());
  EXPECT_EQ(bytes.count(), 1U);
}

}  // namespace
}  // namespace coord
