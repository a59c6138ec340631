// SPDX-License-Identifier: MIT
// What the store that is another daemon tells, as lines of the log.
#pragma once

#include "stores/rest/rest_store.h"

namespace coord {

class RestLog final : public RestEvents {
 public:
  void OnUnavailable(const std::string& reason) override;
  void OnAvailable() override;
};

}  // namespace coord
