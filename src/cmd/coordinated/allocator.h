// SPDX-License-Identifier: MIT
// The settings of the allocator.
#pragma once

namespace coord {

// Has memory come in big pages where the system offers them on request: millions of small records,
// each looked up once in a while, otherwise cost a page-table walk each time (measured: units are
// added twice as fast). To be called before much is allocated. MIMALLOC_LARGE_OS_PAGES=0 in the
// environment overrides it. Does nothing in builds without that allocator, those with sanitizers.
void PrepareAllocator();

}  // namespace coord
