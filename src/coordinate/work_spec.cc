// SPDX-License-Identifier: MIT
#include "coordinate/work_spec.h"

#include <utility>

#include "coordinate/attempt_maker.h"
#include "coordinate/core.h"
#include "domain/names.h"
#include "domain/unit_items.h"

namespace coordinate {

// --- Work specs ----------------------------------------------------------------------------------

WorkSpec::WorkSpec(std::shared_ptr<Core> core, std::string name_space, std::string name)
    : core_(std::move(core)), name_space_(std::move(name_space)), name_(std::move(name)) {}

Result<Value> WorkSpec::Definition() const {
  return core_->Call<coord::DataReply>(
      name_space_, coord::GetWorkSpec{name_},
      [](const coord::DataReply& reply) { return DecodeData(reply.data); });
}

Result<void> WorkSpec::SetDefinition(const Value& definition) const {
  coord::Arena arena;
  const auto data = EncodeData(definition, arena);
  if (!data) return data.error();
  return core_->Call<coord::NamesReply>(name_space_, coord::SetWorkSpec{*data, name_},
                                        [](const coord::NamesReply&) {});
}

Result<WorkSpecMeta> WorkSpec::Meta() const {
  return core_->Call<coord::MetaReply>(
      name_space_, coord::GetWorkSpecMeta{name_, /*with_counts=*/true},
      [](const coord::MetaReply& reply) { return ToPublic(reply); });
}

Result<void> WorkSpec::SetMeta(const WorkSpecMetaChange& change) const {
  return core_->Do(name_space_,
                   coord::SetWorkSpecMeta{name_, ToDomain(change), /*strict_continuous=*/true});
}

Result<void> WorkSpec::Delete() const {
  return core_->Do(name_space_, coord::DeleteWorkSpec{name_});
}

Result<void> WorkSpec::AddWorkUnits(const std::vector<NewWorkUnit>& units) const {
  coord::Arena arena;
  const std::span<coord::UnitItem> items = arena.NewArray<coord::UnitItem>(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    const NewWorkUnit& unit = units[i];
    auto checked = coord::CheckWorkUnitName(unit.name);
    if (checked.has_value()) checked = coord::CheckPriority(unit.priority, unit.name);
    if (checked.has_error()) return ToPublic(checked.error());
    const auto data = EncodeData(unit.data, arena);
    if (!data) return data.error();
    items[i] = {unit.name, data->Or(coord::Data::Empty()), unit.priority, coord::kNoTime,
                unit.delay};
  }
  return core_->Do(name_space_, coord::AddWorkUnits{name_, items, /*only_new=*/false});
}

Result<WorkUnit> WorkSpec::AddWorkUnit(const NewWorkUnit& unit) const {
  const auto added = AddWorkUnits({unit});
  if (!added) return added.error();
  return Unit(unit.name);
}

WorkUnit WorkSpec::Unit(const std::string& name) const { return {*this, name}; }

Result<std::vector<WorkUnitInfo>> WorkSpec::WorkUnits(const WorkUnitQuery& query) const {
  coord::Arena arena;
  return core_->Call<coord::UnitsReply>(name_space_,
                                        coord::ListWorkUnits{name_, ToDomain(query, arena)},
                                        [](const coord::UnitsReply& reply) {
                                          std::vector<WorkUnitInfo> units;
                                          units.reserve(reply.units.size());
                                          for (const coord::WorkUnitView& unit : reply.units)
                                            units.push_back(ToPublic(unit));
                                          return units;
                                        });
}

Result<StatusCounts> WorkSpec::CountWorkUnits() const {
  return core_->Call<coord::StatusCountsReply>(
      name_space_, coord::CountWorkUnits{name_}, [](const coord::StatusCountsReply& reply) {
        StatusCounts counts;
        for (const coord::WorkUnitStatus status : coord::kWorkUnitStatuses) {
          const std::uint64_t count = reply.counts[coord::IndexOf(status)];
          if (count > 0) counts[ToPublic(status)] = count;
        }
        return counts;
      });
}

Result<std::uint64_t> WorkSpec::SetPriorities(const WorkUnitQuery& query, double priority) const {
  coord::Arena arena;
  return core_->Count(name_space_, coord::PrioritizeWorkUnits{name_, ToDomain(query, arena),
                                                              priority, /*adjust=*/false});
}

Result<std::uint64_t> WorkSpec::AdjustPriorities(const WorkUnitQuery& query, double by) const {
  coord::Arena arena;
  return core_->Count(name_space_, coord::PrioritizeWorkUnits{name_, ToDomain(query, arena), by,
                                                              /*adjust=*/true});
}

Result<std::uint64_t> WorkSpec::DeleteWorkUnits(const WorkUnitQuery& query) const {
  coord::Arena arena;
  return core_->Count(name_space_, coord::DeleteWorkUnits{name_, ToDomain(query, arena)});
}

Result<std::uint64_t> WorkSpec::RetryWorkUnits(const WorkUnitQuery& query) const {
  coord::Arena arena;
  return core_->Count(name_space_, coord::RetryWorkUnits{name_, ToDomain(query, arena)});
}

// --- Work units ----------------------------------------------------------------------------------

WorkUnit::WorkUnit(WorkSpec spec, std::string name)
    : spec_(std::move(spec)), name_(std::move(name)) {}

Result<WorkUnitInfo> WorkUnit::Info() const {
  const std::string_view name = name_;
  auto found = spec_.core_->Call<coord::UnitsReply>(
      spec_.name_space_, coord::GetWorkUnits{spec_.name_, std::span(&name, 1)},
      [](const coord::UnitsReply& reply) -> std::optional<WorkUnitInfo> {
        if (!reply.units.front().exists) return std::nullopt;
        return ToPublic(reply.units.front());
      });
  if (!found) return found.error();
  if (!*found) return ToPublic(coord::NoSuchWorkUnitError(name_));
  return **std::move(found);
}

Result<void> WorkUnit::SetPriority(double priority) const {
  if (const auto checked = coord::CheckPriority(priority, name_); checked.has_error()) {
    return ToPublic(checked.error());
  }
  return spec_.core_->Do(spec_.name_space_,
                         coord::SetWorkUnitMeta{spec_.name_, name_, priority, {}, false});
}

Result<void> WorkUnit::SetNotBefore(std::optional<Time> time) const {
  return spec_.core_->Do(
      spec_.name_space_,
      coord::SetWorkUnitMeta{spec_.name_, name_, {}, time.value_or(coord::kNoTime), false});
}

Result<void> WorkUnit::ClearActiveAttempt() const {
  return spec_.core_->Do(spec_.name_space_,
                         coord::SetWorkUnitMeta{spec_.name_, name_, {}, {}, true});
}

Result<std::optional<Attempt>> WorkUnit::ActiveAttempt() const {
  const std::string_view name = name_;
  auto found = spec_.core_->Call<coord::UnitsReply>(
      spec_.name_space_, coord::GetWorkUnits{spec_.name_, std::span(&name, 1)},
      [&](const coord::UnitsReply& reply) {
        const auto& active = reply.units.front().active;
        std::optional<Attempt> attempt;
        if (active) attempt = AttemptMaker(spec_.core_, spec_.name_space_).Make(*active);
        return std::pair(reply.units.front().exists, attempt);
      });
  if (!found) return found.error();
  if (!found->first) return ToPublic(coord::NoSuchWorkUnitError(name_));
  return found->second;
}

Result<std::vector<Attempt>> WorkUnit::Attempts() const {
  return spec_.core_->Call<coord::AttemptsReply>(
      spec_.name_space_, coord::ListUnitAttempts{spec_.name_, name_, 0},
      [&](const coord::AttemptsReply& reply) {
        return AttemptMaker(spec_.core_, spec_.name_space_).MakeAll(reply);
      });
}

Result<void> WorkUnit::Delete() const {
  const auto deleted = spec_.DeleteWorkUnits({.names = std::vector<std::string>{name_}});
  if (!deleted) return deleted.error();
  if (*deleted == 0) return ToPublic(coord::NoSuchWorkUnitError(name_));
  return {};
}

}  // namespace coordinate
