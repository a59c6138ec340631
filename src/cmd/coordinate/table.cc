// SPDX-License-Identifier: MIT
#include "cmd/coordinate/table.h"

#include <algorithm>

#include "base/check.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

std::string_view StyleCode(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
  }
  return "";
}

}  // namespace

std::string Styled(std::string_view text, Style style, bool colours) {
  if (!colours || style == Style::kPlain || text.empty()) return std::string(text);
  std::string styled(StyleCode(style));
  styled += text;
  styled += "\x1b[0m";
  return styled;
}

void TextTable::AddRow(std::vector<Cell> cells) {
  COORD_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::Render(bool colours, bool titles) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.title));
  for (const std::vector<Cell>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
  }
  std::string out;
  const auto add_line = [&](const auto& cell_at) {
    std::string line;
    std::string padding;  // held back, so that no line ends in blanks
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Cell& cell = cell_at(i);
      const std::string gap(widths[i] - DisplayWidth(cell.text), ' ');
      if (columns_[i].right) padding += gap;
      if (!cell.text.empty()) {
        line += padding + Styled(cell.text, cell.style, colours);
        padding.clear();
      }
      if (!columns_[i].right) padding += gap;
      padding += "  ";
    }
    out += line + "\n";
  };
  std::vector<Cell> heads;
  for (const Column& column : columns_) heads.emplace_back(column.title, Style::kBold);
  if (titles) add_line([&](std::size_t i) -> const Cell& { return heads[i]; });
  for (const std::vector<Cell>& row : rows_) {
    add_line([&](std::size_t i) -> const Cell& { return row[i]; });
  }
  return out;
}

}  // namespace coord
