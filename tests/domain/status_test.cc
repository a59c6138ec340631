// SPDX-License-Identifier: MIT
#include "domain/status.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

TEST(Status, TextsGoThereAndBack) {
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    EXPECT_EQ(WorkUnitStatusFromText(ToText(status)), status);
  }
  for (std::size_t i = 0; i < kAttemptStatusCount; ++i) {
    const auto status = static_cast<AttemptStatus>(i);
    EXPECT_EQ(AttemptStatusFromText(ToText(status)), status);
  }
  EXPECT_EQ(ToText(WorkUnitStatus::kDelayed), "delayed");
  EXPECT_EQ(ToText(AttemptStatus::kRetryable), "retryable");
  EXPECT_EQ(WorkUnitStatusFromText("expired"), std::nullopt);
  EXPECT_EQ(AttemptStatusFromText(""), std::nullopt);
}

TEST(StatusSet, HoldsWhatWasAdded) {
  StatusSet set;
  EXPECT_TRUE(set.empty());
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    EXPECT_FALSE(set.Has(status));
    set.Add(status);
    EXPECT_TRUE(set.Has(status));
    EXPECT_TRUE(StatusSet(status).Has(status));
  }
  EXPECT_EQ(set, StatusSet::All());
  EXPECT_NE(StatusSet(WorkUnitStatus::kFailed), StatusSet::All());
}

}  // namespace
}  // namespace coord
