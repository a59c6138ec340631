// SPDX-License-Identifier: MIT
// Changing work units: add, prioritize, delete, retry, retention.
#include <array>
#include <cmath>

#include "rpc/methods.h"

namespace coord {

namespace {

void EncodePairTrue(const Outcome&, const CallNotes&, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Bool(true);
  writer.Null();
}

void EncodePairCount(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Unsigned(std::get<CountReply>(outcome).count);
  writer.Null();
}

void EncodeNull(const Outcome&, const CallNotes&, CborWriter& writer) { writer.Null(); }

// --- add_work_units ------------------------------------------------------------------------------

Result<void> DecodeAdd(const Params& params, DecodeContext& context, Submission& submission,
                       CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  auto parsed = ParseUnitItems(params[1], context.arena);
  if (parsed.has_error()) {
    Error error = parsed.error();
    error.detail.insert(0, std::string(params.name(1)) + ": ");
    return error;
  }
  COORD_TRY(options, params.Options(2));
  auto& command = submission.command.emplace<AddWorkUnits>();
  command.spec = spec;
  command.items = *parsed;
  return VisitOptions(options, context.arena,
                      [&](std::string_view name, std::string_view value) -> Result<void> {
                        if (name != "only_new") return {};
                        COORD_TRY(only_new, ReadBool(value, name));
                        command.only_new = only_new;
                        return {};
                      });
}

// --- prioritize_work_units -----------------------------------------------------------------------

Result<double> ReadPriority(std::string_view value, std::string_view name) {
  COORD_TRY(priority, ReadNumber(value, name));
  if (!std::isfinite(priority)) return MustBeError(name, "a finite number");
  return priority;
}

Result<void> DecodePrioritize(const Params& params, DecodeContext& context, Submission& submission,
                              CallNotes& notes) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(options, params.Options(1));
  auto& command = submission.command.emplace<PrioritizeWorkUnits>();
  command.spec = spec;
  command.adjust = true;  // by 0 where neither is given: nothing changes, but the spec must exist
  bool has_priority = false;
  COORD_TRY_VOID(VisitOptions(
      options, context.arena, [&](std::string_view name, std::string_view value) -> Result<void> {
        if (name == "work_unit_keys") {
          COORD_TRY(keys, ReadStrings(value, name, context.arena));
          command.query.names = keys;
        } else if (name == "priority" || (name == "adjustment" && !has_priority)) {
          COORD_TRY(priority, ReadPriority(value, name));
          command.priority = priority;
          has_priority = name == "priority";
          command.adjust = !has_priority;
        }
        return {};
      }));
  if (!command.query.names) notes.refusal = "missing work_unit_keys";
  return {};
}

// --- del_work_units, retry_work_units ------------------------------------------------------------

Result<void> DecodeDelete(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes& notes) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(options, params.Options(1));
  auto& command = submission.command.emplace<DeleteWorkUnits>();
  command.spec = spec;
  bool all = false;
  COORD_TRY_VOID(VisitOptions(options, context.arena,
                              [&](std::string_view name, std::string_view value) -> Result<void> {
                                if (name == "all") {
                                  COORD_TRY(truth, ReadBool(value, name));
                                  all = truth;
                                } else if (name == "work_unit_keys") {
                                  COORD_TRY(keys, ReadStrings(value, name, context.arena));
                                  command.query.names = keys;
                                } else if (name == "state") {
                                  COORD_TRY(statuses, ReadStatuses(value, name));
                                  command.query.statuses = statuses;
                                }
                                return {};
                              }));
  if (all) {
    command.query = {};
  } else if (!command.query.names && !command.query.statuses) {
    notes.refusal = "no usable options to del_work_units";
  }
  return {};
}

Result<void> DecodeRetry(const Params& params, DecodeContext& context, Submission& submission,
                         CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(options, params.Options(1));
  auto& command = submission.command.emplace<RetryWorkUnits>();
  command.spec = spec;
  COORD_TRY_VOID(VisitOptions(options, context.arena,
                              [&](std::string_view name, std::string_view value) -> Result<void> {
                                if (name != "work_unit_keys") return {};
                                COORD_TRY(keys, ReadStrings(value, name, context.arena));
                                command.query.names = keys;
                                return {};
                              }));
  if (!command.query.names) command.query.statuses = StatusSet(WorkUnitStatus::kFailed);
  return {};
}

// --- archive -------------------------------------------------------------------------------------

Result<void> DecodeArchive(const Params& params, DecodeContext& context, Submission& submission,
                           CallNotes&) {
  COORD_TRY(options, params.Options(0));
  auto& command = submission.command.emplace<ApplyRetention>();
  return VisitOptions(options, context.arena,
                      [&](std::string_view name, std::string_view value) -> Result<void> {
                        if (name != "work_spec_names") return {};
                        COORD_TRY(names, ReadStrings(value, name, context.arena));
                        command.specs = names;
                        return {};
                      });
}

constexpr std::array<std::string_view, 3> kAdd = {"work_spec_name", "work_unit_key_vals",
                                                  "options"};
constexpr std::array<std::string_view, 2> kSpecOptions = {"work_spec_name", "options"};
constexpr std::array<std::string_view, 1> kOptions = {"options"};

constexpr std::array kMethods = {
    Method{"add_work_units", kAdd, 2, Failure::kFalse, DecodeAdd, EncodePairTrue},
    Method{"prioritize_work_units", kSpecOptions, 2, Failure::kFalse, DecodePrioritize,
           EncodePairTrue},
    Method{"del_work_units", kSpecOptions, 2, Failure::kZero, DecodeDelete, EncodePairCount},
    Method{"retry_work_units", kSpecOptions, 2, Failure::kZero, DecodeRetry, EncodePairCount},
    Method{"archive", kOptions, 0, Failure::kError, DecodeArchive, EncodeNull},
};

}  // namespace

std::span<const Method> UnitMethods() { return kMethods; }

}  // namespace coord
