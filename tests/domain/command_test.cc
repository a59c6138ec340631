// SPDX-License-Identifier: MIT
#include "domain/command.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

TEST(MayBeLong, OnlyForChangesThatSelectAnyNumberOfUnits) {
  EXPECT_TRUE(MayBeLong(PrioritizeWorkUnits{}));
  EXPECT_TRUE(MayBeLong(DeleteWorkUnits{}));
  EXPECT_TRUE(MayBeLong(RetryWorkUnits{}));
  EXPECT_TRUE(MayBeLong(ApplyRetention{}));
  EXPECT_FALSE(MayBeLong(RequestWork{}));
  EXPECT_FALSE(MayBeLong(UpdateWorkUnits{}));
  EXPECT_FALSE(MayBeLong(AddWorkUnits{}));
  EXPECT_FALSE(MayBeLong(DeleteWorkSpec{}));
  EXPECT_FALSE(MayBeLong(DestroyNamespace{}));
  EXPECT_FALSE(MayBeLong(ChangeLocks{}));
}

TEST(IsOfAllNamespaces, OnlyWhereTheNamespaceDoesNotMatter) {
  EXPECT_TRUE(IsOfAllNamespaces(ListNamespaces{}));
  EXPECT_TRUE(IsOfAllNamespaces(GetSummary{.all_namespaces = true, .spec = {}}));
  EXPECT_TRUE(IsOfAllNamespaces(ExportRecords{}));
  EXPECT_TRUE(IsOfAllNamespaces(ImportRecords{}));
  EXPECT_FALSE(IsOfAllNamespaces(GetSummary{}));
  EXPECT_FALSE(IsOfAllNamespaces(CreateNamespace{}));
}

}  // namespace
}  // namespace coord
