// SPDX-License-Identifier: MIT
// Noting changes, and the images of the rows that changed.
#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace coord {

void Engine::MarkChanged(Namespace& name_space) {
  if (shared_.journal == nullptr || name_space.changed) return;
  name_space.changed = true;
  shared_.journal->rows.namespaces.push_back(&name_space);
}

void Engine::MarkChanged(Spec& spec) {
  if (shared_.journal == nullptr || spec.changed) return;
  spec.changed = true;
  shared_.journal->rows.specs.push_back(&spec);
}

void Engine::NoteMeta(Spec& spec) {
  if (shared_.journal == nullptr) return;
  MarkChanged(spec);
  shared_.journal->undo.OnUndo([&spec, meta = spec.meta, removed = spec.removed]() mutable {
    spec.meta = std::move(meta);
    spec.removed = removed;
  });
}

void Engine::NoteDefinition(Spec& spec) {
  if (shared_.journal == nullptr) return;
  NoteMeta(spec);
  shared_.journal->undo.OnUndo(
      [&spec, definition = spec.definition, retention = spec.retention]() mutable {
        spec.definition = std::move(definition);
        spec.retention = retention;
      });
}

void Engine::NoteAttempt(AttemptRef ref) {
  if (shared_.journal == nullptr) return;
  shared_.MarkChanged(ref);
  const Attempt& before = attempts_[ref];
  shared_.journal->undo.OnUndo([this, ref, stored = before.stored(), end = before.end] {
    attempts_[ref].set_stored(stored);
    attempts_[ref].end = end;
  });
}

void Engine::SetAttemptData(AttemptRef ref, std::string_view data) {
  HeapBytes other(data);
  std::swap(attempts_[ref].data, other);
  if (shared_.journal == nullptr) return;
  shared_.MarkChanged(ref);
  shared_.journal->undo.OnUndo([this, ref, before = std::move(other)]() mutable {
    attempts_[ref].data = std::move(before);
  });
}

void Engine::ObserveLocks(Namespace& name_space) {
  name_space.locks.SetObserver([this, &name_space](std::string path, std::string_view locker,
                                                   WallTime until) {
    if (shared_.journal == nullptr) return;
    shared_.journal->rows.locks.emplace_back(&name_space, path);
    shared_.journal->undo.OnUndo([&name_space, path = std::move(path), locker = std::string(locker),
                                  until] { name_space.locks.Restore(path, locker, until); });
  });
}

void Engine::Retire(std::unique_ptr<UnitTable> units) {
  if (shared_.journal == nullptr) {
    dead_tables_.push_back(std::move(units));
  } else {
    units->Abandon();
    retiring_.tables.push_back(std::move(units));
  }
}

void Engine::Retire(std::unique_ptr<Namespace> name_space) {
  name_space->locks.SetObserver({});
  name_space->workers.Abandon();
  if (shared_.journal == nullptr) {
    dead_namespaces_.push_back(std::move(name_space));
  } else {
    retiring_.namespaces.push_back(std::move(name_space));
  }
}

void Engine::SetJournal(Journal* journal) {
  shared_.journal = journal;
  ++journals_;
}

void Engine::OnGroupEnd() {
  if (++kept_journals_ < retire_at_) return;
  retire_at_ = journals_;
  FreeRetired();
}

// What has been retired may be freed when all is kept that was noted before now.
void Engine::FreeRetired() {
  for (auto& table : retired_.tables) dead_tables_.push_back(std::move(table));
  for (auto& name_space : retired_.namespaces) dead_namespaces_.push_back(std::move(name_space));
  retired_ = std::exchange(retiring_, {});
}

void Engine::AfterUndo(const Error& error) {
  // What the lists name may be gone, so the marks are taken off what is there.
  ChangedRows& rows = shared_.journal->rows;
  for (const AttemptRef ref : rows.attempts) attempts_[ref].set_changed(false);
  for (const auto& [name, name_space] : namespaces_) {
    name_space->changed = false;
    name_space->workers.ForgetMarks();
    for (const auto& [spec_name, spec] : name_space->specs) spec->changed = false;
  }
  for (const auto& [table, id] : rows.units) {
    if (!table->abandoned()) (*table)[id].set_changed(false);
  }
  rows = {};
  for (const auto& [name, name_space] : namespaces_) {
    for (const auto& [spec_name, spec] : name_space->specs) Changed(*spec);
  }
  FreeRetired();
  FreeRetired();
  // All that were noted in are done with but the one in use.
  kept_journals_ = journals_ - 1;
  for (const LongCommand& work : std::exchange(long_commands_, {})) {
    work.sink->OnOutcome(work.token, Outcome(error));
  }
}

