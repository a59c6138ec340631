// SPDX-License-Identifier: MIT
// The work units of one spec, with every index that the engine's operations need.
//
// A unit takes a record of 40 bytes in a slab, one allocation for name and data, a slot in a hash
// table by name, an entry in the ordered set of its status, and, depending on the status, one in
// the delays, in the leases, or a place in a list by time of completion. Available units that have
// a priority have a set of their own, and an entry in the claim order; without one, the order of
// the names is the claim order. Index entries are 12 to 20 bytes and compare without touching the
// unit in most cases: they hold a key made of the name.
#pragma once

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/query.h"
#include "domain/status.h"
#include "domain/unit_items.h"
#include "engine/attempts.h"
#include "engine/heap_bytes.h"
#include "engine/name_key.h"
#include "engine/shared.h"

namespace coord {

struct Spec;

inline constexpr UnitId kNoUnit{UINT32_MAX};
// Stands in `done_previous` of a unit that is not in the list by time of completion: see DoneList.
inline constexpr UnitId kLateDone{UINT32_MAX - 1};

class Unit {
 public:
  NamedBytes bytes;  // null: this record is free
  double priority = 0;
  WallTime not_before = kNoTime;
  AttemptRef newest = kNoAttempt;  // the others follow through Attempt::older
  UnitId done_previous = kNoUnit;  // neighbours by time of completion, for finished and failed
  UnitId done_next = kNoUnit;      // in a free record: the next free one; of a late one: its place

  std::string_view name() const { return bytes.name(); }

  WorkUnitStatus status() const { return static_cast<WorkUnitStatus>(status_); }
  void set_status(WorkUnitStatus status) { status_ = static_cast<std::uint32_t>(status) & 7U; }

  // True if `newest` is the active attempt, lapsed or not.
  bool has_active() const { return has_active_ != 0; }
  void set_has_active(bool has_active) { has_active_ = has_active ? 1 : 0; }
  AttemptRef active() const { return has_active() ? newest : kNoAttempt; }

  // Listed in the journal's changed rows.
  bool changed() const { return changed_ != 0; }
  void set_changed(bool changed) { changed_ = changed ? 1 : 0; }

  // Gone, but for a journal that may take that back.
  bool erased() const { return erased_ != 0; }
  void set_erased(bool erased) { erased_ = erased ? 1 : 0; }

  // Attempts since it was last added or cleared; counting stops at 2^26 - 1.
  std::uint32_t tries() const { return tries_; }
  void count_try() { tries_ = tries_ == kTriesMax ? kTriesMax : (tries_ + 1) & kTriesMax; }
  void reset_tries() { tries_ = 0; }
  void set_tries(std::uint32_t tries) { tries_ = tries & kTriesMax; }

 private:
  static constexpr std::uint32_t kTriesMax = (std::uint32_t{1} << 26U) - 1;

  // Packed, because there are millions of these.
  std::uint32_t tries_ : 26 = 0;
  std::uint32_t status_ : 3 = 0;
  std::uint32_t has_active_ : 1 = 0;
  std::uint32_t changed_ : 1 = 0;
  std::uint32_t erased_ : 1 = 0;
};
static_assert(sizeof(Unit) == 40, "millions of these");

class UnitTable {
 public:
  // `shared` outlives the table, and so does `spec`, or Detach() is called first.
  UnitTable(Spec* spec, Shared& shared);
  // One that is loaded: of the generation that its rows have.
  UnitTable(Spec* spec, Shared& shared, std::uint64_t generation);
  UnitTable(const UnitTable&) = delete;
  UnitTable& operator=(const UnitTable&) = delete;
  ~UnitTable();

  // The spec whose units these are; nullptr once they have been deleted as a whole. Attempts of
  // such a table count as gone although they are freed later.
  Spec* spec() const { return spec_; }
  void Detach() { spec_ = nullptr; }
  void Reattach(Spec* spec) { spec_ = spec; }

  // Nothing brings a detached table back any more.
  void Abandon() { abandoned_ = true; }
  bool abandoned() const { return abandoned_; }

  // Tells this set of units from all others that there ever were.
  std::uint64_t generation() const { return generation_; }
  // The number that a unit's row has in a durable store.
  RowId RowOf(UnitId id) const { return generation_ << 32U | static_cast<std::uint32_t>(id); }

  Unit& operator[](UnitId id) {
    const auto index = static_cast<std::uint32_t>(id);
    return chunks_[index / kChunkSize][index % kChunkSize];
  }
  const Unit& operator[](UnitId id) const {
    const auto index = static_cast<std::uint32_t>(id);
    return chunks_[index / kChunkSize][index % kChunkSize];
  }

