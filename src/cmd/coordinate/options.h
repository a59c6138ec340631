// SPDX-License-Identifier: MIT
// Adding options to a command's parser without the parser's header, which takes seconds to compile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace coord {

// A handle to an option; the parser owns it.
class OptionHandle {
 public:
  OptionHandle() = default;
  explicit OptionHandle(CLI::Option* option) : option_(option) {}

  OptionHandle& Required();
  // Both together are a usage error.
  OptionHandle& Excludes(const OptionHandle& other);
  // This one without the other is a usage error.
  OptionHandle& Needs(const OptionHandle& other);

  // Whether it stands on the command line; after parsing.
  bool given() const;

 private:
  CLI::Option* option_ = nullptr;
};

// What an option is called and what --help says of it.
struct OptionTexts {
  const char* names;  // "-n,--limit"; without a dash: a positional
  std::string type;   // shown in --help, and what completion goes by: see Command::SetUp
  const char* help;
};

// A check for numbers that the parser's ranges let NaN through: "", or what is wrong.
std::string CheckFinite(const std::string& text);

// Adds options to `app`; values are written to variables that outlive it.
class OptionAdder {
 public:
  explicit OptionAdder(CLI::App& app) : app_(app) {}

  OptionHandle Flag(const char* names, bool& value, const char* help);
  OptionHandle Text(const OptionTexts& texts, std::string& value);
  // A finite number.
  OptionHandle Number(const OptionTexts& texts, double& value);
  OptionHandle Count(const OptionTexts& texts, std::uint64_t& value);
  // A positional takes all words that follow; an option takes one each time it is given.
  OptionHandle Texts(const OptionTexts& texts, std::vector<std::string>& values);
  // An option whose value may be left out, which then stays ""; --help shows its type in brackets.
  OptionHandle OptionalText(const OptionTexts& texts, std::string& value);

 private:
  CLI::App& app_;
};

}  // namespace coord
