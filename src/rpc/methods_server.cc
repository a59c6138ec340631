// SPDX-License-Identifier: MIT
// The daemon itself: what is answered without a store.
#include <array>

#include "base/version.h"
#include "rpc/limits.h"
#include "rpc/methods.h"

namespace coord {

namespace {

// A client uses an extension only if its name is here.
constexpr std::array<std::string_view, 14> kExtensions = {"wait_seconds",
                                                          "updates",
                                                          "update_work_units",
                                                          "only_if_owner",
                                                          "delay",
                                                          "only_new",
                                                          "runtimes",
                                                          "get_summary",
                                                          "locks",
                                                          "retry_work_units",
                                                          "get_work_unit_attempts",
                                                          "get_work_unit_meta",
                                                          "export_records",
                                                          "import_records"};

void AnswerNow(const ServerFacts& facts, CborWriter& writer) {
  const auto since_epoch = facts.clock->Now().time_since_epoch();
  writer.Integer(std::chrono::floor<std::chrono::seconds>(since_epoch).count());
}

void AnswerConfig(const ServerFacts& facts, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Raw(facts.config.empty() ? kEmptyCborMap : std::string_view(facts.config));
  writer.Null();
}

void WriteLimits(const ServerFacts& facts, CborWriter& writer) {
  writer.MapHead(6);
  writer.Text("message_bytes");
  writer.Unsigned(facts.message_bytes_max);
  writer.Text("nesting");
  writer.Integer(facts.nesting_max);
  writer.Text("batch_requests");
  writer.Unsigned(facts.batch_requests_max);
  writer.Text("wait_seconds");
  writer.Unsigned(static_cast<std::uint64_t>(kWaitSecondsMax));
  writer.Text("work_units");
  writer.Integer(kWorkUnitsMax);
  writer.Text("answer_bytes");
  writer.Unsigned(kAnswerBytesMax);
}

void AnswerInfo(const ServerFacts& facts, CborWriter& writer) {
  writer.MapHead(4);
  writer.Text("version");
  writer.Text(Version());
  writer.Text("backend");
  writer.Text(facts.backend);
  writer.Text("extensions");
  writer.ArrayHead(kExtensions.size());
  for (const std::string_view extension : kExtensions) writer.Text(extension);
  writer.Text("limits");
  WriteLimits(facts, writer);
}

constexpr Method Local(std::string_view name, void (*answer)(const ServerFacts&, CborWriter&)) {
  Method method;
  method.name = name;
  method.answer = answer;
  return method;
}

constexpr std::array kMethods = {Local("now", AnswerNow), Local("get_config", AnswerConfig),
                                 Local("server_info", AnswerInfo)};

}  // namespace

std::span<const Method> ServerMethods() { return kMethods; }

}  // namespace coord
