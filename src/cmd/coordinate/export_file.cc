// SPDX-License-Identifier: MIT
#include "cmd/coordinate/export_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/fd.h"
#include "domain/export_record.h"
#include "value/cbor_reader.h"
#include "value/exact_json.h"

namespace coord {

namespace {

namespace fs = std::filesystem;

Error CannotWrite(const std::string& file, std::string_view why) {
  return {ErrorCode::kUnavailable, "cannot write " + file + ": " + std::string(why), {}};
}

// Has a file or folder reach the disk.
Result<void> Sync(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || fsync(file.get()) != 0) return CannotWrite(path, std::strerror(errno));
  return {};
}

Result<void> Rename(const std::string& from, const std::string& to) {
  std::error_code trouble;
  fs::rename(from, to, trouble);
  if (trouble) return CannotWrite(to, trouble.message());
  return {};
}

std::string FolderOf(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string EncodeState(const ExportState& state) {
  return ToExactJson(Map{{"format", ToText(state.format)},
                         {"cursor", Bytes{state.cursor}},
                         {"work_units", state.work_units},
                         {"bytes", state.bytes},
                         {"counts", state.counts.ToMap()}});
}

Result<ExportState> DecodeState(const std::string& text) {
  COORD_TRY(value, ParseExactJson(text));
  const Value* const format = value.Find("format");
  const Value* const cursor = value.Find("cursor");
  const Value* const work_units = value.Find("work_units");
  const Value* const bytes = value.Find("bytes");
  const Value* const counts = value.Find("counts");
  if (format == nullptr || format->AsString() == nullptr || cursor == nullptr ||
      cursor->AsString() == nullptr || work_units == nullptr ||
      work_units->As<std::int64_t>() == nullptr || bytes == nullptr ||
      bytes->As<std::int64_t>() == nullptr || counts == nullptr) {
    return InvalidError("a key is missing, or of a wrong kind");
  }
  ExportState state;
  COORD_TRY(read_format, RecordFormatFromText(*format->AsString()));
  COORD_TRY(read_counts, RecordCounts::FromMap(*counts));
  state.format = read_format;
  state.cursor = *cursor->AsString();
  state.work_units = static_cast<std::uint64_t>(*work_units->As<std::int64_t>());
  state.bytes = static_cast<std::uint64_t>(*bytes->As<std::int64_t>());
  state.counts = read_counts;
  return state;
}

}  // namespace

ExportFile::ExportFile(std::string path, std::ostream* stream, RecordFormat format)
    : path_(std::move(path)), out_(stream == nullptr ? file_ : *stream) {
  state_.format = format;
}

std::unique_ptr<ExportFile> ExportFile::ToStream(std::ostream& stream, RecordFormat format) {
  return std::unique_ptr<ExportFile>(new ExportFile("", &stream, format));
}

Result<std::unique_ptr<ExportFile>> ExportFile::Open(const std::string& path, RecordFormat format,
                                                     bool restart) {
  std::error_code trouble;
  if (fs::exists(path, trouble)) return InvalidError(path + " is there already");
  std::unique_ptr<ExportFile> file(new ExportFile(path, nullptr, format));
  const bool begun = fs::exists(file->Partial(), trouble) && fs::exists(file->StatePath(), trouble);
  if (begun && !restart) {
    COORD_TRY_VOID(file->GoOn(format));
  } else {
    COORD_TRY_VOID(file->Begin());
  }
  return file;
}

Result<void> ExportFile::Begin() {
  std::error_code trouble;
  fs::remove(StatePath(), trouble);
  file_.open(Partial(), std::ios::binary | std::ios::trunc);
  if (!file_) return CannotWrite(Partial(), std::strerror(errno));
  return {};
}

Result<void> ExportFile::GoOn(RecordFormat format) {
  std::ifstream noted(StatePath(), std::ios::binary);
  auto state = DecodeState({std::istreambuf_iterator<char>(noted), {}});
  if (state.has_error()) {
    return InvalidError(StatePath() + ": " + state.error().detail +
                        " (--restart begins from the beginning)");
  }
  if (state->format != format) {
    return InvalidError(Partial() + " was begun as " + std::string(ToText(state->format)) +
                        " (--restart begins from the beginning)");
  }
  state_ = *std::move(state);
  std::error_code trouble;
  const std::uint64_t size = fs::file_size(Partial(), trouble);
  if (trouble || size < state_.bytes) {
    return InvalidError(Partial() + " is shorter than was noted of it" +
                        " (--restart begins from the beginning)");
  }
  // What was written after the last note is asked for again.
  fs::resize_file(Partial(), state_.bytes, trouble);
  file_.open(Partial(), std::ios::binary | std::ios::app);
  if (trouble || !file_) return CannotWrite(Partial(), std::strerror(errno));
  return {};
}

Result<void> ExportFile::AppendItem(std::string_view item) {
  COORD_TRY(text, FormatRecord(item, state_.format));
  out_ << text;
  if (!out_) return Written(CannotAppend());
  state_.bytes += text.size();
  return {};
}

Error ExportFile::CannotAppend() const {
  return CannotWrite(path_.empty() ? "the output" : Partial(), std::strerror(errno));
}

// Remembers whether writing went well.
Result<void> ExportFile::Written(const Result<void>& result) {
  failed_ = result.has_error();
  return result;
}

Result<void> ExportFile::AppendRecords(std::string_view records) {
  while (!records.empty()) {
    const auto size = CborItemSize(records, kRecordDepthMax);
    if (!size) return Error{ErrorCode::kCorrupt, "the daemon sent what is no record", {}};
    const std::string_view record = records.substr(0, *size);
    records.remove_prefix(*size);
    COORD_TRY_VOID(AppendItem(record));
    state_.counts.Add(record);
  }
  return {};
}

Result<void> ExportFile::Note(std::string_view cursor, std::uint64_t work_units) {
  state_.cursor = cursor;
  state_.work_units = work_units;
  if (path_.empty()) return {};
  if (!out_.flush()) return Written(CannotAppend());
  const std::string other = StatePath() + ".new";
  std::ofstream note(other, std::ios::binary | std::ios::trunc);
  note << EncodeState(state_);
  note.close();
  if (!note) return Written(CannotWrite(other, std::strerror(errno)));
  return Written(Rename(other, StatePath()));
}

Result<void> ExportFile::Finish() {
  COORD_TRY_VOID(AppendItem(EncodeFileFooter(state_.counts)));
  if (!out_.flush()) return Written(CannotAppend());
  return path_.empty() ? Result<void>() : Written(GiveName());
}

Result<void> ExportFile::GiveName() {
  COORD_TRY_VOID(Sync(Partial()));
  COORD_TRY_VOID(Rename(Partial(), path_));
  std::error_code trouble;
  fs::remove(StatePath(), trouble);
  return Sync(FolderOf(path_));
}

}  // namespace coord
