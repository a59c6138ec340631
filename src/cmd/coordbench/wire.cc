// SPDX-License-Identifier: MIT
#include "cmd/coordbench/wire.h"

#include <utility>

#include "value/cbor_writer.h"

namespace coord::bench {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// A permutation of the 64-bit numbers (odd multiplications and shifts can all be undone).
constexpr std::uint64_t kFirstFactor = 0x9e3779b97f4a7c15U;
constexpr std::uint64_t kSecondFactor = 0xd6e8feb86659fd93U;

// The number that undoes a multiplication by `odd`, by Newton's iteration.
constexpr std::uint64_t InverseOf(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (int i = 0; i < 6; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

std::uint64_t Scatter(std::uint64_t number) {
  number *= kFirstFactor;
  number ^= number >> 32U;
  return number * kSecondFactor;
}

std::uint64_t Gather(std::uint64_t number) {
  number *= InverseOf(kSecondFactor);
  number ^= number >> 32U;
  return number * InverseOf(kFirstFactor);
}

}  // namespace

Request::Request(std::string_view method, std::string before, std::string item, std::string after)
    : item_(std::move(item)), after_(std::move(after)) {
  CborWriter start(before_);
  start.MapHead(3);
  start.Bytes("params");
  start.Raw(before);
  CborWriter end(after_);
  end.Bytes("id");
  const std::size_t id_at = after_.size() + 1;
  end.Unsigned(0x80000000U);  // four bytes wide
  end.Bytes("method");
  end.Bytes(method);
  id_from_end_ = after_.size() - id_at;
  count_ = 1;
  SetCount(0);
}

void Request::SetCount(std::size_t count) {
  if (count == count_) return;
  count_ = count;
  std::string list;
  if (!item_.empty()) CborWriter(list).ArrayHead(count);
  const std::size_t body = before_.size() + list.size() + count * item_.size() + after_.size();
  bytes_.clear();
  CborWriter writer(bytes_);
  writer.Tag(24);
  std::string head;
  CborWriter(head).Unsigned(body);
  head[0] = static_cast<char>(head[0] | 0x40);  // a byte string of that length
  writer.Raw(head);
  before_at_ = bytes_.size();
  writer.Raw(before_);
  writer.Raw(list);
  items_at_ = bytes_.size();
  for (std::size_t i = 0; i < count; ++i) writer.Raw(item_);
  writer.Raw(after_);
  id_at_ = bytes_.size() - id_from_end_;
}

void WriteUnitName(std::uint64_t number, bool scatter, char* name) {
  if (scatter) number = Scatter(number);
  for (std::size_t i = kUnitNameSize; i-- > 0; number >>= 4U) name[i] = kDigits[number & 15U];
}

std::uint64_t ReadUnitName(std::string_view name, bool scatter) {
  if (name.size() != kUnitNameSize) return UINT64_MAX;
  std::uint64_t number = 0;
  for (const char digit : name) {
    const std::size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) return UINT64_MAX;
    number = (number << 4U) | value;
  }
  return scatter ? Gather(number) : number;
}

void WriteWorkerNumber(std::uint32_t number, char* digits) {
  for (std::size_t i = kBlankWorker.size(); i-- > 0; number /= 10) {
    digits[i] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace coord::bench
