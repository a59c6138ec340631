// SPDX-License-Identifier: MIT
#include "rpc/frame.h"

#include <algorithm>
#include <cstring>

namespace coord {

namespace {

constexpr std::string_view kTooLong = "message too long";
constexpr std::string_view kNoRequest = "neither a map nor a list";
constexpr std::string_view kNoBytes = "tag 24 around something that is no byte string";
constexpr std::string_view kMalformed = "not well-formed CBOR";

// A message is wrapped once, and sometimes twice.
constexpr int kWrappingsMax = 2;

Frame Bad(std::string_view reason, std::string_view seen) {
  return {FrameKind::kBad, seen, 0, reason};
}

Frame NeedMore(std::size_t size_at_least, std::string_view seen) {
  return {FrameKind::kNeedMore, seen, size_at_least};
}

// Moves the chunks of a well-formed byte string together. `chunks` is what follows its head.
std::size_t JoinChunks(char* chunks) {
  char* to = chunks;
  const char* from = chunks;
  while (*from != '\xff') {
    CborHead head;
    std::size_t head_size = 0;
    constexpr std::size_t kHeadMax = 9;
    ReadCborHead({from, kHeadMax}, head, head_size);
    const auto length = static_cast<std::size_t>(head.argument);
    std::memmove(to, from + head_size, length);
    to += length;
    from += head_size + length;
  }
  return static_cast<std::size_t>(to - chunks);
}

}  // namespace

Frame FrameReader::Next(char* bytes, std::size_t size) {
  const std::string_view stream(bytes, size);
  CborHead head;
  std::size_t head_size = 0;
  const CborScan read = ReadCborHead(stream, head, head_size);
  if (read == CborScan::kNeedMore) return NeedMore(size + 1, {});
  if (read != CborScan::kDone) return Bad(kMalformed, {});
  if (head.kind != CborKind::kTag || head.argument != kCborTagEncoded) {
    return Untagged(bytes, size);
  }
  std::size_t content = head_size;
  const CborScan inner = ReadCborHead(stream.substr(content), head, head_size);
  if (inner == CborScan::kNeedMore) return NeedMore(size + 1, {});
  if (inner != CborScan::kDone) return Bad(kMalformed, {});
  if (head.kind != CborKind::kBytes) return Bad(kNoBytes, {});
  content += head_size;
  if (head.indefinite) return ChunkedMessage(bytes, size, content);
  if (head.argument > limits_.message_bytes_max) return Bad(kTooLong, stream.substr(content));
  const std::size_t whole = content + static_cast<std::size_t>(head.argument);
  if (size < whole) return NeedMore(whole, stream.substr(content));
  return Unwrap(bytes + content, whole - content, whole, 1);
}

Frame FrameReader::Untagged(char* bytes, std::size_t size) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first == 0xf6) return {FrameKind::kClose, {}, 1};
  const unsigned major = first >> 5U;
  if (major != 4 && major != 5) return Bad(kNoRequest, {});
  Frame frame = ScanOn({bytes, size});
  if (frame.kind != FrameKind::kRequest) return frame;
  return Classify({bytes, frame.size}, frame.size);
}

Frame FrameReader::ChunkedMessage(char* bytes, std::size_t size, std::size_t content) {
  Frame frame = ScanOn({bytes, size});
  if (frame.kind != FrameKind::kRequest) return frame;
  return Unwrap(bytes + content, JoinChunks(bytes + content), frame.size, 1);
}

Frame FrameReader::ScanOn(std::string_view bytes) {
  if (!scanner_) {
    // One more level than the payload may have: the tag of a wrapping.
    const int depth = std::min(limits_.nesting_max + 1, CborScanner::kDepthMax);
    scanner_ = std::make_unique<CborScanner>(depth);
  }
  const CborScan scan = scanner_->Scan(bytes);
  if (scan == CborScan::kNeedMore) {
    const std::size_t at_least = std::max(scanner_->size_at_least(), bytes.size() + 1);
    if (at_least > limits_.message_bytes_max) return Bad(kTooLong, bytes);
    return NeedMore(at_least, bytes);
  }
  const std::size_t item_size = scanner_->size();
  scanner_.reset();
  if (scan != CborScan::kDone) return Bad(CborScanner::Describe(scan), bytes);
  if (item_size > limits_.message_bytes_max) return Bad(kTooLong, bytes);
  return {FrameKind::kRequest, bytes.substr(0, item_size), item_size};
}

Frame FrameReader::Unwrap(char* content, std::size_t content_size, std::size_t size,
                          int wrappings) const {
  const std::string_view bytes(content, content_size);
  CborHead head;
  std::size_t head_size = 0;
  if (ReadCborHead(bytes, head, head_size) != CborScan::kDone) return Bad(kMalformed, {});
  if (head.kind != CborKind::kTag || head.argument != kCborTagEncoded) {
    return Classify(bytes, size);
  }
  if (wrappings >= kWrappingsMax) return Bad(kNoRequest, {});
  std::size_t inner = head_size;
  if (ReadCborHead(bytes.substr(inner), head, head_size) != CborScan::kDone) {
    return Bad(kMalformed, {});
  }
  if (head.kind != CborKind::kBytes) return Bad(kNoBytes, {});
  inner += head_size;
  std::size_t inner_size = static_cast<std::size_t>(head.argument);
  if (head.indefinite) {
    if (!CborItemSize(bytes, 2)) return Bad(kMalformed, {});
    inner_size = JoinChunks(content + inner);
  } else if (head.argument > content_size - inner) {
    return Bad(kMalformed, {});
  }
  return Unwrap(content + inner, inner_size, size, wrappings + 1);
}

Frame FrameReader::Classify(std::string_view content, std::size_t size) const {
  if (content.empty()) return Bad(kMalformed, {});
  const auto first = static_cast<unsigned char>(content[0]);
  if (first == 0xf6) return {FrameKind::kClose, {}, size};
  switch (first >> 5U) {
    case 5:
      return {FrameKind::kRequest, content, size};
    case 4: {
      CborScanner scanner(limits_.nesting_max);
      CborScan scan = scanner.Scan(content);
      if (scan == CborScan::kNeedMore) scan = CborScan::kMalformed;
      if (scan != CborScan::kDone) return Bad(CborScanner::Describe(scan), {});
      return {FrameKind::kBatch, content.substr(0, scanner.size()), size};
    }
    default:
      return Bad(kNoRequest, {});
  }
}

}  // namespace coord
