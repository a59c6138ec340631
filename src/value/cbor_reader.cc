// SPDX-License-Identifier: MIT
#include "value/cbor_reader.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "value/number_text.h"

namespace coord {

namespace {

constexpr CborKind kKindOfMajor[] = {CborKind::kUnsigned, CborKind::kNegative, CborKind::kBytes,
                                     CborKind::kText,     CborKind::kArray,    CborKind::kMap,
                                     CborKind::kTag,      CborKind::kSimple};

std::uint64_t BigEndian(const char* bytes, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

bool CanBeIndefinite(CborKind kind) {
  return kind == CborKind::kBytes || kind == CborKind::kText || kind == CborKind::kArray ||
         kind == CborKind::kMap;
}

// RFC 8949 appendix D: the value of a half-precision float.
double HalfToDouble(std::uint64_t bits) {
  const auto exponent = static_cast<int>((bits >> 10U) & 0x1fU);
  const auto fraction = static_cast<double>(bits & 0x3ffU);
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else if (exponent != 31) {
    value = std::ldexp(fraction + 1024, exponent - 25);
  } else {
    value = fraction == 0 ? HUGE_VAL : std::nan("");
  }
  return (bits & 0x8000U) != 0 ? -value : value;
}

double FloatValue(const CborHead& head) {
  if (head.width == 2) return HalfToDouble(head.argument);
  if (head.width == 4) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.argument)));
  }
  return std::bit_cast<double>(head.argument);
}

// The text of a definite string item, or nothing.
std::optional<std::string_view> DefiniteString(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone || head.indefinite) return std::nullopt;
  if (head.kind != CborKind::kBytes && head.kind != CborKind::kText) return std::nullopt;
  if (item.size() - size < head.argument) return std::nullopt;
  return item.substr(size, head.argument);
}

// True for the head of a string in chunks.
bool IsChunkedString(std::string_view item) {
  return item.starts_with('\x5f') || item.starts_with('\x7f');
}

// True if the string item (definite or in chunks) is exactly `text`.
bool StringItemEquals(std::string_view item, std::string_view text) {
  if (const auto whole = DefiniteString(item)) return *whole == text;
  if (!IsChunkedString(item)) return false;
  item.remove_prefix(1);
  while (const auto chunk = DefiniteString(TakeCborItem(item))) {
    if (!text.starts_with(*chunk)) return false;
    text.remove_prefix(chunk->size());
  }
  return text.empty();
}

