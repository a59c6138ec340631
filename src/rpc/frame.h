// SPDX-License-Identifier: MIT
// Finding the messages in a stream of bytes (spec/cbor-rpc.md, section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "value/cbor_reader.h"

namespace coord {

struct FrameLimits {
  std::size_t message_bytes_max = std::size_t{64} << 20U;
  int nesting_max = 128;  // at most CborScanner::kDepthMax
};

enum class FrameKind : std::uint8_t {
  kNeedMore,  // the message is not all there
  kRequest,   // `payload` starts with a map; its content is not checked yet
  kBatch,     // `payload` is a list, well-formed and within the limits
  kClose,     // a null message: the peer asks to close
  kBad,       // this can be no message: the stream cannot be followed any further
};

struct Frame {
  FrameKind kind = FrameKind::kNeedMore;
  // Borrowed from the stream. For kNeedMore and kBad: what has arrived of it, to look for an id.
  std::string_view payload;
  // Bytes of the stream that the message takes. For kNeedMore: the least that it can take, as far
  // as it is known; nothing may be allocated for it before the bytes arrive.
  std::size_t size = 0;
  std::string_view reason = {};  // for kBad: what is wrong. Lives for ever.
};

// Splits the stream of one connection. Each byte is looked at once, however the stream is cut.
class FrameReader {
 public:
  // `limits` outlive the reader.
  explicit FrameReader(const FrameLimits& limits) : limits_(limits) {}

  // Looks at the message at the front of the stream. `bytes` holds all that has arrived of it; it
  // may have been moved since the last call. The chunks of a byte string of indefinite length are
  // joined in place, which is why the bytes are not const. After anything but kNeedMore the next
  // call is about the next message.
  Frame Next(char* bytes, std::size_t size);

 private:
  Frame Untagged(char* bytes, std::size_t size);
  Frame ChunkedMessage(char* bytes, std::size_t size, std::size_t content);
  Frame Classify(std::string_view content, std::size_t size) const;
  Frame Unwrap(char* content, std::size_t content_size, std::size_t size, int wrappings) const;
  // Goes on scanning one item for which no length is known beforehand.
  Frame ScanOn(std::string_view bytes);

  const FrameLimits& limits_;
  std::unique_ptr<CborScanner> scanner_;  // only while such an item is incomplete
};

}  // namespace coord
