// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_protocol.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/version.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr Duration kAnswerWithin = std::chrono::seconds(30);
constexpr Duration kStopWaitingWithin = std::chrono::seconds(2);
constexpr Duration kHeartbeatEvery = std::chrono::seconds(60);
constexpr std::int64_t kHeartbeatExpireSeconds = 300;
constexpr Duration kRefusedPause = std::chrono::seconds(1);
constexpr unsigned kRefusalsMax = 5;
constexpr double kReconnectSecondsMin = 0.1;
constexpr double kReconnectSecondsMax = 10;
// What one message carries, well below the daemon's limits.
constexpr std::size_t kMessageUpdatesMax = 5'000;
constexpr std::size_t kMessageBytesMax = std::size_t{16} << 20U;

// The statuses of update_work_unit.
constexpr int kAvailable = 1;
constexpr int kPending = 3;
constexpr int kFinished = 4;
constexpr int kFailed = 5;

RpcClientOptions ClientOptions() {
  RpcClientOptions options;
  // These bound how long the programs' output and leases can be left alone.
  options.connect_timeout = std::chrono::seconds(2);
  options.answer_timeout = std::chrono::seconds(10);
  return options;
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Error NoAnswer(const std::string& what) {
  return {ErrorCode::kCorrupt, "the daemon's answer makes no sense: " + what, ""};
}

Result<std::vector<WorkUnit>> ReadUnit(const Value& unit) {
  const std::vector<Value>* parts = unit.AsItems();
  constexpr std::size_t kParts = 3;
  if (parts == nullptr || parts->size() != kParts) return NoAnswer("a work unit has three parts");
  std::vector<WorkUnit> units;
  if ((*parts)[0].is_null()) return units;
  const std::string* spec = (*parts)[0].AsString();
  const std::string* key = (*parts)[1].AsString();
  if (spec == nullptr || key == nullptr) return NoAnswer("a work unit without a name");
  units.push_back({*spec, *key, (*parts)[2]});
  return units;
}

int StatusFor(UpdateKind kind) {
  switch (kind) {
    case UpdateKind::kRenew:
      return kPending;
    case UpdateKind::kFinish:
      return kFinished;
    case UpdateKind::kFail:
      return kFailed;
    case UpdateKind::kRetry:
    case UpdateKind::kGiveBack:
      return kAvailable;
  }
  return kAvailable;
}

}  // namespace

Result<std::vector<WorkUnit>> ReadWork(const Value& work) {
  const std::vector<Value>* items = work.AsItems();
  if (items == nullptr) return NoAnswer("work is no list");
  // One unit is a tuple whose first item is a string or null; a list's items are tuples.
  if (!items->empty() && items->front().AsItems() == nullptr) return ReadUnit(work);
  std::vector<WorkUnit> units;
  for (const Value& item : *items) {
    COORD_TRY(read, ReadUnit(item));
    std::move(read.begin(), read.end(), std::back_inserter(units));
  }
  return units;
}

UpdateAnswer ReadUpdateAnswer(const UnitUpdate& update, const Value& pair, std::string& message) {
  const std::vector<Value>* parts = pair.AsItems();
  message.clear();
  if (parts == nullptr || parts->size() != 2) return UpdateAnswer::kLost;
  const bool* done = (*parts)[0].As<bool>();
  if (const std::string* text = (*parts)[1].AsString()) message = *text;
  if (done != nullptr && *done) return UpdateAnswer::kDone;
  const bool lost = message == "lost lease";
  switch (update.kind) {
    case UpdateKind::kRenew:
      return UpdateAnswer::kLost;
    case UpdateKind::kFinish:
    case UpdateKind::kFail:
      return update.sent_before && !lost ? UpdateAnswer::kDone : UpdateAnswer::kLost;
    case UpdateKind::kRetry:
    case UpdateKind::kGiveBack:
      return update.sent_before || !lost ? UpdateAnswer::kDone : UpdateAnswer::kLost;
  }
  return UpdateAnswer::kLost;
}

Map UpdateOptions(const UnitUpdate& update, const WorkOptions& options,
                  const Extensions& extensions) {
  Map map{{"status", StatusFor(update.kind)}, {"worker_id", options.worker_id}};
  if (extensions.contains("only_if_owner")) map.emplace_back("only_if_owner", true);
  if (update.kind == UpdateKind::kRenew) map.emplace_back("lease_time", Seconds(options.lease));
  if (update.kind == UpdateKind::kRetry && extensions.contains("delay")) {
    map.emplace_back("delay", Seconds(options.retry_delay));
  }
  if (!update.data.empty()) map.emplace_back("data", Opaque{update.data});
  return map;
}

