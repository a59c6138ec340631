// SPDX-License-Identifier: MIT
#include "domain/lock_paths.h"

#include <optional>
#include <string>

#include "domain/fields.h"
#include "value/cbor_reader.h"
#include "value/cbor_writer.h"

namespace coord {

Result<std::string_view> ReadLockLabel(std::string_view item, std::string_view name, Arena& arena) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return MustBeError(name, "given");
  std::string encoded;
  CborWriter writer(encoded);
  if (const auto text = CborAsString(item, arena)) {
    writer.Bytes(*text);
    return arena.Copy(encoded);
  }
  switch (head.kind) {
    case CborKind::kUnsigned:
      writer.Unsigned(head.argument);
      return arena.Copy(encoded);
    case CborKind::kNegative:
      writer.Negative(head.argument);
      return arena.Copy(encoded);
    case CborKind::kFloat:
      writer.Double(*CborAsNumber(item));
      return arena.Copy(encoded);
    case CborKind::kSimple:
      return item;
    case CborKind::kTag:
      if (IsCborBignum(item) ||
          (head.argument == kCborTagUuid && IsCborString(item.substr(size)))) {
        return item;
      }
      [[fallthrough]];
    default:
      return MustBeError(name, "a list of lists of scalars");
  }
}

Result<LockPath> ReadLockPath(std::string_view item, std::string_view name, Arena& arena) {
  auto labels = CborList::Open(item);
  if (!labels) return MustBeError(name, "a list of lists of labels");
  const std::size_t count = labels->CountLeft();
  if (count > kLockPathsMax) return MustBeError(name, "a list of shorter keys");
  const auto path = arena.NewArray<std::string_view>(count);
  std::string_view label;
  for (std::size_t i = 0; i < count && labels->Next(label); ++i) {
    COORD_TRY(canonical, ReadLockLabel(label, name, arena));
    path[i] = canonical;
  }
  return LockPath(path);
}

std::vector<std::string_view> LockLabels(std::string_view path) {
  std::vector<std::string_view> labels;
  auto list = CborList::Open(path);
  std::string_view label;
  while (list && list->Next(label)) labels.push_back(label);
  return labels;
}

std::string EncodeLockPath(LockPath path) {
  std::string encoded;
  CborWriter writer(encoded);
  writer.ArrayHead(path.size());
  for (const std::string_view label : path) writer.Raw(label);
  return encoded;
}

}  // namespace coord
