// SPDX-License-Identifier: MIT
// Reading the paths of locks that come from outside.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "domain/command.h"

namespace coord {

// More paths in one request, or labels in one path, than this are refused.
inline constexpr std::size_t kLockPathsMax = 100'000;

// Reads a label, any scalar, into its canonical form, so that one value is one label whoever
// encoded it: strings, text or not, as a byte string; integers with the shortest head; floats as
// doubles; other scalars as they are. Errors: kInvalid, with `name` in front.
Result<std::string_view> ReadLockLabel(std::string_view item, std::string_view name, Arena& arena);

// Reads a list or tuple of labels. Errors: as above.
Result<LockPath> ReadLockPath(std::string_view item, std::string_view name, Arena& arena);

// The labels of a path in the form in which LockTree tells it: an encoded list of canonical ones.
std::vector<std::string_view> LockLabels(std::string_view path);
// That form of a path.
std::string EncodeLockPath(LockPath path);

}  // namespace coord
