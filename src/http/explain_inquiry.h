// SPDX-License-Identifier: MIT
// Why a work spec gives work or not: asks the store for what domain/explain.h needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/explain.h"
#include "http/inquiry.h"

namespace coord {

// Cost: two commands for each spec of the namespace, up to 1,000 of them, and one page each of
// delayed units, available units and workers, whatever their number.
class ExplainInquiry final : public Inquiry {
 public:
  explicit ExplainInquiry(std::string_view spec);

  bool done() const override { return error_.has_value() || step_ == Step::kDone; }
  void Write(const PathNames& names, const HttpFacts& facts, Response& response) override;

 private:
  enum class Step : std::uint8_t { kSpecs, kDetails, kTries, kDone };

  std::vector<Question> NextStep(Arena& arena) override;
  std::vector<Question> AskSpecs();
  std::vector<Question> AskDetails();
  std::vector<Question> AskTries();
  void AskOf(ExplainedSpec& spec, std::vector<Question>& questions);
  void AddSpecs(const SpecsReply& reply);
  void AddWorkers(const WorkersReply& reply);
  void AddDelayed(const UnitsReply& reply);
  ExplainedSpec& spec() { return input_.specs.front(); }

  ExplainInput input_;  // the spec in question comes first
  std::vector<std::string> available_;
  std::optional<Error> error_;
  Step step_ = Step::kSpecs;
};

}  // namespace coord
