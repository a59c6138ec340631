// SPDX-License-Identifier: MIT
#include "rest/documents.h"

#include <string>

#include "rest/document_fields.h"
#include "rest/url_names.h"
#include "rest/urls.h"
#include "value/base64.h"
#include "value/cbor_reader.h"
#include "value/utf8.h"

namespace coord {

namespace {

constexpr std::string_view kQueryTemplate = "{?name*,status*,previous,limit}";

// The URL of an attempt, and those of what it belongs to.
struct AttemptUrls {
  std::string attempt;
  std::size_t unit_size = 0;  // so much of it is the unit's
  std::string worker;

  AttemptUrls(std::string_view name_space, const AttemptView& view) {
    AppendWorkUnitUrl(attempt, name_space, view.spec, view.unit);
    unit_size = attempt.size();
    attempt.append("/attempt/");
    AppendPathName(attempt, view.worker);
    attempt.push_back('/');
    AppendAttemptSegment(attempt, view.start, view.id);
    AppendWorkerUrl(worker, name_space, view.worker);
  }
};

void WriteShortFields(BodyWriter& writer, const AttemptUrls& urls, const AttemptView& attempt) {
  UrlField(writer, "url", urls.attempt);
  UrlField(writer, "work_unit_url", std::string_view(urls.attempt).substr(0, urls.unit_size));
  UrlField(writer, "worker_url", urls.worker);
  TimeField(writer, "start_time", attempt.start);
}

}  // namespace

void WriteNameField(BodyWriter& writer, std::string_view key, std::string_view name) {
  TextField(writer, key, name);
  if (IsUtf8(name)) return;
  std::string encoded_key(key);
  encoded_key.append("_base64");
  TextField(writer, encoded_key, EncodeBase64(name));
}

void WriteCount(BodyWriter& writer, std::string_view key, std::uint64_t count) {
  writer.Key(key);
  writer.Unsigned(count);
}

// --- The root and namespaces ---------------------------------------------------------------------

void WriteRoot(BodyWriter& writer, bool has_clock) {
  writer.BeginMap();
  UrlField(writer, "summary_url", "/summary");
  UrlField(writer, "namespaces_url", "/namespace");
  UrlField(writer, "namespace_url", "/namespace/{namespace}");
  UrlField(writer, "command_url", "/namespace/{namespace}/command");
  UrlField(writer, "openapi_url", "/openapi.json");
  UrlField(writer, "metrics_url", "/metrics");
  UrlField(writer, "health_url", "/healthz");
  UrlField(writer, "ready_url", "/readyz");
  if (has_clock) UrlField(writer, "clock_url", "/clock");
  writer.EndMap();
}

void WriteNamespace(BodyWriter& writer, std::string_view name_space) {
  const auto url = [&](std::string& out) { AppendNamespaceUrl(out, name_space); };
  writer.BeginMap();
  UrlField(writer, "url", url);
  WriteNameField(writer, "name", name_space);
  UrlField(writer, "summary_url", url, "/summary");
  UrlField(writer, "work_specs_url", url, "/work_spec");
  UrlField(writer, "work_spec_url", url, "/work_spec/{spec}");
  UrlField(writer, "workers_url", url, "/worker");
  UrlField(writer, "worker_url", url, "/worker/{worker}");
  UrlField(writer, "complete_url", url, "/complete");
  UrlField(writer, "worker_states_url", url, "/worker_states{?active,previous,limit}");
  writer.EndMap();
}

void WriteNamespaces(BodyWriter& writer, std::span<const std::string_view> names) {
  writer.BeginMap();
  writer.Key("namespaces");
  writer.BeginList();
  for (const std::string_view name : names) {
    WriteRef(writer, name, [&](std::string& out) { AppendNamespaceUrl(out, name); });
  }
  writer.EndList();
  writer.EndMap();
}

void WriteSummary(BodyWriter& writer, const SummaryReply& reply) {
  writer.BeginList();
  for (const SummaryReply::Record& record : reply.records) {
    writer.BeginMap();
    TextField(writer, "Namespace", record.name_space);
    TextField(writer, "WorkSpec", record.spec);
    TextField(writer, "Status", ToText(record.status));
    WriteCount(writer, "Count", record.count);
    writer.EndMap();
  }
  writer.EndList();
}

// --- Work specs ----------------------------------------------------------------------------------

void WriteWorkSpecRef(BodyWriter& writer, std::string_view name_space, std::string_view spec) {
  WriteRef(writer, spec, [&](std::string& out) { AppendWorkSpecUrl(out, name_space, spec); });
}

void WriteWorkSpecs(BodyWriter& writer, std::string_view name_space, const SpecsReply& reply) {
  writer.BeginMap();
  writer.Key("work_specs");
  writer.BeginList();
  for (const SpecsReply::Spec& spec : reply.specs) WriteWorkSpecRef(writer, name_space, spec.name);
  writer.EndList();
  writer.EndMap();
}

void WriteWorkSpec(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                   Data definition) {
  const auto url = [&](std::string& out) { AppendWorkSpecUrl(out, name_space, spec); };
  const auto query_field = [&](std::string_view key, std::string_view suffix,
                               std::string_view query = kQueryTemplate) {
    UrlField(writer, key, [&](std::string& out) {
      url(out);
      out.append(suffix).append(query);
    });
  };
  writer.BeginMap();
  UrlField(writer, "url", url);
  WriteNameField(writer, "name", spec);
  writer.Key("data");
  writer.DataMap(definition);
  UrlField(writer, "summary_url", url, "/summary");
  UrlField(writer, "meta", url, "/meta{?counts}");
  UrlField(writer, "work_units_url", url, "/work_unit");
  query_field("work_unit_query_url", "/work_unit");
  UrlField(writer, "work_unit_url", url, "/work_unit/{unit}");
  UrlField(writer, "work_unit_counts_url", url, "/counts");
  query_field("work_unit_change_url", "/change");
  query_field("work_unit_adjust_url", "/adjust");
  query_field("work_unit_retry_url", "/retry");
  query_field("failures_url", "/failures", "{?name*,error,contains,previous,limit}");
  query_field("failure_groups_url", "/failure_groups", "{?previous,limit}");
  UrlField(writer, "explanation_url", url, "/explanation");
  writer.EndMap();
}

void WriteMeta(BodyWriter& writer, const MetaReply& reply) {
  const WorkSpecMeta& meta = *reply.meta;
  const auto integer_field = [&](std::string_view key, std::int64_t value) {
    writer.Key(key);
    writer.Integer(value);
  };
  writer.BeginMap();
  integer_field("priority", meta.priority);
  integer_field("weight", meta.weight);
  BoolField(writer, "paused", meta.paused);
  BoolField(writer, "continuous", meta.continuous);
  BoolField(writer, "can_be_continuous", meta.can_be_continuous);
  writer.Key("min_memory_gb");
  writer.Double(meta.min_memory_gb);
  integer_field("interval", std::chrono::nanoseconds(meta.interval).count());
  TimeField(writer, "next_continuous", meta.next_continuous);
  WriteCount(writer, "max_running", meta.max_running);
  WriteCount(writer, "max_attempts_returned", meta.max_attempts_returned);
  WriteCount(writer, "max_retries", meta.max_retries);
  TextField(writer, "next_work_spec_name", meta.next_work_spec_name);
  TextField(writer, "runtime", meta.runtime);
  WriteCount(writer, "available_count", reply.has_counts ? reply.available : 0);
  WriteCount(writer, "pending_count", reply.has_counts ? reply.pending : 0);
  writer.EndMap();
}

void WriteCounts(BodyWriter& writer, const StatusCounts& counts) {
  writer.BeginMap();
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    const std::uint64_t count = counts[IndexOf(status)];
    if (count > 0) WriteCount(writer, ToText(status), count);
  }
  writer.EndMap();
}

