// SPDX-License-Identifier: MIT
// Names, texts of others and times as text for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace coord {

// A name or key so that it can be read: as it is where it is printable UTF-8, else as bash's
// $'...' with \xNN; the empty one is ''.
std::string Readable(std::string_view bytes);

// An argument that bash takes as these bytes, whatever they are: by Readable() where that quotes
// them, else between single quotes. None of them may be NUL, which no argument can have.
std::string ShellQuoted(std::string_view bytes);

// Text on one line: white space and control characters become one blank, bytes that are not UTF-8
// '?', and what is longer than `width_max` characters ends in "...".
std::string OneLine(std::string_view text, std::size_t width_max);

// The last line that is not blank, without white space around it; empty where there is none.
std::string_view LastLine(std::string_view text);

// How many columns a terminal gives to printable UTF-8, counting a character as one.
std::size_t DisplayWidth(std::string_view text);

// A span in its two largest units, rounded down: "0s", "59s", "1m05s", "2h00m", "3d04h".
// What is below a second counts as 0; infinite or over 9999 days is ">9999d".
std::string FormatSpan(double seconds);

// "2026-01-31T12:00:00Z" of Unix seconds, rounded down.
std::string FormatInstant(double unix_seconds);

}  // namespace coord