std::optional<std::int64_t> WholeInteger(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

CborScan ReadCborHead(std::string_view bytes, CborHead& head, std::size_t& size) {
  if (bytes.empty()) return CborScan::kNeedMore;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const unsigned info = first & 0x1fU;
  head.kind = kKindOfMajor[first >> 5U];
  head.width = 0;
  head.indefinite = false;
  head.argument = info;
  if (info >= 24) {
    if (info == 31) {
      head.argument = 0;
      size = 1;
      if (head.kind == CborKind::kSimple) {
        head.kind = CborKind::kBreak;
        return CborScan::kDone;
      }
      if (!CanBeIndefinite(head.kind)) return CborScan::kMalformed;
      head.indefinite = true;
      return CborScan::kDone;
    }
    if (info > 27) return CborScan::kMalformed;
    const auto width = static_cast<std::uint8_t>(1U << (info - 24));
    if (bytes.size() <= width) return CborScan::kNeedMore;
    head.width = width;
    head.argument = BigEndian(bytes.data() + 1, width);
    if (head.kind == CborKind::kSimple) {
      if (width > 1) {
        head.kind = CborKind::kFloat;
      } else if (head.argument < 32) {
        return CborScan::kMalformed;  // RFC 8949 section 3.3: not in two bytes
      }
    }
  }
  size = 1U + head.width;
  return CborScan::kDone;
}

CborScan CborScanner::Scan(std::string_view bytes) {
  while (!done_) {
    if (needed_ > bytes.size()) return CborScan::kNeedMore;
    CborHead head;
    std::size_t head_size = 0;
    const CborScan read = ReadCborHead(bytes.substr(position_), head, head_size);
    if (read != CborScan::kDone) return read;
    if (!AllowedHere(head)) return CborScan::kMalformed;
    std::size_t end = position_ + head_size;
    if ((head.kind == CborKind::kBytes || head.kind == CborKind::kText) && !head.indefinite) {
      if (head.argument > SIZE_MAX / 2) return CborScan::kMalformed;
      end += static_cast<std::size_t>(head.argument);
      if (end > bytes.size()) {
        needed_ = end;
        return CborScan::kNeedMore;
      }
    }
    position_ = end;
    const CborScan entered = Enter(head);
    if (entered != CborScan::kDone) return entered;
  }
  return CborScan::kDone;
}

bool CborScanner::AllowedHere(const CborHead& head) const {
  if (depth_ == 0) return head.kind != CborKind::kBreak;
  const Level& level = levels_[static_cast<std::size_t>(depth_ - 1)];
  if (head.kind == CborKind::kBreak) return level.left == kEndless && !level.odd;
  if (level.kind == CborKind::kBytes || level.kind == CborKind::kText) {
    return head.kind == level.kind && !head.indefinite;
  }
  return true;
}

CborScan CborScanner::Enter(const CborHead& head) {
  if (head.kind == CborKind::kBreak) {
    --depth_;
    Complete();
    return CborScan::kDone;
  }
  // An item takes a byte at least: counts that no message can hold are refused here, which also
  // keeps them away from kEndless and from overflow.
  if ((head.kind == CborKind::kArray || head.kind == CborKind::kMap) &&
      head.argument > (std::uint64_t{1} << 40U)) {
    return CborScan::kMalformed;
  }
  std::uint64_t inside = 0;
  if (head.indefinite) {
    inside = kEndless;
  } else if (head.kind == CborKind::kArray) {
    inside = head.argument;
  } else if (head.kind == CborKind::kMap) {
    inside = head.argument * 2;
  } else if (head.kind == CborKind::kTag) {
    inside = 1;
  }
  if (inside == 0) {
    Complete();
    return CborScan::kDone;
  }
  if (depth_ >= depth_max_ || depth_ >= kDepthMax) return CborScan::kTooDeep;
  levels_[static_cast<std::size_t>(depth_++)] = {inside, head.kind, false};
  return CborScan::kDone;
}

void CborScanner::Complete() {
  while (depth_ > 0) {
    Level& level = levels_[static_cast<std::size_t>(depth_ - 1)];
    if (level.left == kEndless) {
      if (level.kind == CborKind::kMap) level.odd = !level.odd;
      return;
    }
    if (--level.left > 0) return;
    --depth_;
  }
  done_ = true;
}

std::string_view CborScanner::Describe(CborScan result) {
  switch (result) {
    case CborScan::kDone:
      return "well-formed";
    case CborScan::kNeedMore:
      return "not complete";
    case CborScan::kMalformed:
      return "not well-formed CBOR";
    case CborScan::kTooDeep:
      return "nested too deep";
  }
  return "";
}

std::optional<std::size_t> CborItemSize(std::string_view bytes, int depth_max) {
  CborScanner scanner(depth_max);
  if (scanner.Scan(bytes) != CborScan::kDone) return std::nullopt;
  return scanner.size();
}

std::string_view TakeCborItem(std::string_view& bytes) {
  // Scalars and short strings, which are most of what there is, need no scanner.
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(bytes, head, size) != CborScan::kDone) return {};
  if (head.kind == CborKind::kArray || head.kind == CborKind::kMap || head.kind == CborKind::kTag ||
      head.kind == CborKind::kBreak || head.indefinite) {
    CborScanner scanner(CborScanner::kDepthMax);
    if (scanner.Scan(bytes) != CborScan::kDone) return {};
    size = scanner.size();
  } else if (head.kind == CborKind::kBytes || head.kind == CborKind::kText) {
    if (bytes.size() - size < head.argument) return {};
    size += static_cast<std::size_t>(head.argument);
  }
  const std::string_view item = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return item;
}

bool IsCborNull(std::string_view item) { return item.empty() || item[0] == '\xf6'; }

std::optional<bool> CborAsBool(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return std::nullopt;
  if (head.kind == CborKind::kSimple) {
    if (head.argument == kCborTrue) return true;
    if (head.argument == kCborFalse) return false;
    return std::nullopt;
  }
  if (head.kind == CborKind::kUnsigned && head.argument <= 1) return head.argument == 1;
  if (head.kind == CborKind::kFloat) {
    const double value = FloatValue(head);
    if (value == 0 || value == 1) return value == 1;
  }
  return std::nullopt;
}

