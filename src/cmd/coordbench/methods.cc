// SPDX-License-Identifier: MIT
#include "cmd/coordbench/methods.h"

#include <utility>

#include "value/cbor_writer.h"

namespace coord::bench {

namespace {

constexpr std::uint64_t kFinished = 4;
constexpr std::uint64_t kLeaseSeconds = 900;

void WriteFinishedOption(CborWriter& out) {
  out.MapHead(1);
  out.Bytes("status");
  out.Unsigned(kFinished);
}

// (spec, key, options) as update_work_units takes it.
std::string FinishItem(std::string_view spec) {
  std::string item;
  CborWriter out(item);
  out.ArrayHead(3);
  out.Bytes(spec);
  out.Bytes(kBlankUnitName);
  WriteFinishedOption(out);
  return item;
}

std::string OneParam(std::string_view param) {
  std::string params;
  CborWriter out(params);
  out.ArrayHead(1);
  out.Bytes(param);
  return params;
}

}  // namespace

Request AddUnits(const UnitShape& shape) {
  std::string before;
  CborWriter front(before);
  front.ArrayHead(2);
  front.Bytes(shape.spec);
  std::string item;
  CborWriter out(item);
  out.TupleHead(shape.random_priority ? 4 : 2);
  out.Bytes(kBlankUnitName);
  out.MapHead(shape.payload > 0 ? 1 : 0);
  if (shape.payload > 0) {
    out.Bytes("data");
    out.Bytes(std::string(shape.payload, 'x'));
  }
  if (shape.random_priority) {
    out.Null();
    item.push_back('\xfb');  // the head of a double
    out.Raw(kBlankPriority);
  }
  return Request("add_work_units", std::move(before), std::move(item), "");
}

Request GetWork(const WorkRequest& options) {
  std::string before;
  CborWriter out(before);
  out.ArrayHead(2);
  out.Bytes(options.worker_prefix + std::string(kBlankWorker));
  out.MapHead(2U + (options.spec.empty() ? 0U : 1U) + (options.carries_updates ? 1U : 0U));
  out.Bytes("max_jobs");
  out.Unsigned(options.max_jobs);
  out.Bytes("lease_time");
  out.Unsigned(kLeaseSeconds);
  if (!options.spec.empty()) {
    out.Bytes("work_spec_names");
    out.ArrayHead(1);
    out.Bytes(options.spec);
  }
  std::string item;
  if (options.carries_updates) {
    out.Bytes("updates");
    item = FinishItem(options.update_spec);
  }
  return Request("get_work", std::move(before), std::move(item), "");
}

Request FinishUnit(std::string_view spec) { return Request("update_work_unit", FinishItem(spec)); }

Request FinishUnits(std::string_view spec) {
  return Request("update_work_units", "\x81", FinishItem(spec), "");
}

Request Now() { return Request("now", "\x80"); }

Request GetSummary() { return Request("get_summary", "\x80"); }

Request CountUnits(std::string_view spec) { return Request("count_work_units", OneParam(spec)); }

Request DeleteSpec(std::string_view spec) { return Request("del_work_spec", OneParam(spec)); }

Request SetSpec(const SpecOptions& options) {
  std::string params;
  CborWriter out(params);
  out.ArrayHead(1);
  out.MapHead(options.limit_completed_count > 0 ? 2 : 1);
  out.Bytes("name");
  out.Bytes(options.name);
  if (options.limit_completed_count > 0) {
    out.Bytes("limit_completed_count");
    out.Unsigned(options.limit_completed_count);
  }
  return Request("set_work_spec", std::move(params));
}

}  // namespace coord::bench
