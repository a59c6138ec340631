// SPDX-License-Identifier: MIT
#include "stores/postgres/catalog.h"

#include <utility>

namespace coord {

namespace {

// What a spec's row and its counters give, in the order in which TakeSpec() reads them.
#define COORD_SPEC_COLUMNS                                                                  \
  "s.id, s.name, s.generation, s.version, s.definition, s.priority, s.weight, s.paused, "   \
  "s.continuous, s.interval_us, s.next_continuous, s.min_memory_gb, s.max_running, "        \
  "s.max_attempts_returned, s.max_retries, c.available, c.delayed, c.pending, c.finished, " \
  "c.failed, c.removed_finished, c.removed_failed, c.first, "                               \
  "pg_snapshot_xmin(pg_current_snapshot())::text::int8 "
#define COORD_SPEC_COUNTS                                                                         \
  "LEFT JOIN LATERAL (SELECT sum(available)::int8 AS available, sum(delayed)::int8 AS delayed, "  \
  "sum(pending)::int8 AS pending, sum(finished)::int8 AS finished, sum(failed)::int8 AS failed, " \
  "sum(removed_finished)::int8 AS removed_finished, "                                             \
  "sum(removed_failed)::int8 AS removed_failed, min(id) AS first FROM counts "                    \
  "WHERE generation = s.generation AND id >= coalesce((SELECT m.row FROM "                        \
  "unnest($1::int8[], $2::int8[]) AS m (generation, row) "                                        \
  "WHERE m.generation = s.generation), 0)) c ON true "

constexpr const char* kLoad =
    "SELECT n.id, n.name, " COORD_SPEC_COLUMNS
    "FROM namespaces n LEFT JOIN work_specs s ON s.namespace_id = n.id " COORD_SPEC_COUNTS
    "WHERE n.name = ANY ($3)";
constexpr const char* kLoadAll =
    "SELECT n.id, n.name, " COORD_SPEC_COLUMNS
    "FROM namespaces n LEFT JOIN work_specs s ON s.namespace_id = n.id " COORD_SPEC_COUNTS;
constexpr const char* kLoadOne = "SELECT s.namespace_id, s.name, " COORD_SPEC_COLUMNS
                                 "FROM work_specs s " COORD_SPEC_COUNTS "WHERE s.id = $3";
constexpr const char* kInsertNamespace =
    "INSERT INTO namespaces VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr const char* kInsertSpec =
    "INSERT INTO work_specs (id, namespace_id, name, generation, definition, priority, weight, "
    "paused, continuous, interval_us, next_continuous, min_memory_gb, max_running, "
    "max_attempts_returned, max_retries) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
    "ON CONFLICT DO NOTHING";
constexpr const char* kUpdateSpec =
    "UPDATE work_specs SET version = nextval('versions'), namespace_id = $2, name = $3, "
    "generation = $4, definition = $5, priority = $6, weight = $7, paused = $8, continuous = $9, "
    "interval_us = $10, next_continuous = $11, min_memory_gb = $12, max_running = $13, "
    "max_attempts_returned = $14, max_retries = $15 WHERE id = $1";

// Where the columns of a spec begin: after two of the namespace.
constexpr int kFirst = 2;

PgParameters ValuesOf(const SpecImage& spec) {
  const WorkSpecMeta& meta = spec.meta;
  PgParameters values;
  values.Add(spec.id).Add(spec.name_space).Add(std::string_view(spec.name)).Add(spec.generation);
  values.Add(std::string_view(spec.definition)).Add(meta.priority).Add(meta.weight);
  values.Add(meta.paused).Add(meta.continuous).Add(std::int64_t{meta.interval.count()});
  values.Add(meta.next_continuous).Add(meta.min_memory_gb).Add(meta.max_running);
  values.Add(meta.max_attempts_returned).Add(meta.max_retries);
  return values;
}

}  // namespace

// --- Reading -------------------------------------------------------------------------------------

void Catalog::Load(std::span<const std::string_view> names) {
  PgArray wanted(PgType::kBytea);
  for (const std::string_view name : names) {
    if (!namespaces_.contains(name)) wanted.Add(name);
  }
  if (wanted.size() > 0) Take(transaction_.Query(kLoad, Marks().Add(wanted)));
}

void Catalog::LoadAll() {
  // Those that were read before keep their images, and what has changed in them.
  Take(transaction_.Query(kLoadAll, Marks()));
}

PgParameters Catalog::Marks() const {
  PgParameters parameters;
  marks_.AddTo(parameters);
  return parameters;
}

void Catalog::Take(const PgRows& rows) {
  std::map<std::string, std::unique_ptr<NamespaceImage>, std::less<>> read;
  for (int row = 0; row < rows.size(); ++row) {
    const std::string name(rows.Bytes(row, 1));
    if (namespaces_.contains(name)) continue;
    std::unique_ptr<NamespaceImage>& name_space = read[name];
    if (name_space == nullptr) {
      name_space = std::make_unique<NamespaceImage>();
      name_space->id = rows.Integer(row, 0);
      name_space->name = name;
    }
    if (rows.IsNull(row, kFirst)) continue;  // it has no spec
    auto spec = std::make_unique<SpecImage>();
    spec->name_space = name_space->id;
    spec->name_space_name = name_space->name;
    TakeSpec(rows, row, *spec);
    std::string spec_name = spec->name;
    name_space->specs.emplace(std::move(spec_name), std::move(spec));
  }
  namespaces_.merge(read);
}

void Catalog::TakeSpec(const PgRows& rows, int row, SpecImage& spec) {
  int column = kFirst;
  spec.id = rows.Integer(row, column++);
  spec.name = rows.Bytes(row, column++);
  spec.generation = rows.Integer(row, column++);
  const std::int64_t version = rows.Integer(row, column++);
  if (version != spec.version) {
    spec.version = version;
    spec.definition = rows.Bytes(row, column);
    // It was one when it was stored.
    if (auto parsed = ParseDefinition(Data::FromStored(spec.definition)); parsed.has_value()) {
      spec.meta = std::move(parsed->meta);
      spec.retention = parsed->retention;
    }
  }
  ++column;
  WorkSpecMeta& meta = spec.meta;
  meta.priority = rows.Integer(row, column++);
  meta.weight = rows.Integer(row, column++);
  meta.paused = rows.Flag(row, column++);
  meta.continuous = rows.Flag(row, column++);
  meta.interval = Duration(rows.Integer(row, column++));
  meta.next_continuous = rows.Time(row, column++);
  meta.min_memory_gb = rows.Real(row, column++);
  meta.max_running = rows.Unsigned(row, column++);
  meta.max_attempts_returned = rows.Unsigned(row, column++);
  meta.max_retries = rows.Unsigned(row, column++);
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    const std::size_t i = IndexOf(status);
    spec.counts[i] = static_cast<std::uint64_t>(rows.Integer(row, column++) + spec.delta[i]);
  }
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    const std::size_t i = IndexOf(status);
    spec.removed[i] =
        static_cast<std::uint64_t>(rows.Integer(row, column++) + spec.removed_delta[i]);
  }
  marks_.NoteSeen(spec.generation, rows.Integer(row, column), rows.Integer(row, column + 1));
}

