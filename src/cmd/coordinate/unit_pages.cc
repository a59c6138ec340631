// SPDX-License-Identifier: MIT
#include "cmd/coordinate/unit_pages.h"

#include <algorithm>
#include <utility>

#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr std::uint64_t kPageUnits = 1000;

std::optional<double> OptionalNumber(const Value& map, std::string_view key) {
  const Value* value = map.Find(key);
  return value == nullptr ? std::nullopt : value->AsNumber();
}

// The options of one get_work_units call.
Map PageOptions(const UnitQuery& query, const std::string& from, std::uint64_t limit) {
  Map options{{"start", Bytes{from}}, {"limit", limit}};
  if (query.statuses == StatusSet::All()) return options;
  List states;
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    const Value state = WireStatus(status);
    const bool known = std::find(states.begin(), states.end(), state) != states.end();
    if (query.statuses.Has(status) && !known) states.push_back(state);
  }
  options.emplace_back("state", std::move(states));
  return options;
}

Result<std::vector<UnitView>> GetPage(Context& context, const UnitQuery& query,
                                      const std::string& from, std::uint64_t limit) {
  COORD_TRY(page,
            context.CallPair("get_work_units", {query.spec, PageOptions(query, from, limit)}));
  std::vector<UnitView> units;
  const std::vector<Value>* items = page.AsItems();
  for (const Value& item : items != nullptr ? *items : std::vector<Value>{}) {
    const std::vector<Value>* unit = item.AsItems();
    if (unit == nullptr || unit->size() != 2 || (*unit)[0].AsString() == nullptr) {
      return Error{ErrorCode::kCorrupt, "unexpected answer to get_work_units", ""};
    }
    UnitView view;
    view.key = *(*unit)[0].AsString();
    view.data = (*unit)[1];
    view.traceback = TracebackOf(view.data);
    units.push_back(std::move(view));
  }
  return units;
}

std::vector<std::string> KeysOf(const std::vector<UnitView>& units) {
  std::vector<std::string> keys;
  for (const UnitView& unit : units) keys.push_back(unit.key);
  return keys;
}

// Tells available and delayed units apart, which one number on the wire stands for.
Result<void> ResolveDelayed(Context& context, const std::string& spec,
                            std::vector<UnitView>& units) {
  std::vector<std::string> keys;
  for (const UnitView& unit : units) {
    if (unit.status == ToText(WorkUnitStatus::kAvailable)) keys.push_back(unit.key);
  }
  COORD_TRY(metas, GetUnitMetas(context, spec, keys));
  std::size_t next = 0;
  for (UnitView& unit : units) {
    if (unit.status != ToText(WorkUnitStatus::kAvailable)) continue;
    const std::optional<UnitMeta>& meta = metas[next++];
    unit.status = meta ? meta->status : "";
    if (unit.status == ToText(WorkUnitStatus::kDelayed)) unit.time = meta->not_before;
  }
  return {};
}

// Fills in the statuses and drops the units that are gone or no longer match.
Result<void> AddStatuses(Context& context, const UnitQuery& query, std::vector<UnitView>& units) {
  COORD_TRY(answer, context.CallPair("get_work_unit_status", {query.spec, KeyList(KeysOf(units))}));
  const std::vector<Value>* items = answer.AsItems();
  if (items == nullptr || items->size() != units.size()) {
    return Error{ErrorCode::kCorrupt, "unexpected answer to get_work_unit_status", ""};
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Value& entry = (*items)[i];
    const Value* status = entry.Find("status");
    if (status == nullptr) continue;
    units[i].status = WireStatusText(*status);
    units[i].worker = TextOr(entry, "worker_id");
    units[i].time = OptionalNumber(entry, "expiration");
  }
  COORD_TRY_VOID(ResolveDelayed(context, query.spec, units));
  std::erase_if(units, [&](const UnitView& unit) {
    const auto status = WorkUnitStatusFromText(unit.status);
    return !status.has_value() || !query.statuses.Has(*status);
  });
  return {};
}

}  // namespace

std::string TracebackOf(const Value& data) { return TextOr(data, "traceback"); }

Result<std::vector<std::optional<UnitMeta>>> GetUnitMetas(Context& context, const std::string& spec,
                                                          const std::vector<std::string>& keys) {
  std::vector<List> calls;
  for (const std::string& key : keys) calls.push_back({spec, Bytes{key}});
  COORD_TRY(answers, context.CallAll("get_work_unit_meta", std::move(calls)));
  std::vector<std::optional<UnitMeta>> metas;
  for (Result<Value>& answer : answers) {
    const Result<Value> meta = ValueOfPair(std::move(answer));
    if (!meta.has_value()) {
      if (meta.error().code != ErrorCode::kNotFound) return meta.error();
      metas.emplace_back();
      continue;
    }
    metas.push_back(UnitMeta{TextOr(*meta, "status"), NumberOr(*meta, "priority", 0),
                             OptionalNumber(*meta, "not_before")});
  }
  return metas;
}

Result<UnitWalk> WalkUnits(Context& context, const UnitQuery& query,
                           const std::function<void(std::vector<UnitView>)>& visit) {
  UnitWalk walk;
  std::string from = query.from;
  while (true) {
    const std::uint64_t left = query.limit == 0 ? kPageUnits : query.limit - walk.seen;
    // One more than wanted tells whether there is more.
    const std::uint64_t ask = std::min(left + 1, kPageUnits);
    COORD_TRY(units, GetPage(context, query, from, ask));
    const bool last_page = units.size() < ask;
    // The least key after the last one: a key is any bytes, zeros too.
    if (!last_page) from = units.back().key + std::string(1, '\0');
    if (query.with_status) COORD_TRY_VOID(AddStatuses(context, query, units));
    if (query.limit != 0 && units.size() > left) {
      walk.next = units[left].key;
      units.resize(left);
    }
    walk.seen += units.size();
    const bool full = query.limit != 0 && walk.seen == query.limit;
    if (full && !last_page && !walk.next) walk.next = from;
    visit(std::move(units));
    if (full || last_page) return walk;
  }
}

std::string FormatUnitTime(const UnitView& unit, WallTime now) {
  if (!unit.time.has_value()) return "-";
  if (unit.status == ToText(WorkUnitStatus::kPending)) {
    return "expires in " + FormatSpan(*unit.time - ToUnixSeconds(now));
  }
  const std::string instant = FormatInstant(*unit.time);
  return unit.status == ToText(WorkUnitStatus::kDelayed) ? "not before " + instant : instant;
}

}  // namespace coord