  // The unit of that name or kNoUnit. O(1).
  UnitId Find(std::string_view name) const;

  // Has the processor fetch the entry at which Find() looks first, for a caller that knows
  // kLookAhead names ahead what it is going to look for. Returns the name's hash.
  std::size_t PrefetchEntry(std::string_view name) const;
  static constexpr std::size_t kLookAhead = 8;
  // Then the record that the entry leads to, if there is one; and returns it, or nullptr.
  const Unit* PrefetchRecord(std::size_t hash) const;

  // Tells the table what names are coming, while it is empty, so that its indexes can skip what
  // they have in common. Optional; order and results do not depend on it.
  void LearnNames(std::span<const UnitItem> items);
  void LearnNames(const std::vector<std::string_view>& names);

  // Adds a unit, available or delayed by `now`. The name must be new.
  UnitId Insert(std::string_view name, std::string_view data, double priority, WallTime not_before,
                WallTime now);

  // Removes a unit that has no attempts left. O(log n).
  void Erase(UnitId id);

  // Puts a unit where it stood when its row was written; it is in no index before IndexLoaded().
  // Places must come in rising order.
  void Load(UnitId id, std::string_view name, std::string_view data, double priority,
            WallTime not_before);
  // Indexes what was loaded, all at once: by then each unit has its attempts and its status.
  void IndexLoaded();
  // How many places were ever given; those of units that are gone are in it.
  std::uint32_t places() const { return records_used_; }

  // Changes a unit: takes it out of the indexes of its status, lets `change` alter the record, and
  // puts it back in those of its new status. O(log n).
  template <typename Change>
  void Update(UnitId id, Change&& change) {
    Unit& unit = (*this)[id];
    const NameEntry entry = EntryOf(id, unit);
    // All of it is only wanted where it is noted.
    State before;
    if (shared_.journal != nullptr) before = StateOf(unit);
    before.status = unit.status();
    RemoveFromIndexes(entry, unit);
    change(unit);
    AddToIndexes(entry, unit);
    // A unit that stays finished or failed keeps its place by time of completion.
    if (unit.status() != before.status) {
      if (IsDone(before.status)) RemoveDone(id, unit, before.status);
      if (IsDone(unit.status())) AppendDone(id, unit);
    }
    if (shared_.journal != nullptr) NoteChange(id, before);
  }

  // Moves the lease of a pending unit's active attempt.
  void SetExpiration(UnitId id, WallTime expiration);

  // Replaces the unit's own data.
  void SetData(UnitId id, std::string_view data);

  std::size_t count(WorkUnitStatus status) const {
    const std::size_t ranked = status == WorkUnitStatus::kAvailable ? claim_order_.size() : 0;
    return by_name_[IndexOf(status)].size() + ranked;
  }
  std::size_t size() const { return size_; }

  // The unit that is to be claimed first, or kNoUnit.
  UnitId FirstAvailable() const;
  // Has the processor fetch those that come first now, for a caller that claims one after the
  // other.
  void PrefetchAvailable() const;
  // The pending unit whose lease ends first, or kNoUnit.
  UnitId FirstToExpire() const;
  // The delayed unit that is due first, or kNoUnit.
  UnitId FirstDelayed() const;
  // The finished or failed unit that ended first, or kNoUnit.
  UnitId FirstDone(WorkUnitStatus status) const;

  // When the first lease ends or the first delay passes; kNoTime: never.
  WallTime NextDue() const;

  // Calls `visit(id, unit)` for the units that the query's statuses, from and after select, in byte
  // order of the name, until it returns false. The visited unit may be changed or erased, others
  // not. The query's names and limit are the caller's business.
  template <typename Visit>
  void VisitInOrder(const WorkUnitQuery& query, Visit&& visit);

  // Frees up to `budget` records of a detached table; returns true when nothing is left. Each unit
  // is handed to `release(id, unit, budget)` first, which lowers the budget by what it frees, and
  // returns false if that was not enough.
  template <typename Release>
  bool FreeSome(std::size_t budget, Release&& release);

 private:
  static constexpr std::uint32_t kChunkSize = kChunkBytes / sizeof(Unit);
  static constexpr std::size_t kShardCount = 1024;

