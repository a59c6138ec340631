// SPDX-License-Identifier: MIT
// The commands as maps, for what writes and what reads them.
#pragma once

#include <array>
#include <tuple>
#include <variant>

#include "domain/command.h"
#include "rest/field.h"

namespace coord {

template <>
inline constexpr std::uint64_t kEnumSize<WorkUnitStatus> = kWorkUnitStatusCount;
template <>
inline constexpr std::uint64_t kEnumSize<AttemptEvent> = 5;
template <>
inline constexpr std::uint64_t kEnumSize<AskedStatus> = 5;
template <>
inline constexpr std::uint64_t kEnumSize<WorkerAttempts> = 3;
template <>
inline constexpr std::uint64_t kEnumSize<UpdateWorker::Activity> = 3;
template <>
inline constexpr std::uint64_t kEnumSize<LockOperation> = 4;

// --- Parts of commands ---------------------------------------------------------------------------

template <>
inline constexpr auto kFieldsOf<WorkUnitQuery> =
    std::tuple{Field{"names", &WorkUnitQuery::names}, Field{"statuses", &WorkUnitQuery::statuses},
               Field{"from", &WorkUnitQuery::from}, Field{"after", &WorkUnitQuery::after},
               Field{"limit", &WorkUnitQuery::limit}};
template <>
inline constexpr auto kFieldsOf<WorkSpecMetaChange> =
    std::tuple{Field{"priority", &WorkSpecMetaChange::priority},
               Field{"weight", &WorkSpecMetaChange::weight},
               Field{"paused", &WorkSpecMetaChange::paused},
               Field{"continuous", &WorkSpecMetaChange::continuous},
               Field{"min_memory_gb", &WorkSpecMetaChange::min_memory_gb},
               Field{"interval", &WorkSpecMetaChange::interval},
               Field{"next_continuous", &WorkSpecMetaChange::next_continuous},
               Field{"max_running", &WorkSpecMetaChange::max_running},
               Field{"max_attempts_returned", &WorkSpecMetaChange::max_attempts_returned},
               Field{"max_retries", &WorkSpecMetaChange::max_retries}};
template <>
inline constexpr auto kFieldsOf<UnitItem> =
    std::tuple{Field{"name", &UnitItem::name, TextKind::kUnitName}, Field{"data", &UnitItem::data},
               Field{"priority", &UnitItem::priority}, Field{"not_before", &UnitItem::not_before},
               Field{"delay", &UnitItem::delay}};
template <>
inline constexpr auto kFieldsOf<UpdateRequest> = std::tuple{
    Field{"status", &UpdateRequest::status}, Field{"has_data", &UpdateRequest::has_data},
    Field{"has_lease_time", &UpdateRequest::has_lease_time},
    Field{"lease_time", &UpdateRequest::lease_time}, Field{"has_delay", &UpdateRequest::has_delay}};
template <>
inline constexpr auto kFieldsOf<WorkUnitUpdate> =
    std::tuple{Field{"spec", &WorkUnitUpdate::spec},
               Field{"unit", &WorkUnitUpdate::unit},
               Field{"request", &WorkUnitUpdate::request},
               Field{"data", &WorkUnitUpdate::data},
               Field{"delay", &WorkUnitUpdate::delay},
               Field{"worker", &WorkUnitUpdate::worker},
               Field{"has_worker", &WorkUnitUpdate::has_worker},
               Field{"only_if_owner", &WorkUnitUpdate::only_if_owner},
               Field{"defect", &WorkUnitUpdate::defect}};
template <>
inline constexpr auto kFieldsOf<AttemptKey> =
    std::tuple{Field{"spec", &AttemptKey::spec}, Field{"unit", &AttemptKey::unit},
               Field{"id", &AttemptKey::id}, Field{"worker", &AttemptKey::worker, TextKind::kName},
               Field{"start", &AttemptKey::start}};
template <>
inline constexpr auto kFieldsOf<AttemptChange> =
    std::tuple{Field{"attempt", &AttemptChange::key}, Field{"event", &AttemptChange::event},
               Field{"data", &AttemptChange::data}, Field{"duration", &AttemptChange::duration}};
template <>
inline constexpr auto kFieldsOf<WorkFilter> = std::tuple{
    Field{"work_specs", &WorkFilter::work_spec_names}, Field{"runtimes", &WorkFilter::runtimes},
    Field{"available_gb", &WorkFilter::available_memory_gb}};

// --- Commands ------------------------------------------------------------------------------------

template <>
inline constexpr auto kFieldsOf<CreateNamespace> = std::tuple{};
template <>
inline constexpr auto kFieldsOf<ListNamespaces> = std::tuple{};
template <>
inline constexpr auto kFieldsOf<DestroyNamespace> = std::tuple{};
template <>
inline constexpr auto kFieldsOf<SetWorkSpec> = std::tuple{
    Field{"definition", &SetWorkSpec::definition}, Field{"replaces", &SetWorkSpec::replaces}};
template <>
inline constexpr auto kFieldsOf<GetWorkSpec> = std::tuple{Field{"spec", &GetWorkSpec::spec}};
template <>
inline constexpr auto kFieldsOf<GetWorkSpecMeta> = std::tuple{
    Field{"spec", &GetWorkSpecMeta::spec}, Field{"with_counts", &GetWorkSpecMeta::with_counts}};
template <>
inline constexpr auto kFieldsOf<SetWorkSpecMeta> =
    std::tuple{Field{"spec", &SetWorkSpecMeta::spec}, Field{"change", &SetWorkSpecMeta::change},
               Field{"strict_continuous", &SetWorkSpecMeta::strict_continuous}};
template <>
inline constexpr auto kFieldsOf<ListWorkSpecs> =
    std::tuple{Field{"from", &ListWorkSpecs::from}, Field{"limit", &ListWorkSpecs::limit}};
template <>
inline constexpr auto kFieldsOf<DeleteWorkSpec> = std::tuple{Field{"spec", &DeleteWorkSpec::spec}};
template <>
inline constexpr auto kFieldsOf<ClearWorkSpecs> = std::tuple{};
template <>
inline constexpr auto kFieldsOf<AddWorkUnits> =
    std::tuple{Field{"spec", &AddWorkUnits::spec}, Field{"items", &AddWorkUnits::items},
               Field{"only_new", &AddWorkUnits::only_new}};
template <>
inline constexpr auto kFieldsOf<CountWorkUnits> = std::tuple{Field{"spec", &CountWorkUnits::spec}};
template <>
inline constexpr auto kFieldsOf<ListWorkUnits> =
    std::tuple{Field{"spec", &ListWorkUnits::spec}, Field{"query", &ListWorkUnits::query}};
template <>
inline constexpr auto kFieldsOf<GetWorkUnits> =
    std::tuple{Field{"spec", &GetWorkUnits::spec}, Field{"names", &GetWorkUnits::names}};
template <>
inline constexpr auto kFieldsOf<PrioritizeWorkUnits> = std::tuple{
    Field{"spec", &PrioritizeWorkUnits::spec}, Field{"query", &PrioritizeWorkUnits::query},
    Field{"priority", &PrioritizeWorkUnits::priority},
    Field{"adjust", &PrioritizeWorkUnits::adjust}};
template <>
inline constexpr auto kFieldsOf<SetWorkUnitMeta> =
    std::tuple{Field{"spec", &SetWorkUnitMeta::spec}, Field{"unit", &SetWorkUnitMeta::unit},
               Field{"priority", &SetWorkUnitMeta::priority},
               Field{"not_before", &SetWorkUnitMeta::not_before},
               Field{"clear_active", &SetWorkUnitMeta::clear_active}};
template <>
inline constexpr auto kFieldsOf<DeleteWorkUnits> =
    std::tuple{Field{"spec", &DeleteWorkUnits::spec}, Field{"query", &DeleteWorkUnits::query}};
template <>
inline constexpr auto kFieldsOf<RetryWorkUnits> =
    std::tuple{Field{"spec", &RetryWorkUnits::spec}, Field{"query", &RetryWorkUnits::query}};
template <>
inline constexpr auto kFieldsOf<UpdateWorkUnits> =
    std::tuple{Field{"updates", &UpdateWorkUnits::updates}};
template <>
inline constexpr auto kFieldsOf<ChangeAttempts> =
    std::tuple{Field{"changes", &ChangeAttempts::changes}};
template <>
inline constexpr auto kFieldsOf<ReleaseAttempts> =
    std::tuple{Field{"worker", &ReleaseAttempts::worker, TextKind::kName},
               Field{"ids", &ReleaseAttempts::ids}};
template <>
inline constexpr auto kFieldsOf<MakeAttempt> =
    std::tuple{Field{"spec", &MakeAttempt::spec}, Field{"unit", &MakeAttempt::unit},
               Field{"worker", &MakeAttempt::worker, TextKind::kName},
               Field{"lifetime", &MakeAttempt::lifetime}};
template <>
inline constexpr auto kFieldsOf<GetAttempt> = std::tuple{Field{"attempt", &GetAttempt::key}};
template <>
inline constexpr auto kFieldsOf<ListUnitAttempts> =
    std::tuple{Field{"spec", &ListUnitAttempts::spec}, Field{"unit", &ListUnitAttempts::unit},
               Field{"limit", &ListUnitAttempts::limit}};
template <>
inline constexpr auto kFieldsOf<ListWorkerAttempts> =
    std::tuple{Field{"worker", &ListWorkerAttempts::worker, TextKind::kName},
               Field{"which", &ListWorkerAttempts::which}};
template <>
inline constexpr auto kFieldsOf<RequestWork> =
    std::tuple{Field{"worker", &RequestWork::worker, TextKind::kName},
               Field{"count", &RequestWork::count}, Field{"lifetime", &RequestWork::lifetime},
               Field{"filter", &RequestWork::filter}, Field{"updates", &RequestWork::updates}};
template <>
inline constexpr auto kFieldsOf<Heartbeat> = std::tuple{
    Field{"worker", &Heartbeat::worker, TextKind::kName},
    Field{"mode", &Heartbeat::mode, TextKind::kScalar}, Field{"lifetime", &Heartbeat::lifetime},
    Field{"data", &Heartbeat::data}, Field{"parent", &Heartbeat::parent, TextKind::kName}};
template <>
inline constexpr auto kFieldsOf<UpdateWorker> =
    std::tuple{Field{"worker", &UpdateWorker::worker, TextKind::kName},
               Field{"parent", &UpdateWorker::parent, TextKind::kName},
               Field{"activity", &UpdateWorker::activity},
               Field{"data", &UpdateWorker::data},
               Field{"last_update", &UpdateWorker::last_update},
               Field{"expiration", &UpdateWorker::expiration},
               Field{"mode", &UpdateWorker::mode, TextKind::kScalar}};
template <>
inline constexpr auto kFieldsOf<UnregisterWorker> =
    std::tuple{Field{"worker", &UnregisterWorker::worker, TextKind::kName}};
template <>
inline constexpr auto kFieldsOf<GetWorker> = std::tuple{
    Field{"worker", &GetWorker::worker, TextKind::kName}, Field{"create", &GetWorker::create}};
template <>
inline constexpr auto kFieldsOf<ListWorkers> =
    std::tuple{Field{"shown_only", &ListWorkers::shown_only}, Field{"active", &ListWorkers::active},
               Field{"after", &ListWorkers::after}, Field{"limit", &ListWorkers::limit}};
template <>
inline constexpr auto kFieldsOf<GetChildWorkUnits> =
    std::tuple{Field{"worker", &GetChildWorkUnits::worker, TextKind::kName}};
template <>
inline constexpr auto kFieldsOf<GetSummary> = std::tuple{
    Field{"all_namespaces", &GetSummary::all_namespaces}, Field{"spec", &GetSummary::spec}};
template <>
inline constexpr auto kFieldsOf<ApplyRetention> =
    std::tuple{Field{"specs", &ApplyRetention::specs}};
template <>
inline constexpr auto kFieldsOf<ChangeLocks> =
    std::tuple{Field{"operation", &ChangeLocks::operation}, Field{"locker", &ChangeLocks::locker},
               Field{"paths", &ChangeLocks::paths, TextKind::kScalar},
               Field{"lifetime", &ChangeLocks::lifetime}};
template <>
inline constexpr auto kFieldsOf<ReadLocks> =
    std::tuple{Field{"paths", &ReadLocks::paths, TextKind::kScalar}};
template <>
inline constexpr auto kFieldsOf<DropLocks> =
    std::tuple{Field{"first_label", &DropLocks::first_label, TextKind::kScalar}};
template <>
inline constexpr auto kFieldsOf<ExportRecords> = std::tuple{
    Field{"cursor", &ExportRecords::cursor}, Field{"records_max", &ExportRecords::records_max},
    Field{"bytes_max", &ExportRecords::bytes_max}};
template <>
inline constexpr auto kFieldsOf<ImportRecords> =
    std::tuple{Field{"records", &ImportRecords::records}};

// What the commands are called, in the order of Command's alternatives.
inline constexpr std::array<std::string_view, std::variant_size_v<Command>> kCommandNames = {
    "request_work",       "update_work_units",     "add_work_units",
    "create_namespace",   "list_namespaces",       "destroy_namespace",
    "set_work_spec",      "get_work_spec",         "get_work_spec_meta",
    "set_work_spec_meta", "list_work_specs",       "delete_work_spec",
    "clear_work_specs",   "count_work_units",      "list_work_units",
    "get_work_units",     "prioritize_work_units", "set_work_unit_meta",
    "delete_work_units",  "retry_work_units",      "change_attempts",
    "release_attempts",   "make_attempt",          "get_attempt",
    "list_unit_attempts", "list_worker_attempts",  "heartbeat",
    "update_worker",      "unregister_worker",     "get_worker",
    "list_workers",       "get_child_work_units",  "get_summary",
    "apply_retention",    "change_locks",          "read_locks",
    "drop_locks",         "export_records",        "import_records"};

}  // namespace coord
