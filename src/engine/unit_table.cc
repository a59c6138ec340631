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

UnitTable::UnitTable(Spec* spec, AttemptPool& attempts)
    : spec_(spec),
      attempts_(attempts),
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

void UnitTable::Prefetch(std::string_view name) const {
  if (shards_ == nullptr) return;
  const std::size_t hash = HashOf(name);
  ShardOf(hash).prefetch(HashProbe{name, static_cast<std::uint32_t>(hash)});
}

void UnitTable::LearnNames(std::span<const UnitItem> items) {
  if (size_ == 0 && items.size() >= 2) key_rule_.Learn(items);
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

UnitId UnitTable::AllocateRecord() {
  if (free_ != kNoUnit) {
    const UnitId id = free_;
    free_ = (*this)[id].done_next;
    (*this)[id].done_next = kNoUnit;
    return id;
  }
  COORD_CHECK(records_used_ < static_cast<std::uint32_t>(kNoUnit));
  if (records_used_ % kChunkSize == 0) chunks_.push_back(std::make_unique<Unit[]>(kChunkSize));
  return UnitId{records_used_++};
}

void UnitTable::FreeRecord(UnitId id) {
  Unit& unit = (*this)[id];
  unit = Unit{};
  unit.done_next = free_;
  free_ = id;
}

UnitId UnitTable::Insert(std::string_view name, std::string_view data, double priority,
                         WallTime not_before, WallTime now) {
  if (shards_ == nullptr) {
    shards_ = std::make_unique<std::vector<Shard>>();
    shards_->reserve(kShardCount);
    for (std::size_t i = 0; i < kShardCount; ++i) {
      shards_->emplace_back(0, EntryHash{}, EntryEqual{this});
    }
  }
  const UnitId id = AllocateRecord();
  Unit& unit = (*this)[id];
  unit.bytes = NamedBytes(name, data);
  unit.priority = priority;
  unit.not_before = not_before;
  unit.set_status(not_before > now ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable);
  const std::size_t hash = HashOf(name);
  ShardOf(hash).insert(HashEntry{id, static_cast<std::uint32_t>(hash)});
  AddToIndexes(EntryOf(id, unit), unit);
  ++size_;
  return id;
}

void UnitTable::Erase(UnitId id) {
  Unit& unit = (*this)[id];
  COORD_CHECK(unit.newest == kNoAttempt);
  RemoveFromIndexes(EntryOf(id, unit), unit);
  if (IsDone(unit.status())) RemoveDone(unit, unit.status());
  const std::size_t hash = HashOf(unit.name());
  Shard& shard = ShardOf(hash);
  shard.erase(shard.find(HashProbe{unit.name(), static_cast<std::uint32_t>(hash)}));
  FreeRecord(id);
  --size_;
}

void UnitTable::SetExpiration(UnitId id, WallTime expiration) {
  Attempt& attempt = attempts_[(*this)[id].newest];
  leases_.erase({attempt.expiration, id});
  attempt.expiration = expiration;
  leases_.insert({attempt.expiration, id});
}

void UnitTable::SetData(UnitId id, std::string_view data) {
  Unit& unit = (*this)[id];
  unit.bytes = NamedBytes(unit.name(), data);
}

void UnitTable::AddToIndexes(const NameEntry& entry, Unit& unit) {
  SetOf(unit).insert(entry);
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
  SetOf(unit).erase(entry);
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
  unit.done_previous = list.last;
  unit.done_next = kNoUnit;
  (list.last == kNoUnit ? list.first : (*this)[list.last].done_next) = id;
  list.last = id;
}

void UnitTable::RemoveDone(Unit& unit, WorkUnitStatus status) {
  DoneList& list = done_[DoneIndex(status)];
  (unit.done_previous == kNoUnit ? list.first : (*this)[unit.done_previous].done_next) =
      unit.done_next;
  (unit.done_next == kNoUnit ? list.last : (*this)[unit.done_next].done_previous) =
      unit.done_previous;
  unit.done_previous = kNoUnit;
  unit.done_next = kNoUnit;
}

UnitId UnitTable::FirstAvailable() const {
  const NameSet& unranked = by_name_[IndexOf(WorkUnitStatus::kAvailable)];
  const UnitId ranked = claim_order_.empty() ? kNoUnit : claim_order_.begin()->name.id;
  if (unranked.empty() || (ranked != kNoUnit && (*this)[ranked].priority > 0)) return ranked;
  return unranked.begin()->id;
}

UnitId UnitTable::FirstToExpire() const { return leases_.empty() ? kNoUnit : leases_.begin()->id; }

UnitId UnitTable::FirstDelayed() const { return delays_.empty() ? kNoUnit : delays_.begin()->id; }

WallTime UnitTable::NextDue() const {
  WallTime due = leases_.empty() ? kNoTime : leases_.begin()->time;
  if (!delays_.empty() && (due == kNoTime || delays_.begin()->time < due)) {
    due = delays_.begin()->time;
  }
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
