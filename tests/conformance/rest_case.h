// SPDX-License-Identifier: MIT
// The store that speaks to another daemon, for the conformance suite. The model test is not for it:
// what the other daemon does in the background comes when it likes.
#pragma once

#include "store_case.h"

namespace coord::testing {

// Each test has an HTTP server of its own, on a thread of its own, with an empty memory store
// behind it; the store under test reaches it over a socket. It is durable in that it finds the same
// server when it is opened again.
StoreCase RestCase();
// The same, with PostgreSQL behind it.
StoreCase RestOverPostgresCase();

}  // namespace coord::testing
