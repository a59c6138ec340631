// SPDX-License-Identifier: MIT
#include "cmd/coordinate/record_file_reader.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "domain/export_record.h"
#include "value/cbor_reader.h"
#include "value/exact_json.h"

namespace coord {

namespace {

constexpr std::string_view kStandardInput = "-";
constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

}  // namespace

RecordFileReader::RecordFileReader(std::string path, std::istream& standard_input)
    : path_(std::move(path)), in_(path_ == kStandardInput ? standard_input : file_) {}

Result<std::unique_ptr<RecordFileReader>> RecordFileReader::Open(const std::string& path,
                                                                 std::istream& standard_input) {
  std::unique_ptr<RecordFileReader> reader(new RecordFileReader(path, standard_input));
  COORD_TRY_VOID(reader->Start());
  return reader;
}

Result<void> RecordFileReader::Start() {
  if (path_ != kStandardInput) {
    file_.open(path_, std::ios::binary);
    std::error_code trouble;
    const bool regular = std::filesystem::is_regular_file(path_, trouble);
    if (!file_ || std::filesystem::is_directory(path_, trouble)) {
      return InvalidError("cannot read " + path_);
    }
    if (regular) size_ = std::filesystem::file_size(path_, trouble);
  }
  const int first = in_.peek();
  format_ = first == '{' ? RecordFormat::kJsonLines : RecordFormat::kCbor;
  COORD_TRY(header, ReadItem());
  if (!header) return InvalidError(path_ + ": the file is empty");
  if (const auto checked = CheckFileHeader(*header); checked.has_error()) {
    return Located(checked.error());
  }
  return {};
}

Result<std::optional<std::string>> RecordFileReader::Next() {
  COORD_TRY(item, ReadItem());
  if (!item) {
    return Located("the file ends without a footer, so that there may be records missing");
  }
  if (RecordKind(*item) != "footer") {
    counts_.Add(*item);
    return std::move(item);
  }
  COORD_TRY_VOID(CheckEnd(*item));
  return std::optional<std::string>();
}

Result<void> RecordFileReader::CheckEnd(std::string_view footer) {
  const auto value = DecodeCbor(footer, kRecordDepthMax);
  if (value.has_error()) return Located(value.error());
  const auto counts = RecordCounts::FromMap(*value);
  if (counts.has_error()) return Located(counts.error());
  if (*counts != counts_) {
    return Located(
        fmt::format("the footer counts {}, but there are {}", counts->ToText(), counts_.ToText()));
  }
  COORD_TRY(more, ReadItem());
  if (more) return Located("there is something behind the footer");
  return {};
}

std::string RecordFileReader::Where() const {
  if (format_ == RecordFormat::kCbor) return fmt::format("{}: byte {}", path_, item_at_);
  return fmt::format("{}: line {}", path_, line_);
}

Error RecordFileReader::Located(Error error) const {
  error.detail = Where() + ": " + error.detail;
  return error;
}

Result<std::optional<std::string>> RecordFileReader::ReadItem() {
  return format_ == RecordFormat::kCbor ? ReadCbor() : ReadLine();
}

Result<std::optional<std::string>> RecordFileReader::ReadLine() {
  std::string line;
  ++line_;
  const bool read = static_cast<bool>(std::getline(in_, line));
  if (in_.bad()) return InvalidError("cannot read " + path_);
  if (!read) return std::optional<std::string>();
  bytes_read_ += line.size() + (in_.eof() ? 0 : 1);
  const auto value = ParseExactJson(line);
  if (value.has_error()) return Located(value.error());
  return std::optional<std::string>(EncodeCbor(*value));
}

Result<std::optional<std::string>> RecordFileReader::ReadCbor() {
  item_at_ = bytes_read_;
  const auto rest = [this] { return std::string_view(buffer_).substr(taken_); };
  CborScanner scanner(kRecordDepthMax);
  CborScan scanned = scanner.Scan(rest());
  while (scanned == CborScan::kNeedMore && !ended_) {
    buffer_.erase(0, std::exchange(taken_, 0));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadBytes);
    in_.read(buffer_.data() + before, static_cast<std::streamsize>(kReadBytes));
    buffer_.resize(before + static_cast<std::size_t>(in_.gcount()));
    if (in_.bad()) return InvalidError("cannot read " + path_);
    ended_ = in_.eof();
    scanned = scanner.Scan(rest());
  }
  if (rest().empty()) return std::optional<std::string>();
  if (scanned == CborScan::kNeedMore) return Located("the file ends within a record");
  if (scanned != CborScan::kDone) {
    return Located("no CBOR: " + std::string(CborScanner::Describe(scanned)));
  }
  std::string item(rest().substr(0, scanner.size()));
  taken_ += item.size();
  bytes_read_ += item.size();
  return std::optional<std::string>(std::move(item));
}

}  // namespace coord
