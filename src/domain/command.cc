// SPDX-License-Identifier: MIT
#include "domain/command.h"

namespace coord {

bool MayBeLong(const Command& command) {
  return std::visit(
      [](const auto& alternative) {
        if constexpr (requires { alternative.may_be_long; }) {
          return alternative.may_be_long;
        } else {
          return false;
        }
      },
      command);
}

}  // namespace coord
