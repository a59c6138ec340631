// SPDX-License-Identifier: MIT
#include "stores/rest/available_work.h"

namespace coord {

namespace {

// Between two looks while somebody waits.
constexpr Duration kPause = std::chrono::seconds(1);
// How often a dispatcher comes by where nobody does: what falls due at the other daemon is that
// one's.
constexpr Duration kIdlePause = std::chrono::seconds(10);
// As long as anybody can have waited.
constexpr Duration kUsedFor = std::chrono::hours(1);
// Looks that are worth it although nobody has asked since.
constexpr int kLooksUnaskedMax = 10;

}  // namespace

void AvailableWork::NoteChange(std::string_view name_space, WallTime now) {
  changed_.emplace(name_space);
  NoteNothing(name_space, now);
}

void AvailableWork::NoteNothing(std::string_view name_space, WallTime now) {
  used_.insert_or_assign(std::string(name_space), now);
}

std::vector<std::string> AvailableWork::NamespacesToSee(WallTime now) {
  if (looks_unasked_ >= kLooksUnaskedMax) return {};
  std::set<std::string> chosen;
  chosen.swap(changed_);
  if (last_look_ == kNoTime || last_look_ + kPause <= now) {
    std::erase_if(used_, [&](const auto& entry) { return entry.second + kUsedFor <= now; });
    for (const auto& [name_space, when] : used_) chosen.insert(name_space);
  }
  if (!chosen.empty()) {
    ++looks_unasked_;
    last_look_ = now;
  }
  return {chosen.begin(), chosen.end()};
}

void AvailableWork::Take(const std::vector<std::string>& name_spaces, std::vector<SpecSeen> seen) {
  for (const std::string& name_space : name_spaces) {
    std::erase_if(specs_, [&](const auto& entry) { return entry.first.first == name_space; });
  }
  for (SpecSeen& spec : seen) {
    std::pair key(spec.name_space, spec.spec);
    specs_.insert_or_assign(std::move(key), Spec{std::move(spec), /*noted=*/true});
  }
}

WallTime AvailableWork::NextLook(WallTime now) const {
  if (looks_unasked_ > 0 || used_.empty() || last_look_ == kNoTime) return AddTime(now, kIdlePause);
  const WallTime next = AddTime(last_look_, kPause);
  return next > now ? next : AddTime(now, kPause);
}

void AvailableWork::Visit(WallTime now, const std::function<bool(const WorkAvailable&)>& visit) {
  looks_unasked_ = 0;
  for (auto& [key, spec] : specs_) {
    const WorkSpecMeta& meta = spec.seen.meta;
    if (!spec.noted) continue;
    spec.noted = CanGiveWork(meta, spec.seen.load, now) &&
                 visit({key.first, key.second, &meta, UnitsToOffer(meta, spec.seen.load)});
  }
}

}  // namespace coord
