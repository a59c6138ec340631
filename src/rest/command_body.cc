// SPDX-License-Identifier: MIT
#include "rest/command_body.h"

#include <algorithm>
#include <utility>

#include "domain/unit_items.h"
#include "rest/body_reader.h"
#include "rest/command_fields.h"
#include "rest/field_writer.h"
#include "rest/outcome_fields.h"

namespace coord {

namespace {

// More units than this nobody gets by one request.
constexpr std::uint64_t kUnitsMax = 100'000;

// A map of the name under `key` and the fields of the alternative.
template <typename Variant>
void WriteAlternative(const Variant& variant, std::string_view key, std::string_view name,
                      std::string& out) {
  CborWriter cbor(out);
  FieldWriter fields(out);
  std::visit(
      [&](const auto& alternative) {
        if constexpr (HasFieldList<std::remove_cvref_t<decltype(alternative)>>) {
          cbor.MapHead(1 + FieldWriter::CountFields(alternative));
          cbor.Text(key);
          cbor.Text(name);
          fields.Fields(alternative);
        }
      },
      variant);
}

// The alternative that has this number, with all its fields at their defaults.
template <typename Variant, std::size_t... indexes>
Variant MakeAlternative(std::size_t index, std::index_sequence<indexes...>) {
  Variant variant;
  static_cast<void>((
      (index == indexes && (static_cast<void>(variant.template emplace<indexes>()), true)) || ...));
  return variant;
}

// Makes `to` the alternative that the item names under `key`, filled in.
template <typename Variant, typename Names>
Result<void> ReadAlternative(std::string_view item, std::string_view key, const Names& names,
                             Arena& arena, FieldReader& fields, Variant& to) {
  const auto name = CborAsString(FindField(item, key), arena);
  for (std::size_t i = 0; name && i < names.size(); ++i) {
    if (names[i] != *name) continue;
    to = MakeAlternative<Variant>(i, std::make_index_sequence<std::variant_size_v<Variant>>());
    return std::visit(
        [&](auto& alternative) -> Result<void> {
          if constexpr (HasFieldList<std::remove_cvref_t<decltype(alternative)>>) {
            return fields.ReadMap(item, key, alternative);
          } else {
            return MustBeError(key, "another one");
          }
        },
        to);
  }
  return MustBeError(key, "one of those that there are");
}

// What the fields by themselves do not say.
Result<void> CheckCommand(const Command& command) {
  if (const auto* add = std::get_if<AddWorkUnits>(&command)) {
    for (const UnitItem& item : add->items) {
      if (item.priority) COORD_TRY_VOID(CheckPriority(*item.priority, item.name));
    }
  }
  if (const auto* set = std::get_if<SetWorkUnitMeta>(&command)) {
    if (set->priority) COORD_TRY_VOID(CheckPriority(*set->priority, set->unit));
  }
  return {};
}

// What stands for what is missing.
void SetDefaults(Command& command) {
  if (auto* request = std::get_if<RequestWork>(&command)) {
    request->count = std::clamp(request->count, std::uint64_t{1}, kUnitsMax);
  }
  if (auto* beat = std::get_if<Heartbeat>(&command)) {
    if (beat->mode.empty()) beat->mode = kEmptyCborText;
  }
}

}  // namespace

void WriteCommand(const Command& command, std::string& out) {
  WriteAlternative(command, "command", kCommandNames[command.index()], out);
}

Result<Command> ReadCommand(std::string_view item, Arena& arena) {
  FieldReader fields(arena);
  Command command;
  COORD_TRY_VOID(ReadAlternative(item, "command", kCommandNames, arena, fields, command));
  COORD_TRY_VOID(CheckCommand(command));
  SetDefaults(command);
  return command;
}

void WriteOutcome(const Outcome& outcome, std::string& out) {
  WriteAlternative(outcome, "outcome", kOutcomeNames[outcome.index()], out);
}

Outcome OutcomeReader::Read(std::string_view item) {
  Outcome outcome;
  const auto read = ReadAlternative(item, "outcome", kOutcomeNames, arena_, fields_, outcome);
  if (read.has_error()) {
    return Error{ErrorCode::kCorrupt, "an answer that is no outcome: " + read.error().detail, {}};
  }
  const auto* meta = std::get_if<MetaReply>(&outcome);
  if (meta != nullptr && meta->meta == nullptr) {
    return Error{ErrorCode::kCorrupt, "an answer without its meta", {}};
  }
  return outcome;
}

}  // namespace coord
