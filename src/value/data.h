// SPDX-License-Identifier: MIT
// Data maps: what users store. Encoded CBOR, checked once at the door, then carried as it is.
#pragma once

#include <string_view>

#include "base/result.h"
#include "value/cbor_writer.h"

namespace coord {

// A view of one well-formed CBOR map whose top-level keys are strings, or "null" (no data given).
// Does not own its bytes. Cheap to copy.
class Data {
 public:
  // Null: nothing given, nothing changed.
  Data() = default;

  // Checks the kind of an item that has passed a CborScanner. A null item gives null data.
  // Errors: kInvalid where it is no map or has a top-level key that is no string; `what` names it.
  static Result<Data> FromItem(std::string_view item, std::string_view what);

  // Takes bytes that were a Data before, out of a store.
  static Data FromStored(std::string_view cbor) { return Data(cbor); }

  static Data Empty() { return Data(kEmptyCborMap); }

  bool is_null() const { return cbor_.empty(); }
  std::string_view cbor() const { return cbor_; }

  // This data, or `other` where this is null.
  Data Or(Data other) const { return is_null() ? other : *this; }

 private:
  explicit Data(std::string_view cbor) : cbor_(cbor) {}

  std::string_view cbor_;
};

}  // namespace coord
