// SPDX-License-Identifier: MIT
// Replays the fuzzers' corpus: what once made a property fail stays fixed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "targets.h"

namespace coord {
namespace {

struct Target {
  const char* folder;
  void (*run)(std::string_view);
};

class FuzzCorpusTest : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpusTest, EveryFilePasses) {
  const auto folder = std::filesystem::path(COORD_FUZZ_CORPUS) / GetParam().folder;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    ASSERT_TRUE(file) << entry.path();
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    SCOPED_TRACE(entry.path().string());
    GetParam().run(bytes);
    ++files;
  }
  EXPECT_GE(files, 10);
}

INSTANTIATE_TEST_SUITE_P(
    All, FuzzCorpusTest,
    testing::Values(Target{"cbor", fuzz::TryCbor}, Target{"command", fuzz::TryCommand},
                    Target{"http", fuzz::TryHttp}, Target{"json", fuzz::TryJson},
                    Target{"record", fuzz::TryRecords}, Target{"url", fuzz::TryUrl},
                    Target{"yaml", fuzz::TryYaml}),
    [](const auto& test) { return std::string(test.param.folder); });

}  // namespace
}  // namespace coord
