// SPDX-License-Identifier: MIT
// Work specs and work units. See client.h for what holds for all handles.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinate/client.h"

namespace coordinate {

class WorkUnit;

// A family of work units that run the same code.
class WorkSpec {
 public:
  const std::string& name() const { return name_; }

  // As it was given.
  Result<Value> Definition() const;
  // Replaces it. Errors: as Namespace::SetWorkSpec(); kChangedName.
  Result<void> SetDefinition(const Value& definition) const;
  // With the counts.
  Result<WorkSpecMeta> Meta() const;
  // Errors: kInvalid; kCannotBecomeContinuous where the definition does not allow it.
  Result<void> SetMeta(const WorkSpecMetaChange& change) const;
  // Deletes the spec and its units, at one instant.
  Result<void> Delete() const;

  // Adds all of them, or none. One that exists gets the new data and priority, and is available
  // again where it was finished or failed; if it is pending it goes on. Errors: kBadPriority,
  // kInvalid (a name that is too long, data that are no map).
  Result<void> AddWorkUnits(const std::vector<NewWorkUnit>& units) const;
  Result<WorkUnit> AddWorkUnit(const NewWorkUnit& unit) const;
  // A handle, without asking whether there is such a unit.
  WorkUnit Unit(const std::string& name) const;
  // In byte order of the names. For millions, ask page by page: `limit`, and `after` the last one.
  Result<std::vector<WorkUnitInfo>> WorkUnits(const WorkUnitQuery& query = {}) const;
  // One call whatever there is.
  Result<StatusCounts> CountWorkUnits() const;
  // Each returns how many units it concerned.
  Result<std::uint64_t> SetPriorities(const WorkUnitQuery& query, double priority) const;
  Result<std::uint64_t> AdjustPriorities(const WorkUnitQuery& query, double by) const;
  Result<std::uint64_t> DeleteWorkUnits(const WorkUnitQuery& query) const;
  // Makes them available again, whatever their status.
  Result<std::uint64_t> RetryWorkUnits(const WorkUnitQuery& query) const;

 private:
  friend class Attempt;
  friend class AttemptMaker;
  friend class Namespace;
  friend class WorkUnit;
  WorkSpec(std::shared_ptr<Core> core, std::string name_space, std::string name);

  std::shared_ptr<Core> core_;  // as in Client
  std::string name_space_;
  std::string name_;
};

// One thing to be done.
class WorkUnit {
 public:
  const std::string& name() const { return name_; }
  const WorkSpec& spec() const { return spec_; }

  Result<WorkUnitInfo> Info() const;
  Result<void> SetPriority(double priority) const;
  // Not given to anybody before this time; none: now.
  Result<void> SetNotBefore(std::optional<Time> time) const;
  // Makes it available again, whatever its status; its history stays.
  Result<void> ClearActiveAttempt() const;
  // The attempt that is pending, finished or failed, if there is one.
  Result<std::optional<Attempt>> ActiveAttempt() const;
  // Oldest first.
  Result<std::vector<Attempt>> Attempts() const;
  // Deletes it and its attempts.
  Result<void> Delete() const;

 private:
  friend class Attempt;
  friend class WorkSpec;
  WorkUnit(WorkSpec spec, std::string name);

  WorkSpec spec_;
  std::string name_;
};

}  // namespace coordinate
