// SPDX-License-Identifier: MIT
// The outcomes as maps, for what writes and what reads them.
#pragma once

#include <array>
#include <tuple>
#include <variant>

#include "domain/outcome.h"
#include "rest/command_fields.h"

namespace coord {

template <>
inline constexpr std::uint64_t kEnumSize<AttemptStatus> = kAttemptStatusCount;

// --- Parts of outcomes ---------------------------------------------------------------------------

template <>
inline constexpr auto kFieldsOf<WorkSpecMeta> =
    std::tuple{Field{"priority", &WorkSpecMeta::priority},
               Field{"weight", &WorkSpecMeta::weight},
               Field{"paused", &WorkSpecMeta::paused},
               Field{"continuous", &WorkSpecMeta::continuous},
               Field{"can_be_continuous", &WorkSpecMeta::can_be_continuous},
               Field{"min_memory_gb", &WorkSpecMeta::min_memory_gb},
               Field{"interval", &WorkSpecMeta::interval},
               Field{"next_continuous", &WorkSpecMeta::next_continuous},
               Field{"max_running", &WorkSpecMeta::max_running},
               Field{"max_attempts_returned", &WorkSpecMeta::max_attempts_returned},
               Field{"max_retries", &WorkSpecMeta::max_retries},
               Field{"next_work_spec_name", &WorkSpecMeta::next_work_spec_name},
               Field{"runtime", &WorkSpecMeta::runtime}};
template <>
inline constexpr auto kFieldsOf<SpecsReply::Spec> = std::tuple{
    Field{"name", &SpecsReply::Spec::name}, Field{"definition", &SpecsReply::Spec::definition}};
template <>
inline constexpr auto kFieldsOf<AttemptView> =
    std::tuple{Field{"id", &AttemptView::id},
               Field{"spec", &AttemptView::spec},
               Field{"unit", &AttemptView::unit},
               Field{"worker", &AttemptView::worker},
               Field{"status", &AttemptView::status},
               Field{"start", &AttemptView::start},
               Field{"expiration", &AttemptView::expiration},
               Field{"end", &AttemptView::end},
               Field{"data", &AttemptView::data}};
template <>
inline constexpr auto kFieldsOf<WorkUnitView> =
    std::tuple{Field{"name", &WorkUnitView::name},
               Field{"exists", &WorkUnitView::exists},
               Field{"status", &WorkUnitView::status},
               Field{"priority", &WorkUnitView::priority},
               Field{"not_before", &WorkUnitView::not_before},
               Field{"data", &WorkUnitView::data},
               Field{"active", &WorkUnitView::active}};
template <>
inline constexpr auto kFieldsOf<UpdateReply> =
    std::tuple{Field{"ok", &UpdateReply::ok}, Field{"message", &UpdateReply::message}};
template <>
inline constexpr auto kFieldsOf<GrantedUnit> =
    std::tuple{Field{"name", &GrantedUnit::name}, Field{"data", &GrantedUnit::data},
               Field{"attempt", &GrantedUnit::attempt}, Field{"start", &GrantedUnit::start},
               Field{"expiration", &GrantedUnit::expiration}};
template <>
inline constexpr auto kFieldsOf<WorkerView> =
    std::tuple{Field{"name", &WorkerView::name},
               Field{"parent", &WorkerView::parent},
               Field{"data", &WorkerView::data},
               Field{"mode", &WorkerView::mode},
               Field{"active", &WorkerView::active},
               Field{"shown", &WorkerView::shown},
               Field{"last_update", &WorkerView::last_update},
               Field{"last_heartbeat", &WorkerView::last_heartbeat},
               Field{"expiration", &WorkerView::expiration},
               Field{"children", &WorkerView::children}};
template <>
inline constexpr auto kFieldsOf<ChildUnitsReply::Unit> = std::tuple{
    Field{"spec", &ChildUnitsReply::Unit::spec}, Field{"unit", &ChildUnitsReply::Unit::unit},
    Field{"data", &ChildUnitsReply::Unit::data}, Field{"worker", &ChildUnitsReply::Unit::worker},
    Field{"expiration", &ChildUnitsReply::Unit::expiration}};
template <>
inline constexpr auto kFieldsOf<ChildUnitsReply::Child> =
    std::tuple{Field{"worker", &ChildUnitsReply::Child::worker},
               Field{"units", &ChildUnitsReply::Child::units}};
template <>
inline constexpr auto kFieldsOf<SummaryReply::Record> = std::tuple{
    Field{"namespace", &SummaryReply::Record::name_space},
    Field{"spec", &SummaryReply::Record::spec}, Field{"status", &SummaryReply::Record::status},
    Field{"count", &SummaryReply::Record::count}};

// --- Outcomes ------------------------------------------------------------------------------------

template <>
inline constexpr auto kFieldsOf<Done> = std::tuple{};
template <>
inline constexpr auto kFieldsOf<CountReply> = std::tuple{Field{"count", &CountReply::count}};
template <>
inline constexpr auto kFieldsOf<NamesReply> = std::tuple{Field{"names", &NamesReply::names}};
template <>
inline constexpr auto kFieldsOf<DataReply> = std::tuple{Field{"data", &DataReply::data}};
template <>
inline constexpr auto kFieldsOf<MetaReply> =
    std::tuple{Field{"meta", &MetaReply::meta}, Field{"has_counts", &MetaReply::has_counts},
               Field{"available", &MetaReply::available}, Field{"pending", &MetaReply::pending}};
template <>
inline constexpr auto kFieldsOf<SpecsReply> =
    std::tuple{Field{"specs", &SpecsReply::specs}, Field{"next", &SpecsReply::next}};
template <>
inline constexpr auto kFieldsOf<StatusCountsReply> =
    std::tuple{Field{"counts", &StatusCountsReply::counts}};
template <>
inline constexpr auto kFieldsOf<AttemptsReply> =
    std::tuple{Field{"attempts", &AttemptsReply::attempts}};
template <>
inline constexpr auto kFieldsOf<UnitsReply> = std::tuple{Field{"units", &UnitsReply::units}};
template <>
inline constexpr auto kFieldsOf<UpdatesReply> =
    std::tuple{Field{"replies", &UpdatesReply::replies}};
template <>
inline constexpr auto kFieldsOf<ResultsReply> = std::tuple{Field{"errors", &ResultsReply::errors}};
template <>
inline constexpr auto kFieldsOf<WorkReply> =
    std::tuple{Field{"spec", &WorkReply::spec}, Field{"units", &WorkReply::units},
               Field{"updates", &WorkReply::updates}};
template <>
inline constexpr auto kFieldsOf<WorkersReply> =
    std::tuple{Field{"workers", &WorkersReply::workers}};
template <>
inline constexpr auto kFieldsOf<ChildUnitsReply> =
    std::tuple{Field{"children", &ChildUnitsReply::children}};
template <>
inline constexpr auto kFieldsOf<SummaryReply> =
    std::tuple{Field{"records", &SummaryReply::records}};
template <>
inline constexpr auto kFieldsOf<LockReply> =
    std::tuple{Field{"held", &LockReply::held}, Field{"holders", &LockReply::holders}};
template <>
inline constexpr auto kFieldsOf<RecordsReply> = std::tuple{
    Field{"records", &RecordsReply::records}, Field{"count", &RecordsReply::count},
    Field{"cursor", &RecordsReply::cursor}, Field{"work_units", &RecordsReply::work_units}};
template <>
inline constexpr auto kFieldsOf<ImportReply> =
    std::tuple{Field{"added", &ImportReply::added}, Field{"equal", &ImportReply::equal}};

// What the outcomes are called, in the order of Outcome's alternatives.
inline constexpr std::array<std::string_view, std::variant_size_v<Outcome>> kOutcomeNames = {
    "error",    "done",     "count", "names",   "data",    "meta", "specs",
    "counts",   "attempts", "units", "updates", "results", "work", "workers",
    "children", "summary",  "locks", "records", "import"};

}  // namespace coord
