// SPDX-License-Identifier: MIT
#include "http/request_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace coord {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";
// The line before a chunk: its size and extensions, which are passed over.
constexpr std::size_t kChunkLineMax = 256;

bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c != 0x7f; });
}

// The size that begins the line before a chunk; false where there is none.
bool ReadChunkSize(std::string_view line, std::uint64_t& size) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error != std::errc()) return false;
  std::string_view rest(end, static_cast<std::size_t>(line.data() + line.size() - end));
  const std::size_t semicolon = rest.find_first_not_of(" \t");
  if (semicolon == std::string_view::npos) return rest.empty();
  return rest[semicolon] == ';' && IsToken(rest);
}

// Splits a target, in absolute or origin form, into path and query.
void SplitTarget(std::string_view target, HttpRequest& request) {
  if (target.starts_with("http://") || target.starts_with("https://")) {
    target.remove_prefix(target.find("//") + 2);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (request.path.empty()) request.path = "/";
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
}

}  // namespace

ReadRequest RequestReader::Next(char* data, std::size_t size) {
  ReadRequest read;
  RequestHead& head = read.request.head;
  const bool head_is_new = stage_ == Stage::kHead;
  if (stage_ == Stage::kHead) read.defect = FindHead(data, size, head);
  if (read.defect.status == 0 && stage_ == Stage::kChunks) read.defect = JoinChunks(data, size);
  if (stage_ == Stage::kBody && size >= head_end_ + body_size_) stage_ = Stage::kWhole;
  if (read.defect.status != 0) {
    read.kind = ReadRequest::Kind::kBad;
  } else if (stage_ == Stage::kWhole) {
    // It has been read once without a defect; a second time costs less than to keep all its places.
    if (!head_is_new) ReadRequestHead({data + head_begin_, head_end_ - head_begin_}, head);
    read.kind = ReadRequest::Kind::kRequest;
    SplitTarget(head.target, read.request);
    read.request.body = {data + head_end_, body_size_};
    read.size = head.chunked ? read_ : head_end_ + body_size_;
  } else {
    read.size = size + 1;
    if (stage_ == Stage::kBody) read.size = head_end_ + body_size_;
    if (stage_ == Stage::kChunks) read.size = std::max(size + 1, read_ + chunk_left_);
    read.waits_for_continue = waits_for_continue_ && stage_ != Stage::kHead;
  }
  return read;
}

void RequestReader::Consumed() { *this = RequestReader(limits_); }

RequestDefect RequestReader::FindHead(char* data, std::size_t size, RequestHead& head) {
  while (head_begin_ + 1 < size && data[head_begin_] == '\r' && data[head_begin_ + 1] == '\n') {
    head_begin_ += 2;
  }
  const std::string_view bytes(data, size);
  const std::size_t from = std::max(head_begin_, scanned_ < 3 ? 0 : scanned_ - 3);
  const std::size_t found = bytes.find(kHeadEnd, from);
  scanned_ = size;
  const std::size_t end = found == std::string_view::npos ? size : found + kHeadEnd.size();
  if (end > limits_.head_bytes_max) return {431, "the request's head is too long"};
  if (found == std::string_view::npos) return {};
  head_end_ = end;
  return BeginBody(bytes.substr(head_begin_, end - head_begin_), head);
}

RequestDefect RequestReader::BeginBody(std::string_view bytes, RequestHead& head) {
  if (const RequestDefect defect = ReadRequestHead(bytes, head); defect.status != 0) return defect;
  if (head.content_length > limits_.body_bytes_max) return {413, "the body is too long"};
  waits_for_continue_ = head.expects_continue && !head.is_http_1_0;
  stage_ = head.chunked ? Stage::kChunks : Stage::kBody;
  body_size_ = static_cast<std::size_t>(head.content_length);
  read_ = head_end_;
  scanned_ = head_end_;
  return {};
}

std::size_t RequestReader::LineEnd(std::string_view bytes) {
  const std::size_t from = std::max(read_, scanned_ == 0 ? 0 : scanned_ - 1);
  const std::size_t found = bytes.find(kLineEnd, from);
  scanned_ = bytes.size();
  return found == std::string_view::npos ? 0 : found;
}

RequestDefect RequestReader::JoinChunks(char* data, std::size_t size) {
  Step step = Step::kTaken;
  RequestDefect defect;
  while (step == Step::kTaken && stage_ == Stage::kChunks && defect.status == 0) {
    step = in_chunk_ ? TakeChunk(data, size, defect) : TakeLine({data, size}, defect);
  }
  return defect;
}

// Moves what has come of a chunk behind those before it.
RequestReader::Step RequestReader::TakeChunk(char* data, std::size_t size, RequestDefect& defect) {
  const std::size_t taken = std::min(chunk_left_, size - read_);
  std::memmove(data + head_end_ + body_size_, data + read_, taken);
  body_size_ += taken;
  read_ += taken;
  chunk_left_ -= taken;
  if (chunk_left_ > 0 || size - read_ < kLineEnd.size()) return Step::kNeedMore;
  if (std::string_view(data + read_, kLineEnd.size()) != kLineEnd) {
    defect = {400, "a chunk is longer than it says"};
  }
  read_ += kLineEnd.size();
  scanned_ = read_;
  in_chunk_ = false;
  return Step::kTaken;
}

// Takes the line before a chunk, or one behind the last.
RequestReader::Step RequestReader::TakeLine(std::string_view bytes, RequestDefect& defect) {
  const std::size_t end = LineEnd(bytes);
  const std::string_view line = bytes.substr(read_, (end == 0 ? bytes.size() : end) - read_);
  if (line.size() > (in_trailer_ ? limits_.head_bytes_max : kChunkLineMax)) {
    defect = {400, "a line of the chunked body is too long"};
  }
  if (end == 0 || defect.status != 0) return Step::kNeedMore;
  read_ = end + kLineEnd.size();
  scanned_ = read_;
  if (in_trailer_) {
    trailer_size_ += line.size();
    if (trailer_size_ > limits_.head_bytes_max) defect = {431, "the trailer is too long"};
    if (line.empty()) stage_ = Stage::kWhole;
    return Step::kTaken;
  }
  std::uint64_t chunk = 0;
  if (!ReadChunkSize(line, chunk)) {
    defect = {400, "a chunk has no size"};
  } else if (chunk > limits_.body_bytes_max - body_size_) {
    defect = {413, "the body is too long"};
  } else {
    chunk_left_ = static_cast<std::size_t>(chunk);
    in_chunk_ = chunk > 0;
    in_trailer_ = chunk == 0;
  }
  return Step::kTaken;
}

}  // namespace coord
