// SPDX-License-Identifier: MIT
// Workers.
#include <map>

#include "domain/names.h"
#include "stores/postgres/executor.h"

namespace coord {

namespace {

constexpr int kWorkerColumns = 13;

const std::string& ListSql() {
  static const std::string sql =
      std::string("SELECT ") + Workers::Columns() +
      ", p.name FROM workers w LEFT JOIN workers p ON p.id = w.parent_id "
      "WHERE w.namespace_id = $1 AND w.known AND ($2::bytea IS NULL OR w.name > $2) "
      "AND (NOT $3 OR (w.heartbeat AND w.active AND w.expiration > $4)) "
      "AND ($5 OR w.active = $6) ORDER BY w.name LIMIT $7";
  return sql;
}

constexpr const char* kChildren = "SELECT name FROM workers WHERE parent_id = $1 ORDER BY name";
constexpr const char* kName = "SELECT name FROM workers WHERE id = $1";
constexpr const char* kChildUnits =
    "SELECT w.name, a.generation, a.name, u.data, o.expiration, o.data, ow.name, "
    "e.data, ew.name, e.ended FROM workers w "
    "LEFT JOIN open_attempts a ON a.worker_id = w.id AND NOT a.orphaned "
    "LEFT JOIN work_units u ON u.generation = a.generation AND u.name = a.name "
    "LEFT JOIN open_attempts o ON o.generation = a.generation AND o.name = a.name AND o.active "
    "LEFT JOIN workers ow ON ow.id = o.worker_id "
    "LEFT JOIN ended_attempts e ON e.generation = a.generation AND e.kind IN (2, 3) "
    "AND e.name = a.name LEFT JOIN workers ew ON ew.id = e.worker_id "
    "WHERE w.parent_id = $1 AND w.known AND w.heartbeat AND w.active AND w.expiration > $2 "
    "ORDER BY w.name, a.id";

Error OwnParentError(std::string_view name) {
  return {ErrorCode::kInvalid, "a worker may not be its own parent", std::string(name)};
}

}  // namespace

Outcome Executor::Run(NamespaceImage& name_space, const Heartbeat& command) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  if (command.parent) {
    if (const auto checked = CheckName(*command.parent, "parent"); checked.has_error()) {
      return checked.error();
    }
    if (*command.parent == command.worker) return OwnParentError(command.worker);
  }
  WorkerImage& worker = workers_.Ask(name_space.id, command.worker);
  workers_.SetParent(worker,
                     command.parent ? &workers_.Ask(name_space.id, *command.parent) : nullptr);
  workers_.Activate(worker, command.mode, command.data, now(), AddTime(now(), command.lifetime));
  return Done{};
}

Outcome Executor::Run(NamespaceImage& name_space, const UpdateWorker& command) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  const bool has_parent = command.parent && !command.parent->empty();
  if (has_parent) {
    if (const auto checked = CheckName(*command.parent, "parent"); checked.has_error()) {
      return checked.error();
    }
    if (*command.parent == command.worker) return OwnParentError(command.worker);
  }
  WorkerImage& worker = workers_.Ask(name_space.id, command.worker);
  if (command.parent) {
    workers_.SetParent(worker,
                       has_parent ? &workers_.Ask(name_space.id, *command.parent) : nullptr);
  }
  switch (command.activity) {
    case UpdateWorker::Activity::kUnchanged:
      break;
    case UpdateWorker::Activity::kActivate: {
      const WallTime expiration =
          command.expiration.value_or(AddTime(now(), std::chrono::minutes(15)));
      workers_.Activate(worker, command.mode.empty() ? kEmptyCborText : command.mode, command.data,
                        command.last_update.value_or(now()), expiration);
      break;
    }
    case UpdateWorker::Activity::kDeactivate:
      Deactivate(worker);
      break;
  }
  return Done{};
}

void Executor::Deactivate(WorkerImage& worker) {
  // A statement changes its attempts: images of them would not know.
  Flush();
  units_.Drop();
  workers_.Deactivate(worker);
}

Outcome Executor::Run(NamespaceImage& name_space, const UnregisterWorker& command) {
  WorkerImage* const worker = workers_.Find(name_space.id, command.worker);
  if (worker == nullptr || !worker->Shown(now())) {
    return Error{ErrorCode::kNotFound, "no worker '" + std::string(command.worker) + "'",
                 std::string(command.worker)};
  }
  Deactivate(*worker);
  return Done{};
}

