// SPDX-License-Identifier: MIT
#include "domain/outcome_keeper.h"

namespace coord {

Outcome OutcomeKeeper::Keep(const Outcome& outcome) {
  return std::visit([this](const auto& reply) { return Copy(reply); }, outcome);
}

void OutcomeKeeper::Clear() {
  arena_.Reset();
  metas_.clear();
  errors_.clear();
}

std::optional<std::string_view> OutcomeKeeper::Copy(const std::optional<std::string_view>& text) {
  if (!text) return std::nullopt;
  return arena_.Copy(*text);
}

Data OutcomeKeeper::Copy(Data data) {
  return data.is_null() ? data : Data::FromStored(arena_.Copy(data.cbor()));
}

AttemptView OutcomeKeeper::Copy(const AttemptView& view) {
  AttemptView copy = view;
  copy.spec = arena_.Copy(view.spec);
  copy.unit = arena_.Copy(view.unit);
  copy.worker = arena_.Copy(view.worker);
  copy.data = Copy(view.data);
  return copy;
}

// Copies the elements, and has `fix` replace what each of them views.
template <typename T, typename Fix>
std::span<const T> OutcomeKeeper::CopyEach(std::span<const T> from, Fix fix) {
  const std::span<T> to = arena_.CopyArray(from);
  for (T& element : to) fix(element);
  return to;
}

std::span<const UpdateReply> OutcomeKeeper::CopyReplies(std::span<const UpdateReply> replies) {
  return CopyEach(replies, [this](UpdateReply& each) { each.message = arena_.Copy(each.message); });
}

Outcome OutcomeKeeper::Copy(const Error& error) { return error; }
Outcome OutcomeKeeper::Copy(const Done& reply) { return reply; }
Outcome OutcomeKeeper::Copy(const CountReply& reply) { return reply; }
Outcome OutcomeKeeper::Copy(const StatusCountsReply& reply) { return reply; }
Outcome OutcomeKeeper::Copy(const ImportReply& reply) { return reply; }

Outcome OutcomeKeeper::Copy(const NamesReply& reply) {
  return NamesReply{
      CopyEach(reply.names, [this](std::string_view& each) { each = arena_.Copy(each); })};
}

Outcome OutcomeKeeper::Copy(const DataReply& reply) { return DataReply{Copy(reply.data)}; }

Outcome OutcomeKeeper::Copy(const MetaReply& reply) {
  MetaReply copy = reply;
  copy.meta = &metas_.emplace_back(*reply.meta);
  return copy;
}

Outcome OutcomeKeeper::Copy(const SpecsReply& reply) {
  SpecsReply copy;
  copy.next = Copy(reply.next);
  copy.specs = CopyEach(reply.specs, [this](SpecsReply::Spec& each) {
    each.name = arena_.Copy(each.name);
    each.definition = Copy(each.definition);
  });
  return copy;
}

Outcome OutcomeKeeper::Copy(const AttemptsReply& reply) {
  return AttemptsReply{CopyEach(reply.attempts, [this](AttemptView& each) { each = Copy(each); })};
}

Outcome OutcomeKeeper::Copy(const UnitsReply& reply) {
  return UnitsReply{CopyEach(reply.units, [this](WorkUnitView& each) {
    each.name = arena_.Copy(each.name);
    each.data = Copy(each.data);
    if (each.active) each.active = Copy(*each.active);
  })};
}

Outcome OutcomeKeeper::Copy(const UpdatesReply& reply) {
  return UpdatesReply{CopyReplies(reply.replies)};
}

Outcome OutcomeKeeper::Copy(const ResultsReply& reply) {
  return ResultsReply{CopyEach(reply.errors, [this](const Error*& each) {
    if (each != nullptr) each = &errors_.emplace_back(*each);
  })};
}

Outcome OutcomeKeeper::Copy(const WorkReply& reply) {
  WorkReply copy;
  copy.spec = arena_.Copy(reply.spec);
  copy.units = CopyEach(reply.units, [this](GrantedUnit& each) {
    each.name = arena_.Copy(each.name);
    each.data = Copy(each.data);
  });
  copy.updates = CopyReplies(reply.updates);
  return copy;
}

Outcome OutcomeKeeper::Copy(const WorkersReply& reply) {
  return WorkersReply{CopyEach(reply.workers, [this](WorkerView& each) {
    each.name = arena_.Copy(each.name);
    each.parent = Copy(each.parent);
    each.data = Copy(each.data);
    each.mode = arena_.Copy(each.mode);
    each.children =
        CopyEach(each.children, [this](std::string_view& child) { child = arena_.Copy(child); });
  })};
}

Outcome OutcomeKeeper::Copy(const ChildUnitsReply& reply) {
  return ChildUnitsReply{CopyEach(reply.children, [this](ChildUnitsReply::Child& child) {
    child.worker = arena_.Copy(child.worker);
    child.units = CopyEach(child.units, [this](ChildUnitsReply::Unit& each) {
      each.spec = arena_.Copy(each.spec);
      each.unit = arena_.Copy(each.unit);
      each.data = Copy(each.data);
      each.worker = Copy(each.worker);
    });
  })};
}

Outcome OutcomeKeeper::Copy(const SummaryReply& reply) {
  return SummaryReply{CopyEach(reply.records, [this](SummaryReply::Record& each) {
    each.name_space = arena_.Copy(each.name_space);
    each.spec = arena_.Copy(each.spec);
  })};
}

Outcome OutcomeKeeper::Copy(const LockReply& reply) {
  return LockReply{arena_.CopyArray(reply.held),
                   CopyEach(reply.holders,
                            [this](std::optional<std::string_view>& each) { each = Copy(each); })};
}

Outcome OutcomeKeeper::Copy(const RecordsReply& reply) {
  RecordsReply copy = reply;
  copy.records = arena_.Copy(reply.records);
  copy.cursor = Copy(reply.cursor);
  return copy;
}

}  // namespace coord
