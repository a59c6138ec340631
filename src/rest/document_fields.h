// SPDX-License-Identifier: MIT
// What documents are put together from: a key and a value.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "rest/body_writer.h"
#include "rest/documents.h"

namespace coord {

// A URL that is put together by `append`, with a suffix behind it.
template <std::invocable<std::string&> Append>
void UrlField(BodyWriter& writer, std::string_view key, Append append,
              std::string_view suffix = {}) {
  writer.Key(key);
  std::string& out = writer.BeginPlainText();
  append(out);
  out.append(suffix);
  writer.EndPlainText();
}

inline void UrlField(BodyWriter& writer, std::string_view key, std::string_view url,
                     std::string_view suffix = {}) {
  UrlField(
      writer, key, [&](std::string& out) { out.append(url); }, suffix);
}

inline void TimeField(BodyWriter& writer, std::string_view key, WallTime time) {
  writer.Key(key);
  writer.Time(time);
}

inline void TextField(BodyWriter& writer, std::string_view key, std::string_view text) {
  writer.Key(key);
  writer.Text(text);
}

inline void BoolField(BodyWriter& writer, std::string_view key, bool value) {
  writer.Key(key);
  writer.Bool(value);
}

// {"url","name"}
template <typename Append>
void WriteRef(BodyWriter& writer, std::string_view name, Append append) {
  writer.BeginMap();
  UrlField(writer, "url", append);
  WriteNameField(writer, "name", name);
  writer.EndMap();
}

}  // namespace coord
