// SPDX-License-Identifier: MIT
// Errors as values. One table defines each code, its name on the wire and its HTTP status.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace coord {

// What a caller may branch on. Values are never stored or sent; names are (ErrorInfo::name).
enum class ErrorCode : std::uint8_t {
  kNoWorkSpecName,
  kBadWorkSpecName,
  kChangedName,
  kLostLease,
  kNotPending,
  kCannotBecomeContinuous,
  kWrongBackend,
  kNoWork,
  kWorkUnitNotList,
  kWorkUnitTooShort,
  kBadPriority,
  kGone,
  kNoSuchWorkSpec,
  kNoSuchWorkUnit,
  kInvalid,      // bad input; the detail names what and where
  kNotFound,     // nothing of that name, and no code of its own
  kOverLimit,    // a limit of this daemon was reached
  kUnavailable,  // the storage does not answer; safe to try again
  kInDoubt,      // the outcome of a commit is unknown; never retried blindly
  kCorrupt,      // stored data cannot be read
  kInternal,     // a bug
};

// How a caller should react.
enum class ErrorClass : std::uint8_t { kDomain, kInvalidInput, kTransient, kInDoubt, kCorrupt };

// One row of the table.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;  // the CODE of spec/rest.md
  int http_status;
  ErrorClass error_class;
};

// The whole table, in the order of the enumerators.
std::span<const ErrorInfo> ErrorTable();

// The row of one code.
const ErrorInfo& InfoOf(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string detail;   // for people; never parsed
  std::string subject;  // the spec, unit or key that it is about; may be empty
};

// Shorthands for the errors that are made in many places.
Error InvalidError(std::string detail);
Error NoSuchWorkSpecError(std::string_view name);
Error NoSuchWorkUnitError(std::string_view name);

}  // namespace coord
