// SPDX-License-Identifier: MIT
#include "rest/insight_documents.h"

#include <string>

#include "rest/document_fields.h"
#include "rest/documents.h"
#include "rest/urls.h"

namespace coord {

namespace {

// So many bytes of a traceback are told, so that a page has an end.
constexpr std::size_t kTracebackMax = 8192;

}  // namespace

void WriteExplanation(BodyWriter& writer, const ExplainedSpec& spec,
                      const std::vector<Reason>& reasons) {
  writer.BeginMap();
  BoolField(writer, "gives_work", GivesWork(reasons));
  writer.Key("reasons");
  writer.BeginList();
  for (const Reason& reason : reasons) {
    writer.BeginMap();
    TextField(writer, "code", reason.code);
    TextField(writer, "weight", ToText(reason.weight));
    TextField(writer, "text", reason.text);
    writer.EndMap();
  }
  writer.EndList();
  writer.Key("counts");
  WriteCounts(writer, spec.counts);
  MetaReply meta;
  meta.meta = &spec.meta;
  meta.has_counts = true;
  meta.available = spec.counts[IndexOf(WorkUnitStatus::kAvailable)];
  meta.pending = spec.counts[IndexOf(WorkUnitStatus::kPending)];
  writer.Key("meta");
  WriteMeta(writer, meta);
  writer.EndMap();
}

void WriteFailure(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                  const WorkUnitView& unit, std::string_view error, std::string_view traceback) {
  const bool cut = traceback.size() > kTracebackMax;
  writer.BeginMap();
  UrlField(writer, "url",
           [&](std::string& out) { AppendWorkUnitUrl(out, name_space, spec, unit.name); });
  WriteNameField(writer, "name", unit.name);
  TextField(writer, "error", error);
  TextField(writer, "traceback",
            cut ? traceback.substr(traceback.size() - kTracebackMax) : traceback);
  BoolField(writer, "traceback_cut", cut);
  if (unit.active) {
    WriteNameField(writer, "worker", unit.active->worker);
    TimeField(writer, "start_time", unit.active->start);
    TimeField(writer, "end_time", unit.active->end);
  }
  writer.EndMap();
}

void WriteFailureGroup(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                       const FailureGroups::Group& group) {
  writer.BeginMap();
  TextField(writer, "error", group.line);
  WriteCount(writer, "count", group.count);
  writer.Key("example");
  WriteWorkUnitRef(writer, name_space, spec, group.example);
  writer.EndMap();
}

void WriteWorkerState(BodyWriter& writer, std::string_view name_space, const WorkerView& worker) {
  writer.BeginMap();
  UrlField(writer, "url", [&](std::string& out) { AppendWorkerUrl(out, name_space, worker.name); });
  WriteNameField(writer, "name", worker.name);
  if (worker.parent) WriteNameField(writer, "parent", *worker.parent);
  BoolField(writer, "active", worker.active);
  BoolField(writer, "live", worker.shown);
  WriteModeField(writer, worker.mode);
  TimeField(writer, "last_update", worker.last_update);
  TimeField(writer, "expiration", worker.expiration);
  writer.EndMap();
}

}  // namespace coord