  struct NameEntry {
    NameKey key;
    UnitId id;
  };
  struct ClaimEntry {
    std::uint32_t rank_high;  // the priority as a number that falls where the priority rises
    std::uint32_t rank_low;
    NameEntry name;
  };
  struct TimeEntry {
    WallTime time;
    UnitId id;
    auto operator<=>(const TimeEntry&) const = default;
  };
  // A name to search for among entries.
  struct NameProbe {
    NameKey key;
    std::string_view name;
  };
  struct NameLess {
    using is_transparent = void;
    const UnitTable* table;
    bool operator()(const NameEntry& left, const NameEntry& right) const;
    bool operator()(const NameEntry& left, const NameProbe& right) const;
    bool operator()(const NameProbe& left, const NameEntry& right) const;
  };
  struct ClaimLess {
    const UnitTable* table;
    bool operator()(const ClaimEntry& left, const ClaimEntry& right) const;
  };
  // An entry of the hash table, with its hash, so that neither growing nor most of the entries met
  // in a search touch a unit; and a name to search for.
  struct HashEntry {
    UnitId id;
    std::uint32_t hash;
  };
  struct HashProbe {
    std::string_view name;
    std::uint32_t hash;
  };
  // Any that has this hash.
  struct HashOnly {
    std::uint32_t hash;
  };
  struct EntryHash {
    using is_transparent = void;
    std::size_t operator()(const HashEntry& entry) const { return entry.hash; }
    std::size_t operator()(const HashProbe& probe) const { return probe.hash; }
    std::size_t operator()(const HashOnly& probe) const { return probe.hash; }
  };
  struct EntryEqual {
    using is_transparent = void;
    const UnitTable* table;
    bool operator()(const HashEntry& left, const HashEntry& right) const {
      return left.id == right.id;
    }
    bool operator()(const HashEntry& left, const HashProbe& right) const {
      return left.hash == right.hash && (*table)[left.id].name() == right.name;
    }
    bool operator()(const HashProbe& left, const HashEntry& right) const {
      return (*this)(right, left);
    }
    bool operator()(const HashEntry& left, const HashOnly& right) const {
      return left.hash == right.hash;
    }
  };
  using NameSet = absl::btree_set<NameEntry, NameLess>;
  // One of many small hash tables, so that none is ever rehashed for long.
  using Shard = absl::flat_hash_set<HashEntry, EntryHash, EntryEqual>;
  // By time of completion. Nearly all units come in that order, so that a list is enough; those
  // that were imported may come after others that ended later.
  struct DoneList {
    UnitId first = kNoUnit;
    UnitId last = kNoUnit;
    WallTime last_end = kNoTime;  // no unit of the list ended later
    absl::btree_set<TimeEntry> late;
  };
  // What Update() may change.
  struct State {
    double priority;
    WallTime not_before;
    WallTime lease;  // when the newest attempt expires
    AttemptRef newest;
    UnitId done_previous;
    UnitId done_next;
    std::uint32_t tries;
    WorkUnitStatus status;
    bool has_active;
  };

  static bool IsDone(WorkUnitStatus status) {
    return status == WorkUnitStatus::kFinished || status == WorkUnitStatus::kFailed;
  }
  static std::size_t DoneIndex(WorkUnitStatus status) {
    return status == WorkUnitStatus::kFinished ? 0 : 1;
  }

  NameEntry EntryOf(UnitId id, const Unit& unit) const { return {key_rule_.Of(unit.name()), id}; }
  static ClaimEntry ClaimEntryOf(const NameEntry& entry, const Unit& unit);
  void LearnLoaded();
  Shard& ShardOf(std::size_t hash) const;
  void AddToHash(UnitId id, const Unit& unit);
  UnitId AllocateRecord();
  UnitId AppendRecord();
  void FreeRecord(UnitId id);
  static bool IsRanked(const Unit& unit) {
    return unit.status() == WorkUnitStatus::kAvailable && unit.priority != 0;
  }
  static std::size_t IndexOfSet(const Unit& unit) {
    return IsRanked(unit) ? kRanked : IndexOf(unit.status());
  }
  void AddToIndexes(const NameEntry& entry, Unit& unit);
  void RemoveFromIndexes(const NameEntry& entry, Unit& unit);
  void AppendDone(UnitId id, Unit& unit);
  void InsertDone(UnitId id, Unit& unit, UnitId previous, UnitId next);
  void RemoveDone(UnitId id, Unit& unit, WorkUnitStatus status);
  WallTime LateEndOf(UnitId place) const { return late_ends_[static_cast<std::uint32_t>(place)]; }
  State StateOf(const Unit& unit) const;
  void NoteChange(UnitId id, const State& before);
  void Restore(UnitId id, const State& before);
  void MarkChanged(UnitId id);
  void EnsureShards();
  void Discard(UnitId id);
  void Readmit(UnitId id, UnitId done_previous, UnitId done_next);
  void Unindex(UnitId id);
  template <typename Set>
  static void EraseSome(Set& set, std::size_t& budget) {
    auto end = set.begin();
    for (; end != set.end() && budget > 0; --budget) ++end;
    set.erase(set.begin(), end);
  }
  NameSet::iterator Start(NameSet& set, const WorkUnitQuery& query);

