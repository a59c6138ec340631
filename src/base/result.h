// SPDX-License-Identifier: MIT
// Result<T>: a value or an Error. The choice of the underlying type is hidden here.
#pragma once

#include <boost/system/result.hpp>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/error.h"

namespace coord {

// Holds a T or an Error; Result<void> holds success or an Error. `*result` and `result->` need
// has_value(); `result.error()` needs has_error(). Asking for the wrong one is a bug and aborts.
template <typename T>
using Result = boost::system::result<T, Error>;

// What boost::system::result calls when value() is asked of an error.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& where) {
  internal::CheckFailed(where.file_name(), static_cast<int>(where.line()), error.detail.c_str());
}

// Drops a result on purpose; the reason is for the reader.
template <typename T>
void IgnoreError(const Result<T>&, std::string_view /*reason*/) {}

}  // namespace coord

#define COORD_CONCAT_INNER(a, b) a##b
#define COORD_CONCAT(a, b) COORD_CONCAT_INNER(a, b)

// COORD_TRY(name, expression): declares `name` with the expression's value, or returns its error.
#define COORD_TRY(name, expression)                            \
  auto COORD_CONCAT(result_, __LINE__) = (expression);         \
  if (!COORD_CONCAT(result_, __LINE__).has_value())            \
    return std::move(COORD_CONCAT(result_, __LINE__)).error(); \
  auto& name = *COORD_CONCAT(result_, __LINE__)

// COORD_TRY_VOID(expression): returns the expression's error, if it has one.
#define COORD_TRY_VOID(expression)                         \
  if (auto COORD_CONCAT(result_, __LINE__) = (expression); \
      !COORD_CONCAT(result_, __LINE__).has_value())        \
  return std::move(COORD_CONCAT(result_, __LINE__)).error()
