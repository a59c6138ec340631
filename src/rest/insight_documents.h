// SPDX-License-Identifier: MIT
// The documents that show what runs and what is stuck: beyond spec/rest.md, for the dashboard.
#pragma once

#include <string_view>
#include <vector>

#include "domain/explain.h"
#include "domain/failures.h"
#include "domain/outcome.h"
#include "rest/body_writer.h"

namespace coord {

// {"gives_work","reasons": [{"code","weight","text"}],"counts","meta"}
void WriteExplanation(BodyWriter& writer, const ExplainedSpec& spec,
                      const std::vector<Reason>& reasons);

// One failed unit: {"url","name","error","traceback","traceback_cut","worker"?,...}. Of a long
// traceback the end is told. `error` is its FailureLine().
void WriteFailure(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                  const WorkUnitView& unit, std::string_view error, std::string_view traceback);

// {"error","count","example": {"url","name"}}
void WriteFailureGroup(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                       const FailureGroups::Group& group);

// A worker in a list: {"url","name","parent"?,"active","live","mode","last_update","expiration"}
void WriteWorkerState(BodyWriter& writer, std::string_view name_space, const WorkerView& worker);

}  // namespace coord