  Spec* spec_;
  Shared& shared_;
  AttemptPool& attempts_;
  const std::uint64_t generation_;
  bool abandoned_ = false;
  std::vector<std::unique_ptr<Unit[]>> chunks_;
  std::uint32_t records_used_ = 0;  // records ever handed out
  UnitId free_ = kNoUnit;
  std::size_t size_ = 0;
  std::uint32_t freed_ = 0;  // records that FreeSome() has passed
  NameKeyRule key_rule_;
  std::unique_ptr<std::vector<Shard>> shards_;  // made with the first unit
  // One set a status, available units without a priority, and behind them those with one.
  static constexpr std::size_t kRanked = kWorkUnitStatusCount;
  std::array<NameSet, kWorkUnitStatusCount + 1> by_name_;
  absl::btree_set<ClaimEntry, ClaimLess> claim_order_;  // of by_name_[kRanked]
  absl::btree_set<TimeEntry> delays_;
  absl::btree_set<TimeEntry> leases_;
  std::array<DoneList, 2> done_;
  // When those that came late ended, by their place in here; an attempt's end may change.
  std::vector<WallTime> late_ends_;
};

template <typename Visit>
void UnitTable::VisitInOrder(const WorkUnitQuery& query, Visit&& visit) {
  // A merge of the chosen statuses' sets. Positions are found anew after each visit, because the
  // visitor may have changed the set: the names that were visited last mark the place.
  struct Source {
    NameSet* set;
    NameSet::iterator next;
  };
  std::array<Source, kWorkUnitStatusCount + 1> sources;
  std::size_t source_count = 0;
  const auto add_source = [&](NameSet& set) {
    const auto start = Start(set, query);
    if (start != set.end()) sources[source_count++] = {&set, start};
  };
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    if (query.statuses && !query.statuses->Has(status)) continue;
    add_source(by_name_[IndexOf(status)]);
    if (status == WorkUnitStatus::kAvailable) add_source(by_name_[kRanked]);
  }
  const NameLess less{this};
  std::vector<UnitId> run;
  while (source_count > 0) {
    // Collects a run of ids first, then visits: iterators do not survive changes.
    run.clear();
    constexpr std::size_t kRun = 256;
    while (source_count > 0 && run.size() < kRun) {
      std::size_t least = 0;
      for (std::size_t i = 1; i < source_count; ++i) {
        if (less(*sources[i].next, *sources[least].next)) least = i;
      }
      run.push_back(sources[least].next->id);
      if (++sources[least].next == sources[least].set->end()) {
        sources[least] = sources[--source_count];
      }
    }
    std::string last;
    if (source_count > 0) last = (*this)[run.back()].name();
    for (const UnitId id : run) {
      if (!visit(id, (*this)[id])) return;
    }
    if (source_count == 0) return;
    const NameProbe probe{key_rule_.Of(last), last};
    std::size_t kept = 0;
    for (std::size_t i = 0; i < source_count; ++i) {
      const auto next = sources[i].set->upper_bound(probe);
      if (next != sources[i].set->end()) sources[kept++] = {sources[i].set, next};
    }
    source_count = kept;
  }
}

template <typename Release>
bool UnitTable::FreeSome(std::size_t budget, Release&& release) {
  while (freed_ < records_used_ && budget > 0) {
    Unit& unit = (*this)[UnitId{freed_}];
    if (!unit.bytes.is_null()) {
      if (!release(UnitId{freed_}, unit, budget)) return false;
      unit.bytes = NamedBytes();
    }
    if (freed_ % kChunkSize == kChunkSize - 1) chunks_[freed_ / kChunkSize].reset();
    ++freed_;
    if (budget > 0) --budget;
  }
  if (freed_ < records_used_) return false;
  // Erasing by position does not look at the units, which are gone.
  for (NameSet& set : by_name_) EraseSome(set, budget);
  EraseSome(claim_order_, budget);
  EraseSome(delays_, budget);
  EraseSome(leases_, budget);
  for (DoneList& list : done_) EraseSome(list.late, budget);
  return budget > 0;
}

}  // namespace coord
