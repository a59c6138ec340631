// SPDX-License-Identifier: MIT
#include "domain/command.h"

namespace coord {

bool MayBeLong(const Command& command) {
  return std::visit(
      [](const auto& alternative) {
        if constexpr (requires { alternative.may_be_long; }) {
          return alternative.may_be_long;
        } else {
          return false;
        }
      },
      command);
}

bool IsOfAllNamespaces(const Command& command) {
  const auto* summary = std::get_if<GetSummary>(&command);
  return std::holds_alternative<ListNamespaces>(command) ||
         std::holds_alternative<ExportRecords>(command) ||
         std::holds_alternative<ImportRecords>(command) ||
         (summary != nullptr && summary->all_namespaces);
}

bool IsRepeatable(const Command& command) {
  return std::visit(
      [](const auto& alternative) {
        return kIsOneOf<std::remove_cvref_t<decltype(alternative)>, ListNamespaces, GetWorkSpec,
                        GetWorkSpecMeta, ListWorkSpecs, CountWorkUnits, ListWorkUnits, GetWorkUnits,
                        GetAttempt, ListUnitAttempts, ListWorkerAttempts, GetWorker, ListWorkers,
                        GetChildWorkUnits, GetSummary, ReadLocks, ExportRecords>;
      },
      command);
}

}  // namespace coord
