// SPDX-License-Identifier: MIT
// Workers.
#include "domain/names.h"
#include "engine/engine.h"

namespace coord {

namespace {

Error OwnParentError(std::string_view name) {
  return {ErrorCode::kInvalid, "a worker may not be its own parent", std::string(name)};
}

}  // namespace

Outcome Engine::Run(Namespace& name_space, const Heartbeat& command) {
  WorkerTable& workers = name_space.workers;
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  if (command.parent) {
    if (const auto checked = CheckName(*command.parent, "parent"); checked.has_error()) {
      return checked.error();
    }
    if (*command.parent == command.worker) return OwnParentError(command.worker);
  }
  Worker& worker = workers.Ask(command.worker, now_);
  workers.SetParent(worker, command.parent ? &workers.Ask(*command.parent, now_) : nullptr);
  workers.Activate(worker, command.mode, command.data, now_, AddTime(now_, command.lifetime));
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const UpdateWorker& command) {
  WorkerTable& workers = name_space.workers;
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  if (command.parent && !command.parent->empty()) {
    if (const auto checked = CheckName(*command.parent, "parent"); checked.has_error()) {
      return checked.error();
    }
    if (*command.parent == command.worker) return OwnParentError(command.worker);
  }
  Worker& worker = workers.Ask(command.worker, now_);
  if (command.parent) {
    workers.SetParent(worker,
                      command.parent->empty() ? nullptr : &workers.Ask(*command.parent, now_));
  }
  switch (command.activity) {
    case UpdateWorker::Activity::kUnchanged:
      break;
    case UpdateWorker::Activity::kActivate: {
      const WallTime expiration =
          command.expiration.value_or(AddTime(now_, WorkerTable::kDefaultLifetime));
      workers.Activate(worker, command.mode.empty() ? kEmptyCborText : command.mode, command.data,
                       command.last_update.value_or(now_), expiration);
      break;
    }
    case UpdateWorker::Activity::kDeactivate:
      workers.Deactivate(worker, now_);
      break;
  }
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const UnregisterWorker& command) {
  Worker* worker = name_space.workers.Find(command.worker);
  if (worker == nullptr || !worker->Shown(now_)) {
    return Error{ErrorCode::kNotFound, "no worker '" + std::string(command.worker) + "'",
                 std::string(command.worker)};
  }
  name_space.workers.Deactivate(*worker, now_);
  return Done{};
}

WorkerView Engine::ViewOf(const Worker& worker) const {
  WorkerView view;
  view.name = worker.name;
  if (worker.parent != nullptr) view.parent = worker.parent->name;
  view.data = worker.data.is_null() ? Data::Empty() : Data::FromStored(worker.data.view());
  view.mode = worker.mode;
  view.active = worker.active;
  view.shown = worker.Shown(now_);
  view.last_update = worker.last_update;
  view.last_heartbeat = worker.last_heartbeat;
  view.expiration = worker.expiration;
  return view;
}

Outcome Engine::Run(Namespace& name_space, const GetWorker& command) {
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  const Worker* worker = command.create ? &name_space.workers.Ask(command.worker, now_)
                                        : name_space.workers.Find(command.worker);
  if (worker == nullptr) return WorkersReply{};
  const auto views = scratch_.NewArray<WorkerView>(1);
  views[0] = ViewOf(*worker);
  const auto children = scratch_.NewArray<std::string_view>(worker->children.size());
  std::size_t i = 0;
  for (const auto& [name, child] : worker->children) children[i++] = name;
  views[0].children = children;
  return WorkersReply{views};
}

Outcome Engine::Run(Namespace& name_space, const ListWorkers& command) {
  std::vector<WorkerView> views;
  const auto visit = [&](const Worker& worker) {
    if (!command.active || worker.active == *command.active) views.push_back(ViewOf(worker));
    return command.limit == 0 || views.size() < command.limit;
  };
  if (command.shown_only) {
    name_space.workers.VisitShown(command.after, now_, visit);
  } else {
    name_space.workers.Visit(command.after, visit);
  }
  return WorkersReply{scratch_.CopyArray(std::span<const WorkerView>(views))};
}

std::span<const ChildUnitsReply::Unit> Engine::UnitsHeldBy(const Worker& worker) {
  std::vector<ChildUnitsReply::Unit> held;
  worker.open_attempts.ForEach(attempts_, [&](AttemptRef, const Attempt& attempt) {
    const Spec* spec = attempt.table->spec();
    if (spec == nullptr || attempt.orphaned()) return;
    const Unit& unit = (*attempt.table)[attempt.unit];
    ChildUnitsReply::Unit entry;
    entry.spec = spec->name;
    entry.unit = unit.name();
    entry.data = VisibleData(unit);
    if (unit.has_active()) {
      const Attempt& active = attempts_[unit.active()];
      entry.worker = active.worker->name;
      entry.expiration =
          active.stored() == AttemptStatus::kPending ? active.expiration : active.end;
    }
    held.push_back(entry);
  });
  return scratch_.CopyArray(std::span<const ChildUnitsReply::Unit>(held));
}

Outcome Engine::Run(Namespace& name_space, const GetChildWorkUnits& command) {
  Worker* parent = name_space.workers.Find(command.worker);
  if (parent == nullptr) return ChildUnitsReply{};
  std::vector<ChildUnitsReply::Child> children;
  WorkerTable::VisitShownChildren(*parent, now_, [&](const Worker& child) {
    children.push_back({child.name, UnitsHeldBy(child)});
  });
  return ChildUnitsReply{scratch_.CopyArray(std::span<const ChildUnitsReply::Child>(children))};
}

}  // namespace coord
