// SPDX-License-Identifier: MIT
#include "value/data.h"

#include "value/cbor_reader.h"

namespace coord {

Result<Data> Data::FromItem(std::string_view item, std::string_view what) {
  if (IsCborNull(item)) return Data();
  auto map = CborMap::Open(item);
  if (!map) return InvalidError(std::string(what) + " must be a map");
  std::string_view key;
  std::string_view value;
  while (map->Next(key, value)) {
    if (!IsCborString(key)) return InvalidError(std::string(what) + " has a key that is no string");
  }
  return Data(item);
}

}  // namespace coord
