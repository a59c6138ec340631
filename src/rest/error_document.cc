// SPDX-License-Identifier: MIT
#include "rest/error_document.h"

#include <string>

#include "rest/body_reader.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

// The first in the table that fits: of several with one name and status, the mildest.
ErrorCode CodeOf(int status, std::string_view name) {
  const bool is_own_name = name != InfoOf(ErrorCode::kInvalid).name;
  for (const ErrorInfo& info : ErrorTable()) {
    if (info.name == name && (is_own_name || info.http_status == status)) return info.code;
  }
  if (status >= 500) return status == 503 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  return ErrorCode::kInvalid;
}

}  // namespace

Error ReadErrorDocument(int status, std::string_view item) {
  Arena arena;
  const auto name = CborAsString(FindInCborMap(item, "error"), arena);
  const auto message = CborAsString(FindInCborMap(item, "message"), arena);
  Error error;
  const bool is_in_doubt = CborAsBool(FindInCborMap(item, "in_doubt")).value_or(false);
  error.code = is_in_doubt ? ErrorCode::kInDoubt
                           : CodeOf(status, name.value_or(InfoOf(ErrorCode::kInvalid).name));
  error.detail = message ? std::string(*message) : "HTTP status " + std::to_string(status);
  const auto value = ReadNameField(item, "value", arena);
  if (value.has_value() && *value) error.subject = **value;
  return error;
}

}  // namespace coord
