// SPDX-License-Identifier: MIT
// The files of the dashboard (web/), which are part of the program.
#pragma once

#include <span>
#include <string_view>

namespace coord {

struct WebFile {
  std::string_view name;  // "main.js"
  std::string_view type;  // for Content-Type
  std::string_view etag;  // with its quotes; another one whenever the text is
  std::string_view text;
};

// In the order of their names. Lives for ever.
std::span<const WebFile> WebFiles();

// The one of that name, or nullptr.
const WebFile* FindWebFile(std::string_view name);

}  // namespace coord
