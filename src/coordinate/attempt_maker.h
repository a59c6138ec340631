// SPDX-License-Identifier: MIT
// Makes handles of attempts from what a store tells of them. Private.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "coordinate/worker.h"
#include "domain/outcome.h"

namespace coordinate {

class AttemptMaker {
 public:
  // Both outlive the maker.
  AttemptMaker(const std::shared_ptr<Core>& core, const std::string& name_space)
      : core_(core), name_space_(name_space) {}

  Attempt Make(const coord::AttemptView& view) const;
  std::vector<Attempt> MakeAll(const coord::AttemptsReply& reply) const;
  // Of work that was given to this worker.
  std::vector<Attempt> MakeAll(const coord::WorkReply& reply, const std::string& worker) const;

 private:
  const std::shared_ptr<Core>& core_;
  const std::string& name_space_;
};

}  // namespace coordinate
