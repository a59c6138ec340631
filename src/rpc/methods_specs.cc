// SPDX-License-Identifier: MIT
// Work specs.
#include <array>

#include "rpc/answer.h"
#include "rpc/methods.h"

namespace coord {

namespace {

constexpr int kRunnable = 1;
constexpr int kPaused = 2;

// Definitions are shown with the values of these as byte strings: a Python 2 worker imports by
// them.
bool IsImportKey(std::string_view key) { return key == "module" || key == "run_function"; }

bool IsText(std::string_view item) {
  return !item.empty() && static_cast<unsigned char>(item[0]) >> 5U == 3;
}

void WriteDefinition(Data definition, CborWriter& writer) {
  const auto has_text = [&](std::string_view key) {
    return IsText(FindInCborMap(definition.cbor(), key));
  };
  if (!has_text("module") && !has_text("run_function")) {
    writer.Raw(definition.cbor());
    return;
  }
  Arena arena;
  std::string_view key;
  std::string_view value;
  std::uint64_t entries = 0;
  auto counted = *CborMap::Open(definition.cbor());
  while (counted.Next(key, value)) ++entries;
  writer.MapHead(entries);
  auto map = *CborMap::Open(definition.cbor());
  while (map.Next(key, value)) {
    writer.Raw(key);
    if (IsText(value) && IsImportKey(CborAsString(key, arena).value_or(std::string_view()))) {
      writer.Bytes(*CborAsString(value, arena));
    } else {
      writer.Raw(value);
    }
  }
}

void EncodePairTrue(const Outcome&, const CallNotes&, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Bool(true);
  writer.Null();
}

// --- set, get, delete ----------------------------------------------------------------------------

Result<void> DecodeSet(const Params& params, DecodeContext&, Submission& submission, CallNotes&) {
  COORD_TRY(definition, Data::FromItem(params[0], params.name(0)));
  if (definition.is_null()) return MustBeError(params.name(0), "a map");
  submission.command.emplace<SetWorkSpec>().definition = definition;
  return {};
}

Result<void> DecodeGet(const Params& params, DecodeContext& context, Submission& submission,
                       CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  submission.command.emplace<GetWorkSpec>().spec = spec;
  return {};
}

void EncodeDefinition(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  WriteDefinition(std::get<DataReply>(outcome).data, writer);
}

Result<void> DecodeDelete(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  submission.command.emplace<DeleteWorkSpec>().spec = spec;
  return {};
}

Result<void> DecodeClear(const Params&, DecodeContext&, Submission& submission, CallNotes&) {
  submission.command.emplace<ClearWorkSpecs>();
  return {};
}

void EncodeCount(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  writer.Unsigned(std::get<CountReply>(outcome).count);
}

// --- Meta ----------------------------------------------------------------------------------------

Result<void> DecodeGetMeta(const Params& params, DecodeContext& context, Submission& submission,
                           CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  submission.command.emplace<GetWorkSpecMeta>().spec = spec;
  return {};
}

void EncodeMeta(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const WorkSpecMeta& meta = *std::get<MetaReply>(outcome).meta;
  writer.TupleHead(2);
  writer.MapHead(5);
  writer.Text("status");
  writer.Unsigned(meta.paused ? kPaused : kRunnable);
  writer.Text("continuous");
  writer.Bool(meta.continuous);
  writer.Text("interval");
  if (meta.interval > Duration(0)) {
    writer.Double(std::chrono::duration<double>(meta.interval).count());
  } else {
    writer.Null();
  }
  writer.Text("max_running");
  if (meta.max_running > 0) {
    writer.Unsigned(meta.max_running);
  } else {
    writer.Null();
  }
  writer.Text("weight");
  writer.Integer(meta.weight);
  writer.Null();
}

Result<void> ReadControlOption(std::string_view name, std::string_view value,
                               WorkSpecMetaChange& change, CallNotes& notes) {
  if (name == "interval" || name == "max_running") {
    // Null unsets these two.
    COORD_TRY(number, IsCborNull(value) ? Result<double>(0.0) : ReadNumber(value, name));
    if (!(number >= 0)) return MustBeError(name, "a number of at least 0");
    if (name == "interval") {
      change.interval = FromSeconds(number);
      return {};
    }
    COORD_TRY(running, IsCborNull(value) ? Result<std::int64_t>(0) : ReadInteger(value, name));
    change.max_running = static_cast<std::uint64_t>(running);
    return {};
  }
  if (IsCborNull(value)) return {};
  if (name == "status") {
    COORD_TRY(status, ReadInteger(value, name));
    if (status != kRunnable && status != kPaused) notes.refusal = "unknown work spec status";
    change.paused = status == kPaused;
  } else if (name == "continuous") {
    COORD_TRY(continuous, ReadBool(value, name));
    change.continuous = continuous;
  } else if (name == "weight") {
    COORD_TRY(weight, ReadInteger(value, name));
    change.weight = weight;
  }
  return {};
}

Result<void> DecodeControl(const Params& params, DecodeContext& context, Submission& submission,
                           CallNotes& notes) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(options, params.Options(1));
  auto& command = submission.command.emplace<SetWorkSpecMeta>();
  command.spec = spec;
  command.strict_continuous = true;
  std::string_view key;
  std::string_view value;
  while (options.Next(key, value)) {
    const auto name = CborAsString(key, context.arena);
    if (name) COORD_TRY_VOID(ReadControlOption(*name, value, command.change, notes));
  }
  return {};
}

// --- List ----------------------------------------------------------------------------------------

Result<void> DecodeList(const Params& params, DecodeContext& context, Submission& submission,
                        CallNotes&) {
  COORD_TRY(options, params.Options(0));
  auto& command = submission.command.emplace<ListWorkSpecs>();
  return VisitOptions(options, context.arena,
                      [&](std::string_view name, std::string_view value) -> Result<void> {
                        if (name == "start") {
                          COORD_TRY(start, ReadString(value, name, context.arena));
                          command.from = start;
                        } else if (name == "limit") {
                          COORD_TRY(limit, ReadInteger(value, name));
                          command.limit = limit > 0 ? static_cast<std::uint64_t>(limit) : 0;
                        }
                        return {};
                      });
}

void EncodeList(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto& reply = std::get<SpecsReply>(outcome);
  writer.TupleHead(2);
  writer.ArrayHead(reply.specs.size());
  for (const SpecsReply::Spec& spec : reply.specs) WriteDefinition(spec.definition, writer);
  if (reply.next) {
    writer.Text(*reply.next);
  } else {
    writer.Null();
  }
}

constexpr std::array<std::string_view, 1> kDefinition = {"work_spec"};
constexpr std::array<std::string_view, 1> kSpec = {"work_spec_name"};
constexpr std::array<std::string_view, 2> kSpecOptions = {"work_spec_name", "options"};
constexpr std::array<std::string_view, 1> kOptions = {"options"};

constexpr std::array kMethods = {
    Method{"set_work_spec", kDefinition, 1, Failure::kError, DecodeSet, EncodePairTrue},
    Method{"get_work_spec", kSpec, 1, Failure::kBareNull, DecodeGet, EncodeDefinition},
    Method{"get_work_spec_meta", kSpec, 1, Failure::kNull, DecodeGetMeta, EncodeMeta},
    Method{"control_work_spec", kSpecOptions, 2, Failure::kFalse, DecodeControl, EncodePairTrue},
    LongAnswer({"list_work_specs", kOptions, 1, Failure::kNull, DecodeList, EncodeList}),
    Method{"del_work_spec", kSpec, 1, Failure::kFalse, DecodeDelete, EncodePairTrue},
    Method{"clear", {}, 0, Failure::kError, DecodeClear, EncodeCount},
};

}  // namespace

std::span<const Method> SpecMethods() { return kMethods; }

}  // namespace coord
