// SPDX-License-Identifier: MIT
// Text tables: columns as wide as their widest cell, two blanks between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coord {

enum class Style : std::uint8_t { kPlain, kBold, kDim, kRed, kGreen, kYellow };

// The text in a style for a terminal; as it is where `colours` is false or the style plain.
std::string Styled(std::string_view text, Style style, bool colours);

struct Column {
  std::string title;
  bool right = false;  // numbers
};

struct Cell {
  Cell(std::string shown) : text(std::move(shown)) {}           // NOLINT: a text is a plain cell
  Cell(const char* shown) : text(shown) {}                      // NOLINT
  Cell(std::uint64_t number) : text(std::to_string(number)) {}  // NOLINT
  Cell(std::string shown, Style look) : text(std::move(shown)), style(look) {}

  std::string text;  // printable UTF-8 without line breaks
  Style style = Style::kPlain;
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Adds a row of as many cells as there are columns.
  void AddRow(std::vector<Cell> cells);

  bool empty() const { return rows_.empty(); }

  // The title line, if wanted, and a line per row, each ending in a line break; no blanks at the
  // end of a line.
  std::string Render(bool colours, bool titles = true) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace coord
