// SPDX-License-Identifier: MIT
#include "stores/postgres/executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "domain/names.h"

namespace coord {

namespace {

// Whether it must not be executed before a request for work that the same client sent earlier was
// served. Further requests are served in order anyway. In those that may wait the Dispatcher takes
// the place of the sink, so that many clients seem to be one.
bool MustFollow(const Submission& submission) {
  const auto* request = std::get_if<RequestWork>(&submission.command);
  return request == nullptr || (!request->updates.empty() && submission.wait <= Duration(0));
}

}  // namespace

// --- A batch -------------------------------------------------------------------------------------

void Executor::Run(std::span<const Submission> submissions, const OnOutcome& on_outcome,
                   const OnLong& on_long) {
  Prefetch(submissions);
  // Requests for work are put off to the end, so that all get their units by few statements; but
  // not behind a command that the same client sent later.
  std::set<const OutcomeSink*> put_off;
  for (std::size_t place = 0; place < submissions.size() && !transaction_.failed(); ++place) {
    const Submission& submission = submissions[place];
    if (MustFollow(submission) && put_off.contains(submission.sink)) {
      Claim(on_outcome);
      put_off.clear();
    }
    scratch_.Reset();
    held_.clear();
    failures_.clear();
    if (const auto checked = CheckName(submission.name_space, "namespace"); checked.has_error()) {
      on_outcome(place, Outcome(checked.error()));
      continue;
    }
    if (const auto* request = std::get_if<RequestWork>(&submission.command)) {
      Request(catalog_.NamespaceOf(submission.name_space), *request, place, on_outcome);
      put_off.insert(submission.sink);
      continue;
    }
    bool unfinished = false;
    const Outcome outcome = Execute(submission, place, unfinished, on_long);
    if (!unfinished) on_outcome(place, outcome);
  }
  Claim(on_outcome);
}

Outcome Executor::Execute(const Submission& submission, std::size_t place, bool& unfinished,
                          const OnLong& on_long) {
  // Asking about all of them makes none.
  NamespaceImage nowhere;
  NamespaceImage& name_space =
      IsOfAllNamespaces(submission.command) ? nowhere : catalog_.NamespaceOf(submission.name_space);
  return std::visit(
      [&](const auto& command) -> Outcome {
        using Type = std::decay_t<decltype(command)>;
        if constexpr (requires { command.may_be_long; }) {
          return Start(name_space, submission, place, unfinished, on_long);
        } else if constexpr (std::is_same_v<Type, RequestWork>) {
          return Done{};  // put off by Run()
        } else {
          return Run(name_space, command);
        }
      },
      submission.command);
}

void Executor::AddChanges(std::vector<PgStatement>& statements) {
  units_.AddChanges(statements);
  workers_.AddChanges(statements);
  state_.due.NoteWorkers(workers_.earliest_due());
  catalog_.AddCounts(statements);
}

void Executor::Flush() {
  std::vector<PgStatement> statements;
  AddChanges(statements);
  transaction_.Defer(std::move(statements));
}

// --- What will be needed -------------------------------------------------------------------------

void Executor::PrefetchUpdates(NamespaceImage& name_space, std::span<const WorkUnitUpdate> updates,
                               std::vector<UnitKey>& keys) {
  for (const WorkUnitUpdate& update : updates) {
    SpecImage* const spec = name_space.FindSpec(update.spec);
    if (spec == nullptr || !update.defect.empty()) continue;
    const UpdateDecision if_pending = DecideUpdate(WorkUnitStatus::kPending, update.request);
    const bool with_row =
        if_pending.action == UpdateAction::kApply && Units::NeedsRow(*spec, if_pending.event);
    keys.push_back({spec, update.unit, with_row});
    if (spec->meta.next_work_spec_name.empty() || update.data.is_null()) continue;
    SpecImage* const next = name_space.FindSpec(spec->meta.next_work_spec_name);
    if (next == nullptr) continue;
    for (const UnitItem& item : ParseOutput(update.data, scratch_))
      keys.push_back({next, item.name});
  }
}

void Executor::Prefetch(std::span<const Submission> submissions) {
  std::vector<std::string_view> names;
  for (const Submission& submission : submissions) names.push_back(submission.name_space);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase_if(names, [](std::string_view name) { return CheckName(name, "").has_error(); });
  catalog_.Load(names);
  std::vector<UnitKey> keys;
  std::map<PgId, std::vector<std::string_view>> workers;
  scratch_.Reset();
  for (const Submission& submission : submissions) {
    const auto found = catalog_.namespaces().find(submission.name_space);
    if (found == catalog_.namespaces().end()) continue;
    NamespaceImage& name_space = *found->second;
    if (const auto* request = std::get_if<RequestWork>(&submission.command)) {
      workers[name_space.id].push_back(request->worker);
      PrefetchUpdates(name_space, request->updates, keys);
    } else if (const auto* update = std::get_if<UpdateWorkUnits>(&submission.command)) {
      PrefetchUpdates(name_space, update->updates, keys);
    } else if (const auto* change = std::get_if<ChangeAttempts>(&submission.command)) {
      for (const AttemptChange& one : change->changes) {
        if (SpecImage* spec = name_space.FindSpec(one.key.spec)) {
          keys.push_back({spec, one.key.unit, Units::NeedsRow(*spec, one.event)});
        }
      }
    } else if (const auto* beat = std::get_if<Heartbeat>(&submission.command)) {
      workers[name_space.id].push_back(beat->worker);
      if (beat->parent) workers[name_space.id].push_back(*beat->parent);
    }
  }
  for (const auto& [name_space, wanted] : workers) workers_.Prefetch(name_space, wanted);
  units_.Load(keys);
  transaction_.RunDeferred();
}

// --- Namespaces and summaries --------------------------------------------------------------------

Outcome Executor::Run(NamespaceImage&, const CreateNamespace&) { return Done{}; }

Outcome Executor::Run(NamespaceImage&, const ListNamespaces&) {
  catalog_.LoadAll();
  const auto names = scratch_.NewArray<std::string_view>(catalog_.namespaces().size());
  std::size_t i = 0;
  for (const auto& [name, name_space] : catalog_.namespaces()) names[i++] = name;
  return NamesReply{names};
}

Outcome Executor::Run(NamespaceImage& name_space, const DestroyNamespace&) {
  workers_.Flush();
  workers_.Forget(name_space.id);
  while (!name_space.specs.empty()) DropSpec(name_space, *name_space.specs.begin()->second);
  catalog_.DropNamespace(name_space);
  return Done{};
}

Outcome Executor::Run(NamespaceImage& name_space, const GetSummary& command) {
  std::vector<SummaryReply::Record> records;
  const auto add = [&](const SpecImage& spec) {
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      const std::uint64_t count = spec.counts[IndexOf(status)] + spec.removed[IndexOf(status)];
      if (count > 0) records.push_back({spec.name_space_name, spec.name, status, count});
    }
  };
  if (command.spec) {
    const SpecImage* const spec = name_space.FindSpec(*command.spec);
    if (spec == nullptr) return NoSuchWorkSpecError(*command.spec);
    add(*spec);
  } else if (command.all_namespaces) {
    catalog_.LoadAll();
    for (const auto& [name, other] : catalog_.namespaces()) {
      for (const auto& [spec_name, spec] : other->specs) add(*spec);
    }
  } else {
    for (const auto& [spec_name, spec] : name_space.specs) add(*spec);
  }
  return SummaryReply{scratch_.CopyArray(std::span<const SummaryReply::Record>(records))};
}

}  // namespace coord
