// SPDX-License-Identifier: MIT
// Labels of locks are in their canonical form here, as protocols make them.
//
// A store with something of everything, for the tests of export and import.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "client.h"

namespace coord::testing {

// Fills two namespaces, "" and "other", with all kinds of things in all their states. Lets time
// pass by `advance`; a minute at most.
void FillWithEverything(Client client, const std::function<void(Duration)>& advance);

// All that can be asked about the two namespaces, by what was asked.
std::map<std::string, std::string> LookAtEverything(Client client);

// The records as text, sorted: their order is the store's affair.
Strings Readable(const Strings& records);

}  // namespace coord::testing
