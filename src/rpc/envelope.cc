// SPDX-License-Identifier: MIT
#include "rpc/envelope.h"

#include <optional>

namespace coord {

namespace {

// Goes through the items of a container that nobody has checked yet.
class UncheckedItems {
 public:
  // `bytes` starts behind the head. `depth_max` counts from the items on.
  UncheckedItems(std::string_view bytes, const CborHead& head, std::uint64_t count, int depth_max)
      : bytes_(bytes), left_(count), depth_max_(depth_max), indefinite_(head.indefinite) {}

  // True, and past the break, where there are no more items.
  bool AtEnd() {
    if (!indefinite_) return left_ == 0;
    if (bytes_.empty() || bytes_[0] != '\xff') return false;
    bytes_.remove_prefix(1);
    return true;
  }

  CborScan Take(std::string_view& item) {
    --left_;
    CborHead head;
    std::size_t size = 0;
    if (ReadCborHead(bytes_, head, size) != CborScan::kDone) return CborScan::kMalformed;
    if (head.kind <= CborKind::kNegative || head.kind >= CborKind::kSimple) {
      if (head.kind == CborKind::kBreak) return CborScan::kMalformed;
    } else if (head.kind <= CborKind::kText && !head.indefinite) {
      if (head.argument > bytes_.size() - size) return CborScan::kMalformed;
      size += static_cast<std::size_t>(head.argument);
    } else {
      CborScanner scanner(depth_max_);
      const CborScan scan = scanner.Scan(bytes_);
      if (scan == CborScan::kNeedMore) return CborScan::kMalformed;
      if (scan != CborScan::kDone) return scan;
      size = scanner.size();
    }
    item = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return CborScan::kDone;
  }

  // What is left, and a way to go on behind an item that somebody else has taken.
  std::string_view bytes() const { return bytes_; }
  void Skip(std::string_view item) {
    --left_;
    bytes_.remove_prefix(item.size());
  }

 private:
  std::string_view bytes_;
  std::uint64_t left_;
  int depth_max_;
  bool indefinite_;
};

// Splits a list of parameters. Leaves `envelope.params` as the list with its head.
CborScan TakeParameterList(std::string_view bytes, const CborHead& head, std::size_t head_size,
                           int depth_max, Envelope& envelope) {
  UncheckedItems items(bytes.substr(head_size), head, head.argument, depth_max - 1);
  envelope.positional = true;
  envelope.count = 0;
  while (!items.AtEnd()) {
    std::string_view item;
    const CborScan scan = items.Take(item);
    if (scan != CborScan::kDone) return scan;
    if (envelope.count < kParametersMax) envelope.values[envelope.count] = item;
    ++envelope.count;
  }
  envelope.params = bytes.substr(0, bytes.size() - items.bytes().size());
  return CborScan::kDone;
}

// Takes the value of `params`, splitting it on the way where it is a list.
CborScan TakeParams(UncheckedItems& entries, int depth_max, Envelope& envelope) {
  envelope.positional = false;
  CborHead head;
  std::size_t head_size = 0;
  if (ReadCborHead(entries.bytes(), head, head_size) != CborScan::kDone) {
    return CborScan::kMalformed;
  }
  if (head.kind == CborKind::kArray) {
    if (depth_max < 1) return CborScan::kTooDeep;
    const CborScan scan = TakeParameterList(entries.bytes(), head, head_size, depth_max, envelope);
    if (scan == CborScan::kDone) entries.Skip(envelope.params);
    return scan;
  }
  const CborScan scan = entries.Take(envelope.params);
  if (scan != CborScan::kDone || head.kind != CborKind::kTag) return scan;
  if (auto tuple = CborList::Open(envelope.params)) {
    envelope.positional = true;
    envelope.count = 0;
    std::string_view item;
    while (tuple->Next(item)) {
      if (envelope.count < kParametersMax) envelope.values[envelope.count] = item;
      ++envelope.count;
    }
  }
  return CborScan::kDone;
}

}  // namespace

CborScan ReadEnvelope(std::string_view payload, int nesting_max, Arena& arena, Envelope& envelope) {
  CborHead head;
  std::size_t head_size = 0;
  if (ReadCborHead(payload, head, head_size) != CborScan::kDone || head.kind != CborKind::kMap ||
      head.argument > payload.size()) {
    return CborScan::kMalformed;
  }
  UncheckedItems entries(payload.substr(head_size), head, head.argument * 2, nesting_max - 1);
  while (!entries.AtEnd()) {
    std::string_view key;
    std::string_view value;
    CborScan scan = entries.Take(key);
    if (scan != CborScan::kDone) return scan;
    const std::string_view name = CborAsString(key, arena).value_or(std::string_view());
    if (name == "params") {
      scan = TakeParams(entries, nesting_max - 1, envelope);
    } else {
      scan = entries.Take(value);
    }
    if (scan != CborScan::kDone) return scan;
    if (name == "id") {
      envelope.id = value;
    } else if (name == "method") {
      envelope.method = CborAsString(value, arena).value_or(std::string_view());
    }
  }
  return CborScan::kDone;
}

}  // namespace coord
