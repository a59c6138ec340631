// SPDX-License-Identifier: MIT
// Writes HTTP/1.1 responses straight into an output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "rest/body_format.h"
#include "rest/body_writer.h"

namespace coord {

// The text of a Date field; made anew once a second. Used from one thread.
class DateText {
 public:
  // "Thu, 26 Nov 2026 12:22:12 GMT"
  std::string_view Of(WallTime now);

 private:
  std::string text_;
  std::chrono::sys_seconds second_{};
};

// What a response has to know of its request.
struct ResponseFrame {
  BodyFormat format = BodyFormat::kJson;
  bool head_only = false;  // of HEAD
  bool keep_alive = true;  // false: the response says that the connection ends
  bool is_http_1_0 = false;
  std::string_view date;
};

// One response, appended to a string that outlives it. Exactly one of the functions that begin it
// is called, then Finish().
class Response {
 public:
  Response(const ResponseFrame& frame, std::string& out) : frame_(frame), out_(out) {}

  // A document: what is written to the writer until Finish() is its body. `location`: of what was
  // created.
  BodyWriter& Document(int status, std::string_view location = {});
  // Any other body: what is appended to the string. `fields`: further lines of the head.
  std::string& Plain(int status, std::string_view type, std::string_view fields = {});
  // 304, with further lines of the head.
  void NotModified(std::string_view fields);
  // No body: 204, or as `status` says.
  void Empty(int status = 204, std::string_view allow = {});
  // {"error",...}, with the status of the code, or with `status`.
  void Failure(const Error& error, int status = 0, std::string_view allow = {});

  // A document in pieces, each of which a chunk: BeginChunked() instead of Document(),
  // FinishChunk() instead of Finish(). Further pieces of it have responses of their own, without
  // BeginChunked(). To HTTP/1.0 the pieces go as they are, and the end of the connection is theirs.
  BodyWriter& BeginChunked();
  BodyWriter& ContinueChunked();
  void FinishChunk(bool last);

  void Finish();

  BodyFormat format() const { return frame_.format; }
  // True once something was begun.
  bool begun() const { return status_ != 0; }
  int status() const { return status_; }

 private:
  void BeginHead(int status, std::string_view type);
  void EndHead(bool has_length);
  void Field(std::string_view name, std::string_view value);

  const ResponseFrame& frame_;
  std::string& out_;
  int status_ = 0;
  std::size_t length_at_ = 0;  // where the digits of the length end
  std::size_t body_at_ = 0;
  std::optional<BodyWriter> writer_;
};

}  // namespace coord
