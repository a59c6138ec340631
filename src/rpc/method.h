// SPDX-License-Identifier: MIT
// What a CBOR-RPC method is: data that the server looks up, and two functions that turn a request
// into a command and an outcome into an answer. No method holds a business rule.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/outcome.h"
#include "domain/store.h"
#include "rpc/params.h"
#include "value/cbor_writer.h"

namespace coord {

// What the daemon knows of itself. The same for all connections.
struct ServerFacts {
  Clock* clock = nullptr;  // used on the engine's thread only
  std::string config;      // encoded, for get_config; empty: none
  std::string backend;
  std::size_t message_bytes_max = 0;
  int nesting_max = 0;
  std::size_t batch_requests_max = 0;
};

// What the decoder of a request leaves for the encoder of its answer. Its views point into the
// request's bytes, never into a batch's arena, because an answer may come after the batch.
struct CallNotes {
  const ServerFacts* facts = nullptr;
  bool as_list = false;       // get_work: a list of units, not one
  bool with_updates = false;  // get_work: the replies to its updates go with it
  std::string_view text;      // the worker's name, the unit's key or the lock's keys, as the method
                              // needs it
  std::string_view message;   // the message of the pair; lives for ever
  // The request needs no store: its answer is the method's failure value and this message, which
  // lives for ever.
  std::string_view refusal;
};

struct DecodeContext {
  Arena& arena;
  bool may_wait = true;  // false inside a batch
};

// How a method tells that what it was asked about does not exist.
enum class Failure : std::uint8_t {
  kError,     // an `error` answer
  kFalse,     // the pair (false, message)
  kZero,      // the pair (0, message)
  kNull,      // the pair (null, message)
  kBareNull,  // null, without a pair
};

struct Method {
  std::string_view name;
  std::span<const std::string_view> parameters;
  std::size_t required = 0;  // so many of the parameters must be given
  Failure failure = Failure::kError;
  // Fills in the command (and `wait`) and the notes. Errors: kInvalid and others of bad input; the
  // detail names the parameter.
  Result<void> (*decode)(const Params& params, DecodeContext& context, Submission& submission,
                         CallNotes& notes) = nullptr;
  // Writes the value of `result` for an outcome that is no Error.
  void (*encode)(const Outcome& outcome, const CallNotes& notes, CborWriter& writer) = nullptr;
  // Instead of both: answers without a store. Runs on the engine's thread.
  void (*answer)(const ServerFacts& facts, CborWriter& writer) = nullptr;
  // The answer may be long: a connection's next request is executed when this one is answered, so
  // that its unsent output stays within bounds.
  bool long_answer = false;
  // Where there is one: says why an outcome is answered with an error instead, or nothing.
  std::string_view (*refuse)(const Outcome& outcome) = nullptr;
};

// `method`, whose answer may be long.
constexpr Method LongAnswer(Method method,
                            std::string_view (*refuse)(const Outcome& outcome) = nullptr) {
  method.long_answer = true;
  method.refuse = refuse;
  return method;
}

// Writes the whole answer (the map with id and result or error) for an outcome.
void EncodeAnswer(const Method& method, std::string_view id, const Outcome& outcome,
                  const CallNotes& notes, CborWriter& writer);

// Writes the answer of a method that was refused before it reached the store (notes.refusal).
void EncodeRefusal(const Method& method, std::string_view id, std::string_view message,
                   CborWriter& writer);

}  // namespace coord
