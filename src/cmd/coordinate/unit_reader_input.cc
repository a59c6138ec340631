// SPDX-License-Identifier: MIT
#include "cmd/coordinate/unit_reader_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>
#include <utility>

namespace coord {

namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10U;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
// zlib's largest window, plus its flag for gzip framing alone.
constexpr int kGzipWindowBits = 15 + 16;

Error SystemError(std::string_view what) {
  return InvalidError(std::string(what) + ": " + std::generic_category().message(errno));
}

class DescriptorInput final : public ByteInput {
 public:
  DescriptorInput(int descriptor, bool owned, bool regular)
      : descriptor_(descriptor), owned_(owned), regular_(regular) {}
  ~DescriptorInput() override {
    if (owned_) close(descriptor_);
  }

  Result<std::size_t> Read(char* to, std::size_t size) override {
    ssize_t count = 0;
    do {
      count = read(descriptor_, to, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return SystemError("cannot read");
    return static_cast<std::size_t>(count);
  }

  bool Ready() const override {
    pollfd waited{descriptor_, POLLIN, 0};
    return regular_ || poll(&waited, 1, 0) != 0;
  }

  bool repeatable() const override { return regular_ && owned_; }

 private:
  int descriptor_;
  bool owned_;
  bool regular_;
};

class StreamInput final : public ByteInput {
 public:
  explicit StreamInput(std::istream& stream) : stream_(stream) {}

  Result<std::size_t> Read(char* to, std::size_t size) override {
    stream_.read(to, static_cast<std::streamsize>(size));
    if (stream_.bad()) return InvalidError("cannot read");
    return static_cast<std::size_t>(stream_.gcount());
  }

  bool Ready() const override { return true; }
  bool repeatable() const override { return false; }

 private:
  std::istream& stream_;
};

// Passes plain bytes through and unpacks gzip ones; several gzip members in a row are one text.
class UnpackedInput final : public ByteInput {
 public:
  explicit UnpackedInput(std::unique_ptr<ByteInput> packed) : packed_(std::move(packed)) {}
  ~UnpackedInput() override {
    if (started_) inflateEnd(&stream_);
  }

  Result<std::size_t> Read(char* to, std::size_t size) override {
    if (!begun_) COORD_TRY_VOID(Begin());
    return started_ ? Inflate(to, size) : ReadPlain(to, size);
  }

  bool Ready() const override { return taken_ < buffer_.size() || packed_->Ready(); }
  bool repeatable() const override { return packed_->repeatable(); }

 private:
  Result<void> Begin() {
    begun_ = true;
    while (buffer_.size() < kGzipMagic.size()) {
      COORD_TRY(count, Fill());
      if (count == 0) return {};
    }
    if (!std::string_view(buffer_).starts_with(kGzipMagic)) return {};
    if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) return InvalidError("out of memory");
    started_ = true;
    return {};
  }

  // Appends what can be read to the packed bytes that are left.
  Result<std::size_t> Fill() {
    buffer_.erase(0, taken_);
    taken_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + kReadBytes);
    const Result<std::size_t> count = packed_->Read(buffer_.data() + kept, kReadBytes);
    buffer_.resize(kept + (count.has_value() ? *count : 0));
    return count;
  }

  Result<std::size_t> ReadPlain(char* to, std::size_t size) {
    if (taken_ == buffer_.size()) return packed_->Read(to, size);
    const std::size_t count = buffer_.copy(to, size, taken_);
    taken_ += count;
    return count;
  }

  Result<std::size_t> Inflate(char* to, std::size_t size) {
    const std::size_t wanted = std::min(size, kReadBytes);
    while (true) {
      if (taken_ == buffer_.size()) {
        COORD_TRY(count, Fill());
        if (count == 0) {
          if (between_members_) return std::size_t{0};
          return InvalidError("the gzip data ends too early");
        }
      }
      COORD_TRY(count, InflateSome(to, wanted));
      if (count > 0) return count;
    }
  }

