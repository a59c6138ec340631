// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>

#include "base/arena.h"
#include "base/check.h"
#include "http/request_reader.h"
#include "rest/body_format.h"
#include "rest/command_body.h"
#include "rest/requests.h"
#include "rest/time_text.h"
#include "rest/uri_template.h"
#include "rest/url_names.h"
#include "rest/urls.h"
#include "targets.h"
#include "value/cbor_reader.h"
#include "value/utf8.h"

namespace coord::fuzz {

namespace {

constexpr HttpLimits kLimits{.head_bytes_max = 1024, .body_bytes_max = 2048};

// What the requests in some bytes come to, told apart by their parts. A body in chunks is joined
// in place, so the bytes are a copy.
std::string ReadRequests(std::string bytes, std::size_t piece) {
  RequestReader reader(kLimits);
  std::string told;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    const ReadRequest read = reader.Next(bytes.data() + begin, end - begin);
    if (read.kind == ReadRequest::Kind::kBad) {
      COORD_CHECK(read.defect.status >= 400 && !read.defect.reason.empty());
      return told.append("bad ").append(std::to_string(read.defect.status));
    }
    if (read.kind == ReadRequest::Kind::kNeedMore) {
      COORD_CHECK(read.size > end - begin);
      if (end == bytes.size()) return told.append("more");
      end = std::min(end + piece, bytes.size());
      continue;
    }
    COORD_CHECK(read.size > 0 && read.size <= end - begin);
    COORD_CHECK(read.request.body.size() <= kLimits.body_bytes_max);
    const RequestHead& head = read.request.head;
    for (const std::string_view part : {head.method, read.request.path, read.request.query,
                                        head.content_type, read.request.body}) {
      told.append(std::to_string(part.size())).append(" ").append(part).append(";");
    }
    NegotiateFormat(head.accept());
    FormatOfContentType(head.content_type);
    reader.Consumed();
    begin += read.size;
  }
}

void CheckName(std::string_view name) {
  Arena arena;
  std::string path;
  AppendPathName(path, name);
  COORD_CHECK(!path.empty() && path.find('/') == std::string::npos);
  const auto again = ReadPathName(path, arena);
  COORD_CHECK(again.has_value() && *again == name);
  std::string query;
  AppendQueryText(query, name);
  const auto decoded = PercentDecode(query, /*plus_is_blank=*/true, arena);
  COORD_CHECK(decoded.has_value() && *decoded == name);
  std::string scratch;
  COORD_CHECK(IsUtf8(LossyUtf8(name, scratch)));
}

void CheckTime(std::string_view text) {
  const auto time = ReadTime(text);
  if (!time) return;
  std::string written;
  AppendTime(written, *time);
  COORD_CHECK(ReadTime(written) == time);
}

}  // namespace

void TryHttp(std::string_view bytes) {
  const std::size_t size = std::max<std::size_t>(bytes.size(), 1);
  const std::string whole = ReadRequests(std::string(bytes), size);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    COORD_CHECK(ReadRequests(std::string(bytes), piece) == whole);
  }
}

void TryCommand(std::string_view bytes) {
  if (CborItemSize(bytes, CborScanner::kDepthMax) != bytes.size()) return;
  Arena arena;
  OutcomeReader outcomes;
  if (const auto command = ReadCommand(bytes, arena); command.has_value()) {
    std::string first;
    WriteCommand(*command, first);
    const auto again = ReadCommand(first, arena);
    COORD_CHECK(again.has_value());
    std::string second;
    WriteCommand(*again, second);
    COORD_CHECK(first == second);
  }
  const Outcome outcome = outcomes.Read(bytes);
  if (std::holds_alternative<Error>(outcome)) return;
  std::string written;
  WriteOutcome(outcome, written);
  COORD_CHECK(outcomes.Read(written).index() == outcome.index());
}

void TryUrl(std::string_view bytes) {
  Arena arena;
  CheckName(bytes);
  if (const auto name = ReadPathName(bytes, arena); name.has_value()) CheckName(*name);
  IgnoreError(ReadUnitQuery(bytes, arena), "any answer will do");
  IgnoreError(ReadWorkerQuery(bytes, arena), "any answer will do");
  IgnoreError(ReadQueryFlag(bytes, "counts", arena), "any answer will do");
  if (const auto url = ReadAttemptUrl(bytes, arena); url.has_value()) {
    std::string segment;
    AppendAttemptSegment(segment, url->key.start, url->key.id);
    const auto again = ReadAttemptSegment(segment);
    COORD_CHECK(again && again->id == url->key.id && again->start == url->key.start);
  }
  const std::array variables = {TemplateVariable{"name", {"a b", bytes}}};
  IgnoreError(ExpandTemplate(bytes, variables), "any answer will do");
  NegotiateFormat(std::array{bytes});
  CheckTime(bytes);
}

}  // namespace coord::fuzz
