// SPDX-License-Identifier: MIT
// How `coordinate work` talks to the daemon: asking for work, reporting, renewing leases.
//
// There are two connections. On the first one request for work at a time is held back by the daemon
// until there is some; on the second all else is said, since the daemon reads nothing more on a
// connection whose request waits. Each has one request under way at most, so that poll() tells all
// there is to know; what is to be said meanwhile gathers and leaves together.
//
// When a connection breaks both are made anew, with growing pauses. Updates that had no answer are
// sent once more: they say `only_if_owner`, so that a repeated one cannot harm anybody.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "cmd/coordinate/work_options.h"
#include "rpc/client.h"
#include "value/value.h"

namespace coord {

enum class UpdateKind : std::uint8_t { kRenew, kFinish, kFail, kRetry, kGiveBack };

// One change of a unit's status that this worker asks for.
struct UnitUpdate {
  UpdateKind kind = UpdateKind::kRenew;
  std::string spec;
  std::string key;
  std::string data;          // the new data, encoded; empty: none
  bool sent_before = false;  // the answer was lost: it may have been carried out
  unsigned refusals = 0;     // how often the daemon answered with an error
};

enum class UpdateAnswer : std::uint8_t {
  kDone,
  kLost,     // the attempt is this worker's no more
  kRefused,  // the daemon answered with an error, again and again
};

// What the daemon can do beyond the original; a client uses only what is listed.
using Extensions = std::set<std::string, std::less<>>;

// Reads the first item of get_work's pair, whichever form it has; null units are left out.
// Errors: kCorrupt.
Result<std::vector<WorkUnit>> ReadWork(const Value& work);

// Reads the pair that answers one update. For a repeated one "nothing was done" means that it had
// been done before.
UpdateAnswer ReadUpdateAnswer(const UnitUpdate& update, const Value& pair, std::string& message);

// The options of update_work_unit for an update.
Map UpdateOptions(const UnitUpdate& update, const WorkOptions& options,
                  const Extensions& extensions);

// Whether a summary (get_summary) has units of these specs that are not finished or failed.
// Errors: kCorrupt.
Result<bool> HasUnfinished(const Value& summary, const std::vector<std::string>& specs);

// What a WorkProtocol tells. Called from within its functions.
class WorkListener {
 public:
  WorkListener() = default;
  WorkListener(const WorkListener&) = delete;
  WorkListener& operator=(const WorkListener&) = delete;
  virtual ~WorkListener() = default;

  // The answer to a request for work; empty: there is none.
  virtual void OnWork(std::vector<WorkUnit> units) = 0;
  virtual void OnUpdated(const UnitUpdate& update, UpdateAnswer answer,
                         const std::string& message) = 0;
  // Whether the specs have nothing available, delayed or pending.
  virtual void OnEmptiness(bool empty) = 0;
  // The connections are there again.
  virtual void OnReconnected() = 0;
  // Something that people should know.
  virtual void OnTrouble(const std::string& text) = 0;
};

class WorkProtocol {
 public:
  // All of them outlive this. `now` is always the time on one clock, which never goes back.
  WorkProtocol(const WorkOptions& options, WorkListener& listener, Rng& rng);
  ~WorkProtocol();

  // Connects for the first time and shows the worker to the daemon. Errors: those of RpcClient;
  // kInvalid where an option needs an extension that the daemon does not offer.
  Result<void> Connect(WallTime now);

  bool connected() const { return connected_; }
  // A request for work has no answer yet.
  bool waiting() const { return work_.request.has_value(); }
  // Updates that are not yet answered, those not yet sent included.
  std::size_t open_updates() const;
  // Updates not yet sent.
  std::size_t queued_updates() const { return updates_.size(); }
  bool CanWait() const { return Offers("wait_seconds"); }

  // Takes an update; Send() or RequestWork() sends it.
  void Queue(UnitUpdate update) { updates_.push_back(std::move(update)); }
  // Asks for units, and carries the queued updates along. `wait`: how long the daemon may hold the
  // answer back. Needs connected() and not waiting().
  void RequestWork(std::size_t count, Duration wait, WallTime now);
  // Asks whether the specs are empty; the answer comes once.
  void AskEmptiness() { ask_emptiness_ = true; }
  // Shows the worker to the daemon in a new mode.
  void SetMode(std::string mode);
  // Sends what is queued, as far as the second connection is free.
  void Send(WallTime now);
  // Takes a waiting request for work back. Work that comes all the same goes to the listener.
  void StopWaiting(WallTime now);
  // Says good-bye, waiting a few seconds for the answer at most.
  void Unregister();

  // Appends what to wait for.
  void AddDescriptors(std::vector<pollfd>& descriptors) const;
  // Reads the answers on a descriptor that poll() found ready; others are left alone.
  void OnReady(int descriptor, WallTime now);
  // Does what is due: connects again, gives up on what got no answer.
  void Tick(WallTime now);
  // When Tick() or Send() has something to do next.
  WallTime NextDue() const;

 private:
  enum class RequestKind : std::uint8_t { kWork, kUpdates, kHeartbeat, kEmptiness };
  struct Request {
    RequestKind kind = RequestKind::kWork;
    std::vector<UnitUpdate> updates;  // that it carries
    bool carries = false;             // get_work with `updates`
    WallTime deadline;
  };
  struct Connection {
    std::unique_ptr<RpcClient> client;
    std::optional<Request> request;
  };

  bool Offers(std::string_view extension) const { return extensions_.contains(extension); }
  Result<void> Open();
  Result<void> ReadExtensions();
  List HeartbeatParams() const;
  List UpdateItem(const UnitUpdate& update) const;
  List UpdateItems(const std::vector<UnitUpdate>& updates) const;
  std::vector<UnitUpdate> TakeUpdates();
  void Report(const std::string& text);
  void Start(Connection& connection, std::string_view method, List params, Request request,
             WallTime now);
  void SendUpdates(WallTime now);
  void Receive(Connection& connection, WallTime now);
  Result<void> Handle(const Request& request, const Value& result);
  Result<void> HandleWork(const Request& request, const Value& result);
  Result<void> HandleUpdates(const std::vector<UnitUpdate>& updates, const Value& answers);
  void HandleRefusal(Request request, const Error& error, WallTime now);
  void Lose(Connection& connection, const std::string& why, WallTime now);
  // Closes a connection and queues what its request carried once more.
  void Drop(Connection& connection);
  void Requeue(std::vector<UnitUpdate> updates);

  const WorkOptions& options_;
  WorkListener& listener_;
  Rng& rng_;
  Extensions extensions_;
  Connection work_;
  Connection talk_;
  bool connected_ = false;
  bool stopping_ = false;    // StopWaiting() was called
  bool one_by_one_ = false;  // the daemon refused updates that were sent together
  std::deque<UnitUpdate> updates_;
  bool ask_emptiness_ = false;
  std::string mode_ = "RUN";
  WallTime heartbeat_due_;
  WallTime reconnect_due_;
  WallTime updates_due_;   // not before: the daemon refused one a moment ago
  unsigned failures_ = 0;  // to connect, in a row
  std::string last_trouble_;
};

}  // namespace coord
