// SPDX-License-Identifier: MIT
#include "cmd/coordinate/unit_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "value/json.h"

namespace coord {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A folder of its own for each test.
class UnitReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "units-XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::ignore = std::system(("rm -r " + folder_).c_str()); }

  std::string Write(const std::string& name, std::string_view text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::string WritePacked(const std::string& name, const std::vector<std::string>& members) {
    const std::string path = folder_ + "/" + name;
    for (const std::string& member : members) {
      gzFile file = gzopen(path.c_str(), "ab");
      gzwrite(file, member.data(), static_cast<unsigned>(member.size()));
      gzclose(file);
    }
    return path;
  }

  // The units as JSON, and after them the error, if any.
  static std::vector<std::string> ReadUnits(const UnitSource& source, std::istream& input) {
    std::vector<std::string> units;
    Result<std::unique_ptr<UnitReader>> reader = UnitReader::Open(source, input);
    if (!reader.has_value()) return {reader.error().detail};
    while (true) {
      Result<std::optional<EncodedUnit>> unit = (*reader)->Next();
      if (!unit.has_value()) units.push_back(unit.error().detail);
      if (!unit.has_value() || !unit->has_value()) return units;
      units.push_back(ToJson(*DecodeCbor(**unit), JsonStyle::kCompact));
    }
  }

  static std::vector<std::string> ReadFile(const std::string& path,
                                           std::optional<UnitFormat> format = {}) {
    std::istringstream none;
    return ReadUnits({path, format, {}}, none);
  }

  // Reads a text as standard input.
  static std::vector<std::string> ReadText(const std::string& text,
                                           std::optional<UnitFormat> format = {},
                                           const UnitDefaults& defaults = {}) {
    std::istringstream input(text);
    return ReadUnits({"-", format, defaults}, input);
  }

  std::string folder_;
};

TEST_F(UnitReaderTest, YamlMapNamesUnitsWithTheirData) {
  EXPECT_THAT(ReadFile(Write("u.yaml", "a: {n: 1}\nb:\n")),
              ElementsAre(R"(["a",{"n":1}])", R"(["b",null])"));
}

TEST_F(UnitReaderTest, DocumentListsMixTheForms) {
  EXPECT_THAT(ReadFile(Write("u.json", R"(["a", ["b", {"n": 1}, {"delay": 5}, 2],
                                          {"key": "c", "priority": 3}, {"d": {}}])")),
              ElementsAre(R"(["a",null])", R"(["b",{"n":1},{"delay":5},2])",
                          R"(["c",null,{"priority":3}])", R"(["d",{}])"));
}

TEST_F(UnitReaderTest, JsonLinesTakeEveryForm) {
  EXPECT_THAT(ReadFile(Write("u.jsonl",
                             "\"a\"\n\n[\"b\", {}]\n"
                             "{\"key\": \"c\", \"data\": {\"n\": 1}, \"delay\": 2}\n"
                             "{\"d\": {\"n\": 2}, \"e\": null}")),
              ElementsAre(R"(["a",null])", R"(["b",{}])", R"(["c",{"n":1},{"delay":2}])",
                          R"(["d",{"n":2}])", R"(["e",null])"));
}

TEST_F(UnitReaderTest, MapWithADataMapUnderKeyIsAUnitNamedKey) {
  EXPECT_THAT(ReadText("{\"key\": {\"n\": 1}}\n", UnitFormat::kJsonLines),
              ElementsAre(R"(["key",{"n":1}])"));
}

TEST_F(UnitReaderTest, PlainLinesAreNames) {
  EXPECT_THAT(ReadText("/a b\r\n\n\xff\nlast", UnitFormat::kText),
              ElementsAre(R"(["/a b",null])", R"(["/w==",null])", R"(["last",null])"));
}

TEST_F(UnitReaderTest, NulSeparatedNamesMayHoldLineBreaks) {
  EXPECT_THAT(ReadText(std::string("a\nb\0c\r\0", 7), UnitFormat::kNul),
              ElementsAre(R"(["a\nb",null])", R"(["c\r",null])"));
}

TEST_F(UnitReaderTest, EmptyInputsHoldNoUnits) {
  EXPECT_THAT(ReadText(""), IsEmpty());
  EXPECT_THAT(ReadFile(Write("u.yaml", "")), IsEmpty());
  EXPECT_THAT(ReadFile(Write("u.jsonl", "\n \n")), IsEmpty());
}

TEST_F(UnitReaderTest, PackedInputsAreUnpackedWhateverTheirName) {
  EXPECT_THAT(ReadFile(WritePacked("u.jsonl.gz", {"\"a\"\n\"", "b\"\n"})),
              ElementsAre(R"(["a",null])", R"(["b",null])"));
  EXPECT_THAT(ReadFile(WritePacked("u.txt", {"x\n"})), ElementsAre(R"(["x",null])"));
  EXPECT_THAT(ReadFile(Write("plain.txt.gz", "x\n")), ElementsAre(R"(["x",null])"));
}

TEST_F(UnitReaderTest, TruncatedPackedInputIsAnError) {
  const std::string path = WritePacked("u.txt.gz", {"x\ny\n"});
  ASSERT_EQ(truncate(path.c_str(), 15), 0);
  EXPECT_THAT(ReadFile(path).back(), HasSubstr("the gzip data ends too early"));
}

TEST_F(UnitReaderTest, LinesLongerThanAReadAreWhole) {
  const std::string name(700, 'n');
  std::string text;
  for (int i = 0; i < 2000; ++i) text += name + "\n";
  const std::vector<std::string> units = ReadFile(Write("u.txt", text));
  ASSERT_EQ(units.size(), 2000U);
  EXPECT_THAT(units, testing::Each("[\"" + name + "\",null]"));
}

TEST_F(UnitReaderTest, DefaultsFillWhatAUnitDoesNotSay) {
  const UnitDefaults defaults{Map{{"d", 1}}, 5.0, 7.0};
  EXPECT_THAT(ReadText("\"a\"\n[\"b\",{},{\"priority\":1}]\n[\"c\",{},{\"delay\":1},2]\n",
                       UnitFormat::kJsonLines, defaults),
              ElementsAre(R"(["a",{"d":1},{"priority":5.0,"delay":7.0}])",
                          R"(["b",{},{"priority":1,"delay":7.0}])", R"(["c",{},{"delay":1},2])"));
}

TEST_F(UnitReaderTest, BadLineIsNamedWithItsNumber) {
  const std::string path = Write("u.jsonl", "\"a\"\n\n{\"b\": 3}\n");
  EXPECT_THAT(ReadFile(path),
              ElementsAre(R"(["a",null])", testing::StartsWith(path + ":3: unit \"b\": ")));
  EXPECT_THAT(ReadText("\"a\"\n[\n", UnitFormat::kJsonLines).back(), testing::StartsWith("-:2: "));
  EXPECT_THAT(ReadText("7\n", UnitFormat::kJsonLines),
              ElementsAre("-:1: a unit must be a name, a list of name and data, or a map, not 7"));
}

TEST_F(UnitReaderTest, BadUnitsOfADocumentAreFoundAtOnce) {
  const std::string path = Write("u.json", R"(["a", ["b"]])");
  EXPECT_THAT(ReadFile(path), ElementsAre(testing::StartsWith(path + ": item 2: unit \"b\": ")));
  EXPECT_THAT(ReadFile(Write("v.json", R"({"a": {}, "b": [1]})")),
              ElementsAre(HasSubstr("unit \"b\": ")));
  EXPECT_THAT(ReadFile(Write("w.yaml", "a: {\n")), ElementsAre(HasSubstr("w.yaml: line ")));
}

TEST_F(UnitReaderTest, TheDaemonsRulesHold) {
  EXPECT_THAT(ReadText("[\"a\", {}, {\"priority\": \"high\"}]\n", UnitFormat::kJsonLines),
              ElementsAre(HasSubstr("priority")));
  EXPECT_THAT(ReadText("{\"key\": \"a\", \"prioritty\": 1}\n", UnitFormat::kJsonLines),
              ElementsAre(HasSubstr("no \"prioritty\"")));
  EXPECT_THAT(ReadText(std::string(1025, 'n') + "\n", UnitFormat::kText).back(),
              HasSubstr("-:1: unit "));
  const std::string deep = std::string(122, '[') + std::string(122, ']');
  EXPECT_THAT(ReadText("[\"a\", {\"d\": " + deep + "}]\n", UnitFormat::kJsonLines),
              ElementsAre(HasSubstr("nested too deep")));
}

TEST_F(UnitReaderTest, FilesThatCannotBeReadAreNamed) {
  EXPECT_THAT(ReadFile(folder_ + "/none.txt"), ElementsAre(HasSubstr("none.txt: cannot open")));
  EXPECT_THAT(ReadFile(folder_), ElementsAre(HasSubstr("it is a folder")));
}

TEST_F(UnitReaderTest, OnlyRegularFilesCanBeReadAgain) {
  std::istringstream input("a\n");
  EXPECT_FALSE((*UnitReader::Open({"-", {}, {}}, input))->repeatable());
  const UnitSource file{Write("u.txt", "a\n"), {}, {}};
  EXPECT_TRUE((*UnitReader::Open(file, input))->repeatable());
}

TEST_F(UnitReaderTest, ByteOrderMarkIsPassedOver) {
  EXPECT_THAT(ReadText("\xef\xbb\xbf\"a\"\n\"b\"\n"),
              ElementsAre(R"(["a",null])", R"(["b",null])"));
}

TEST(UnitFormatTest, NamesTellTheFormat) {
  EXPECT_EQ(FormatOfName("a/b.yaml"), UnitFormat::kYaml);
  EXPECT_EQ(FormatOfName("b.yml.gz"), UnitFormat::kYaml);
  EXPECT_EQ(FormatOfName("b.json"), UnitFormat::kJson);
  EXPECT_EQ(FormatOfName("b.jsonl.gz"), UnitFormat::kJsonLines);
  EXPECT_EQ(FormatOfName("b.ndjson"), UnitFormat::kJsonLines);
  EXPECT_EQ(FormatOfName("b.txt"), UnitFormat::kText);
  EXPECT_EQ(FormatOfName("b.lst"), std::nullopt);
  EXPECT_EQ(FormatOfName("-"), std::nullopt);
}

TEST(UnitFormatTest, FirstBytesTellTheFormat) {
  EXPECT_EQ(FormatOfText("{\"a\": {}}\n{\"b\": {}}\n"), UnitFormat::kJsonLines);
  EXPECT_EQ(FormatOfText("\"a\"\n\"b\"\n"), UnitFormat::kJsonLines);
  EXPECT_EQ(FormatOfText("{\"a\": {}}\n"), UnitFormat::kJson);
  EXPECT_EQ(FormatOfText("{\n  \"a\": {}\n}\n"), UnitFormat::kJson);
  EXPECT_EQ(FormatOfText("[\"a\", \"b\"]"), UnitFormat::kJson);
  EXPECT_EQ(FormatOfText("---\na:\n"), UnitFormat::kYaml);
  EXPECT_EQ(FormatOfText("a: {n: 1}\n"), UnitFormat::kYaml);
  EXPECT_EQ(FormatOfText("- a\n- b\n"), UnitFormat::kYaml);
  EXPECT_EQ(FormatOfText("/usr/share\n"), UnitFormat::kText);
  EXPECT_EQ(FormatOfText("http://host/path\nb\n"), UnitFormat::kText);
  EXPECT_EQ(FormatOfText(""), UnitFormat::kText);
}

}  // namespace
}  // namespace coord
