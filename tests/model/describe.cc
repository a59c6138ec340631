// SPDX-License-Identifier: MIT
#include "describe.h"

#include <chrono>

#include "printing.h"

namespace coord::testing {

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration<double>(duration).count()) + "s";
}

std::string Text(const std::optional<Map>& data) { return data ? ToDebugText(Value(*data)) : "-"; }

std::string Text(const Strings& names) {
  std::string text = "[";
  for (const std::string& name : names) text += name + " ";
  return text + "]";
}

std::string Text(const Query& query) {
  std::string text = query.names ? Text(*query.names) : "all";
  if (query.statuses) {
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      if (query.statuses->Has(status)) text += " " + std::string(ToText(status));
    }
  }
  if (query.from) text += " from " + *query.from;
  if (query.after) text += " after " + *query.after;
  if (query.limit != 0) text += " limit " + std::to_string(query.limit);
  return text;
}

std::string Text(const Held& held) {
  return held.spec + "/" + held.unit + "#" + std::to_string(static_cast<std::uint64_t>(held.id));
}

std::string Text(Failure failure) { return failure ? std::string(InfoOf(*failure).name) : "ok"; }

std::string Text(const Update& update) {
  std::string text = "update " + update.spec + "/" + update.unit + " status " +
                     std::to_string(static_cast<int>(update.status)) + " data " + Text(update.data);
  if (update.lease_time) text += " lease " + Seconds(*update.lease_time);
  if (update.delay) text += " delay " + Seconds(*update.delay);
  if (update.worker) text += " by " + *update.worker;
  return text + (update.only_if_owner ? " only if owner;" : ";");
}

Mismatch Differ(const std::string& what, const std::string& expected, const std::string& got) {
  return what + ": expected " + expected + ", got " + got;
}

Mismatch Compare(const std::string& what, Failure expected, Failure got) {
  if (expected == got) return std::nullopt;
  return Differ(what, Text(expected), Text(got));
}

Mismatch Compare(const std::string& what, std::uint64_t expected, std::uint64_t got) {
  if (expected == got) return std::nullopt;
  return Differ(what, std::to_string(expected), std::to_string(got));
}

Failure FailureOf(const OwnedOutcome& outcome) {
  const Error* const error = std::get_if<Error>(&outcome);
  return error == nullptr ? kOk : Failure(error->code);
}

}  // namespace coord::testing
