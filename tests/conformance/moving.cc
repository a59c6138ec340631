// SPDX-License-Identifier: MIT
#include "moving.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "printing.h"

namespace coord::testing {

namespace {

using namespace std::chrono_literals;

const std::string kOddName("\xff\x00 x", 4);

void FillSpecs(Client& client) {
  client.SetWorkSpec({{"name", "first"}, {"then", "second"}, {"max_running", 100}});
  client.SetWorkSpec({{"name", "second"}, {"continuous", true}, {"interval", 5.5}});
  client.SetWorkSpec({{"name", "no units"}, {"limit_completed_count", 7}, {"runtime", "cpp"}});
  client.SetMeta("second", {.priority = 3, .weight = 0, .paused = true});
}

Map OddData() {
  return {{"bytes", Bytes{std::string("\x00\xfe", 2)}},
          {"tuple", Tuple{{1, "two", Value()}}},
          {"uuid", Uuid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}},
          {"least", std::int64_t{INT64_MIN}},
          {"most", std::uint64_t{UINT64_MAX}},
          {"bignum", Bignum{true, std::string(9, '\x01')}},
          {"double", -0.0},
          {"nothing", List{}}};
}

void FillUnits(Client& client) {
  client.Add("first", {{.name = "available", .data = OddData()},
                       {.name = "ranked", .priority = -2.5},
                       {.name = "delayed", .delay = 1h},
                       {.name = "was delayed", .delay = 10s},
                       {.name = ""},
                       {.name = kOddName}});
  for (const char* const name : {"pending", "finished", "failed", "again", "lapsed", "gone",
                                 "renewed", "cleared", "replaced"}) {
    client.Add("first", {{.name = name, .data = {{"of", name}}}});
  }
}

// Each unit after its name.
void Work(Client& client, const std::function<void(Duration)>& advance) {
  const auto hold = [&](const std::string& unit, const std::string& worker, Duration lifetime) {
    return client.MakeAttempt("first", unit, worker, lifetime);
  };
  const Held failed = hold("failed", "worker", 1h);
  const Held finished = hold("finished", "worker", 1h);
  EXPECT_EQ(client.Expire(hold("again", "stranger", 1h)), kOk);
  EXPECT_EQ(client.RetryAttempt(hold("again", "worker", 1h), 3h, Map{{"try", 2}}), kOk);
  hold("lapsed", "worker", 20s);
  hold("pending", "worker", 1h);
  hold("gone", "gone", 1h);
  EXPECT_EQ(client.ErrorOf(UnregisterWorker{"gone"}), kOk);
  const Held renewed = hold("renewed", "child", 10s);
  EXPECT_EQ(client.Finish(hold("cleared", "child", 1h)), kOk);
  client.ClearActive("first", "cleared");
  hold("replaced", "child", 1h);
  client.Add("first", {{.name = "replaced", .data = {{"of", "replaced anew"}}, .priority = 4.0}});
  advance(15s);
  EXPECT_EQ(client.Renew(renewed, 2h, Map{{"progress", 0.5}}), kOk);
  EXPECT_EQ(client.Fail(failed, Map{{"traceback", "it\nfell"}}), kOk);
  advance(15s);
  EXPECT_EQ(client.Finish(finished, Map{{"output", List{"next", Tuple{{"last", Map{}}}}}}), kOk);
}

void FillWorkers(Client& client) {
  client.Beat("parent", 2h, {{"host", "here"}}, {}, "RUN");
  client.Beat("child", 2h, {}, "parent", Value(7));
  client.Beat("gone", 2h, {}, "parent");
}

void FillLocks(Client& client) {
  client.ChangeLocks(LockOperation::kLockAll, "locker",
                     {{Bytes{"a"}, 1, 2.5}, {Bytes{"a"}, 1, Bytes{"x"}}}, 1h);
  client.ChangeLocks(LockOperation::kLockAll, "other", {{Bytes{"b"}}, {Value(), true}}, 2h);
}

void Look(Client client, std::map<std::string, std::string>& seen) {
  for (const char* const spec : {"first", "second", "no units"}) {
    const std::string of = std::string(" of ") + spec;
    seen["definition" + of] = ToDebugText(client.Definition(spec));
    const WorkSpecMeta meta = client.MetaWithCounts(spec).meta;
    seen["meta" + of] = std::to_string(meta.priority) + " " + std::to_string(meta.weight) + " " +
                        std::to_string(meta.paused) + " " + std::to_string(meta.continuous) + " " +
                        std::to_string(meta.interval.count()) + " " +
                        std::to_string(meta.max_running) + " " + meta.next_work_spec_name + " " +
                        meta.runtime;
    seen["counts" + of] = ToDebugText(OwnedOutcome(StatusCountsReply{client.Counts(spec)}));
    seen["units" + of] = ToDebugText(OwnedOutcome(client.List(spec)));
    for (const OwnedUnit& unit : client.List(spec)) {
      seen["attempts of " + unit.name + of] =
          ToDebugText(client.Run(ListUnitAttempts{spec, unit.name}));
    }
  }
  seen["workers"] = ToDebugText(client.Run(ListWorkers{}));
  for (const char* const worker : {"parent", "child", "gone", "worker", "stranger"}) {
    seen[std::string("worker ") + worker] = ToDebugText(client.Run(GetWorker{worker}));
    for (const WorkerAttempts which :
         {WorkerAttempts::kActive, WorkerAttempts::kAll, WorkerAttempts::kChildren}) {
      seen[std::string("attempts by ") + worker + std::to_string(static_cast<int>(which))] =
          ToDebugText(client.Run(ListWorkerAttempts{worker, which}));
    }
    seen[std::string("children's units of ") + worker] =
        ToDebugText(client.Run(GetChildWorkUnits{worker}));
  }
  const auto holders = client.ReadLocks({{Bytes{"a"}, 1, 2.5},
                                         {Bytes{"a"}, 1, Bytes{"x"}},
                                         {Bytes{"b"}},
                                         {Value(), true},
                                         {Bytes{"a"}}});
  seen["locks"] = ToDebugText(OwnedOutcome(OwnedLocks{{}, holders}));
  seen["summary"] = ToDebugText(OwnedOutcome(client.Summary()));
}

}  // namespace

void FillWithEverything(Client client, const std::function<void(Duration)>& advance) {
  for (const char* const name_space : {"", "other"}) {
    Client in = client.In(name_space);
    FillSpecs(in);
    FillUnits(in);
    FillWorkers(in);
    FillLocks(in);
  }
  Client in = client.In("");
  Work(in, advance);
  EXPECT_EQ(client.In("nothing in it").ErrorOf(CreateNamespace{}), kOk);
}

std::map<std::string, std::string> LookAtEverything(Client client) {
  std::map<std::string, std::string> seen;
  for (const char* const name_space : {"", "other"}) {
    std::map<std::string, std::string> in;
    Look(client.In(name_space), in);
    for (auto& [what, answer] : in) seen[std::string(name_space) + ": " + what] = answer;
  }
  seen["namespaces"] = ToDebugText(client.Run(ListNamespaces{}));
  return seen;
}

Strings Readable(const Strings& records) {
  Strings texts;
  for (const std::string& record : records) {
    texts.push_back(ToDebugText(DecodeData(Data::FromStored(record))));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace coord::testing
