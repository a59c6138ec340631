// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace coord {
namespace {

TEST(ArenaTest, NewArrayIsZeroedAndAligned) {
  Arena arena;
  arena.Copy("x");  // puts the next allocation off its alignment
  const auto numbers = arena.NewArray<std::uint64_t>(3);
  ASSERT_EQ(numbers.size(), 3U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(std::uint64_t), 0U);
  EXPECT_TRUE(std::all_of(numbers.begin(), numbers.end(), [](auto n) { return n == 0; }));
}

TEST(ArenaTest, NothingIsAllocatedForNothing) {
  Arena arena;
  EXPECT_TRUE(arena.NewArray<int>(0).empty());
  EXPECT_TRUE(arena.Copy("").empty());
}

TEST(ArenaTest, CopiesAreIndependentOfTheirOrigin) {
  Arena arena;
  std::string text = "hello";
  std::vector<int> numbers = {1, 2, 3};
  const std::string_view text_copy = arena.Copy(text);
  const auto numbers_copy = arena.CopyArray(std::span<const int>(numbers));
  text = "HELLO";
  numbers[0] = 9;
  EXPECT_EQ(text_copy, "hello");
  EXPECT_EQ(numbers_copy[0], 1);
}

TEST(ArenaTest, PiecesDoNotOverlapAcrossBlocks) {
  Arena arena;
  std::vector<std::string_view> pieces;
  for (int i = 0; i < 300; ++i) {
    pieces.push_back(arena.Copy(std::string(1000, static_cast<char>('a' + i % 26))));
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i], std::string(1000, static_cast<char>('a' + i % 26))) << i;
  }
}

TEST(ArenaTest, APieceMayBeLargerThanABlock) {
  Arena arena;
  const std::string large(1'000'000, 'x');
  const std::string_view copy = arena.Copy(large);
  const std::string_view after = arena.Copy("after");
  EXPECT_EQ(copy, large);
  EXPECT_EQ(after, "after");
}

TEST(ArenaTest, ResetGivesTheFirstBlockOutAgain) {
  Arena arena;
  arena.Reset();  // of an arena that was never used
  const char* first = arena.Copy("one").data();
  arena.Copy(std::string(1'000'000, 'x'));
  arena.Reset();
  EXPECT_EQ(arena.Copy("two").data(), first);
  EXPECT_EQ(arena.NewArray<std::uint64_t>(4)[3], 0U);
}

}  // namespace
}  // namespace coord
