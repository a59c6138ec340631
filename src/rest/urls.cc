// SPDX-License-Identifier: MIT
#include "rest/urls.h"

#include <array>
#include <charconv>

#include "rest/url_names.h"

namespace coord {

void AppendNamespaceUrl(std::string& out, std::string_view name_space) {
  out.append("/namespace/");
  AppendPathName(out, name_space);
}

void AppendWorkSpecUrl(std::string& out, std::string_view name_space, std::string_view spec) {
  AppendNamespaceUrl(out, name_space);
  out.append("/work_spec/");
  AppendPathName(out, spec);
}

void AppendWorkUnitUrl(std::string& out, std::string_view name_space, std::string_view spec,
                       std::string_view unit) {
  AppendWorkSpecUrl(out, name_space, spec);
  out.append("/work_unit/");
  AppendPathName(out, unit);
}

void AppendWorkerUrl(std::string& out, std::string_view name_space, std::string_view worker) {
  AppendNamespaceUrl(out, name_space);
  out.append("/worker/");
  AppendPathName(out, worker);
}

void AppendAttemptSegment(std::string& out, WallTime start, AttemptId id) {
  out.append(std::to_string(start.time_since_epoch().count()));
  out.append("-").append(std::to_string(static_cast<std::uint64_t>(id)));
}

std::optional<AttemptSegment> ReadAttemptSegment(std::string_view segment) {
  const std::size_t dash = segment.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto read = [](std::string_view digits, auto& number) {
    const char* end = digits.data() + digits.size();
    const auto [used, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc() && used == end;
  };
  std::uint64_t micros = 0;
  std::uint64_t id = 0;
  if (!read(segment.substr(0, dash), micros) || !read(segment.substr(dash + 1), id)) {
    return std::nullopt;
  }
  const auto start = Duration(static_cast<std::int64_t>(micros));
  if (start < Duration(0) || start > kMaxTime.time_since_epoch()) return std::nullopt;
  return AttemptSegment{WallTime(start), AttemptId{id}};
}

Result<AttemptUrl> ReadAttemptUrl(std::string_view url, Arena& arena) {
  // An empty one stands for a name.
  constexpr std::array<std::string_view, 9> kSegments = {
      "namespace", "", "work_spec", "", "work_unit", "", "attempt", "", ""};
  std::array<std::string_view, 5> names;
  std::size_t name = 0;
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (url.empty() || url.front() != '/') return InvalidError("not the URL of an attempt");
    url.remove_prefix(1);
    const std::string_view segment = url.substr(0, url.find('/'));
    url.remove_prefix(segment.size());
    if (kSegments[i].empty()) {
      names[name++] = segment;
    } else if (segment != kSegments[i]) {
      return InvalidError("not the URL of an attempt");
    }
  }
  if (!url.empty()) return InvalidError("not the URL of an attempt");
  const auto segment = ReadAttemptSegment(names[4]);
  if (!segment) return Error{ErrorCode::kGone, "the attempt is gone", {}};
  for (std::size_t i = 0; i < 4; ++i) {
    COORD_TRY(read, ReadPathName(names[i], arena));
    names[i] = read;
  }
  return AttemptUrl{names[0], {names[1], names[2], segment->id, names[3], segment->start}};
}

}  // namespace coord
