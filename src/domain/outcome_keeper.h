// SPDX-License-Identifier: MIT
// Outcomes that outlive the state that they were read from.
#pragma once

#include <deque>

#include "base/arena.h"
#include "domain/outcome.h"

namespace coord {

// Copies outcomes with all that they view, for stores that deliver an outcome later than they
// execute its command. Cost: the bytes that the outcome views.
class OutcomeKeeper {
 public:
  // The copy is valid until Clear().
  Outcome Keep(const Outcome& outcome);

  // Drops all copies.
  void Clear();

 private:
  std::optional<std::string_view> Copy(const std::optional<std::string_view>& text);
  Data Copy(Data data);
  AttemptView Copy(const AttemptView& view);

  Outcome Copy(const Error& error);
  Outcome Copy(const Done& reply);
  Outcome Copy(const CountReply& reply);
  Outcome Copy(const NamesReply& reply);
  Outcome Copy(const DataReply& reply);
  Outcome Copy(const MetaReply& reply);
  Outcome Copy(const SpecsReply& reply);
  Outcome Copy(const StatusCountsReply& reply);
  Outcome Copy(const AttemptsReply& reply);
  Outcome Copy(const UnitsReply& reply);
  Outcome Copy(const UpdatesReply& reply);
  Outcome Copy(const ResultsReply& reply);
  Outcome Copy(const WorkReply& reply);
  Outcome Copy(const WorkersReply& reply);
  Outcome Copy(const ChildUnitsReply& reply);
  Outcome Copy(const SummaryReply& reply);
  Outcome Copy(const LockReply& reply);
  Outcome Copy(const RecordsReply& reply);
  Outcome Copy(const ImportReply& reply);

  template <typename T, typename Fix>
  std::span<const T> CopyEach(std::span<const T> from, Fix fix);
  std::span<const UpdateReply> CopyReplies(std::span<const UpdateReply> replies);

  Arena arena_;
  // What an arena cannot hold.
  std::deque<WorkSpecMeta> metas_;
  std::deque<Error> errors_;
};

}  // namespace coord