// --- Images --------------------------------------------------------------------------------------

void Engine::TakeRows(RowChanges& out) {
  ChangedRows& rows = shared_.journal->rows;
  for (Namespace* name_space : rows.namespaces) {
    name_space->changed = false;
    if (name_space->dropped) {
      out.namespaces.deleted.push_back(name_space->row);
      out.unlocked_namespaces.push_back(name_space->row);
    } else {
      out.namespaces.written.push_back({name_space->row, out.arena.Copy(name_space->name)});
    }
  }
  for (Spec* spec : rows.specs) {
    spec->changed = false;
    if (spec->dropped) {
      out.specs.deleted.push_back(spec->serial);
      continue;
    }
    out.specs.written.push_back({spec->serial, spec->name_space->row, out.arena.Copy(spec->name),
                                 out.arena.Copy(spec->definition), spec->units->generation(),
                                 spec->meta, spec->removed[IndexOf(WorkUnitStatus::kFinished)],
                                 spec->removed[IndexOf(WorkUnitStatus::kFailed)]});
  }
  for (Worker* worker : rows.workers) worker->table->TakeRow(*worker, out);
  TakeUnitRows(out);
  TakeAttemptRows(out);
  TakeLockRows(out);
  const auto append = [](std::vector<RowId>& to, const std::vector<RowId>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(out.units.deleted, rows.freed_units);
  append(out.attempts.deleted, rows.freed_attempts);
  append(out.workers.deleted, rows.freed_workers);
  out.last = shared_.last;
  rows = {};
}

void Engine::TakeUnitRows(RowChanges& out) {
  for (const auto& [table, id] : shared_.journal->rows.units) {
    Unit& unit = (*table)[id];
    unit.set_changed(false);
    // Those of a set that was deleted as a whole are freed later.
    if (table->spec() == nullptr) continue;
    if (unit.erased()) {
      out.units.deleted.push_back(table->RowOf(id));
    } else {
      out.units.written.push_back({table->RowOf(id), table->spec()->serial,
                                   out.arena.Copy(unit.name()), out.arena.Copy(unit.bytes.data()),
                                   unit.priority, unit.not_before});
    }
  }
}

void Engine::TakeAttemptRows(RowChanges& out) {
  out.attempts.written.reserve(shared_.journal->rows.attempts.size());
  for (const AttemptRef ref : shared_.journal->rows.attempts) {
    Attempt& attempt = attempts_[ref];
    attempt.set_changed(false);
    if (attempt.table->spec() == nullptr) continue;
    const auto id = static_cast<std::uint64_t>(attempt.id());
    if (attempt.erased()) {
      out.attempts.deleted.push_back(id);
      continue;
    }
    const Unit& unit = (*attempt.table)[attempt.unit];
    AttemptRow& row = out.attempts.written.emplace_back();
    row.id = id;
    row.unit = attempt.table->RowOf(attempt.unit);
    row.worker = attempt.worker->row;
    row.status = attempt.stored();
    row.listing = !attempt.open()      ? AttemptListing::kEnded
                  : attempt.orphaned() ? AttemptListing::kOrphaned
                                       : AttemptListing::kActive;
    row.active = unit.active() == ref;
    row.tries = unit.newest == ref ? unit.tries() : 0;
    row.start = attempt.start;
    row.expiration = attempt.expiration;
    row.end = attempt.end;
    if (!attempt.data.is_null()) row.data = out.arena.Copy(attempt.data.view());
  }
}

void Engine::TakeLockRows(RowChanges& out) {
  auto& changed = shared_.journal->rows.locks;
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const auto& [name_space, path] : changed) {
    if (name_space->dropped) continue;
    const auto lock = name_space->locks.At(path);
    const std::string_view kept = out.arena.Copy(path);
    if (lock) {
      out.locks.written.push_back(
          {name_space->row, kept, out.arena.Copy(lock->locker), lock->until});
    } else {
      out.locks.deleted.push_back({name_space->row, kept});
    }
  }
}

}  // namespace coord
