// SPDX-License-Identifier: MIT
#include "draw.h"

#include <chrono>

namespace coord::testing {

using namespace std::chrono_literals;

Strings Draw::Units() {
  Strings names;
  for (std::uint64_t left = Below(5); left > 0; --left) names.push_back(Unit());
  return names;
}

Duration Draw::Lifetime() { return OneOf<Duration>({0s, 1us, 10s, 10s, 60s, 60s, 10min}); }

Map Draw::UnitData() {
  switch (Below(8)) {
    case 0:
      return {};
    case 1:
      return {{"output", Map{{Unit(), Map{{"v", 1}}}, {Unit(), Value()}}}};
    case 2:
      return {{"output", List{Unit(), Value(List{Unit(), Map{{"v", 2}},
                                                 Map{{"delay", 5}, {"priority", 3}}})}}};
    case 3:
      return {{"output", List{Value(List{Unit(), Map{}, Map{}, 1.5}), Unit(), Unit()}}};
    case 4:
      return {{"output", 5}};
    default:
      return {{"v", static_cast<int>(Below(16))}};
  }
}

std::optional<Map> Draw::MaybeData() {
  return OneIn(2) ? std::optional<Map>(UnitData()) : std::nullopt;
}

NewUnit Draw::Item() {
  NewUnit item{.name = Unit(), .data = UnitData()};
  if (OneIn(3)) item.priority = static_cast<double>(Below(5)) - 2;
  if (OneIn(4)) item.delay = std::chrono::seconds(5 * Below(4));
  return item;
}

ModelDefinition Draw::Definition() {
  ModelDefinition definition;
  if (OneIn(4)) definition.priority = static_cast<std::int64_t>(Below(3)) - 1;
  if (OneIn(2)) definition.weight = static_cast<std::int64_t>(1 + Below(100));
  definition.paused = OneIn(10);
  definition.can_be_continuous = OneIn(4);
  if (OneIn(2)) definition.interval = std::chrono::milliseconds(2500 * Below(5));
  if (OneIn(3)) definition.max_running = 1 + Below(4);
  if (OneIn(4)) definition.max_attempts_returned = 1 + Below(3);
  if (OneIn(3)) definition.max_retries = 1 + Below(3);
  if (OneIn(2)) definition.then = Spec();
  if (OneIn(4)) definition.runtime = "go";
  // Half a millisecond, so that no end is exactly so old: what holds then is not said.
  if (OneIn(6)) definition.keep_age = 30s + 500us;
  if (OneIn(5)) definition.keep_count = Below(4);
  return definition;
}

coord::testing::Ask Draw::Ask() {
  coord::testing::Ask ask{.worker = Worker(), .count = Below(6), .lifetime = Lifetime()};
  if (OneIn(3)) ask.specs = {Spec(), Spec(), "unknown"};
  if (OneIn(4)) ask.runtimes = OneIn(2) ? Strings{""} : Strings{"go", "java"};
  return ask;
}

coord::testing::Query Draw::AnyQuery() {
  coord::testing::Query query;
  if (OneIn(2)) query.names = Units();
  if (OneIn(2)) query.statuses = kWorkUnitStatuses[Below(kWorkUnitStatusCount)];
  if (OneIn(6)) query.from = Unit();
  if (OneIn(6)) query.after = Unit();
  if (OneIn(4)) query.limit = Below(4);
  return query;
}

coord::testing::Update Draw::AnyUpdate() {
  coord::testing::Update update;
  update.spec = Spec();
  update.unit = Unit();
  update.status = static_cast<AskedStatus>(Below(5));
  update.data = MaybeData();
  if (OneIn(2)) update.lease_time = OneOf<Duration>({0s, 30s, 30s, 100s, 25h});
  if (OneIn(4)) update.delay = 5s;
  if (OneIn(2)) update.worker = Worker();
  update.only_if_owner = update.worker && OneIn(3);
  return update;
}

Path Draw::LockPath() {
  Path path;
  for (std::uint64_t left = 1 + Below(3); left > 0; --left) {
    path.push_back(static_cast<int>(Below(2)));
  }
  return path;
}

}  // namespace coord::testing
