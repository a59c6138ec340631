// SPDX-License-Identifier: MIT
// Reading everything, page by page.
#include <utility>

#include "domain/export_walk.h"
#include "engine/engine.h"
#include "engine/engine_records.h"

namespace coord {

// The engine's state in the order of the names.
class EngineExport final : public ExportSource {
 public:
  explicit EngineExport(Engine& engine) : engine_(engine) {}

  std::uint64_t CountWorkUnits() override {
    std::uint64_t count = 0;
    for (const auto& [name, name_space] : engine_.namespaces_) {
      for (const auto& [spec_name, spec] : name_space->specs) count += spec->units->size();
    }
    return count;
  }

  After NextNamespace(const After& after) override { return NextName(engine_.namespaces_, after); }

  After NextWorkSpec(std::string_view name_space, const After& after) override {
    const Namespace* const found = Find(name_space);
    return found == nullptr ? std::nullopt : NextName(found->specs, after);
  }

  After AddWorkSpecs(std::string_view name_space, const After& after, ExportPage& page) override {
    const Namespace* const found = Find(name_space);
    After last = after;
    while (found != nullptr) {
      last = NextName(found->specs, last);
      if (!last) break;
      page.Add(RecordOf(*found->FindSpec(*last)));
      if (page.full()) return last;
    }
    return std::nullopt;
  }

  After AddWorkers(std::string_view name_space, const After& after, ExportPage& page) override {
    Namespace* const found = Find(name_space);
    After last;
    if (found == nullptr) return last;
    found->workers.Visit(after, [&](const Worker& worker) {
      page.Add(RecordOf(worker));
      if (page.full()) last = worker.name;
      return !page.full();
    });
    return last;
  }

  After AddLocks(std::string_view name_space, const After& after, ExportPage& page) override {
    const Namespace* const found = Find(name_space);
    After last;
    if (found == nullptr) return last;
    found->locks.VisitAfter(after, [&](std::string path, const LockTree::Lock& lock) {
      if (lock.until > engine_.now_)
        page.Add(LockRecord{name_space, path, lock.locker, lock.until});
      if (page.full()) last = std::move(path);
      return !page.full();
    });
    return last;
  }

  After AddWorkUnits(std::string_view name_space, std::string_view spec_name, const After& after,
                     ExportPage& page) override {
    const Namespace* const found = Find(name_space);
    const Spec* const spec = found == nullptr ? nullptr : found->FindSpec(spec_name);
    After last;
    if (spec == nullptr) return last;
    WorkUnitQuery query;
    if (after) query.after = *after;
    spec->units->VisitInOrder(query, [&](UnitId, const Unit& unit) {
      attempts_.Reset();
      page.Add(RecordOf(unit, *spec, engine_.shared_.attempts, attempts_));
      if (page.full()) last = unit.name();
      return !page.full();
    });
    return last;
  }

 private:
  template <typename Index>
  static After NextName(const Index& index, const After& after) {
    const auto next = after ? index.upper_bound(*after) : index.begin();
    if (next == index.end()) return std::nullopt;
    return next->first;
  }

  Namespace* Find(std::string_view name) const {
    const auto found = engine_.namespaces_.find(name);
    return found == engine_.namespaces_.end() ? nullptr : found->second.get();
  }

  Engine& engine_;
  Arena attempts_;  // of one unit
};

Outcome Engine::Run(Namespace&, const ExportRecords& command) {
  EngineExport source(*this);
  return RunExport(source, command, scratch_);
}

}  // namespace coord
