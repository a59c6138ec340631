// SPDX-License-Identifier: MIT
#include "http/explain_inquiry.h"

#include <algorithm>
#include <utility>

#include "http/operation.h"
#include "rest/insight_documents.h"

namespace coord {

namespace {

constexpr std::uint64_t kSpecsMax = 1000;
constexpr std::uint64_t kWorkersMax = 1000;

ListWorkUnits UnitsOf(std::string_view spec, WorkUnitStatus status, std::uint64_t limit) {
  ListWorkUnits command{spec, {}};
  command.query.statuses = status;
  command.query.limit = limit;
  return command;
}

}  // namespace

ExplainInquiry::ExplainInquiry(std::string_view spec) {
  input_.name = spec;
  input_.specs.push_back({input_.name, {}, {}});
}

std::vector<Inquiry::Question> ExplainInquiry::NextStep(Arena&) {
  switch (step_) {
    case Step::kSpecs:
      step_ = Step::kDetails;
      return AskSpecs();
    case Step::kDetails:
      step_ = Step::kDone;
      return AskDetails();
    case Step::kTries:
      step_ = Step::kDone;
      return AskTries();
    case Step::kDone:
      break;
  }
  return {};
}

std::vector<Inquiry::Question> ExplainInquiry::AskSpecs() {
  std::vector<Question> questions;
  questions.push_back({GetWorkSpecMeta{input_.name}, [this](const Outcome& outcome) {
                         if (const auto* error = std::get_if<Error>(&outcome)) error_ = *error;
                       }});
  ListWorkSpecs list;
  list.limit = kSpecsMax;
  questions.push_back({list, [this](const Outcome& outcome) {
                         if (const auto* specs = std::get_if<SpecsReply>(&outcome)) {
                           AddSpecs(*specs);
                         } else if (const auto* error = std::get_if<Error>(&outcome)) {
                           error_ = *error;
                         }
                       }});
  return questions;
}

void ExplainInquiry::AddSpecs(const SpecsReply& reply) {
  for (const SpecsReply::Spec& other : reply.specs) {
    if (other.name != input_.name) input_.specs.push_back({std::string(other.name), {}, {}});
  }
  input_.more_specs = reply.next.has_value();
}

// One that was deleted since has neither meta nor counts, and so is no candidate.
void ExplainInquiry::AskOf(ExplainedSpec& spec, std::vector<Question>& questions) {
  questions.push_back({GetWorkSpecMeta{spec.name}, [&spec](const Outcome& outcome) {
                         if (const auto* reply = std::get_if<MetaReply>(&outcome)) {
                           spec.meta = *reply->meta;
                         }
                       }});
  questions.push_back({CountWorkUnits{spec.name}, [&spec](const Outcome& outcome) {
                         if (const auto* reply = std::get_if<StatusCountsReply>(&outcome)) {
                           spec.counts = reply->counts;
                         }
                       }});
}

std::vector<Inquiry::Question> ExplainInquiry::AskDetails() {
  std::vector<Question> questions;
  ListWorkers workers;
  workers.shown_only = true;
  workers.limit = kWorkersMax;
  // Behind the spec's own meta, whose runtime is looked for.
  for (ExplainedSpec& one : input_.specs) AskOf(one, questions);
  questions.push_back({workers, [this](const Outcome& outcome) {
                         if (const auto* reply = std::get_if<WorkersReply>(&outcome)) {
                           AddWorkers(*reply);
                         }
                       }});
  questions.push_back({UnitsOf(input_.name, WorkUnitStatus::kDelayed, kDelayedSeenMax),
                       [this](const Outcome& outcome) {
                         if (const auto* reply = std::get_if<UnitsReply>(&outcome)) {
                           AddDelayed(*reply);
                         }
                       }});
  questions.push_back({UnitsOf(input_.name, WorkUnitStatus::kAvailable, kTriesSeenMax),
                       [this](const Outcome& outcome) {
                         const auto* reply = std::get_if<UnitsReply>(&outcome);
                         if (reply == nullptr || spec().meta.max_retries == 0) return;
                         for (const WorkUnitView& unit : reply->units) {
                           available_.emplace_back(unit.name);
                         }
                         if (!available_.empty()) step_ = Step::kTries;
                       }});
  return questions;
}

void ExplainInquiry::AddWorkers(const WorkersReply& reply) {
  input_.live_workers = reply.workers.size();
  const std::string& runtime = spec().meta.runtime;
  input_.runtime_named =
      !runtime.empty() &&
      std::any_of(reply.workers.begin(), reply.workers.end(),
                  [&](const WorkerView& worker) { return NamesRuntime(worker.data, runtime); });
}

void ExplainInquiry::AddDelayed(const UnitsReply& reply) {
  input_.delayed_seen = reply.units.size();
  for (const WorkUnitView& unit : reply.units) {
    input_.first_not_before =
        std::min(input_.first_not_before.value_or(unit.not_before), unit.not_before);
  }
}

std::vector<Inquiry::Question> ExplainInquiry::AskTries() {
  std::vector<Question> questions;
  const std::uint64_t max_retries = spec().meta.max_retries;
  for (const std::string& unit : available_) {
    questions.push_back({ListUnitAttempts{input_.name, unit, max_retries},
                         [this, max_retries](const Outcome& outcome) {
                           const auto* reply = std::get_if<AttemptsReply>(&outcome);
                           if (reply == nullptr) return;
                           ++input_.tries_seen;
                           if (reply->attempts.size() >= max_retries) ++input_.out_of_tries;
                         }});
  }
  return questions;
}

void ExplainInquiry::Write(const PathNames&, const HttpFacts& facts, Response& response) {
  if (error_) return response.Failure(*error_);
  input_.now = facts.clock->Now();
  WriteExplanation(response.Document(200), spec(), Explain(input_));
}

}  // namespace coord
