// SPDX-License-Identifier: MIT
// What the server does for a method of a resource: data that it looks up, and functions that turn a
// request into a command and an outcome into a response. No operation holds a business rule.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dispatch/dispatcher.h"
#include "domain/outcome.h"
#include "domain/store.h"
#include "http/inquiry.h"
#include "http/response.h"
#include "rest/requests.h"
#include "serve/request_stats.h"

namespace coord {

// One of the daemon's servers, for its metrics.
struct ServedProtocol {
  std::string_view name;
  const RequestStats* requests = nullptr;
  std::function<std::size_t()> connections;  // that are open
};

// What the daemon lets its HTTP server see. All of it is used on the engine's thread only.
struct HttpFacts {
  Clock* clock = nullptr;
  ManualClock* manual_clock = nullptr;  // null: /clock is not there
  Dispatcher* dispatcher = nullptr;
  const Store* store = nullptr;
  std::vector<ServedProtocol> protocols;  // the others; the server adds itself
};

// The names in a path, decoded.
struct PathNames {
  std::string_view name_space;
  std::string_view spec;
  std::string_view unit;
  std::string_view worker;
  std::string_view start;  // an attempt's segment
  std::string_view file;   // of the dashboard, as it stands in the path
};

// A list that is answered page by page.
struct ListInPages {
  std::uint64_t left = UINT64_MAX;  // items that may still come
  std::uint64_t page = 0;           // items that the page under way may have
  bool continued = false;           // pages have been written
  bool in_pieces = false;           // the page under way is one of several
  // Set by the encoder: the last name of a page that more follow.
  std::optional<std::string> next_after;
};

struct Operation;

// One request, from its decoding to its response. Views point into the request or the batch's
// arena.
struct RestCall {
  const Operation* operation = nullptr;
  std::size_t number = 0;   // of the operation
  int status = 0;           // of the answer
  bool is_page = false;     // it goes on with the answer of another
  bool wants_page = false;  // a browser asks, for the dashboard where there is one
  std::string_view if_none_match;
  ResponseFrame frame;
  PathNames names;
  std::string_view query;
  std::string_view text;                    // of the body, as an operation needs it
  std::optional<WallTime> time;             // of the body
  std::uint64_t count = 0;                  // of items in the body, or a limit
  std::vector<ChangeList::Defect> defects;  // of items in the body
  std::optional<ListInPages> pages;
  FailureFilter failures;
  std::uint64_t looked_at_max = 0;  // failed units, for one answer
  bool submitted = false;           // a command of it is on its way
  // Why it is not executed, or answered as if it had not been.
  std::optional<Error> error;
  int error_status = 0;    // 0: the error's own
  std::string_view allow;  // goes with the error or with OPTIONS; lives for ever
};

struct RestContext {
  Arena& arena;
  int nesting_max = 0;
  std::string_view body;  // one encoded item; empty: none
  // A command to be executed before the other, whose outcome does not matter.
  std::optional<Command> before;
};

// How much room in its connection's queue an operation needs.
enum class Pace : std::uint8_t {
  kMany,   // its answer is short
  kLast,   // nothing is executed behind it until it is answered: its answer may be long
  kAlone,  // nor with it: it may take long
};

struct Operation {
  std::string_view method;
  std::string_view id;  // in the OpenAPI description
  // Fills in the command (and `wait`). Errors: those of bad input.
  Result<void> (*decode)(RestCall& call, RestContext& context, Submission& submission) = nullptr;
  // Writes the response to an outcome that is no Error.
  void (*encode)(RestCall& call, const HttpFacts& facts, const Outcome& outcome,
                 Response& response) = nullptr;
  // Instead of both: begins a question of several steps. Its pace is kAlone.
  std::unique_ptr<Inquiry> (*inquire)(const PathNames& names) = nullptr;
  // Instead of all three: answers without a store. Runs on the engine's thread.
  void (*answer)(RestCall& call, const HttpFacts& facts, Response& response) = nullptr;
  // Runs on the engine's thread before the command is executed. Errors: answered as they are.
  Result<void> (*prepare)(RestCall& call, const HttpFacts& facts) = nullptr;
  bool needs_body = false;
  bool negotiates = true;  // false: it has one kind of answer, whatever the request accepts
  bool has_page = false;   // browsers get the dashboard instead
  Pace pace = Pace::kLast;
  // Instead of `pace`, where it takes any command.
  Pace (*pace_of)(const Command& command) = nullptr;
};

// A map from the body; an empty one where there is none. Errors: kInvalid.
Result<RequestBody> BodyMap(const RestContext& context);

}  // namespace coord
