// SPDX-License-Identifier: MIT
// All methods of CBOR-RPC.
#pragma once

#include <span>
#include <string_view>

#include "rpc/method.h"

namespace coord {

// The method of this name, or nullptr. Lives for ever. Cost: one hash over three bytes and, mostly,
// one comparison.
const Method* FindMethod(std::string_view name);

// All of them, in no particular order.
std::span<const Method> Methods();

}  // namespace coord