Result<bool> HasUnfinished(const Value& summary, const std::vector<std::string>& specs) {
  const std::vector<Value>* records = summary.AsItems();
  if (records == nullptr) return NoAnswer("the summary is no list");
  for (const Value& record : *records) {
    const std::string status = TextOr(record, "status");
    if (status == "finished" || status == "failed") continue;
    const std::string spec = TextOr(record, "work_spec");
    const bool asked = std::find(specs.begin(), specs.end(), spec) != specs.end();
    if (asked && NumberOr(record, "count", 0) > 0) return true;
  }
  return false;
}

WorkProtocol::WorkProtocol(const WorkOptions& options, WorkListener& listener, Rng& rng)
    : options_(options), listener_(listener), rng_(rng) {}

WorkProtocol::~WorkProtocol() = default;

Result<void> WorkProtocol::Connect(WallTime now) {
  COORD_TRY_VOID(Open());
  heartbeat_due_ = now + kHeartbeatEvery;
  if (options_.until_empty) {
    const Result<Value> summary = talk_.client->Call("get_summary", {});
    if (!summary.has_value()) return InvalidError("--until-empty: " + summary.error().detail);
  }
  return {};
}

Result<void> WorkProtocol::Open() {
  if (!stopping_) {
    COORD_TRY(work, RpcClient::Connect(options_.address, ClientOptions()));
    work_.client = std::move(work);
  }
  COORD_TRY(talk, RpcClient::Connect(options_.address, ClientOptions()));
  talk_.client = std::move(talk);
  COORD_TRY_VOID(ReadExtensions());
  COORD_TRY_VOID(talk_.client->Call("worker_heartbeat", HeartbeatParams()));
  connected_ = true;
  failures_ = 0;
  return {};
}

Result<void> WorkProtocol::ReadExtensions() {
  extensions_.clear();
  const Result<Value> info = talk_.client->Call("server_info", {});
  // The original server has no such method.
  if (!info.has_value() && info.error().code == ErrorCode::kInternal) return {};
  if (!info.has_value()) return info.error();
  const Value* names = info->Find("extensions");
  const std::vector<Value>* items = names != nullptr ? names->AsItems() : nullptr;
  if (items == nullptr) return {};
  for (const Value& name : *items) {
    if (const std::string* text = name.AsString()) extensions_.insert(*text);
  }
  return {};
}

List WorkProtocol::HeartbeatParams() const {
  std::string host(256, '\0');
  gethostname(host.data(), host.size() - 1);
  List specs(options_.specs.begin(), options_.specs.end());
  Map data{{"host", host.c_str()},
           {"pid", std::int64_t{getpid()}},
           {"version", Version()},
           {"program", options_.command.front()},
           {"jobs", static_cast<std::uint64_t>(options_.slots)},
           {"work_specs", std::move(specs)}};
  const Value parent = options_.parent.empty() ? Value() : Value(options_.parent);
  return {options_.worker_id, mode_, kHeartbeatExpireSeconds, std::move(data), parent};
}

std::size_t WorkProtocol::open_updates() const {
  std::size_t count = updates_.size();
  for (const Connection* connection : {&work_, &talk_}) {
    if (connection->request) count += connection->request->updates.size();
  }
  return count;
}

List WorkProtocol::UpdateItem(const UnitUpdate& update) const {
  return {update.spec, Bytes{update.key}, UpdateOptions(update, options_, extensions_)};
}

List WorkProtocol::UpdateItems(const std::vector<UnitUpdate>& updates) const {
  List items;
  for (const UnitUpdate& update : updates) items.emplace_back(UpdateItem(update));
  return items;
}

std::vector<UnitUpdate> WorkProtocol::TakeUpdates() {
  std::vector<UnitUpdate> taken;
  std::size_t bytes = 0;
  const std::size_t count_max = one_by_one_ ? 1 : kMessageUpdatesMax;
  while (!updates_.empty() && taken.size() < count_max) {
    bytes += updates_.front().data.size();
    if (!taken.empty() && bytes > kMessageBytesMax) break;
    taken.push_back(std::move(updates_.front()));
    updates_.pop_front();
  }
  return taken;
}

void WorkProtocol::RequestWork(std::size_t count, Duration wait, WallTime now) {
  Map params{{"max_jobs", static_cast<std::uint64_t>(count)},
             {"lease_time", Seconds(options_.lease)},
             {"work_spec_names", List(options_.specs.begin(), options_.specs.end())}};
  if (!options_.runtimes.empty()) {
    params.emplace_back("runtimes", List(options_.runtimes.begin(), options_.runtimes.end()));
  }
  Request request;
  request.kind = RequestKind::kWork;
  request.deadline = now + kAnswerWithin;
  if (wait > Duration::zero() && CanWait()) {
    params.emplace_back("wait_seconds", Seconds(wait));
    request.deadline += wait;
  }
  if (Offers("updates") && !one_by_one_ && now >= updates_due_ && !updates_.empty()) {
    request.updates = TakeUpdates();
    request.carries = true;
    params.emplace_back("updates", UpdateItems(request.updates));
  }
  Start(work_, "get_work", {options_.worker_id, std::move(params)}, std::move(request), now);
}

