// SPDX-License-Identifier: MIT
// Work units: adding, reading, meta.
#include <algorithm>

#include "domain/names.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/lookup.h"

namespace coord {

namespace {

// How many units are read and written at a time.
constexpr std::size_t kUnitsAtOnce = 10'000;

// Names in byte order, from each place where units of a wanted status stand. Finished ones are met
// on the way through all ended ones by name: "+ 0" keeps the index by time out of it, and CASE that
// of leases.
constexpr const char* kSelect =
    "SELECT name FROM ("
    "(SELECT name FROM available WHERE $5 AND generation = $1 AND name >= $2 "
    "AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4) UNION ALL "
    "(SELECT name FROM delayed WHERE $6 AND generation = $1 AND name >= $2 "
    "AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4) UNION ALL "
    "(SELECT name FROM open_attempts WHERE $7 AND CASE WHEN active THEN NOT lapsed END "
    "AND generation = $1 "
    "AND name >= $2 AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4) UNION ALL "
    "(SELECT name FROM ended_attempts WHERE $8 AND generation = $1 AND kind + 0 = 2 AND name >= $2 "
    "AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4) UNION ALL "
    "(SELECT name FROM ended_attempts WHERE $9 AND generation = $1 AND kind = 3 AND name >= $2 "
    "AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4)) picked ORDER BY name LIMIT $4";
constexpr const char* kSelectAll =
    "SELECT name FROM work_units WHERE generation = $1 AND name >= $2 "
    "AND ($3::bytea IS NULL OR name > $3) ORDER BY name LIMIT $4";

#define COORD_OF_NAMED "generation = $1 AND name = k.name"
constexpr const char* kViews =
    "SELECT k.place, u.priority, u.not_before, u.data, "
    "o.id, ow.name, o.start, o.expiration, o.data, "
    "e.id, ew.name, e.start, e.expiration, e.data, e.status, e.ended "
    "FROM unnest($2::bytea[]) WITH ORDINALITY AS k (name, place) "
    "CROSS JOIN " COORD_LOOKUP("*", "work_units", COORD_OF_NAMED, "") "u "
    "LEFT JOIN " COORD_LOOKUP("*", "open_attempts", COORD_OF_NAMED, "")
    "o ON o.active AND NOT o.lapsed LEFT JOIN workers ow ON ow.id = o.worker_id "
    "LEFT JOIN " COORD_LOOKUP("*", "ended_attempts", COORD_OF_NAMED " AND kind IN (2, 3)", "")
    "e ON true LEFT JOIN workers ew ON ew.id = e.worker_id";

// Fills in the active attempt whose columns begin at `first`.
void TakeActive(const PgRows& rows, int row, int first, const SpecImage& spec, WorkUnitView& view) {
  AttemptView& attempt = view.active.emplace();
  attempt.id = AttemptId{rows.Unsigned(row, first)};
  attempt.spec = spec.name;
  attempt.unit = view.name;
  attempt.worker = rows.Bytes(row, first + 1);
  attempt.start = rows.Time(row, first + 2);
  attempt.expiration = rows.Time(row, first + 3);
  if (const auto data = rows.OptionalBytes(row, first + 4)) view.data = Data::FromStored(*data);
  attempt.data = view.data;
}

void TakeView(const PgRows& rows, int row, const SpecImage& spec, WallTime now,
              WorkUnitView& view) {
  constexpr int kOpen = 4;
  constexpr int kEnded = 9;
  view.exists = true;
  view.priority = rows.Real(row, 1);
  view.not_before = rows.Time(row, 2);
  view.data = Data::FromStored(rows.Bytes(row, 3));
  view.status = view.not_before > now ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable;
  if (!rows.IsNull(row, kOpen) && rows.Time(row, kOpen + 3) > now) {
    view.status = WorkUnitStatus::kPending;
    TakeActive(rows, row, kOpen, spec, view);
  } else if (!rows.IsNull(row, kEnded)) {
    TakeActive(rows, row, kEnded, spec, view);
    view.active->status = static_cast<AttemptStatus>(rows.Integer(row, kEnded + 5));
    view.active->end = rows.Time(row, kEnded + 6);
    view.status = view.active->status == AttemptStatus::kFinished ? WorkUnitStatus::kFinished
                                                                  : WorkUnitStatus::kFailed;
  }
}

}  // namespace

// --- Adding --------------------------------------------------------------------------------------

Outcome Executor::Run(NamespaceImage& name_space, const AddWorkUnits& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  for (const UnitItem& item : command.items) {
    if (const auto checked = CheckWorkUnitName(item.name); checked.has_error()) {
      return checked.error();
    }
    if (const auto checked = CheckPriority(item.priority.value_or(0), item.name);
        checked.has_error()) {
      return checked.error();
    }
  }
  // Of equal names the last wins: where only new ones are added it is the one that comes first.
  const std::size_t count = command.items.size();
  const auto item_at = [&](std::size_t i) -> const UnitItem& {
    return command.items[command.only_new ? count - 1 - i : i];
  };
  for (std::size_t first = 0; first < count; first += kUnitsAtOnce) {
    const std::size_t end = std::min(count, first + kUnitsAtOnce);
    std::vector<UnitKey> keys;
    for (std::size_t i = first; i < end; ++i) keys.push_back({spec, item_at(i).name});
    units_.Load(keys);
    for (std::size_t i = first; i < end; ++i) units_.Add(*spec, item_at(i), 0, command.only_new);
    if (end < count) units_.Drop();
  }
  spec->changed = true;
  return Done{};
}

// --- Reading -------------------------------------------------------------------------------------

Outcome Executor::Run(NamespaceImage& name_space, const CountWorkUnits& command) {
  const SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  StatusCountsReply reply{spec->removed};
  for (std::size_t i = 0; i < kWorkUnitStatusCount; ++i) reply.counts[i] += spec->counts[i];
  return reply;
}

UnitCursor::UnitCursor(const WorkUnitQuery& query) {
  if (query.names) {
    names.emplace(query.names->begin(), query.names->end());
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  if (query.statuses) statuses = *query.statuses;
  if (query.from) from = *query.from;
  if (query.after) after = *query.after;
  if (query.limit > 0) left = query.limit;
}

std::vector<std::string> Executor::Select(const SpecImage& spec, UnitCursor& cursor,
                                          std::size_t budget) {
  std::vector<std::string> selected;
  if (cursor.left) budget = static_cast<std::size_t>(std::min<std::uint64_t>(budget, *cursor.left));
  if (cursor.names) {
    while (cursor.next_name < cursor.names->size() && selected.size() < budget) {
      // Some of these are left out, so that more are looked at than are wanted.
      std::vector<std::string_view> page;
      for (; cursor.next_name < cursor.names->size() && page.size() < budget - selected.size();
           ++cursor.next_name) {
        const std::string& name = (*cursor.names)[cursor.next_name];
        if ((cursor.from && name < *cursor.from) || (cursor.after && name <= *cursor.after)) {
          continue;
        }
        page.push_back(name);
      }
      for (const WorkUnitView& view : ReadViews(spec, page)) {
        if (view.exists && cursor.statuses.Has(view.status)) selected.emplace_back(view.name);
      }
    }
    cursor.done = cursor.next_name == cursor.names->size();
  } else if (!cursor.statuses.empty()) {
    PgParameters parameters;
    parameters.Add(spec.generation).Add(std::string_view(cursor.from ? *cursor.from : ""));
    parameters.Add(cursor.after ? std::optional<std::string_view>(*cursor.after) : std::nullopt);
    parameters.Add(static_cast<std::int64_t>(std::min<std::size_t>(budget, INT64_MAX)));
    const bool all = cursor.statuses == StatusSet::All();
    if (!all) {
      for (const WorkUnitStatus status : kWorkUnitStatuses) {
        parameters.Add(cursor.statuses.Has(status));
      }
    }
    const PgRows rows = transaction_.Query(all ? kSelectAll : kSelect, parameters);
    for (int row = 0; row < rows.size(); ++row) selected.emplace_back(rows.Bytes(row, 0));
    cursor.done = selected.size() < budget;
    if (!selected.empty()) cursor.after = selected.back();
  } else {
    cursor.done = true;
  }
  if (cursor.left) *cursor.left -= selected.size();
  return selected;
}

std::span<WorkUnitView> Executor::ReadViews(const SpecImage& spec,
                                            std::span<const std::string_view> names) {
  const auto views = scratch_.NewArray<WorkUnitView>(names.size());
  PgArray wanted(PgType::kBytea);
  for (std::size_t i = 0; i < names.size(); ++i) {
    views[i].name = names[i];
    views[i].exists = false;
    wanted.Add(names[i]);
  }
  if (names.empty()) return views;
  const PgRows& rows =
      Hold(transaction_.Query(kViews, PgParameters().Add(spec.generation).Add(wanted)));
  for (int row = 0; row < rows.size(); ++row) {
    TakeView(rows, row, spec, now(), views[static_cast<std::size_t>(rows.Integer(row, 0)) - 1]);
  }
  return views;
}

Outcome Executor::Run(NamespaceImage& name_space, const ListWorkUnits& command) {
  const SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  Flush();
  UnitCursor cursor(command.query);
  const std::vector<std::string> selected = Select(*spec, cursor, INT32_MAX);
  std::vector<std::string_view> names;
  for (const std::string& name : selected) names.push_back(scratch_.Copy(name));
  const auto views = ReadViews(*spec, names);
  // One that another daemon has deleted between the two statements.
  const auto gone = std::remove_if(views.begin(), views.end(),
                                   [](const WorkUnitView& view) { return !view.exists; });
  return UnitsReply{views.first(static_cast<std::size_t>(gone - views.begin()))};
}

Outcome Executor::Run(NamespaceImage& name_space, const GetWorkUnits& command) {
  const SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  Flush();
  return UnitsReply{ReadViews(*spec, command.names)};
}

// --- Meta ----------------------------------------------------------------------------------------

Outcome Executor::Run(NamespaceImage& name_space, const SetWorkUnitMeta& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  UnitImage* const unit = units_.Find(*spec, command.unit);
  if (unit == nullptr) return NoSuchWorkUnitError(command.unit);
  if (const auto checked = CheckPriority(command.priority.value_or(0), command.unit);
      checked.has_error()) {
    return checked.error();
  }
  if (command.clear_active) units_.ClearActive(*unit);
  UnitRow& row = units_.RowOf(*unit);
  units_.Update(*unit, [&] {
    if (command.priority) row.priority = *command.priority;
    if (command.not_before) row.not_before = *command.not_before;
    unit->row_dirty = true;
  });
  return Done{};
}

}  // namespace coord
