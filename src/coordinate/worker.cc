// SPDX-License-Identifier: MIT
#include "coordinate/worker.h"

#include <utility>

#include "coordinate/attempt_maker.h"
#include "coordinate/core.h"
#include "domain/names.h"
#include "value/cbor_writer.h"

namespace coordinate {

namespace {

// For names that a store takes as they are.
Result<void> CheckWorker(const std::string& name) {
  const auto checked = coord::CheckName(name, "the worker");
  if (checked.has_error()) return ToPublic(checked.error());
  return {};
}

}  // namespace

// --- Workers -------------------------------------------------------------------------------------

Worker::Worker(std::shared_ptr<Core> core, std::string name_space, std::string name)
    : core_(std::move(core)), name_space_(std::move(name_space)), name_(std::move(name)) {}

Result<WorkerInfo> Worker::Info() const {
  if (const auto checked = CheckWorker(name_); !checked) return checked.error();
  return core_->Call<coord::WorkersReply>(
      name_space_, coord::GetWorker{name_, /*create=*/true},
      [](const coord::WorkersReply& reply) { return ToPublic(reply.workers.front()); });
}

Result<void> Worker::Update(const WorkerUpdate& update) const {
  if (auto checked = CheckWorker(name_); !checked) return checked;
  if (auto checked = CheckWorker(update.parent.value_or("")); !checked) return checked;
  coord::Arena arena;
  const auto data = EncodeData(update.data, arena);
  if (!data) return data.error();
  std::string mode;
  coord::CborWriter(mode).Text(update.mode);
  coord::Heartbeat command{name_, mode, update.lifetime, *data, {}};
  if (update.parent) command.parent = *update.parent;
  return core_->Do(name_space_, command);
}

Result<void> Worker::Deactivate() const {
  return core_->Do(name_space_, coord::UnregisterWorker{name_});
}

Result<std::vector<Attempt>> Worker::RequestAttempts(const WorkRequest& request) const {
  if (const auto checked = CheckWorker(name_); !checked) return checked.error();
  coord::Arena arena;
  coord::RequestWork command;
  command.worker = name_;
  command.count = request.count;
  command.lifetime = request.lifetime;
  command.filter.work_spec_names = ToDomain(request.work_specs, arena);
  command.filter.runtimes = ToDomain(request.runtimes, arena);
  command.filter.available_memory_gb = request.available_memory_gb;
  return core_->Call<coord::WorkReply>(
      name_space_, command,
      [&](const coord::WorkReply& reply) {
        return AttemptMaker(core_, name_space_).MakeAll(reply, name_);
      },
      request.wait);
}

Result<Attempt> Worker::MakeAttempt(const WorkUnit& unit, Duration lifetime) const {
  if (const auto checked = CheckWorker(name_); !checked) return checked.error();
  return core_->Call<coord::AttemptsReply>(
      name_space_, coord::MakeAttempt{unit.spec().name(), unit.name(), name_, lifetime},
      [&](const coord::AttemptsReply& reply) {
        return AttemptMaker(core_, name_space_).Make(reply.attempts.front());
      });
}

namespace {

Result<std::vector<Attempt>> AttemptsOf(const std::shared_ptr<Core>& core,
                                        const std::string& name_space,
                                        const coord::ListWorkerAttempts& command) {
  return core->Call<coord::AttemptsReply>(name_space, command,
                                          [&](const coord::AttemptsReply& reply) {
                                            return AttemptMaker(core, name_space).MakeAll(reply);
                                          });
}

}  // namespace

Result<std::vector<Attempt>> Worker::ActiveAttempts() const {
  return AttemptsOf(core_, name_space_, {name_, coord::WorkerAttempts::kActive});
}
Result<std::vector<Attempt>> Worker::AllAttempts() const {
  return AttemptsOf(core_, name_space_, {name_, coord::WorkerAttempts::kAll});
}
Result<std::vector<Attempt>> Worker::ChildAttempts() const {
  return AttemptsOf(core_, name_space_, {name_, coord::WorkerAttempts::kChildren});
}

// --- Attempts ------------------------------------------------------------------------------------

Attempt::Attempt(WorkUnit unit, std::string worker, std::uint64_t id, AttemptInfo info)
    : unit_(std::move(unit)), worker_(std::move(worker)), id_(id), info_(std::move(info)) {}

namespace {

// A change whose answer is that of a list of one.
Result<void> Change(Core& core, const std::string& name_space, coord::AttemptChange change,
                    const Value& data) {
  coord::Arena arena;
  const auto encoded = EncodeData(data, arena);
  if (!encoded) return encoded.error();
  change.data = *encoded;
  const auto failure =
      core.Call<coord::ResultsReply>(name_space, coord::ChangeAttempts{std::span(&change, 1)},
                                     [](const coord::ResultsReply& reply) -> std::optional<Error> {
                                       const coord::Error* const error = reply.errors.front();
                                       if (error == nullptr) return std::nullopt;
                                       return ToPublic(*error);
                                     });
  if (!failure) return failure.error();
  if (*failure) return **failure;
  return {};
}

// What attempts are found by.
coord::AttemptKey KeyOf(const WorkUnit& unit, std::uint64_t id) {
  return {unit.spec().name(), unit.name(), coord::AttemptId{id}};
}

}  // namespace

Result<AttemptInfo> Attempt::Info() const {
  return unit_.spec_.core_->Call<coord::AttemptsReply>(
      unit_.spec_.name_space_, coord::GetAttempt{KeyOf(unit_, id_)},
      [](const coord::AttemptsReply& reply) { return InfoOf(reply.attempts.front()); });
}

Result<void> Attempt::Renew(Duration extend, const Value& data) const {
  return Change(*unit_.spec_.core_, unit_.spec_.name_space_,
                {KeyOf(unit_, id_), coord::AttemptEvent::kRenew, {}, extend}, data);
}

Result<void> Attempt::Expire(const Value& data) const {
  return Change(*unit_.spec_.core_, unit_.spec_.name_space_,
                {KeyOf(unit_, id_), coord::AttemptEvent::kExpire, {}, {}}, data);
}

Result<void> Attempt::Finish(const Value& data) const {
  return Change(*unit_.spec_.core_, unit_.spec_.name_space_,
                {KeyOf(unit_, id_), coord::AttemptEvent::kFinish, {}, {}}, data);
}

Result<void> Attempt::Fail(const Value& data) const {
  return Change(*unit_.spec_.core_, unit_.spec_.name_space_,
                {KeyOf(unit_, id_), coord::AttemptEvent::kFail, {}, {}}, data);
}

Result<void> Attempt::Retry(Duration delay, const Value& data) const {
  return Change(*unit_.spec_.core_, unit_.spec_.name_space_,
                {KeyOf(unit_, id_), coord::AttemptEvent::kRetry, {}, delay}, data);
}

}  // namespace coordinate