void WorkProtocol::SetMode(std::string mode) {
  mode_ = std::move(mode);
  heartbeat_due_ = WallTime{};
}

void WorkProtocol::Start(Connection& connection, std::string_view method, List params,
                         Request request, WallTime now) {
  connection.request = std::move(request);
  Result<void> sent = connection.client->Send(method, std::move(params));
  if (sent.has_value()) sent = connection.client->Flush();
  if (!sent.has_value()) Lose(connection, sent.error().detail, now);
}

void WorkProtocol::Send(WallTime now) {
  if (!connected_ || talk_.request) return;
  Request request;
  request.deadline = now + kAnswerWithin;
  if (!updates_.empty() && now >= updates_due_) {
    SendUpdates(now);
  } else if (now >= heartbeat_due_) {
    heartbeat_due_ = now + kHeartbeatEvery;
    request.kind = RequestKind::kHeartbeat;
    Start(talk_, "worker_heartbeat", HeartbeatParams(), std::move(request), now);
  } else if (ask_emptiness_) {
    ask_emptiness_ = false;
    request.kind = RequestKind::kEmptiness;
    Start(talk_, "get_summary", {}, std::move(request), now);
  }
}

void WorkProtocol::SendUpdates(WallTime now) {
  if (!Offers("update_work_units")) one_by_one_ = true;
  Request request;
  request.kind = RequestKind::kUpdates;
  request.deadline = now + kAnswerWithin;
  request.updates = TakeUpdates();
  if (one_by_one_) {
    List item = UpdateItem(request.updates.front());
    Start(talk_, "update_work_unit", std::move(item), std::move(request), now);
  } else {
    List items = UpdateItems(request.updates);
    Start(talk_, "update_work_units", {std::move(items)}, std::move(request), now);
  }
}

void WorkProtocol::StopWaiting(WallTime now) {
  stopping_ = true;
  if (!work_.client) return;
  if (!work_.request) {
    work_.client.reset();
    return;
  }
  // The daemon sees the end, and either gives up the request or has answered it already: then the
  // answer still comes, and no unit is forgotten in it.
  shutdown(work_.client->descriptor(), SHUT_WR);
  work_.request->deadline = now + kStopWaitingWithin;
}

void WorkProtocol::Unregister() {
  if (!connected_) return;
  if (talk_.request) IgnoreError(talk_.client->Receive(), "only its place in the order counts");
  talk_.request.reset();
  const Result<Value> done = talk_.client->Call("worker_unregister", {options_.worker_id});
  IgnoreError(done, "the worker is forgotten anyway, only later");
}

void WorkProtocol::AddDescriptors(std::vector<pollfd>& descriptors) const {
  for (const Connection* connection : {&work_, &talk_}) {
    if (connection->client) {
      descriptors.push_back({connection->client->descriptor(), POLLIN, 0});
    }
  }
}

void WorkProtocol::OnReady(int descriptor, WallTime now) {
  for (Connection* connection : {&work_, &talk_}) {
    if (!connection->client || connection->client->descriptor() != descriptor) continue;
    if (connection->request) {
      Receive(*connection, now);
    } else {
      Lose(*connection, "the daemon closed the connection", now);
    }
    return;
  }
}

void WorkProtocol::Receive(Connection& connection, WallTime now) {
  const Result<Value> result = connection.client->Receive();
  if (!result.has_value() && result.error().code != ErrorCode::kInternal) {
    Lose(connection, result.error().detail, now);
    return;
  }
  Request request = std::move(*connection.request);
  connection.request.reset();
  if (!result.has_value()) {
    HandleRefusal(std::move(request), result.error(), now);
    return;
  }
  const Result<void> handled = Handle(request, *result);
  if (!handled.has_value()) {
    connection.request = std::move(request);
    Lose(connection, handled.error().detail, now);
  }
}

Result<void> WorkProtocol::Handle(const Request& request, const Value& result) {
  last_trouble_.clear();
  switch (request.kind) {
    case RequestKind::kWork:
      return HandleWork(request, result);
    case RequestKind::kUpdates:
      if (one_by_one_) return HandleUpdates(request.updates, List{result});
      return HandleUpdates(request.updates, result);
    case RequestKind::kHeartbeat:
      return {};
    case RequestKind::kEmptiness: {
      COORD_TRY(unfinished, HasUnfinished(result, options_.specs));
      listener_.OnEmptiness(!unfinished);
      return {};
    }
  }
  return {};
}

