// SPDX-License-Identifier: MIT
// What one loop has for the store in one turn.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "dispatch/dispatcher.h"

namespace coord {

// The batches that one loop fills in one turn.
class Turn {
 public:
  // A batch with room for one more command.
  Batch& Room(Dispatcher& dispatcher, std::size_t bytes);

  std::vector<std::unique_ptr<Batch>> batches;

 private:
  std::size_t bytes_ = 0;  // of the last batch
};

}  // namespace coord