// --- Work units ----------------------------------------------------------------------------------

void WriteWorkUnitRef(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                      std::string_view unit) {
  WriteRef(writer, unit, [&](std::string& out) { AppendWorkUnitUrl(out, name_space, spec, unit); });
}

void WriteWorkUnit(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                   const WorkUnitView& unit) {
  const auto url = [&](std::string& out) { AppendWorkUnitUrl(out, name_space, spec, unit.name); };
  writer.BeginMap();
  UrlField(writer, "url", url);
  WriteNameField(writer, "name", unit.name);
  writer.Key("data");
  writer.DataMap(unit.data);
  writer.Key("meta");
  writer.BeginMap();
  writer.Key("priority");
  writer.Double(unit.priority);
  TimeField(writer, "not_before", unit.not_before);
  writer.EndMap();
  TextField(writer, "status", ToText(unit.status));
  UrlField(writer, "work_spec_url",
           [&](std::string& out) { AppendWorkSpecUrl(out, name_space, spec); });
  if (unit.active) {
    UrlField(writer, "active_attempt_url", AttemptUrls(name_space, *unit.active).attempt);
  }
  UrlField(writer, "attempts_url", url, "/attempts");
  writer.EndMap();
}

// --- Attempts ------------------------------------------------------------------------------------

void WriteAttempt(BodyWriter& writer, std::string_view name_space, const AttemptView& attempt) {
  const AttemptUrls urls(name_space, attempt);
  writer.BeginMap();
  WriteShortFields(writer, urls, attempt);
  TextField(writer, "status", ToText(attempt.status));
  writer.Key("data");
  writer.DataMap(attempt.data);
  TimeField(writer, "end_time", attempt.end);
  TimeField(writer, "expiration_time", attempt.expiration);
  UrlField(writer, "renew_url", urls.attempt, "/renew");
  UrlField(writer, "expire_url", urls.attempt, "/expire");
  UrlField(writer, "finish_url", urls.attempt, "/finish");
  UrlField(writer, "fail_url", urls.attempt, "/fail");
  UrlField(writer, "retry_url", urls.attempt, "/retry");
  writer.EndMap();
}