Result<void> WorkProtocol::HandleWork(const Request& request, const Value& result) {
  COORD_TRY(value, ValueOfPair(result));
  const Value* work = request.carries ? value.Find("work") : &value;
  if (work == nullptr) return NoAnswer("no work in it");
  COORD_TRY(units, ReadWork(*work));
  if (request.carries) {
    const Value* answers = value.Find("updates");
    if (answers == nullptr) return NoAnswer("no updates in it");
    COORD_TRY_VOID(HandleUpdates(request.updates, *answers));
  }
  listener_.OnWork(std::move(units));
  return {};
}

Result<void> WorkProtocol::HandleUpdates(const std::vector<UnitUpdate>& updates,
                                         const Value& answers) {
  const std::vector<Value>* pairs = answers.AsItems();
  if (pairs == nullptr || pairs->size() != updates.size())
    return NoAnswer("not one pair an update");
  for (std::size_t i = 0; i < updates.size(); ++i) {
    std::string message;
    const UpdateAnswer answer = ReadUpdateAnswer(updates[i], (*pairs)[i], message);
    listener_.OnUpdated(updates[i], answer, message);
  }
  if (updates_.empty()) one_by_one_ = false;
  return {};
}

void WorkProtocol::HandleRefusal(Request request, const Error& error, WallTime now) {
  Report("the daemon refused: " + error.detail);
  if (!request.updates.empty()) {
    // One of them may be what it refuses: each alone then gets its own answer.
    const bool alone = one_by_one_ && request.updates.size() == 1;
    one_by_one_ = true;
    if (alone) updates_due_ = now + kRefusedPause;
    if (alone && ++request.updates.front().refusals >= kRefusalsMax) {
      listener_.OnUpdated(request.updates.front(), UpdateAnswer::kRefused, error.detail);
    } else {
      Requeue(std::move(request.updates));
    }
  }
  if (request.kind == RequestKind::kWork) listener_.OnWork({});
  if (request.kind == RequestKind::kEmptiness) listener_.OnEmptiness(false);
}

void WorkProtocol::Requeue(std::vector<UnitUpdate> updates) {
  updates_.insert(updates_.begin(), std::make_move_iterator(updates.begin()),
                  std::make_move_iterator(updates.end()));
}

void WorkProtocol::Drop(Connection& connection) {
  if (connection.request) {
    for (UnitUpdate& update : connection.request->updates) update.sent_before = true;
    Requeue(std::move(connection.request->updates));
  }
  connection.request.reset();
  connection.client.reset();
}

void WorkProtocol::Lose(Connection& connection, const std::string& why, WallTime now) {
  if (stopping_ && &connection == &work_) {
    Drop(work_);
    return;
  }
  Report(why + "; connecting again");
  Drop(talk_);
  Drop(work_);
  // Renewals are asked for anew by whoever needs them.
  std::erase_if(updates_,
                [](const UnitUpdate& update) { return update.kind == UpdateKind::kRenew; });
  connected_ = false;
  reconnect_due_ = now + FromSeconds(kReconnectSecondsMin * rng_.Unit());
}

void WorkProtocol::Tick(WallTime now) {
  for (Connection* connection : {&work_, &talk_}) {
    if (connection->request && now >= connection->request->deadline) {
      Lose(*connection, "the daemon does not answer", now);
    }
  }
  if (connected_ || now < reconnect_due_) return;
  const Result<void> opened = Open();
  if (opened.has_value()) {
    last_trouble_.clear();
    heartbeat_due_ = now + kHeartbeatEvery;
    listener_.OnReconnected();
    return;
  }
  work_.client.reset();
  talk_.client.reset();
  Report(opened.error().detail);
  constexpr unsigned kDoublingsMax = 10;
  const double pause = std::min(kReconnectSecondsMax,
                                kReconnectSecondsMin * (1U << std::min(failures_, kDoublingsMax)));
  ++failures_;
  // Spread out, so that a fleet does not come back all at once.
  reconnect_due_ = now + FromSeconds(pause * (1 + rng_.Unit()) / 2);
}

WallTime WorkProtocol::NextDue() const {
  if (!connected_) return reconnect_due_;
  WallTime due = kMaxTime;
  for (const Connection* connection : {&work_, &talk_}) {
    if (connection->request) due = std::min(due, connection->request->deadline);
  }
  if (talk_.request) return due;
  if (!updates_.empty()) due = std::min(due, updates_due_);
  return std::min(due, heartbeat_due_);
}

void WorkProtocol::Report(const std::string& text) {
  if (text == last_trouble_) return;
  last_trouble_ = text;
  listener_.OnTrouble(text);
}

}  // namespace coord
