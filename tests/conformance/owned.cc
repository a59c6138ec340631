// SPDX-License-Identifier: MIT
#include "owned.h"

#include <string_view>

#include "base/check.h"
#include "value/cbor_reader.h"

namespace coord::testing {

namespace {

Value Decode(std::string_view cbor) {
  Result<Value> value = DecodeCbor(cbor, 256);
  COORD_CHECK(value.has_value());
  return *value;
}

std::optional<std::string> Own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

OwnedAttempt Own(const AttemptView& view) {
  return {view.id,
          std::string(view.spec),
          std::string(view.unit),
          std::string(view.worker),
          view.status,
          view.start,
          view.expiration,
          view.end,
          DecodeData(view.data)};
}

OwnedUnit Own(const WorkUnitView& view) {
  OwnedUnit unit{std::string(view.name), view.exists,           view.status, view.priority,
                 view.not_before,        DecodeData(view.data), std::nullopt};
  if (view.active) unit.active = Own(*view.active);
  return unit;
}

OwnedUpdate Own(const UpdateReply& reply) { return {reply.ok, std::string(reply.message)}; }

OwnedGrant Own(const GrantedUnit& unit) {
  return {std::string(unit.name), DecodeData(unit.data), unit.attempt, unit.start, unit.expiration};
}

OwnedWorker Own(const WorkerView& view) {
  OwnedWorker worker{.name = std::string(view.name),
                     .parent = Own(view.parent),
                     .data = DecodeData(view.data),
                     .mode = Decode(view.mode),
                     .active = view.active,
                     .shown = view.shown,
                     .last_update = view.last_update,
                     .last_heartbeat = view.last_heartbeat,
                     .expiration = view.expiration,
                     .children = {}};
  for (const std::string_view child : view.children) worker.children.emplace_back(child);
  return worker;
}

OwnedRecord Own(const SummaryReply::Record& record) {
  return {std::string(record.name_space), std::string(record.spec), record.status, record.count};
}

template <typename T>
auto OwnAll(std::span<const T> items) {
  std::vector<decltype(Own(items.front()))> all;
  all.reserve(items.size());
  for (const T& item : items) all.push_back(Own(item));
  return all;
}

struct Owner {
  OwnedOutcome operator()(const Error& error) const { return error; }
  OwnedOutcome operator()(const Done& done) const { return done; }
  OwnedOutcome operator()(const CountReply& reply) const { return reply; }
  OwnedOutcome operator()(const StatusCountsReply& reply) const { return reply; }
  OwnedOutcome operator()(const NamesReply& reply) const {
    return OwnedNames(reply.names.begin(), reply.names.end());
  }
  OwnedOutcome operator()(const DataReply& reply) const { return DecodeData(reply.data); }
  OwnedOutcome operator()(const MetaReply& reply) const {
    return OwnedMeta{*reply.meta, reply.has_counts, reply.available, reply.pending};
  }
  OwnedOutcome operator()(const SpecsReply& reply) const {
    OwnedSpecs specs;
    for (const SpecsReply::Spec& spec : reply.specs) {
      specs.names.emplace_back(spec.name);
      specs.definitions.push_back(DecodeData(spec.definition));
    }
    specs.next = Own(reply.next);
    return specs;
  }
  OwnedOutcome operator()(const AttemptsReply& reply) const { return OwnAll(reply.attempts); }
  OwnedOutcome operator()(const UnitsReply& reply) const { return OwnAll(reply.units); }
  OwnedOutcome operator()(const UpdatesReply& reply) const { return OwnAll(reply.replies); }
  OwnedOutcome operator()(const WorkersReply& reply) const { return OwnAll(reply.workers); }
  OwnedOutcome operator()(const SummaryReply& reply) const { return OwnAll(reply.records); }
  OwnedOutcome operator()(const ResultsReply& reply) const {
    OwnedResults results;
    for (const Error* const error : reply.errors) {
      results.push_back(error == nullptr ? std::nullopt : std::optional<Error>(*error));
    }
    return results;
  }
  OwnedOutcome operator()(const WorkReply& reply) const {
    return OwnedWork{reply.units.empty() ? std::string() : std::string(reply.spec),
                     OwnAll(reply.units), OwnAll(reply.updates)};
  }
  OwnedOutcome operator()(const ChildUnitsReply& reply) const {
    OwnedChildUnits all;
    for (const ChildUnitsReply::Child& child : reply.children) {
      all.children.emplace_back(child.worker);
      for (const ChildUnitsReply::Unit& unit : child.units) {
        all.units.push_back({std::string(child.worker), std::string(unit.spec),
                             std::string(unit.unit), DecodeData(unit.data), Own(unit.worker),
                             unit.expiration});
      }
    }
    return all;
  }
  OwnedOutcome operator()(const ImportReply& reply) const { return reply; }
  OwnedOutcome operator()(const RecordsReply& reply) const {
    OwnedPage page{{}, Own(reply.cursor), reply.work_units};
    for (std::string_view rest = reply.records; !rest.empty();) {
      page.records.emplace_back(TakeCborItem(rest));
      COORD_CHECK(!page.records.back().empty());
    }
    COORD_CHECK(page.records.size() == reply.count);
    return page;
  }
  OwnedOutcome operator()(const LockReply& reply) const {
    OwnedLocks locks;
    locks.held.assign(reply.held.begin(), reply.held.end());
    for (const auto& holder : reply.holders) locks.holders.push_back(Own(holder));
    return locks;
  }
};

}  // namespace

Value DecodeData(Data data) { return data.is_null() ? Value() : Decode(data.cbor()); }

OwnedOutcome Own(const Outcome& outcome) { return std::visit(Owner(), outcome); }

}  // namespace coord::testing