void WriteAttempts(BodyWriter& writer, std::string_view name_space, const AttemptsReply& reply) {
  writer.BeginMap();
  writer.Key("attempts");
  writer.BeginList();
  for (const AttemptView& attempt : reply.attempts) {
    writer.BeginMap();
    WriteShortFields(writer, AttemptUrls(name_space, attempt), attempt);
    writer.EndMap();
  }
  writer.EndList();
  writer.EndMap();
}

void WriteWork(BodyWriter& writer, std::string_view name_space, std::string_view worker,
               const WorkReply& reply) {
  writer.BeginMap();
  if (reply.units.empty()) {
    writer.Key("attempts");
    writer.Null();
    writer.EndMap();
    return;
  }
  UrlField(writer, "work_spec_url",
           [&](std::string& out) { AppendWorkSpecUrl(out, name_space, reply.spec); });
  writer.Key("attempts");
  writer.BeginList();
  for (const GrantedUnit& unit : reply.units) {
    AttemptView attempt;
    attempt.id = unit.attempt;
    attempt.spec = reply.spec;
    attempt.unit = unit.name;
    attempt.worker = worker;
    attempt.start = unit.start;
    attempt.expiration = unit.expiration;
    attempt.data = unit.data;
    WriteAttempt(writer, name_space, attempt);
  }
  writer.EndList();
  writer.EndMap();
}

// --- Workers -------------------------------------------------------------------------------------

void WriteModeField(BodyWriter& writer, std::string_view mode) {
  writer.Key("mode");
  if (IsCborNull(mode)) {
    writer.Text({});
  } else {
    writer.Scalar(mode);
  }
}

void WriteWorkerRef(BodyWriter& writer, std::string_view name_space, std::string_view worker) {
  WriteRef(writer, worker, [&](std::string& out) { AppendWorkerUrl(out, name_space, worker); });
}

void WriteWorker(BodyWriter& writer, std::string_view name_space, const WorkerView& worker) {
  const auto url = [&](std::string& out) { AppendWorkerUrl(out, name_space, worker.name); };
  writer.BeginMap();
  UrlField(writer, "url", url);
  WriteNameField(writer, "name", worker.name);
  if (worker.parent) {
    TextField(writer, "parent", *worker.parent);
    UrlField(writer, "parent_url",
             [&](std::string& out) { AppendWorkerUrl(out, name_space, *worker.parent); });
  }
  writer.Key("child_urls");
  writer.BeginList();
  for (const std::string_view child : worker.children) {
    AppendWorkerUrl(writer.BeginPlainText(), name_space, child);
    writer.EndPlainText();
  }
  writer.EndList();
  BoolField(writer, "active", worker.active);
  WriteModeField(writer, worker.mode);
  writer.Key("data");
  writer.DataMap(worker.data);
  TimeField(writer, "expiration", worker.expiration);
  TimeField(writer, "last_update", worker.last_update);
  UrlField(writer, "request_attempts_url", url, "/request_attempts");
  UrlField(writer, "make_attempt_url", url, "/make_attempt");
  UrlField(writer, "active_attempts_url", url, "/active_attempts");
  UrlField(writer, "all_attempts_url", url, "/all_attempts");
  UrlField(writer, "child_attempts_url", url, "/child_attempts");
  writer.EndMap();
}

// --- Errors --------------------------------------------------------------------------------------

void WriteErrorFields(BodyWriter& writer, const Error& error) {
  TextField(writer, "error", InfoOf(error.code).name);
  TextField(writer, "message", error.detail);
  const bool names_something = error.code == ErrorCode::kNoSuchWorkSpec ||
                               error.code == ErrorCode::kNoSuchWorkUnit || !error.subject.empty();
  if (names_something) WriteNameField(writer, "value", error.subject);
  if (error.code == ErrorCode::kInDoubt) {
    writer.Key("in_doubt");
    writer.Bool(true);
  }
}

void WriteError(BodyWriter& writer, const Error& error) {
  writer.BeginMap();
  WriteErrorFields(writer, error);
  writer.EndMap();
}

}  // namespace coord