NamespaceImage& Catalog::NamespaceOf(std::string_view name) {
  const std::string_view names[] = {name};
  if (!namespaces_.contains(name)) Load(names);
  if (const auto found = namespaces_.find(name); found != namespaces_.end()) {
    return *found->second;
  }
  auto made = std::make_unique<NamespaceImage>();
  made->id = transaction_.NextId();
  made->name = name;
  const PgRows inserted =
      transaction_.Query(kInsertNamespace, PgParameters().Add(made->id).Add(name));
  if (!transaction_.failed() && inserted.affected() == 0) transaction_.NoteConflict();
  return *namespaces_.emplace(std::string(name), std::move(made)).first->second;
}

// --- Changing ------------------------------------------------------------------------------------

SpecImage& Catalog::MakeSpec(NamespaceImage& name_space, const std::string& name,
                             std::string_view definition, const ParsedDefinition& parsed) {
  auto made = std::make_unique<SpecImage>();
  SpecImage& spec = *made;
  spec.id = transaction_.NextId();
  spec.name_space = name_space.id;
  spec.name_space_name = name_space.name;
  spec.generation = transaction_.NextId();
  spec.name = name;
  spec.definition = definition;
  spec.meta = parsed.meta;
  spec.retention = parsed.retention;
  name_space.specs.emplace(name, std::move(made));
  const PgRows inserted = transaction_.Query(kInsertSpec, ValuesOf(spec));
  if (!transaction_.failed() && inserted.affected() == 0) transaction_.NoteConflict();
  return spec;
}

void Catalog::Write(SpecImage& spec) {
  const PgRows updated = transaction_.Query(kUpdateSpec, ValuesOf(spec));
  if (!transaction_.failed() && updated.affected() == 0) transaction_.NoteConflict();
}