  Result<std::size_t> InflateSome(char* to, std::size_t size) {
    if (between_members_) {
      inflateReset(&stream_);
      between_members_ = false;
    }
    const std::size_t left = buffer_.size() - taken_;
    stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data() + taken_);
    stream_.avail_in = static_cast<uInt>(left);
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(size);
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    taken_ += left - stream_.avail_in;
    if (outcome == Z_STREAM_END) {
      between_members_ = true;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return InvalidError("broken gzip data");
    }
    return size - stream_.avail_out;
  }

  std::unique_ptr<ByteInput> packed_;
  bool begun_ = false;
  bool started_ = false;  // it is gzip data
  bool between_members_ = false;
  std::string buffer_;  // as they came; those from taken_ on are still to be used
  std::size_t taken_ = 0;
  z_stream stream_{};
};

bool IsRegular(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

Result<std::unique_ptr<ByteInput>> OpenPacked(const std::string& path,
                                              std::istream& standard_input) {
  if (path == "-") {
    // Reading std::cin itself would wait for a full buffer where a slow program writes to it.
    if (&standard_input != &std::cin) return std::make_unique<StreamInput>(standard_input);
    return std::make_unique<DescriptorInput>(STDIN_FILENO, false, IsRegular(STDIN_FILENO));
  }
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError("cannot open");
  auto input = std::make_unique<DescriptorInput>(descriptor, true, IsRegular(descriptor));
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    return InvalidError("it is a folder");
  }
  return input;
}

}  // namespace

Result<std::unique_ptr<ByteInput>> ByteInput::Open(const std::string& path,
                                                   std::istream& standard_input) {
  COORD_TRY(packed, OpenPacked(path, standard_input));
  return std::make_unique<UnpackedInput>(std::move(packed));
}

Result<std::string> ReadAll(ByteInput& input) {
  std::string all;
  while (true) {
    const std::size_t size = all.size();
    if (size > kDocumentBytesMax) {
      return InvalidError("longer than " + std::to_string(kDocumentBytesMax) +
                          " bytes; JSON lines may be longer");
    }
    all.resize(size + kReadBytes);
    const Result<std::size_t> count = input.Read(all.data() + size, kReadBytes);
    if (!count.has_value()) return count.error();
    all.resize(size + *count);
    if (*count == 0) return all;
  }
}

Result<void> LineInput::Fill() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + kReadBytes);
  const Result<std::size_t> count = input_->Read(buffer_.data() + kept, kReadBytes);
  buffer_.resize(kept + (count.has_value() ? *count : 0));
  if (!count.has_value()) return count.error();
  at_end_ = *count == 0;
  return {};
}

Result<std::string_view> LineInput::Peek(std::size_t size) {
  while (!at_end_ && buffer_.size() - taken_ < size) COORD_TRY_VOID(Fill());
  return std::string_view(buffer_).substr(taken_, size);
}

Result<bool> LineInput::Next(std::string_view& line) {
  std::size_t searched = 0;
  while (true) {
    const std::string_view left = std::string_view(buffer_).substr(taken_);
    const std::size_t end = left.find(separator_, searched);
    if (end != std::string_view::npos || (at_end_ && !left.empty())) {
      line = left.substr(0, end);
      taken_ += std::min(left.size(), line.size() + 1);
      ++number_;
      return true;
    }
    if (at_end_) return false;
    if (left.size() > kLineBytesMax) {
      return InvalidError("longer than " + std::to_string(kLineBytesMax) + " bytes");
    }
    searched = left.size();
    COORD_TRY_VOID(Fill());
  }
}

bool LineInput::Ready() const {
  const std::string_view left = std::string_view(buffer_).substr(taken_);
  return at_end_ || left.find(separator_) != std::string_view::npos || input_->Ready();
}

Result<std::string> LineInput::Rest() {
  COORD_TRY(read, ReadAll(*input_));
  at_end_ = true;
  std::string rest = buffer_.substr(taken_) + std::move(read);
  taken_ = buffer_.size();
  return rest;
}

}  // namespace coord