std::optional<double> CborAsNumber(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return std::nullopt;
  switch (head.kind) {
    case CborKind::kUnsigned:
      return static_cast<double>(head.argument);
    case CborKind::kNegative:
      return -1.0 - static_cast<double>(head.argument);
    case CborKind::kFloat:
      return FloatValue(head);
    case CborKind::kBytes:
    case CborKind::kText: {
      const auto text = DefiniteString(item);
      return text ? ParseDouble(*text) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> CborAsInteger(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return std::nullopt;
  if (head.kind == CborKind::kUnsigned || head.kind == CborKind::kNegative) {
    if (head.argument > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const auto value = static_cast<std::int64_t>(head.argument);
    return head.kind == CborKind::kUnsigned ? value : -1 - value;
  }
  if (const auto text = DefiniteString(item)) {
    if (const auto whole = WholeInteger(*text)) return whole;
  }
  const auto number = CborAsNumber(item);
  constexpr double kLimit = 0x1.0p63;
  if (!number || std::trunc(*number) != *number || *number < -kLimit || *number >= kLimit) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

std::optional<std::string_view> CborAsString(std::string_view item, Arena& arena) {
  if (const auto whole = DefiniteString(item)) return whole;
  if (!IsChunkedString(item)) return std::nullopt;
  std::string joined;
  item.remove_prefix(1);
  while (const auto chunk = DefiniteString(TakeCborItem(item))) joined.append(*chunk);
  return arena.Copy(joined);
}

bool IsCborString(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  return ReadCborHead(item, head, size) == CborScan::kDone &&
         (head.kind == CborKind::kBytes || head.kind == CborKind::kText);
}

bool IsCborBignum(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone || head.kind != CborKind::kTag ||
      (head.argument != kCborTagPositiveBignum && head.argument != kCborTagNegativeBignum)) {
    return false;
  }
  return ReadCborHead(item.substr(size), head, size) == CborScan::kDone &&
         head.kind == CborKind::kBytes;
}

std::optional<CborList> CborList::Open(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return std::nullopt;
  if (head.kind == CborKind::kTag && head.argument == kCborTagTuple) {
    item.remove_prefix(size);
    if (ReadCborHead(item, head, size) != CborScan::kDone) return std::nullopt;
  }
  if (head.kind != CborKind::kArray) return std::nullopt;
  CborList list;
  list.rest_ = item.substr(size);
  list.left_ = head.argument;
  list.indefinite_ = head.indefinite;
  return list;
}

bool CborList::Next(std::string_view& item) {
  if (!indefinite_) {
    if (left_ == 0) return false;
    --left_;
  } else if (rest_.empty() || rest_[0] == '\xff') {
    return false;
  }
  item = TakeCborItem(rest_);
  return !item.empty();
}

std::size_t CborList::CountLeft() const {
  if (!indefinite_) return static_cast<std::size_t>(left_);
  CborList copy = *this;
  std::string_view item;
  std::size_t count = 0;
  while (copy.Next(item)) ++count;
  return count;
}

std::optional<CborMap> CborMap::Open(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone || head.kind != CborKind::kMap) {
    return std::nullopt;
  }
  CborMap map;
  map.rest_ = item.substr(size);
  map.left_ = head.argument;
  map.indefinite_ = head.indefinite;
  return map;
}

bool CborMap::Next(std::string_view& key, std::string_view& value) {
  if (!indefinite_) {
    if (left_ == 0) return false;
    --left_;
  } else if (rest_.empty() || rest_[0] == '\xff') {
    return false;
  }
  key = TakeCborItem(rest_);
  value = TakeCborItem(rest_);
  return !key.empty() && !value.empty();
}

std::string_view FindInCborMap(std::string_view map, std::string_view key) {
  auto entries = CborMap::Open(map);
  if (!entries) return {};
  std::string_view found;
  std::string_view entry_key;
  std::string_view entry_value;
  while (entries->Next(entry_key, entry_value)) {
    if (StringItemEquals(entry_key, key)) found = entry_value;
  }
  return found;
}

}  // namespace coord
