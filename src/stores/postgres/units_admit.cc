// SPDX-License-Identifier: MIT
// Units as they were in another store.
#include "stores/postgres/units.h"

namespace coord {

void Units::Admit(SpecImage& spec, const WorkUnitRecord& record, const WorkerOf& worker_of) {
  UnitImage& unit = ImageOf(spec, record.name);
  if (unit.exists) return transaction_.NoteConflict();
  state_.retention.Drop(spec.generation);
  Update(unit, [&] {
    unit.exists = true;
    unit.row_dirty = true;
    unit.row = UnitRow{record.priority, record.not_before, std::string(record.data.cbor())};
    unit.tries = record.tries;
    for (const AttemptRecord& one : record.attempts) {
      const WorkerImage& worker = worker_of(one.worker);
      AttemptImage& attempt = *unit.attempts.emplace_back(std::make_unique<AttemptImage>());
      attempt.id = static_cast<PgId>(one.id);
      attempt.unit = &unit;
      attempt.worker = worker.id;
      attempt.worker_name = worker.name;
      attempt.status = one.status;
      attempt.open = one.status == AttemptStatus::kPending;
      attempt.orphaned = attempt.open && !one.listed;
      attempt.start = one.start;
      attempt.expiration = one.expiration;
      attempt.end = one.end;
      if (!one.data.is_null()) attempt.data = std::string(one.data.cbor());
      attempt.dirty = true;
    }
    unit.active = record.has_active ? unit.attempts.back().get() : nullptr;
  });
}

}  // namespace coord
