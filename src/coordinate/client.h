// SPDX-License-Identifier: MIT
// The way in: a daemon, or a store within this process, and its namespaces.
//
//   auto client = coordinate::Client::Connect("http://127.0.0.1:5980/");
//   if (!client) return Complain(client.error());
//   coordinate::Namespace all = client->InNamespace("");
//
// Client, Namespace, WorkSpec, WorkUnit, Worker and Attempt are handles: names and a reference to
// the connection, cheap to copy, with nothing of what the store holds in them. Every function that
// returns a Result asks the store, waits for the answer, and costs a round trip; each is atomic.
// Handles may be used by any number of threads at once, whose requests share round trips.
//
// Errors, of all of them: kUnavailable, kInDoubt and kInternal, beside those that are named; and
// kGone, kNoSuchWorkSpec or kNoSuchWorkUnit where what the handle stands for is not there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "coordinate/result.h"
#include "coordinate/time.h"
#include "coordinate/types.h"

namespace coordinate {

class Attempt;
class AttemptMaker;
class Core;
class Namespace;
class WorkSpec;
class Worker;

struct ClientOptions {
  // For a store within this process and for the library's own pauses; null: the machine's clock. A
  // daemon has its own.
  std::shared_ptr<TimeSource> time;
};

class Client {
 public:
  // A daemon, by the address of its REST interface: "http://HOST:PORT/". Errors: kInvalid,
  // kUnavailable. A connection that is lost later is opened again with the next request.
  static Result<Client> Connect(const std::string& url, const ClientOptions& options = {});
  // A store within this process: "memory", which is empty and gone with the client, or
  // "sqlite:PATH", which no daemon and no other client may have open. A URL as above, too.
  // Errors: kInvalid, kUnavailable; kInternal where the file cannot be read.
  static Result<Client> Open(const std::string& backend, const ClientOptions& options = {});

  // The namespace of this name, which CBOR-RPC and `coordinate` know as the empty one. It is made
  // when something is put into it.
  Namespace InNamespace(const std::string& name) const;
  // Those that there are, in the order of their names.
  Result<std::vector<std::string>> Namespaces() const;
  // Of all namespaces.
  Result<std::vector<SummaryRecord>> Summary() const;

  // The clock of this client.
  TimeSource& time() const;

 private:
  explicit Client(std::shared_ptr<Core> core);

  // Shared by all handles that come from this client; the last of them ends the connection.
  std::shared_ptr<Core> core_;
};

// A namespace: nothing is shared between two of them.
class Namespace {
 public:
  const std::string& name() const { return name_; }

  // Makes or replaces a work spec; the definition is a map whose `name` is the spec's.
  // Errors: kNoWorkSpecName, kBadWorkSpecName, kInvalid (a key of a wrong type; it is named).
  Result<WorkSpec> SetWorkSpec(const Value& definition) const;
  // A handle, without asking whether there is such a spec.
  WorkSpec Spec(const std::string& name) const;
  // In the order of their names.
  Result<std::vector<WorkSpec>> WorkSpecs() const;

  // A handle. The worker is made when it first does something. Errors come later: a name is UTF-8,
  // at most 1,024 bytes.
  Worker WorkerNamed(const std::string& name) const;
  // In the order of their names; of those that are active, or of all.
  Result<std::vector<Worker>> Workers(bool active_only = false) const;

  Result<std::vector<SummaryRecord>> Summary() const;
  // Destroys the namespace and all that it holds, at one instant.
  Result<void> Destroy() const;

  // The clock of the client.
  TimeSource& time() const;

 private:
  friend class Client;
  Namespace(std::shared_ptr<Core> core, std::string name);

  std::shared_ptr<Core> core_;  // as in Client
  std::string name_;
};

}  // namespace coordinate
