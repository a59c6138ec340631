// SPDX-License-Identifier: MIT
// Work specs: definitions and meta.
#include "engine/engine.h"

namespace coord {

Outcome Engine::Run(Namespace& name_space, const SetWorkSpec& command) {
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
  Spec* found = name_space.FindSpec(parsed->name);
  if (found == nullptr) {
    found = &MakeSpec(name_space, parsed->name);
  } else {
    NoteDefinition(*found);
  }
  Spec& spec = *found;
  parsed->meta.next_continuous = spec.meta.next_continuous;
  spec.meta = std::move(parsed->meta);
  spec.retention = parsed->retention;
  spec.definition = command.definition.cbor();
  Changed(spec);
  const auto names = scratch_.NewArray<std::string_view>(1);
  names[0] = spec.name;
  return NamesReply{names};
}

Spec& Engine::MakeSpec(Namespace& name_space, const std::string& name) {
  auto made = std::make_unique<Spec>();
  Spec& spec = *made;
  spec.name_space = &name_space;
  spec.serial = ++shared_.last.spec;
  spec.name = name;
  spec.units = std::make_unique<UnitTable>(&spec, shared_);
  name_space.specs.emplace(name, std::move(made));
  if (shared_.journal != nullptr) {
    MarkChanged(spec);
    shared_.journal->undo.OnUndo([this, &spec] {
      Unregister(spec);
      spec.name_space->specs.erase(spec.name_space->specs.find(spec.name));
    });
  }
  return spec;
}

Outcome Engine::Run(Namespace& name_space, const GetWorkSpec& command) {
  const Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  return DataReply{Data::FromStored(spec->definition)};
}

Outcome Engine::Run(Namespace& name_space, const GetWorkSpecMeta& command) {
  const Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  MetaReply reply;
  reply.meta = &spec->meta;
  reply.has_counts = command.with_counts;
  if (command.with_counts) {
    const SpecLoad load = spec->Load();
    reply.available = load.available;
    reply.pending = load.pending;
  }
  return reply;
}

Outcome Engine::Run(Namespace& name_space, const SetWorkSpecMeta& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  NoteMeta(*spec);
  const auto applied = ApplyMetaChange(command.change, command.strict_continuous, spec->meta);
  if (applied.has_error()) return applied.error();
  Changed(*spec);
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const ListWorkSpecs& command) {
  std::vector<SpecsReply::Spec> specs;
  SpecsReply reply;
  for (auto position = name_space.specs.lower_bound(command.from);
       position != name_space.specs.end(); ++position) {
    const Spec& spec = *position->second;
    if (command.limit > 0 && specs.size() == command.limit) {
      reply.next = spec.name;
      break;
    }
    specs.push_back({spec.name, Data::FromStored(spec.definition)});
  }
  reply.specs = scratch_.CopyArray(std::span<const SpecsReply::Spec>(specs));
  return reply;
}

Outcome Engine::Run(Namespace& name_space, const DeleteWorkSpec& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  DropSpec(*spec);
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const ClearWorkSpecs&) {
  const std::uint64_t count = name_space.specs.size();
  DropSpecs(name_space);
  return CountReply{count};
}

}  // namespace coord
