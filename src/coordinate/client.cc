// SPDX-License-Identifier: MIT
#include "coordinate/client.h"

#include <utility>

#include "coordinate/core.h"
#include "coordinate/work_spec.h"
#include "coordinate/worker.h"

namespace coordinate {

namespace {

Result<std::vector<SummaryRecord>> AskSummary(Core& core, const std::string& name_space, bool all) {
  return core.Call<coord::SummaryReply>(
      name_space, coord::GetSummary{all, {}},
      [](const coord::SummaryReply& reply) { return ToPublic(reply); });
}

}  // namespace

Result<Client> Client::Connect(const std::string& url, const ClientOptions& options) {
  if (!url.starts_with("http:")) {
    return Error{ErrorCode::kInvalid, "bad URL \"" + url + "\": want http://HOST:PORT/", {}};
  }
  return Open(url, options);
}

Result<Client> Client::Open(const std::string& backend, const ClientOptions& options) {
  auto core = Core::Open(backend, options);
  if (!core) return core.error();
  return Client(*std::move(core));
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Namespace Client::InNamespace(const std::string& name) const { return {core_, name}; }

Result<std::vector<std::string>> Client::Namespaces() const {
  return core_->Call<coord::NamesReply>(
      "", coord::ListNamespaces{}, [](const coord::NamesReply& reply) {
        return std::vector<std::string>(reply.names.begin(), reply.names.end());
      });
}

Result<std::vector<SummaryRecord>> Client::Summary() const { return AskSummary(*core_, "", true); }

TimeSource& Client::time() const { return core_->time(); }

Namespace::Namespace(std::shared_ptr<Core> core, std::string name)
    : core_(std::move(core)), name_(std::move(name)) {}

Result<WorkSpec> Namespace::SetWorkSpec(const Value& definition) const {
  coord::Arena arena;
  const auto data = EncodeData(definition, arena);
  if (!data) return data.error();
  return core_->Call<coord::NamesReply>(
      name_, coord::SetWorkSpec{*data, {}}, [&](const coord::NamesReply& reply) {
        return WorkSpec(core_, name_, std::string(reply.names.front()));
      });
}

WorkSpec Namespace::Spec(const std::string& name) const { return {core_, name_, name}; }

Result<std::vector<WorkSpec>> Namespace::WorkSpecs() const {
  return core_->Call<coord::SpecsReply>(name_, coord::ListWorkSpecs{},
                                        [&](const coord::SpecsReply& reply) {
                                          std::vector<WorkSpec> specs;
                                          for (const auto& spec : reply.specs)
                                            specs.push_back(Spec(std::string(spec.name)));
                                          return specs;
                                        });
}

Worker Namespace::WorkerNamed(const std::string& name) const { return {core_, name_, name}; }

Result<std::vector<Worker>> Namespace::Workers(bool active_only) const {
  coord::ListWorkers command;
  if (active_only) command.active = true;
  return core_->Call<coord::WorkersReply>(name_, command, [&](const coord::WorkersReply& reply) {
    std::vector<Worker> workers;
    for (const auto& worker : reply.workers) {
      workers.push_back(WorkerNamed(std::string(worker.name)));
    }
    return workers;
  });
}

Result<std::vector<SummaryRecord>> Namespace::Summary() const {
  return AskSummary(*core_, name_, false);
}

TimeSource& Namespace::time() const { return core_->time(); }

Result<void> Namespace::Destroy() const { return core_->Do(name_, coord::DestroyNamespace{}); }

}  // namespace coordinate
