// SPDX-License-Identifier: MIT
#include "engine/unit_table.h"

#include <absl/hash/hash.h>

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace coord {

namespace {

std::size_t HashOf(std::string_view name) {
  return absl::HashOf(absl::string_view(name.data(), name.size()));
}

}  // namespace

bool UnitTable::NameLess::operator()(const NameEntry& left, const NameEntry& right) const {
  if (left.key != right.key) return left.key < right.key;
  return left.id != right.id && (*table)[left.id].name() < (*table)[right.id].name();
}

bool UnitTable::NameLess::operator()(const NameEntry& left, const NameProbe& right) const {
  if (left.key != right.key) return left.key < right.key;
  return (*table)[left.id].name() < right.name;
}

bool UnitTable::NameLess::operator()(const NameProbe& left, const NameEntry& right) const {
  if (left.key != right.key) return left.key < right.key;
  return left.name < (*table)[right.id].name();
}

bool UnitTable::ClaimLess::operator()(const ClaimEntry& left, const ClaimEntry& right) const {
  if (left.rank_high != right.rank_high) return left.rank_high < right.rank_high;
  if (left.rank_low != right.rank_low) return left.rank_low < right.rank_low;
  return NameLess{table}(left.name, right.name);
}

UnitTable::UnitTable(Spec* spec, Shared& shared)
    : UnitTable(spec, shared, ++shared.last.generation) {}

UnitTable::UnitTable(Spec* spec, Shared& shared, std::uint64_t generation)
    : spec_(spec),
      shared_(shared),
      attempts_(shared.attempts),
      generation_(generation),
      by_name_{NameSet(NameLess{this}), NameSet(NameLess{this}), NameSet(NameLess{this}),
               NameSet(NameLess{this}), NameSet(NameLess{this}), NameSet(NameLess{this})},
      claim_order_(ClaimLess{this}) {}

UnitTable::~UnitTable() = default;

UnitId UnitTable::Find(std::string_view name) const {
  if (shards_ == nullptr) return kNoUnit;
  const std::size_t hash = HashOf(name);
  const Shard& shard = ShardOf(hash);
  const auto found = shard.find(HashProbe{name, static_cast<std::uint32_t>(hash)});
  return found == shard.end() ? kNoUnit : found->id;
}

std::size_t UnitTable::PrefetchEntry(std::string_view name) const {
  const std::size_t hash = HashOf(name);
  if (shards_ != nullptr) {
    ShardOf(hash).prefetch(HashOnly{static_cast<std::uint32_t>(hash)});
  }
  return hash;
}

const Unit* UnitTable::PrefetchRecord(std::size_t hash) const {
  if (shards_ == nullptr) return nullptr;
  const Shard& shard = ShardOf(hash);
  const auto found = shard.find(HashOnly{static_cast<std::uint32_t>(hash)});
  if (found == shard.end()) return nullptr;
  const Unit& unit = (*this)[found->id];
  __builtin_prefetch(&unit);
  return &unit;
}

void UnitTable::LearnNames(std::span<const UnitItem> items) {
  if (size_ != 0 || items.size() < 2) return;
  std::vector<std::string_view> names;
  names.reserve(items.size());
  for (const UnitItem& item : items) names.push_back(item.name);
  LearnNames(names);
}

void UnitTable::LearnNames(const std::vector<std::string_view>& names) {
  if (size_ == 0 && names.size() >= 2) key_rule_.Learn(names);
}

UnitTable::ClaimEntry UnitTable::ClaimEntryOf(const NameEntry& entry, const Unit& unit) {
  // The bits of a double, turned so that they rise with its value, then inverted: the highest
  // priority comes first.
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;
  const auto bits = std::bit_cast<std::uint64_t>(unit.priority);
  const std::uint64_t rising = (bits & kSign) != 0 ? ~bits : bits | kSign;
  const std::uint64_t rank = ~rising;
  return {static_cast<std::uint32_t>(rank >> 32U), static_cast<std::uint32_t>(rank), entry};
}

UnitTable::Shard& UnitTable::ShardOf(std::size_t hash) const {
  // Entries keep the low bits of the hash; the shard is chosen by the high ones.
  return (*shards_)[(hash >> 54U) % kShardCount];
}

void UnitTable::AddToHash(UnitId id, const Unit& unit) {
  const std::size_t hash = HashOf(unit.name());
  ShardOf(hash).insert(HashEntry{id, static_cast<std::uint32_t>(hash)});
}

UnitId UnitTable::AllocateRecord() {
  if (free_ != kNoUnit) {
    const UnitId id = free_;
    free_ = (*this)[id].done_next;
    (*this)[id].done_next = kNoUnit;
    return id;
  }
  return AppendRecord();
}

// A record that was never handed out.
UnitId UnitTable::AppendRecord() {
  COORD_CHECK(records_used_ < static_cast<std::uint32_t>(kLateDone));
  if (records_used_ % kChunkSize == 0) chunks_.push_back(std::make_unique<Unit[]>(kChunkSize));
  return UnitId{records_used_++};
}

void UnitTable::FreeRecord(UnitId id) {
  Unit& unit = (*this)[id];
  unit = Unit{};
  unit.done_next = free_;
  free_ = id;
}

void UnitTable::EnsureShards() {
  if (shards_ != nullptr) return;
  shards_ = std::make_unique<std::vector<Shard>>();
  shards_->reserve(kShardCount);
  for (std::size_t i = 0; i < kShardCount; ++i) {
    shards_->emplace_back(0, EntryHash{}, EntryEqual{this});
  }
}

UnitId UnitTable::Insert(std::string_view name, std::string_view data, double priority,
                         WallTime not_before, WallTime now) {
  EnsureShards();
  const UnitId id = AllocateRecord();
  Unit& unit = (*this)[id];
  unit.bytes = NamedBytes(name, data);
  unit.priority = priority;
  unit.not_before = not_before;
  unit.set_status(not_before > now ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable);
  AddToHash(id, unit);
  AddToIndexes(EntryOf(id, unit), unit);
  ++size_;
  if (shared_.journal != nullptr) {
    MarkChanged(id);
    shared_.journal->undo.OnUndo([this, id] { Discard(id); });
  }
  return id;
}

void UnitTable::Erase(UnitId id) {
  Unit& unit = (*this)[id];
  COORD_CHECK(unit.newest == kNoAttempt);
  if (shared_.journal == nullptr) return Discard(id);
  MarkChanged(id);
  shared_.journal->undo.OnUndo([this, id, previous = unit.done_previous, next = unit.done_next] {
    Readmit(id, previous, next);
  });
  shared_.journal->undo.OnKeep([this, id] { FreeRecord(id); });
  Unindex(id);
  unit.set_erased(true);
}

// Takes a unit out of all that leads to it.
void UnitTable::Unindex(UnitId id) {
  Unit& unit = (*this)[id];
  RemoveFromIndexes(EntryOf(id, unit), unit);
  if (IsDone(unit.status())) RemoveDone(id, unit, unit.status());
  const std::size_t hash = HashOf(unit.name());
  Shard& shard = ShardOf(hash);
  shard.erase(shard.find(HashProbe{unit.name(), static_cast<std::uint32_t>(hash)}));
  --size_;
}

void UnitTable::Discard(UnitId id) {
  Unindex(id);
  FreeRecord(id);
}

void UnitTable::Readmit(UnitId id, UnitId done_previous, UnitId done_next) {
  Unit& unit = (*this)[id];
  unit.set_erased(false);
  AddToHash(id, unit);
  AddToIndexes(EntryOf(id, unit), unit);
  if (IsDone(unit.status())) InsertDone(id, unit, done_previous, done_next);
  ++size_;
}

void UnitTable::SetExpiration(UnitId id, WallTime expiration) {
  const AttemptRef ref = (*this)[id].newest;
  Attempt& attempt = attempts_[ref];
  if (shared_.journal != nullptr) {
    shared_.MarkChanged(ref);
    shared_.journal->undo.OnUndo([this, id, &attempt, before = attempt.expiration] {
      leases_.erase({attempt.expiration, id});
      attempt.expiration = before;
      leases_.insert({before, id});
    });
  }
  leases_.erase({attempt.expiration, id});
  attempt.expiration = expiration;
  leases_.insert({attempt.expiration, id});
}

void UnitTable::SetData(UnitId id, std::string_view data) {
  Unit& unit = (*this)[id];
  NamedBytes changed(unit.name(), data);
  std::swap(unit.bytes, changed);
  if (shared_.journal != nullptr) {
    MarkChanged(id);
    shared_.journal->undo.OnUndo(
        [&unit, before = std::move(changed)]() mutable { unit.bytes = std::move(before); });
  }
}

// --- The journal ---------------------------------------------------------------------------------

UnitTable::State UnitTable::StateOf(const Unit& unit) const {
  return {.priority = unit.priority,
          .not_before = unit.not_before,
          .lease = unit.newest == kNoAttempt ? kNoTime : attempts_[unit.newest].expiration,
          .newest = unit.newest,
          .done_previous = unit.done_previous,
          .done_next = unit.done_next,
          .tries = unit.tries(),
          .status = unit.status(),
          .has_active = unit.has_active()};
}

void UnitTable::MarkChanged(UnitId id) {
  Unit& unit = (*this)[id];
  if (unit.changed()) return;
  unit.set_changed(true);
  shared_.journal->rows.units.emplace_back(this, id);
}

void UnitTable::NoteChange(UnitId id, const State& before) {
  const Unit& unit = (*this)[id];
  shared_.journal->undo.OnUndo([this, id, before] { Restore(id, before); });
  if (unit.priority != before.priority || unit.not_before != before.not_before) MarkChanged(id);
  // Which attempt is active, and how many tries there were, stands in the row of the newest.
  const bool other_active = unit.has_active() != before.has_active || unit.newest != before.newest;
  if (before.has_active && other_active) shared_.MarkChanged(before.newest);
  if (unit.newest != kNoAttempt && (other_active || unit.tries() != before.tries)) {
    shared_.MarkChanged(unit.newest);
  }
}

void UnitTable::Restore(UnitId id, const State& before) {
  Unit& unit = (*this)[id];
  const NameEntry entry = EntryOf(id, unit);
  const WorkUnitStatus status = unit.status();
  RemoveFromIndexes(entry, unit);
  if (IsDone(status) && status != before.status) RemoveDone(id, unit, status);
  unit.priority = before.priority;
  unit.not_before = before.not_before;
  unit.newest = before.newest;
  unit.set_tries(before.tries);
  unit.set_status(before.status);
  unit.set_has_active(before.has_active);
  if (before.newest != kNoAttempt) attempts_[before.newest].expiration = before.lease;
  AddToIndexes(entry, unit);
  if (IsDone(before.status) && status != before.status) {
    InsertDone(id, unit, before.done_previous, before.done_next);
  }
}

// --- Loading -------------------------------------------------------------------------------------

void UnitTable::Load(UnitId id, std::string_view name, std::string_view data, double priority,
                     WallTime not_before) {
  const auto place = static_cast<std::uint32_t>(id);
  COORD_CHECK(place >= records_used_);
  while (records_used_ < place) FreeRecord(AppendRecord());
  Unit& unit = (*this)[AppendRecord()];
  unit.bytes = NamedBytes(name, data);
  unit.priority = priority;
  unit.not_before = not_before;
  ++size_;
}

// Learns from names all over the table.
void UnitTable::LearnLoaded() {
  constexpr std::size_t kSample = 1000;
  const std::size_t step = size_ / kSample + 1;
  std::vector<std::string_view> names;
  for (std::size_t place = 0; place < records_used_; place += step) {
    const Unit& unit = (*this)[UnitId{static_cast<std::uint32_t>(place)}];
    if (!unit.bytes.is_null()) names.push_back(unit.name());
  }
  if (names.size() >= 2) key_rule_.Learn(names);
}

void UnitTable::IndexLoaded() {
  EnsureShards();
  LearnLoaded();
  std::array<std::vector<NameEntry>, std::tuple_size_v<decltype(by_name_)>> by_name;
  std::array<std::vector<std::pair<WallTime, UnitId>>, 2> done;
  std::vector<ClaimEntry> claims;
  for (std::uint32_t place = 0; place < records_used_; ++place) {
    const UnitId id{place};
    const Unit& unit = (*this)[id];
    if (unit.bytes.is_null()) continue;
    AddToHash(id, unit);
    const NameEntry entry = EntryOf(id, unit);
    by_name[IndexOfSet(unit)].push_back(entry);
    if (IsRanked(unit)) claims.push_back(ClaimEntryOf(entry, unit));
    if (unit.status() == WorkUnitStatus::kDelayed) delays_.insert({unit.not_before, id});
    if (unit.status() == WorkUnitStatus::kPending) {
      leases_.insert({attempts_[unit.newest].expiration, id});
    }
    if (IsDone(unit.status())) {
      done[DoneIndex(unit.status())].emplace_back(attempts_[unit.newest].end, id);
    }
  }
  // Sets that are filled in order need no search.
  for (std::size_t i = 0; i < by_name.size(); ++i) {
    std::sort(by_name[i].begin(), by_name[i].end(), NameLess{this});
    for (const NameEntry& entry : by_name[i]) by_name_[i].insert(by_name_[i].end(), entry);
    by_name[i] = {};
  }
  std::sort(claims.begin(), claims.end(), ClaimLess{this});
  for (const ClaimEntry& entry : claims) claim_order_.insert(claim_order_.end(), entry);
  for (auto& ended : done) {
    std::sort(ended.begin(), ended.end());
    for (const auto& [end, id] : ended) AppendDone(id, (*this)[id]);
  }
}

// --- Indexes -------------------------------------------------------------------------------------

void UnitTable::AddToIndexes(const NameEntry& entry, Unit& unit) {
  by_name_[IndexOfSet(unit)].insert(entry);
  switch (unit.status()) {
    case WorkUnitStatus::kAvailable:
      if (IsRanked(unit)) claim_order_.insert(ClaimEntryOf(entry, unit));
      break;
    case WorkUnitStatus::kDelayed:
      delays_.insert({unit.not_before, entry.id});
      break;
    case WorkUnitStatus::kPending:
      leases_.insert({attempts_[unit.newest].expiration, entry.id});
      break;
    case WorkUnitStatus::kFinished:
    case WorkUnitStatus::kFailed:
      break;
  }
}

void UnitTable::RemoveFromIndexes(const NameEntry& entry, Unit& unit) {
  by_name_[IndexOfSet(unit)].erase(entry);
  switch (unit.status()) {
    case WorkUnitStatus::kAvailable:
      if (IsRanked(unit)) claim_order_.erase(ClaimEntryOf(entry, unit));
      break;
    case WorkUnitStatus::kDelayed:
      delays_.erase({unit.not_before, entry.id});
      break;
    case WorkUnitStatus::kPending:
      leases_.erase({attempts_[unit.newest].expiration, entry.id});
      break;
    case WorkUnitStatus::kFinished:
    case WorkUnitStatus::kFailed:
      break;
  }
}

void UnitTable::AppendDone(UnitId id, Unit& unit) {
  DoneList& list = done_[DoneIndex(unit.status())];
  const WallTime end = attempts_[unit.newest].end;
  if (list.last != kNoUnit && end < list.last_end) {
    late_ends_.push_back(end);
    return InsertDone(id, unit, kLateDone,
                      UnitId{static_cast<std::uint32_t>(late_ends_.size() - 1)});
  }
  list.last_end = end;
  InsertDone(id, unit, list.last, kNoUnit);
}

UnitId UnitTable::FirstDone(WorkUnitStatus status) const {
  const DoneList& list = done_[DoneIndex(status)];
  if (list.late.empty()) return list.first;
  const TimeEntry late = *list.late.begin();
  const bool is_first =
      list.first == kNoUnit || late.time < attempts_[(*this)[list.first].newest].end;
  return is_first ? late.id : list.first;
}

void UnitTable::InsertDone(UnitId id, Unit& unit, UnitId previous, UnitId next) {
  DoneList& list = done_[DoneIndex(unit.status())];
  unit.done_previous = previous;
  unit.done_next = next;
  if (previous == kLateDone) {
    list.late.insert({LateEndOf(next), id});
    return;
  }
  (previous == kNoUnit ? list.first : (*this)[previous].done_next) = id;
  (next == kNoUnit ? list.last : (*this)[next].done_previous) = id;
}

void UnitTable::RemoveDone(UnitId id, Unit& unit, WorkUnitStatus status) {
  DoneList& list = done_[DoneIndex(status)];
  if (unit.done_previous == kLateDone) {
    list.late.erase({LateEndOf(unit.done_next), id});
  } else {
    (unit.done_previous == kNoUnit ? list.first : (*this)[unit.done_previous].done_next) =
        unit.done_next;
    (unit.done_next == kNoUnit ? list.last : (*this)[unit.done_next].done_previous) =
        unit.done_previous;
  }
  unit.done_previous = kNoUnit;
  unit.done_next = kNoUnit;
}

UnitId UnitTable::FirstAvailable() const {
  const NameSet& unranked = by_name_[IndexOf(WorkUnitStatus::kAvailable)];
  const UnitId ranked = claim_order_.empty() ? kNoUnit : claim_order_.begin()->name.id;
  if (unranked.empty() || (ranked != kNoUnit && (*this)[ranked].priority > 0)) return ranked;
  return unranked.begin()->id;
}

void UnitTable::PrefetchAvailable() const {
  const auto prefetch = [this](const auto& set, const auto& id_of) {
    auto next = set.begin();
    if (next == set.end()) return;
    // Its record was fetched when it was the second.
    (*this)[id_of(*next)].bytes.Prefetch();
    if (++next != set.end()) __builtin_prefetch(&(*this)[id_of(*next)]);
  };
  if (claim_order_.empty()) {
    prefetch(by_name_[IndexOf(WorkUnitStatus::kAvailable)],
             [](const NameEntry& entry) { return entry.id; });
  } else {
    prefetch(claim_order_, [](const ClaimEntry& entry) { return entry.name.id; });
  }
}

UnitId UnitTable::FirstToExpire() const { return leases_.empty() ? kNoUnit : leases_.begin()->id; }

UnitId UnitTable::FirstDelayed() const { return delays_.empty() ? kNoUnit : delays_.begin()->id; }

WallTime UnitTable::NextDue() const {
  WallTime due = leases_.empty() ? kNoTime : leases_.begin()->time;
  if (!delays_.empty()) Earlier(due, delays_.begin()->time);
  return due;
}

UnitTable::NameSet::iterator UnitTable::Start(NameSet& set, const WorkUnitQuery& query) {
  auto start = set.begin();
  if (query.from) start = set.lower_bound(NameProbe{key_rule_.Of(*query.from), *query.from});
  if (query.after && (!query.from || *query.after >= *query.from)) {
    start = set.upper_bound(NameProbe{key_rule_.Of(*query.after), *query.after});
  }
  return start;
}

}  // namespace coord
