// SPDX-License-Identifier: MIT
#include "rest/outcome_shape.h"

#include <type_traits>
#include <variant>

namespace coord {

namespace {

// The place of an alternative among those of Outcome.
template <typename T, std::size_t index = 0>
constexpr std::size_t KindOf() {
  if constexpr (std::is_same_v<std::variant_alternative_t<index, Outcome>, T>) {
    return index;
  } else {
    return KindOf<T, index + 1>();
  }
}

template <typename T>
OutcomeShape Of(std::optional<std::size_t> items = std::nullopt) {
  return {KindOf<T>(), items};
}

// One for each command.
struct Shapes {
  OutcomeShape operator()(const CreateNamespace&) { return Of<Done>(); }
  OutcomeShape operator()(const ListNamespaces&) { return Of<NamesReply>(); }
  OutcomeShape operator()(const DestroyNamespace&) { return Of<Done>(); }
  OutcomeShape operator()(const SetWorkSpec&) { return Of<NamesReply>(1); }
  OutcomeShape operator()(const GetWorkSpec&) { return Of<DataReply>(); }
  OutcomeShape operator()(const GetWorkSpecMeta&) { return Of<MetaReply>(); }
  OutcomeShape operator()(const SetWorkSpecMeta&) { return Of<Done>(); }
  OutcomeShape operator()(const ListWorkSpecs&) { return Of<SpecsReply>(); }
  OutcomeShape operator()(const DeleteWorkSpec&) { return Of<Done>(); }
  OutcomeShape operator()(const ClearWorkSpecs&) { return Of<CountReply>(); }
  OutcomeShape operator()(const AddWorkUnits&) { return Of<Done>(); }
  OutcomeShape operator()(const CountWorkUnits&) { return Of<StatusCountsReply>(); }
  OutcomeShape operator()(const ListWorkUnits&) { return Of<UnitsReply>(); }
  OutcomeShape operator()(const GetWorkUnits& get) { return Of<UnitsReply>(get.names.size()); }
  OutcomeShape operator()(const PrioritizeWorkUnits&) { return Of<CountReply>(); }
  OutcomeShape operator()(const SetWorkUnitMeta&) { return Of<Done>(); }
  OutcomeShape operator()(const DeleteWorkUnits&) { return Of<CountReply>(); }
  OutcomeShape operator()(const RetryWorkUnits&) { return Of<CountReply>(); }
  OutcomeShape operator()(const UpdateWorkUnits& update) {
    return Of<UpdatesReply>(update.updates.size());
  }
  OutcomeShape operator()(const ChangeAttempts& change) {
    return Of<ResultsReply>(change.changes.size());
  }
  OutcomeShape operator()(const ReleaseAttempts&) { return Of<Done>(); }
  OutcomeShape operator()(const MakeAttempt&) { return Of<AttemptsReply>(1); }
  OutcomeShape operator()(const GetAttempt&) { return Of<AttemptsReply>(1); }
  OutcomeShape operator()(const ListUnitAttempts&) { return Of<AttemptsReply>(); }
  OutcomeShape operator()(const ListWorkerAttempts&) { return Of<AttemptsReply>(); }
  OutcomeShape operator()(const RequestWork& request) {
    return Of<WorkReply>(request.updates.size());
  }
  OutcomeShape operator()(const Heartbeat&) { return Of<Done>(); }
  OutcomeShape operator()(const UpdateWorker&) { return Of<Done>(); }
  OutcomeShape operator()(const UnregisterWorker&) { return Of<Done>(); }
  OutcomeShape operator()(const GetWorker& get) {
    return Of<WorkersReply>(get.create ? std::optional<std::size_t>(1) : std::nullopt);
  }
  OutcomeShape operator()(const ListWorkers&) { return Of<WorkersReply>(); }
  OutcomeShape operator()(const GetChildWorkUnits&) { return Of<ChildUnitsReply>(); }
  OutcomeShape operator()(const GetSummary&) { return Of<SummaryReply>(); }
  OutcomeShape operator()(const ApplyRetention&) { return Of<CountReply>(); }
  OutcomeShape operator()(const ChangeLocks& change) { return Of<LockReply>(change.paths.size()); }
  OutcomeShape operator()(const ReadLocks& read) { return Of<LockReply>(read.paths.size()); }
  OutcomeShape operator()(const DropLocks&) { return Of<Done>(); }
  OutcomeShape operator()(const ExportRecords&) { return Of<RecordsReply>(); }
  OutcomeShape operator()(const ImportRecords&) { return Of<ImportReply>(); }
};

// How long the list is that a command says the length of.
struct Lengths {
  std::size_t operator()(const NamesReply& reply) { return reply.names.size(); }
  std::size_t operator()(const UnitsReply& reply) { return reply.units.size(); }
  std::size_t operator()(const UpdatesReply& reply) { return reply.replies.size(); }
  std::size_t operator()(const ResultsReply& reply) { return reply.errors.size(); }
  std::size_t operator()(const AttemptsReply& reply) { return reply.attempts.size(); }
  std::size_t operator()(const WorkReply& reply) { return reply.updates.size(); }
  std::size_t operator()(const WorkersReply& reply) { return reply.workers.size(); }
  std::size_t operator()(const LockReply& reply) {
    return reply.holders.empty() ? reply.held.size() : reply.holders.size();
  }
  template <typename T>
  std::size_t operator()(const T&) {
    return 0;
  }
};

}  // namespace

OutcomeShape ShapeOf(const Command& command) { return std::visit(Shapes(), command); }

bool HasShape(const Outcome& outcome, const OutcomeShape& shape) {
  return outcome.index() == shape.kind &&
         (!shape.items || std::visit(Lengths(), outcome) == *shape.items);
}

}  // namespace coord
