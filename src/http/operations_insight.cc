// SPDX-License-Identifier: MIT
// Beyond spec/rest.md: why a spec gives no work, its failed units, and trying them again.
#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "domain/failures.h"
#include "http/explain_inquiry.h"
#include "http/operations.h"
#include "rest/documents.h"
#include "rest/insight_documents.h"
#include "rest/url_names.h"
#include "rest/urls.h"

namespace coord {

namespace {

// Failed units in a page: where the query names no limit, and at most.
constexpr std::uint64_t kPageDefault = 100;
constexpr std::uint64_t kPageMax = 1'000;
// So many are looked at for one answer where it depends on what their data says.
constexpr std::uint64_t kLookedAtMax = 2'000;

std::unique_ptr<Inquiry> BeginExplanation(const PathNames& names) {
  return std::make_unique<ExplainInquiry>(names.spec);
}

// --- Failed units --------------------------------------------------------------------------------

// Asks for one unit more than are looked at, so that it is known whether there are others.
void AskForFailed(RestCall& call, WorkUnitQuery query, std::uint64_t looked_at_max,
                  Submission& submission) {
  query.statuses = WorkUnitStatus::kFailed;
  query.limit = looked_at_max + 1;
  call.looked_at_max = looked_at_max;
  submission.command = ListWorkUnits{call.names.spec, query};
}

// Goes through the units that a page looks at.
class FailedUnits {
 public:
  FailedUnits(const RestCall& call, const Outcome& outcome)
      : units_(std::get<UnitsReply>(outcome).units), left_(call.looked_at_max) {}

  // The next, or nullptr.
  const WorkUnitView* Next() {
    if (left_ == 0 || looked_at_ == units_.size()) return nullptr;
    --left_;
    return &units_[looked_at_++];
  }
  std::uint64_t looked_at() const { return looked_at_; }
  // The last that was looked at where others follow it, or nullptr.
  const WorkUnitView* last_before_others() const {
    return looked_at_ > 0 && looked_at_ < units_.size() ? &units_[looked_at_ - 1] : nullptr;
  }

 private:
  std::span<const WorkUnitView> units_;
  std::uint64_t left_;
  std::uint64_t looked_at_ = 0;
};

// "looked_at", and where units follow "next": the URL that goes on.
void EndPage(const RestCall& call, const FailedUnits& units, std::string_view path,
             std::uint64_t limit, BodyWriter& writer) {
  WriteCount(writer, "looked_at", units.looked_at());
  if (const WorkUnitView* last = units.last_before_others()) {
    writer.Key("next");
    std::string& url = writer.BeginPlainText();
    AppendWorkSpecUrl(url, call.names.name_space, call.names.spec);
    url.append(path).append("?limit=").append(std::to_string(limit));
    if (call.failures.error) AppendQueryText(url.append("&error="), *call.failures.error);
    if (call.failures.contains) AppendQueryText(url.append("&contains="), *call.failures.contains);
    AppendPathName(url.append("&previous="), last->name);
    writer.EndPlainText();
  }
  writer.EndMap();
}

Result<void> DecodeFailures(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(query, ReadFailureQuery(call.query, context.arena));
  call.count = query.units.limit == 0 ? kPageDefault : std::min(query.units.limit, kPageMax);
  call.failures = query.filter;
  AskForFailed(call, query.units, query.filter.any() ? kLookedAtMax : call.count, submission);
  return {};
}

bool Fits(const FailureFilter& filter, std::string_view unit, std::string_view error,
          std::string_view traceback) {
  if (filter.error && *filter.error != error) return false;
  return !filter.contains || unit.find(*filter.contains) != std::string_view::npos ||
         traceback.find(*filter.contains) != std::string_view::npos;
}

void EncodeFailures(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  FailedUnits units(call, outcome);
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  writer.Key("failures");
  writer.BeginList();
  Arena arena;
  std::uint64_t written = 0;
  while (written < call.count) {
    const WorkUnitView* unit = units.Next();
    if (unit == nullptr) break;
    const std::string_view traceback = TracebackIn(unit->data, arena);
    const std::string error = FailureLine(traceback);
    if (!Fits(call.failures, unit->name, error, traceback)) continue;
    WriteFailure(writer, call.names.name_space, call.names.spec, *unit, error, traceback);
    ++written;
  }
  writer.EndList();
  EndPage(call, units, "/failures", call.count, writer);
}

Result<void> DecodeGroups(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(query, ReadUnitQuery(call.query, context.arena));
  call.count = query.limit == 0 ? kLookedAtMax : std::min(query.limit, kLookedAtMax);
  AskForFailed(call, query, call.count, submission);
  return {};
}

void EncodeGroups(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  FailedUnits units(call, outcome);
  FailureGroups groups;
  Arena arena;
  while (const WorkUnitView* unit = units.Next()) {
    groups.Add(unit->name, TracebackIn(unit->data, arena));
  }
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  writer.Key("groups");
  writer.BeginList();
  for (const FailureGroups::Group& group : groups.Sorted()) {
    WriteFailureGroup(writer, call.names.name_space, call.names.spec, group);
  }
  writer.EndList();
  EndPage(call, units, "/failure_groups", call.count, writer);
}

// --- Trying again --------------------------------------------------------------------------------

// Failed units, unless the query names other statuses; `any` would take units from workers.
Result<void> DecodeRetry(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(query, ReadUnitQuery(call.query, context.arena));
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(names, ReadUnitNames(body, context.arena));
  if (names) query.names = names;
  if (!query.statuses) query.statuses = WorkUnitStatus::kFailed;
  submission.command = RetryWorkUnits{call.names.spec, query};
  return {};
}

void EncodeRetry(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  WriteCount(writer, "Retried", std::get<CountReply>(outcome).count);
  writer.EndMap();
}

constexpr std::array kExplanation = {Operation{
    .method = "GET", .id = "explainWorkSpec", .inquire = BeginExplanation, .pace = Pace::kAlone}};
constexpr std::array kFailures = {Operation{.method = "GET",
                                            .id = "listFailures",
                                            .decode = DecodeFailures,
                                            .encode = EncodeFailures,
                                            .pace = Pace::kAlone}};
constexpr std::array kGroups = {Operation{.method = "GET",
                                          .id = "groupFailures",
                                          .decode = DecodeGroups,
                                          .encode = EncodeGroups,
                                          .pace = Pace::kAlone}};
constexpr std::array kRetry = {Operation{.method = "POST",
                                         .id = "retryWorkUnits",
                                         .decode = DecodeRetry,
                                         .encode = EncodeRetry,
                                         .pace = Pace::kAlone}};

constexpr std::array kResources = {
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/explanation", kExplanation},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/failures", kFailures},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/failure_groups", kGroups},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/retry", kRetry}};

}  // namespace

std::span<const ResourceOperations> InsightResources() { return kResources; }

}  // namespace coord
