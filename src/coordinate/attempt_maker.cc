// SPDX-License-Identifier: MIT
#include "coordinate/attempt_maker.h"

#include "coordinate/convert.h"

namespace coordinate {

Attempt AttemptMaker::Make(const coord::AttemptView& view) const {
  const WorkSpec spec(core_, name_space_, std::string(view.spec));
  return {spec.Unit(std::string(view.unit)), std::string(view.worker),
          static_cast<std::uint64_t>(view.id), InfoOf(view)};
}

std::vector<Attempt> AttemptMaker::MakeAll(const coord::AttemptsReply& reply) const {
  std::vector<Attempt> attempts;
  attempts.reserve(reply.attempts.size());
  for (const coord::AttemptView& view : reply.attempts) attempts.push_back(Make(view));
  return attempts;
}

std::vector<Attempt> AttemptMaker::MakeAll(const coord::WorkReply& reply,
                                           const std::string& worker) const {
  std::vector<Attempt> attempts;
  attempts.reserve(reply.units.size());
  for (const coord::GrantedUnit& unit : reply.units) {
    coord::AttemptView view;
    view.id = unit.attempt;
    view.spec = reply.spec;
    view.unit = unit.name;
    view.worker = worker;
    view.start = unit.start;
    view.expiration = unit.expiration;
    view.data = unit.data;
    attempts.push_back(Make(view));
  }
  return attempts;
}

}  // namespace coordinate
