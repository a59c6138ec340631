// SPDX-License-Identifier: MIT
#include "cmd/coordinate/options.h"

#include <CLI/CLI.hpp>
#include <cmath>

namespace coord {

std::string CheckFinite(const std::string& text) {
  double number = 0;
  const bool finite = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
  return finite ? "" : text + " is no number";
}

OptionHandle& OptionHandle::Required() {
  option_->required();
  return *this;
}

OptionHandle& OptionHandle::Excludes(const OptionHandle& other) {
  option_->excludes(other.option_);
  return *this;
}

OptionHandle& OptionHandle::Needs(const OptionHandle& other) {
  option_->needs(other.option_);
  return *this;
}

bool OptionHandle::given() const { return option_->count() > 0; }

OptionHandle OptionAdder::Flag(const char* names, bool& value, const char* help) {
  return OptionHandle(app_.add_flag(names, value, help));
}

OptionHandle OptionAdder::Text(const OptionTexts& texts, std::string& value) {
  return OptionHandle(app_.add_option(texts.names, value, texts.help)->type_name(texts.type));
}

OptionHandle OptionAdder::Number(const OptionTexts& texts, double& value) {
  CLI::Option* option = app_.add_option(texts.names, value, texts.help)->type_name(texts.type);
  return OptionHandle(option->check(CheckFinite));
}

OptionHandle OptionAdder::Count(const OptionTexts& texts, std::uint64_t& value) {
  return OptionHandle(app_.add_option(texts.names, value, texts.help)->type_name(texts.type));
}

OptionHandle OptionAdder::Texts(const OptionTexts& texts, std::vector<std::string>& values) {
  CLI::Option* option = app_.add_option(texts.names, values, texts.help)->type_name(texts.type);
  if (!option->get_positional()) option->allow_extra_args(false);
  return OptionHandle(option);
}

OptionHandle OptionAdder::OptionalText(const OptionTexts& texts, std::string& value) {
  return OptionHandle(app_.add_option(texts.names, value, texts.help)
                          ->type_name("[" + std::string(texts.type) + "]")
                          ->expected(0, 1));
}

}  // namespace coord
