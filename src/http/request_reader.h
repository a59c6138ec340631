// SPDX-License-Identifier: MIT
// Finds HTTP/1.1 requests in the bytes of a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/request_head.h"

namespace coord {

struct HttpLimits {
  std::size_t head_bytes_max = std::size_t{16} << 10U;
  std::size_t body_bytes_max = std::size_t{64} << 20U;
};

// One request. Views are borrowed from the bytes.
struct HttpRequest {
  RequestHead head;
  std::string_view path;   // of the target, still encoded
  std::string_view query;  // what follows its '?'
  std::string_view body;   // all of it
  bool has_body() const { return head.has_length || head.chunked; }
};

// What is at the front of the bytes.
struct ReadRequest {
  enum class Kind : std::uint8_t { kNeedMore, kRequest, kBad };
  Kind kind = Kind::kNeedMore;
  // kRequest: the bytes that it takes; kNeedMore: the least that it can take.
  std::size_t size = 1;
  bool waits_for_continue = false;  // kNeedMore: the peer wants to be told that it may go on
  HttpRequest request;
  RequestDefect defect;  // kBad
};

// Keeps what it knows of the request at the front, so that no byte is looked at twice for each that
// comes; a body in chunks is joined in place. Allocates nothing.
class RequestReader {
 public:
  explicit RequestReader(const HttpLimits& limits) : limits_(limits) {}

  // Looks at the front of the bytes, at which all that was there at the last call still is. Gives
  // the same request again until Consumed().
  ReadRequest Next(char* data, std::size_t size);

  // The request has been taken off the front.
  void Consumed();

 private:
  enum class Stage : std::uint8_t { kHead, kBody, kChunks, kWhole };

  enum class Step : std::uint8_t { kTaken, kNeedMore };

  RequestDefect FindHead(char* data, std::size_t size, RequestHead& head);
  RequestDefect BeginBody(std::string_view bytes, RequestHead& head);
  RequestDefect JoinChunks(char* data, std::size_t size);
  Step TakeChunk(char* data, std::size_t size, RequestDefect& defect);
  Step TakeLine(std::string_view bytes, RequestDefect& defect);
  // Finds the next line's end from read_ on; 0: not there yet.
  std::size_t LineEnd(std::string_view bytes);

  HttpLimits limits_;
  Stage stage_ = Stage::kHead;
  std::size_t head_begin_ = 0;  // behind empty lines, which are passed over
  std::size_t head_end_ = 0;
  std::size_t scanned_ = 0;  // so far there is no end of the head, or of a line
  bool waits_for_continue_ = false;
  std::size_t body_size_ = 0;  // that has been joined, or is announced
  // Of a body in chunks:
  std::size_t read_ = 0;        // what has been read of the bytes
  std::size_t chunk_left_ = 0;  // of the chunk that is being read
  bool in_chunk_ = false;
  bool in_trailer_ = false;
  std::size_t trailer_size_ = 0;
};

}  // namespace coord