bool Catalog::Lock(SpecImage& spec) {
  const PgRows locked = transaction_.Query("SELECT FROM work_specs WHERE id = $1 FOR UPDATE",
                                           PgParameters().Add(spec.id));
  if (locked.size() == 0) return false;
  // A second statement, because it sees what was committed while the first one waited.
  const PgRows rows = transaction_.Query(kLoadOne, Marks().Add(spec.id));
  const PgId generation = spec.generation;
  if (rows.size() == 0) return false;
  TakeSpec(rows, 0, spec);
  if (spec.generation != generation) transaction_.NoteConflict();
  return true;
}

void Catalog::NoteDeleted(PgId generation) {
  leaves_waste_ = true;
  transaction_.Query("INSERT INTO deleted_generations VALUES ($1, $2)",
                     PgParameters().Add(generation).Add(transaction_.now()));
}

void Catalog::DetachUnits(SpecImage& spec) {
  NoteDeleted(spec.generation);
  spec.generation = transaction_.NextId();
  spec.counts = {};
  spec.removed = {};
  spec.delta = {};
  spec.removed_delta = {};
  Write(spec);
}

void Catalog::DropSpec(NamespaceImage& name_space, SpecImage& spec) {
  NoteDeleted(spec.generation);
  const PgRows deleted =
      transaction_.Query("DELETE FROM work_specs WHERE id = $1", PgParameters().Add(spec.id));
  if (!transaction_.failed() && deleted.affected() == 0) transaction_.NoteConflict();
  const auto found = name_space.specs.find(spec.name);
  dropped_specs_.push_back(std::move(found->second));
  name_space.specs.erase(found);
}

void Catalog::DropNamespace(NamespaceImage& name_space) {
  while (!name_space.specs.empty()) DropSpec(name_space, *name_space.specs.begin()->second);
  transaction_.Query("DELETE FROM namespaces WHERE id = $1", PgParameters().Add(name_space.id));
  transaction_.Query("DELETE FROM locks WHERE namespace_id = $1",
                     PgParameters().Add(name_space.id));
  transaction_.Query("DELETE FROM workers WHERE namespace_id = $1",
                     PgParameters().Add(name_space.id));
  const auto found = namespaces_.find(name_space.name);
  dropped_namespaces_.push_back(std::move(found->second));
  namespaces_.erase(found);
}

// --- Counts --------------------------------------------------------------------------------------

void Catalog::AddCounts(std::vector<PgStatement>& statements) {
  PgArray generations(PgType::kInt8);
  std::vector<PgArray> columns(kWorkUnitStatusCount + 2, PgArray(PgType::kInt8));
  for (const auto& [name, name_space] : namespaces_) {
    for (const auto& [spec_name, spec] : name_space->specs) {
      const auto any = [](const auto& numbers) {
        for (const std::int64_t number : numbers) {
          if (number != 0) return true;
        }
        return false;
      };
      if (!any(spec->delta) && !any(spec->removed_delta)) continue;
      generations.Add(spec->generation);
      for (std::size_t i = 0; i < kWorkUnitStatusCount; ++i) columns[i].Add(spec->delta[i]);
      columns[kWorkUnitStatusCount].Add(spec->removed_delta[IndexOf(WorkUnitStatus::kFinished)]);
      columns[kWorkUnitStatusCount + 1].Add(spec->removed_delta[IndexOf(WorkUnitStatus::kFailed)]);
      spec->delta = {};
      spec->removed_delta = {};
    }
  }
  if (generations.size() == 0) return;
  PgParameters parameters;
  parameters.Add(generations);
  for (const PgArray& column : columns) parameters.Add(column);
  statements.push_back(
      {"INSERT INTO counts (generation, available, delayed, pending, finished, failed, "
       "removed_finished, removed_failed) SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], "
       "$4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[])",
       std::move(parameters)});
}

void Catalog::MarkChanged(std::span<const PgId> generations) {
  for (const auto& [name, name_space] : namespaces_) {
    for (const PgId generation : generations) {
      if (SpecImage* const spec = name_space->SpecOf(generation)) spec->changed = true;
    }
  }
}

void Catalog::VisitSpecs(const std::function<void(const SpecImage&)>& visit) const {
  for (const auto& [name, name_space] : namespaces_) {
    for (const auto& [spec_name, spec] : name_space->specs) visit(*spec);
  }
}

}  // namespace coord
