// SPDX-License-Identifier: MIT
// Work specs: definitions and meta.
#include "stores/postgres/executor.h"

namespace coord {

Outcome Executor::Run(NamespaceImage& name_space, const SetWorkSpec& command) {
  if (command.replaces && name_space.FindSpec(*command.replaces) == nullptr) {
    return NoSuchWorkSpecError(*command.replaces);
  }
  auto parsed = ParseDefinition(command.definition);
  if (parsed.has_error()) return parsed.error();
  if (command.replaces && *command.replaces != parsed->name) {
    return Error{ErrorCode::kChangedName,
                 "the definition's name is '" + parsed->name + "', not '" +
                     std::string(*command.replaces) + "'",
                 std::string(*command.replaces)};
  }
  SpecImage* spec = name_space.FindSpec(parsed->name);
  if (spec == nullptr) {
    spec = &catalog_.MakeSpec(name_space, parsed->name, command.definition.cbor(), *parsed);
  } else if (catalog_.Lock(*spec)) {
    parsed->meta.next_continuous = spec->meta.next_continuous;
    spec->meta = std::move(parsed->meta);
    spec->retention = parsed->retention;
    spec->definition = command.definition.cbor();
    catalog_.Write(*spec);
  } else {
    transaction_.NoteConflict();
  }
  spec->changed = true;
  const auto names = scratch_.NewArray<std::string_view>(1);
  names[0] = spec->name;
  return NamesReply{names};
}

Outcome Executor::Run(NamespaceImage& name_space, const GetWorkSpec& command) {
  const SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  return DataReply{Data::FromStored(spec->definition)};
}

Outcome Executor::Run(NamespaceImage& name_space, const GetWorkSpecMeta& command) {
  const SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  MetaReply reply;
  reply.meta = &spec->meta;
  reply.has_counts = command.with_counts;
  if (command.with_counts) {
    reply.available = spec->Load().available;
    reply.pending = spec->Load().pending;
  }
  return reply;
}

Outcome Executor::Run(NamespaceImage& name_space, const SetWorkSpecMeta& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr || !catalog_.Lock(*spec)) return NoSuchWorkSpecError(command.spec);
  const auto applied = ApplyMetaChange(command.change, command.strict_continuous, spec->meta);
  if (applied.has_error()) return applied.error();
  catalog_.Write(*spec);
  spec->changed = true;
  return Done{};
}

Outcome Executor::Run(NamespaceImage& name_space, const ListWorkSpecs& command) {
  std::vector<SpecsReply::Spec> specs;
  SpecsReply reply;
  for (auto position = name_space.specs.lower_bound(command.from);
       position != name_space.specs.end(); ++position) {
    const SpecImage& spec = *position->second;
    if (command.limit > 0 && specs.size() == command.limit) {
      reply.next = spec.name;
      break;
    }
    specs.push_back({spec.name, Data::FromStored(spec.definition)});
  }
  reply.specs = scratch_.CopyArray(std::span<const SpecsReply::Spec>(specs));
  return reply;
}

void Executor::DropSpec(NamespaceImage& name_space, SpecImage& spec) {
  units_.Forget(spec);
  catalog_.DropSpec(name_space, spec);
}

Outcome Executor::Run(NamespaceImage& name_space, const DeleteWorkSpec& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  DropSpec(name_space, *spec);
  return Done{};
}

Outcome Executor::Run(NamespaceImage& name_space, const ClearWorkSpecs&) {
  const std::uint64_t count = name_space.specs.size();
  while (!name_space.specs.empty()) DropSpec(name_space, *name_space.specs.begin()->second);
  return CountReply{count};
}

}  // namespace coord
