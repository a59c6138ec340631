// SPDX-License-Identifier: MIT
// Reading CBOR (RFC 8949) in place: no copies, no tree, no allocation.
//
// Bytes from outside pass a CborScanner once, which proves them well-formed and within the limits.
// After that the functions here take *items*: views of exactly one well-formed encoded item. On
// bytes that are not, they answer "no" instead of reading out of bounds.
//
// Debian's libcbor is not used because its streaming decoder refuses simple values that are not
// assigned (0-19, 32-255), which user data may hold and which must pass unharmed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace coord {

enum class CborKind : std::uint8_t {
  kUnsigned,
  kNegative,  // the value is -1 - argument
  kBytes,
  kText,
  kArray,
  kMap,
  kTag,
  kSimple,  // false, true, null, undefined and the unassigned ones; argument is the number
  kFloat,   // argument holds the bits, width 2, 4 or 8 says how many bytes
  kBreak,
};

// The tags that mean something to this project.
inline constexpr std::uint64_t kCborTagPositiveBignum = 2;
inline constexpr std::uint64_t kCborTagNegativeBignum = 3;
inline constexpr std::uint64_t kCborTagEncoded = 24;
inline constexpr std::uint64_t kCborTagUuid = 37;
inline constexpr std::uint64_t kCborTagTuple = 128;

inline constexpr std::uint64_t kCborFalse = 20;
inline constexpr std::uint64_t kCborTrue = 21;
inline constexpr std::uint64_t kCborNull = 22;

// The head of an item: everything but the bytes of a string and the items of a container.
struct CborHead {
  CborKind kind = CborKind::kBreak;
  std::uint8_t width = 0;  // bytes of argument after the first byte: 0, 1, 2, 4 or 8
  bool indefinite = false;
  std::uint64_t argument = 0;  // value, length, count, tag or float bits; 0 if indefinite
};

enum class CborScan : std::uint8_t { kDone, kNeedMore, kMalformed, kTooDeep };

// Reads the head at the front of `bytes` and sets `size` to its length.
// Returns kDone, kNeedMore (`size` untouched) or kMalformed.
CborScan ReadCborHead(std::string_view bytes, CborHead& head, std::size_t& size);

// Finds where one item ends, in bytes that arrive piece by piece; each byte is looked at once.
// Checks well-formedness as RFC 8949 section 3 defines it; the text of strings is not looked at.
class CborScanner {
 public:
  static constexpr int kDepthMax = 256;

  // `depth_max` containers and tags may nest, at most kDepthMax.
  explicit CborScanner(int depth_max) : depth_max_(depth_max) {}

  // Goes on scanning. `bytes` is the item from its first byte, with everything seen before still at
  // the front. After kDone, size() is the item's length. After kMalformed or kTooDeep the scanner
  // is spent.
  CborScan Scan(std::string_view bytes);

  // Bytes of the item that have been passed so far.
  std::size_t size() const { return position_; }

  // The least length that the whole item can have, as far as it is known: at least size().
  std::size_t size_at_least() const { return needed_ > position_ ? needed_ : position_; }

  // The error text for a result of Scan() other than kDone.
  static std::string_view Describe(CborScan result);

 private:
  struct Level {
    std::uint64_t left;  // items still to come; kEndless until a break
    CborKind kind;       // kArray, kMap, kTag, or the string kind whose chunks these are
    bool odd;            // an endless map that has a key without its value
  };
  static constexpr std::uint64_t kEndless = UINT64_MAX;

  CborScan Enter(const CborHead& head);
  bool AllowedHere(const CborHead& head) const;
  void Complete();

  int depth_max_;
  int depth_ = 0;
  bool done_ = false;
  std::size_t position_ = 0;
  std::size_t needed_ = 0;
  std::array<Level, kDepthMax> levels_;
};

// Returns the length of the item at the front of `bytes`, or nothing if it is not well-formed, not
// complete or nests deeper than `depth_max`.
std::optional<std::size_t> CborItemSize(std::string_view bytes, int depth_max);

// Takes the item at the front of `bytes` off it and returns it. The bytes must have been scanned;
// returns an empty view where they do not hold a whole item.
std::string_view TakeCborItem(std::string_view& bytes);

// --- What an item is -----------------------------------------------------------------------------

// True for null, and for an item that is not there (an empty view).
bool IsCborNull(std::string_view item);

// true, false, and the numbers 0 and 1; anything else is no boolean.
std::optional<bool> CborAsBool(std::string_view item);

// An integer, a float or a decimal string ("60", "2.5"), as a double. No bignums; no text that is
// not wholly a number. Infinities and NaN are returned as they are.
std::optional<double> CborAsNumber(std::string_view item);

// As CborAsNumber, where the value is an integer within 64 bits signed and nothing is lost.
std::optional<std::int64_t> CborAsInteger(std::string_view item);

// The bytes of a text or byte string. Chunks of an indefinite one are joined in `arena`.
std::optional<std::string_view> CborAsString(std::string_view item, Arena& arena);

// True for a text or byte string.
bool IsCborString(std::string_view item);

// True for an integer of any length: tag 2 or 3 around a byte string.
bool IsCborBignum(std::string_view item);

// --- Containers ----------------------------------------------------------------------------------

// Goes through a list; a tuple (tag 128 around a list) counts as one.
class CborList {
 public:
  // Returns nothing where the item is no list.
  static std::optional<CborList> Open(std::string_view item);

  // Sets `item` to the next one and returns true, or returns false at the end.
  bool Next(std::string_view& item);

  // How many items Next() still gives. Free for a definite list, else a walk over it.
  std::size_t CountLeft() const;

 private:
  std::string_view rest_;
  std::uint64_t left_ = 0;
  bool indefinite_ = false;
};

// Goes through a map in the order in which it was sent.
class CborMap {
 public:
  // Returns nothing where the item is no map.
  static std::optional<CborMap> Open(std::string_view item);

  bool Next(std::string_view& key, std::string_view& value);

 private:
  std::string_view rest_;
  std::uint64_t left_ = 0;
  bool indefinite_ = false;
};

// Returns the value of the last entry of a map whose key is this text or byte string; an empty view
// where there is none or the item is no map. Cost: a walk over the map's top level.
std::string_view FindInCborMap(std::string_view map, std::string_view key);

}  // namespace coord
