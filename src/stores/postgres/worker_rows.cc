// SPDX-License-Identifier: MIT
#include "stores/postgres/worker_rows.h"

#include <algorithm>

#include "value/cbor_writer.h"

namespace coord {

namespace {

constexpr Duration kDefaultLifetime = std::chrono::minutes(15);
constexpr Duration kRemembered = std::chrono::hours(24);

#define COORD_WORKER_COLUMNS                                                                    \
  "w.id, w.namespace_id, w.name, w.parent_id, w.known, w.active, w.heartbeat, w.mode, w.data, " \
  "w.last_update, w.last_heartbeat, w.expiration, w.inactive_since "

constexpr const char* kLoad =
    "SELECT " COORD_WORKER_COLUMNS "FROM workers w WHERE w.namespace_id = $1 AND w.name = ANY ($2)";
constexpr const char* kWrite =
    "INSERT INTO workers (id, namespace_id, name, parent_id, known, active, heartbeat, mode, data, "
    "last_update, last_heartbeat, expiration, inactive_since, forget_at) "
    "SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[], $4::int8[], $5::bool[], $6::bool[], "
    "$7::bool[], $8::bytea[], $9::bytea[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], "
    "$14::int8[]) ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, "
    "known = excluded.known, active = excluded.active, heartbeat = excluded.heartbeat, "
    "mode = excluded.mode, data = excluded.data, last_update = excluded.last_update, "
    "last_heartbeat = excluded.last_heartbeat, expiration = excluded.expiration, "
    "inactive_since = excluded.inactive_since, forget_at = excluded.forget_at";

}  // namespace

WallTime ForgetTime(const WorkerImage& worker) {
  if (!worker.known) return kNoTime;
  const WallTime gone =
      worker.active ? worker.expiration : std::min(worker.expiration, worker.inactive_since);
  return AddTime(gone, kRemembered);
}

const char* Workers::Columns() { return COORD_WORKER_COLUMNS; }

void Workers::TakeWorker(const PgRows& rows, int row, WorkerImage& worker) {
  worker.id = rows.Integer(row, 0);
  worker.name_space = rows.Integer(row, 1);
  worker.name = rows.Bytes(row, 2);
  worker.parent = rows.Integer(row, 3);
  worker.known = rows.Flag(row, 4);
  worker.active = rows.Flag(row, 5);
  worker.heartbeat = rows.Flag(row, 6);
  worker.mode = rows.Bytes(row, 7);
  if (const auto data = rows.OptionalBytes(row, 8)) worker.data = std::string(*data);
  worker.last_update = rows.Time(row, 9);
  worker.last_heartbeat = rows.Time(row, 10);
  worker.expiration = rows.Time(row, 11);
  worker.inactive_since = rows.Time(row, 12);
  worker.stored = true;
}

void Workers::ApplyLate(WorkerImage& worker) const {
  worker.last_update = std::max(worker.last_update, late_.Of(worker.id));
}

void Workers::Load(PgId name_space, std::span<const std::string_view> names) {
  if (Prefetch(name_space, names)) transaction_.RunDeferred();
}

bool Workers::Prefetch(PgId name_space, std::span<const std::string_view> names) {
  PgArray wanted(PgType::kBytea);
  for (const std::string_view name : names) {
    if (workers_.emplace(Key(name_space, name), nullptr).second) wanted.Add(name);
  }
  if (wanted.size() == 0) return false;
  transaction_.Defer(
      {{kLoad, PgParameters().Add(name_space).Add(wanted)}},
      [this, name_space](std::span<const PgRows> rows) { TakeAll(name_space, rows.front()); });
  return true;
}

void Workers::TakeAll(PgId name_space, const PgRows& rows) {
  for (int row = 0; row < rows.size(); ++row) {
    auto worker = std::make_unique<WorkerImage>();
    TakeWorker(rows, row, *worker);
    ApplyLate(*worker);
    std::string name = worker->name;
    workers_[Key(name_space, std::move(name))] = std::move(worker);
  }
}

WorkerImage* Workers::FindRecord(PgId name_space, std::string_view name) {
  Load(name_space, {&name, 1});
  return workers_[Key(name_space, name)].get();
}

WorkerImage* Workers::Find(PgId name_space, std::string_view name) {
  WorkerImage* const worker = FindRecord(name_space, name);
  return worker != nullptr && worker->known ? worker : nullptr;
}

WorkerImage& Workers::RecordOf(PgId name_space, std::string_view name) {
  Load(name_space, {&name, 1});
  std::unique_ptr<WorkerImage>& image = workers_[Key(name_space, name)];
  if (image == nullptr) {
    image = std::make_unique<WorkerImage>();
    image->id = transaction_.NextId();
    image->name_space = name_space;
    image->name = name;
    image->mode = kEmptyCborText;
    image->dirty = true;
  }
  return *image;
}

void Workers::Admit(PgId name_space, const WorkerRecord& record) {
  WorkerImage& worker = RecordOf(name_space, record.name);
  worker.known = true;
  worker.active = record.active;
  worker.heartbeat = record.heartbeat;
  worker.mode = record.mode;
  worker.data =
      record.data.is_null() ? std::nullopt : std::optional(std::string(record.data.cbor()));
  worker.last_update = record.last_update;
  worker.last_heartbeat = record.last_heartbeat;
  worker.expiration = record.expiration;
  worker.inactive_since = record.inactive_since;
  worker.dirty = true;
  SetParent(worker, record.parent ? &RecordOf(name_space, *record.parent) : nullptr);
}

WorkerImage& Workers::Ask(PgId name_space, std::string_view name) {
  WorkerImage& worker = RecordOf(name_space, name);
  if (!worker.known) {
    worker.known = true;
    worker.active = true;
    worker.heartbeat = false;
    worker.mode = kEmptyCborText;
    worker.data.reset();
    worker.last_update = transaction_.now();
    worker.last_heartbeat = kNoTime;
    worker.expiration = AddTime(transaction_.now(), kDefaultLifetime);
    worker.dirty = true;
  }
  return worker;
}

void Workers::Touch(WorkerImage& worker) {
  worker.last_update = transaction_.now();
  if (!worker.dirty) late_.Note(worker.id, worker.last_update);
}

void Workers::Activate(WorkerImage& worker, std::string_view mode, Data data, WallTime last_update,
                       WallTime expiration) {
  worker.active = true;
  worker.heartbeat = true;
  worker.mode = mode;
  worker.data = data.is_null() ? std::nullopt : std::optional(std::string(data.cbor()));
  worker.last_update = last_update;
  worker.last_heartbeat = last_update;
  worker.expiration = expiration;
  worker.dirty = true;
}

void Workers::Deactivate(WorkerImage& worker) {
  if (worker.active) worker.inactive_since = transaction_.now();
  worker.active = false;
  worker.dirty = true;
  transaction_.Query("UPDATE open_attempts SET orphaned = true WHERE worker_id = $1",
                     PgParameters().Add(worker.id));
}

void Workers::SetParent(WorkerImage& worker, const WorkerImage* parent) {
  const PgId id = parent == nullptr ? 0 : parent->id;
  if (worker.parent == id) return;
  worker.parent = id;
  worker.dirty = true;
}

void Workers::AddChanges(std::vector<PgStatement>& statements) {
  PgArray id(PgType::kInt8), name_space(PgType::kInt8), name(PgType::kBytea);
  PgArray parent(PgType::kInt8), known(PgType::kBool), active(PgType::kBool);
  PgArray heartbeat(PgType::kBool), mode(PgType::kBytea), data(PgType::kBytea);
  PgArray last_update(PgType::kInt8), last_heartbeat(PgType::kInt8), expiration(PgType::kInt8);
  PgArray inactive_since(PgType::kInt8), forget_at(PgType::kInt8);
  for (const auto& [key, worker] : workers_) {
    if (worker == nullptr || !worker->dirty) continue;
    worker->dirty = false;
    worker->stored = true;
    late_.Forget(worker->id);
    id.Add(worker->id);
    name_space.Add(worker->name_space);
    name.Add(std::string_view(worker->name));
    if (worker->parent == 0) {
      parent.AddNull();
    } else {
      parent.Add(worker->parent);
    }
    known.Add(worker->known);
    active.Add(worker->active);
    heartbeat.Add(worker->heartbeat);
    mode.Add(std::string_view(worker->mode));
    data.Add(worker->data ? std::optional<std::string_view>(*worker->data) : std::nullopt);
    last_update.Add(worker->last_update);
    last_heartbeat.Add(worker->last_heartbeat);
    expiration.Add(worker->expiration);
    inactive_since.Add(worker->inactive_since);
    const WallTime forget = ForgetTime(*worker);
    forget_at.Add(forget);
    Earlier(earliest_due_, forget);
  }
  if (id.size() == 0) return;
  PgParameters parameters;
  parameters.Add(id).Add(name_space).Add(name).Add(parent).Add(known).Add(active).Add(heartbeat);
  parameters.Add(mode).Add(data).Add(last_update).Add(last_heartbeat).Add(expiration);
  parameters.Add(inactive_since).Add(forget_at);
  statements.push_back({kWrite, std::move(parameters)});
}

void Workers::Flush() {
  std::vector<PgStatement> statements;
  AddChanges(statements);
  transaction_.Defer(std::move(statements));
}

void Workers::Forget(PgId name_space) {
  std::erase_if(workers_, [&](const auto& entry) { return entry.first.first == name_space; });
}

}  // namespace coord
