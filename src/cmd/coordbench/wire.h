// SPDX-License-Identifier: MIT
// CBOR-RPC as a thrifty client speaks it: requests that are laid out once and patched in place,
// answers that are walked over and not decoded.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace coord::bench {

// A walk over CBOR. Unlike value/cbor_reader.h, which is made for bytes of any origin, it is all
// inline and reads definite lengths only; what it cannot read makes ok() false for good.
class CborWalk {
 public:
  CborWalk() = default;
  explicit CborWalk(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool NextIsNull() const { return ok_ && at_ < end_ && *at_ == '\xf6'; }

  // The head of the next item: its major type and argument.
  unsigned Head(std::uint64_t& argument) {
    if (!ok_ || at_ == end_) return Fail();
    const auto first = static_cast<unsigned char>(*at_++);
    const unsigned info = first & 31U;
    if (info < 24) {
      argument = info;
      return first >> 5U;
    }
    if (info > 27) return Fail();
    const std::size_t width = std::size_t{1} << (info - 24);
    if (left() < width) return Fail();
    argument = 0;
    for (std::size_t i = 0; i < width; ++i) {
      argument = (argument << 8U) | static_cast<unsigned char>(*at_++);
    }
    return first >> 5U;
  }

  // The bytes of a text or byte string.
  std::string_view String() {
    std::uint64_t size = 0;
    const unsigned major = Head(size);
    if ((major != 2 && major != 3) || size > left()) {
      Fail();
      return {};
    }
    const std::string_view text(at_, static_cast<std::size_t>(size));
    at_ += size;
    return text;
  }

  // Enters a list or tuple, or a map; returns how many items, or pairs, follow.
  std::uint64_t List() {
    std::uint64_t count = 0;
    unsigned major = Head(count);
    if (major == 6) major = Head(count);
    if (major != 4) Fail();
    return ok_ ? count : 0;
  }
  std::uint64_t Map() {
    std::uint64_t count = 0;
    if (Head(count) != 5) Fail();
    return ok_ ? count : 0;
  }

  std::uint64_t Unsigned() {
    std::uint64_t value = 0;
    if (Head(value) != 0) Fail();
    return value;
  }

  // True for the item `true`; skips whatever it is.
  bool True() {
    const bool is_true = ok_ && at_ < end_ && *at_ == '\xf5';
    Skip();
    return is_true;
  }

  // Passes over one item.
  void Skip() {
    std::uint64_t items = 1;
    while (items > 0 && ok_) {
      std::uint64_t argument = 0;
      const unsigned major = Head(argument);
      --items;
      if (major == 2 || major == 3) {
        if (argument > left()) Fail();
        if (ok_) at_ += argument;
      } else if (major == 4) {
        items += argument;
      } else if (major == 5) {
        items += 2 * argument;
      } else if (major == 6) {
        ++items;
      }
    }
  }

 private:
  static constexpr unsigned kNothing = 8;

  unsigned Fail() {
    ok_ = false;
    return kNothing;
  }

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool ok_ = true;
};

// One answer, taken off the front of what has arrived.
struct Answer {
  enum class State : std::uint8_t { kNeedMore, kResult, kError, kMalformed };

  State state = State::kNeedMore;
  std::size_t size = 0;  // of the whole message
  std::uint64_t id = 0;
  CborWalk result;           // stands before the result, if state is kResult
  std::string_view message;  // of the error, if state is kError
};

// Reads the answer at the front of `bytes`; ids are expected to be unsigned integers.
inline Answer ReadAnswer(std::string_view bytes) {
  Answer answer;
  // The longest head: two bytes of tag, nine of byte string.
  CborWalk frame(bytes);
  std::uint64_t tag = 0;
  std::uint64_t size = 0;
  const bool framed = frame.Head(tag) == 6 && tag == 24 && frame.Head(size) == 2;
  if (!frame.ok() && bytes.size() < 11) return answer;
  if (!framed) {
    answer.state = Answer::State::kMalformed;
    return answer;
  }
  if (frame.left() < size) return answer;
  answer.size = bytes.size() - frame.left() + static_cast<std::size_t>(size);
  CborWalk body(
      bytes.substr(answer.size - static_cast<std::size_t>(size), static_cast<std::size_t>(size)));
  answer.state = Answer::State::kMalformed;
  for (std::uint64_t pairs = body.Map(); pairs > 0 && body.ok(); --pairs) {
    const std::string_view key = body.String();
    if (key == "id") {
      answer.id = body.Unsigned();
    } else if (key == "result") {
      answer.state = Answer::State::kResult;
      answer.result = body;
      if (pairs > 1) body.Skip();
    } else {
      answer.state = Answer::State::kError;
      std::uint64_t entries = body.Map();
      for (; entries > 0 && body.ok(); --entries) {
        if (body.String() == "message") {
          answer.message = body.String();
        } else {
          body.Skip();
        }
      }
    }
  }
  if (!body.ok()) answer.state = Answer::State::kMalformed;
  return answer;
}

// A framed request, written once; between two sends only a few bytes are patched.
//
// Its layout, all strings byte strings as a Python 2 client writes them:
//   24(<< {"params": BEFORE [ITEM, ITEM, ...] AFTER, "id": 4-byte integer, "method": METHOD} >>)
// where the list in the middle is optional and may be of any length.
class Request {
 public:
  // `before` is the encoded params up to the list, `after` what follows it; `item` is one encoded
  // item, empty where there is no list.
  Request(std::string_view method, std::string before, std::string item, std::string after);
  // A request without a list.
  Request(std::string_view method, std::string params)
      : Request(method, std::move(params), std::string(), std::string()) {}

  // Lays the request out anew where `count` differs from that of the last call. Items are blank
  // then: patch them all.
  void SetCount(std::size_t count);

  // How far a blank, which must occur in it, is from the beginning of an item or of the request's
  // fixed front.
  std::size_t BlankInItem(std::string_view blank) const { return item_.find(blank); }
  std::size_t BlankInFront(std::string_view blank) const { return before_.find(blank); }
  // Bytes to be patched, at those distances.
  char* Item(std::size_t index, std::size_t offset) {
    return bytes_.data() + items_at_ + index * item_.size() + offset;
  }
  char* Front(std::size_t offset) { return bytes_.data() + before_at_ + offset; }

  void SetId(std::uint32_t id) {
    id = __builtin_bswap32(id);
    std::memcpy(bytes_.data() + id_at_, &id, sizeof id);
  }
  std::string_view view() const { return bytes_; }

 private:
  std::string before_;
  std::string item_;
  std::string after_;
  std::size_t id_from_end_;
  std::size_t count_ = 0;
  std::string bytes_;
  std::size_t before_at_ = 0;
  std::size_t items_at_ = 0;
  std::size_t id_at_ = 0;
};

// Unit names: 16 hexadecimal digits made from a number and back. `scatter` makes the order of the
// names random against the order of the numbers.
inline constexpr std::size_t kUnitNameSize = 16;
inline constexpr std::string_view kBlankUnitName = "kkkkkkkkkkkkkkkk";

void WriteUnitName(std::uint64_t number, bool scatter, char* name);
// The number of a name that WriteUnitName wrote; all ones where it is none.
std::uint64_t ReadUnitName(std::string_view name, bool scatter);

// Worker names: a prefix and five digits.
inline constexpr std::string_view kBlankWorker = "wwwww";
void WriteWorkerNumber(std::uint32_t number, char* digits);

}  // namespace coord::bench
