// SPDX-License-Identifier: MIT
#include <boost/json/basic_parser_impl.hpp>
#include <unordered_map>

#include "value/json.h"
#include "value/number_text.h"
#include "value/text_position.h"

namespace coord {

namespace {

namespace json = boost::json;

// Takes the parser's events and builds the value. Numbers are read from their text, because the
// parser makes doubles of integers beyond 64 bits.
class Handler {
 public:
  static constexpr std::size_t max_array_size = SIZE_MAX;   // NOLINT: names that the parser wants
  static constexpr std::size_t max_object_size = SIZE_MAX;  // NOLINT
  static constexpr std::size_t max_string_size = SIZE_MAX;  // NOLINT
  static constexpr std::size_t max_key_size = SIZE_MAX;     // NOLINT

  // What is wrong, where the parser itself does not know.
  std::string_view complaint() const { return complaint_; }
  Value Take() { return std::move(result_); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return Open(List()); }
  bool on_array_end(std::size_t, json::error_code&) { return Close(); }
  bool on_object_begin(json::error_code&) { return Open(Map()); }
  bool on_object_end(std::size_t, json::error_code&) {
    MergeEqualKeys(*open_.back().As<Map>());
    return Close();
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return Collect(part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    Collect(part);
    return Add(std::move(text_));
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return Collect(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    Collect(part);
    open_.back().As<Map>()->emplace_back(std::move(text_), Value());
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) { return Collect(part); }
  bool on_int64(std::int64_t, json::string_view part, json::error_code& error) {
    return AddNumber(part, error);
  }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code& error) {
    return AddNumber(part, error);
  }
  bool on_double(double, json::string_view part, json::error_code& error) {
    return AddNumber(part, error);
  }
  bool on_bool(bool value, json::error_code&) { return Add(value); }
  bool on_null(json::error_code&) { return Add(Value()); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool Collect(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool Open(Value container) {
    open_.push_back(std::move(container));
    return true;
  }

  bool Close() {
    Value closed = std::move(open_.back());
    open_.pop_back();
    return Add(std::move(closed));
  }

  bool Add(Value value) {
    text_.clear();
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (auto* list = open_.back().As<List>()) {
      list->push_back(std::move(value));
    } else {
      open_.back().As<Map>()->back().second = std::move(value);
    }
    return true;
  }

  bool AddNumber(json::string_view part, json::error_code& error) {
    Collect(part);
    if (text_.find_first_of(".eE") == std::string::npos) {
      auto integer = ParseInteger(text_);
      if (!integer) return Complain("the integer has too many digits", error);
      return Add(*std::move(integer));
    }
    const auto number = ParseDouble(text_);
    if (!number || std::isinf(*number)) return Complain("the number is out of range", error);
    return Add(*number);
  }

  bool Complain(std::string_view what, json::error_code& error) {
    complaint_ = what;
    error = json::error::exception;
    return false;
  }

  static void MergeEqualKeys(Map& map) {
    std::unordered_map<std::string_view, std::size_t> places;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < map.size(); ++i) {
      const auto [place, is_new] = places.try_emplace(*map[i].first.As<std::string>(), kept);
      if (!is_new) {
        map[place->second].second = std::move(map[i].second);
        continue;
      }
      if (kept != i) {
        places.erase(place);
        map[kept] = std::move(map[i]);
        places.emplace(*map[kept].first.As<std::string>(), kept);
      }
      ++kept;
    }
    map.resize(kept);
  }

  std::string text_;         // of the string, key or number that is being read
  std::vector<Value> open_;  // the lists and maps around the place being read
  Value result_;
  std::string_view complaint_;
};

}  // namespace

Result<Value> ParseJson(std::string_view text) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<Handler> parser(options);
  json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error) {
    const std::string_view complaint = parser.handler().complaint();
    return ErrorAt(PositionOf(text, used), complaint.empty() ? error.message() : complaint);
  }
  if (used < text.size()) return ErrorAt(PositionOf(text, used), "something follows the document");
  return parser.handler().Take();
}

}  // namespace coord