WorkerView Executor::ViewOf(const WorkerImage& worker, std::optional<std::string_view> parent) {
  WorkerView view;
  view.name = scratch_.Copy(worker.name);
  view.parent = parent;
  view.data = worker.data ? Data::FromStored(scratch_.Copy(*worker.data)) : Data::Empty();
  view.mode = scratch_.Copy(worker.mode);
  view.active = worker.active;
  view.shown = worker.Shown(now());
  view.last_update = worker.last_update;
  view.last_heartbeat = worker.last_heartbeat;
  view.expiration = worker.expiration;
  return view;
}

Outcome Executor::Run(NamespaceImage& name_space, const GetWorker& command) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  const WorkerImage* const worker = command.create ? &workers_.Ask(name_space.id, command.worker)
                                                   : workers_.Find(name_space.id, command.worker);
  if (worker == nullptr) return WorkersReply{};
  Flush();
  const PgRows& children = Hold(transaction_.Query(kChildren, PgParameters().Add(worker->id)));
  const PgRows& parent = Hold(transaction_.Query(kName, PgParameters().Add(worker->parent)));
  const auto views = scratch_.NewArray<WorkerView>(1);
  views[0] = ViewOf(*worker, parent.size() == 0 ? std::nullopt : parent.OptionalBytes(0, 0));
  const auto names = scratch_.NewArray<std::string_view>(static_cast<std::size_t>(children.size()));
  for (int row = 0; row < children.size(); ++row) {
    names[static_cast<std::size_t>(row)] = children.Bytes(row, 0);
  }
  views[0].children = names;
  return WorkersReply{views};
}

Outcome Executor::Run(NamespaceImage& name_space, const ListWorkers& command) {
  Flush();
  PgParameters parameters;
  parameters.Add(name_space.id).Add(command.after).Add(command.shown_only).Add(now());
  parameters.Add(!command.active.has_value()).Add(command.active.value_or(false));
  const std::uint64_t limit = command.limit == 0 ? INT64_MAX : command.limit;
  parameters.Add(limit);
  const PgRows& rows = Hold(transaction_.Query(ListSql().c_str(), parameters));
  const auto views = scratch_.NewArray<WorkerView>(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    WorkerImage worker;
    Workers::TakeWorker(rows, row, worker);
    workers_.ApplyLate(worker);
    views[static_cast<std::size_t>(row)] = ViewOf(worker, rows.OptionalBytes(row, kWorkerColumns));
  }
  return WorkersReply{views};
}

Outcome Executor::Run(NamespaceImage& name_space, const GetChildWorkUnits& command) {
  const WorkerImage* const parent = workers_.Find(name_space.id, command.worker);
  if (parent == nullptr) return ChildUnitsReply{};
  Flush();
  const PgRows& rows =
      Hold(transaction_.Query(kChildUnits, PgParameters().Add(parent->id).Add(now())));
  std::vector<ChildUnitsReply::Child> children;
  std::vector<ChildUnitsReply::Unit> held;
  const auto end_child = [&] {
    if (children.empty()) return;
    children.back().units = scratch_.CopyArray(std::span<const ChildUnitsReply::Unit>(held));
    held.clear();
  };
  for (int row = 0; row < rows.size(); ++row) {
    if (children.empty() || children.back().worker != rows.Bytes(row, 0)) {
      end_child();
      children.push_back({rows.Bytes(row, 0), {}});
    }
    const SpecImage* const spec =
        rows.IsNull(row, 1) ? nullptr : name_space.SpecOf(rows.Integer(row, 1));
    if (spec == nullptr || rows.IsNull(row, 3)) continue;
    ChildUnitsReply::Unit& unit = held.emplace_back();
    unit.spec = spec->name;
    unit.unit = rows.Bytes(row, 2);
    unit.data = Data::FromStored(rows.Bytes(row, 3));
    if (const auto worker = rows.OptionalBytes(row, 6)) {
      unit.worker = worker;
      unit.expiration = rows.Time(row, 4);
      const auto data = rows.OptionalBytes(row, 5);
      if (data && unit.expiration > now()) unit.data = Data::FromStored(*data);
    } else if (const auto ended_by = rows.OptionalBytes(row, 8)) {
      unit.worker = ended_by;
      unit.expiration = rows.Time(row, 9);
      if (const auto data = rows.OptionalBytes(row, 7)) unit.data = Data::FromStored(*data);
    }
  }
  end_child();
  return ChildUnitsReply{scratch_.CopyArray(std::span<const ChildUnitsReply::Child>(children))};
}

}  // namespace coord
