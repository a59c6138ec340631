// SPDX-License-Identifier: MIT
// Errors as values.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace coordinate {

// What a caller may branch on.
enum class ErrorCode {
  kNoWorkSpecName,
  kBadWorkSpecName,
  kChangedName,  // a definition with another name than the spec that it replaces
  kLostLease,    // the unit was given to somebody else, or cleared
  kNotPending,   // the attempt has ended
  kCannotBecomeContinuous,
  kBadPriority,
  kGone,  // what the handle stands for was deleted
  kNoSuchWorkSpec,
  kNoSuchWorkUnit,
  kNotFound,
  kInvalid,      // bad input; the message says what and where
  kOverLimit,    // more than the daemon takes at once
  kUnavailable,  // nothing was done; safe to try again
  kInDoubt,      // it may have been done; look before you try again
  kInternal,     // a bug, or stored data that cannot be read
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // for people
  std::string subject;  // the work spec, unit or key that it is about; may be empty
};

// A T or an Error. Asking for what it does not hold ends the program.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : variant_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: wanted
  Result(Error error) : variant_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return variant_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return Hold<0>(variant_); }
  const T& value() const& { return Hold<0>(variant_); }
  // By value, so that a loop over what a call returns does not outlive it.
  T value() && { return std::move(Hold<0>(variant_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return Hold<1>(variant_); }

 private:
  template <std::size_t index, typename Variant>
  static auto& Hold(Variant& variant) {
    auto* const held = std::get_if<index>(&variant);
    if (held == nullptr) std::abort();
    return *held;
  }

  std::variant<T, Error> variant_;
};

// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: wanted

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const {
    if (ok_) std::abort();
    return error_;
  }

 private:
  Error error_;
  bool ok_ = true;
};

// Drops a result on purpose; the reason is for the reader.
template <typename T>
void IgnoreError(const Result<T>&, std::string_view /*reason*/) {}

}  // namespace coordinate
