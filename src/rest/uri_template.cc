// SPDX-License-Identifier: MIT
#include "rest/uri_template.h"

#include "rest/url_names.h"

namespace coord {

namespace {

std::span<const std::string_view> ValuesOf(std::string_view name,
                                           std::span<const TemplateVariable> variables) {
  for (const TemplateVariable& variable : variables) {
    if (variable.name == name) return variable.values;
  }
  return {};
}

// Appends one variable of an expression. `lead` is what stands before its first value in a query,
// 0 outside of one; it is '&' afterwards.
void ExpandVariable(std::string_view variable, std::span<const TemplateVariable> variables,
                    char& lead, std::string& out) {
  const bool exploded = !variable.empty() && variable.back() == '*';
  if (exploded) variable.remove_suffix(1);
  bool first = true;
  for (const std::string_view value : ValuesOf(variable, variables)) {
    if (!first && !exploded) {
      out.push_back(',');
    } else if (lead != 0) {
      out.push_back(lead);
      lead = '&';
      out.append(variable).push_back('=');
    }
    AppendQueryText(out, value);
    first = false;
  }
}

Result<void> ExpandExpression(std::string_view expression,
                              std::span<const TemplateVariable> variables, std::string& out) {
  char lead = 0;
  if (!expression.empty() && expression.front() == '?') {
    lead = '?';
    expression.remove_prefix(1);
  }
  if (expression.find_first_of("+#./;&=!@|:") != std::string_view::npos) {
    return InvalidError("an operator that these templates do not have");
  }
  while (!expression.empty()) {
    const std::size_t comma = expression.find(',');
    ExpandVariable(expression.substr(0, comma), variables, lead, out);
    if (comma == std::string_view::npos) break;
    expression.remove_prefix(comma + 1);
  }
  return {};
}

}  // namespace

Result<std::string> ExpandTemplate(std::string_view text,
                                   std::span<const TemplateVariable> variables) {
  std::string out;
  while (true) {
    const std::size_t open = text.find('{');
    out.append(text, 0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return InvalidError("an expression without its end");
    COORD_TRY_VOID(ExpandExpression(text.substr(open + 1, close - open - 1), variables, out));
    text.remove_prefix(close + 1);
  }
}

}  // namespace coord
