// SPDX-License-Identifier: MIT
#include "cmd/coordinate/command.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "value/yaml.h"

namespace coord {

namespace {

Error Located(Error error, const std::string& file) {
  error.detail = file + ": " + error.detail;
  return error;
}

Result<Value> ReadConfig(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return InvalidError("cannot read " + file);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) return InvalidError("cannot read " + file);
  Result<Value> parsed = ParseYaml(text);
  if (!parsed.has_value()) return Located(parsed.error(), file);
  if (parsed->is_null()) return Value(Map{});
  if (parsed->As<Map>() == nullptr) return InvalidError(file + ": not a map");
  return parsed;
}

}  // namespace

int ExitCodeOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
      return kExitUnreachable;
    case ErrorCode::kNotFound:
    case ErrorCode::kNoSuchWorkSpec:
    case ErrorCode::kNoSuchWorkUnit:
      return kExitNegative;
    case ErrorCode::kInvalid:
    case ErrorCode::kNoWorkSpecName:
    case ErrorCode::kBadWorkSpecName:
      return kExitUsage;
    case ErrorCode::kChangedName:
    case ErrorCode::kLostLease:
    case ErrorCode::kNotPending:
    case ErrorCode::kCannotBecomeContinuous:
    case ErrorCode::kWrongBackend:
    case ErrorCode::kNoWork:
    case ErrorCode::kWorkUnitNotList:
    case ErrorCode::kWorkUnitTooShort:
    case ErrorCode::kBadPriority:
    case ErrorCode::kGone:
    case ErrorCode::kOverLimit:
    case ErrorCode::kInDoubt:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return kExitRefused;
  }
  return kExitRefused;
}

Result<Address> ChooseAddress(const std::string& given, const Value& config) {
  if (!given.empty()) return ParseAddress(given);
  const Value* section = config.Find("coordinate");
  const Value* addresses = section != nullptr ? section->Find("addresses") : nullptr;
  if (addresses == nullptr || addresses->is_null()) return Address{};
  const std::vector<Value>* list = addresses->AsItems();
  if (list == nullptr || list->empty() || list->front().AsString() == nullptr) {
    return InvalidError("coordinate: addresses: must be a list of HOST:PORT texts");
  }
  return ParseAddress(*list->front().AsString());
}

Context::Context(GlobalOptions options, Terminals terminals, std::istream& in, std::ostream& out,
                 std::ostream& err, Clock& clock)
    : options_(std::move(options)),
      terminals_(terminals),
      in_(in),
      out_(out),
      err_(err),
      clock_(clock) {}

Context::~Context() = default;

Result<const Value*> Context::Config() {
  if (!config_.has_value()) {
    if (options_.config_file.empty()) {
      config_ = Value(Map{});
    } else {
      COORD_TRY(read, ReadConfig(options_.config_file));
      config_ = std::move(read);
    }
  }
  return &*config_;
}

Result<Address> Context::DaemonAddress() {
  // An address given outright must work even where the file is broken.
  if (!options_.address.empty()) return ParseAddress(options_.address);
  COORD_TRY(config, Config());
  Result<Address> chosen = ChooseAddress("", *config);
  if (!chosen.has_value()) return Located(chosen.error(), options_.config_file);
  return chosen;
}

Result<std::unique_ptr<RpcClient>> Context::Connect() {
  COORD_TRY(address, DaemonAddress());
  return RpcClient::Connect(address);
}

Result<RpcClient*> Context::Client() {
  if (client_ == nullptr) {
    COORD_TRY(connected, Connect());
    client_ = std::move(connected);
  }
  return client_.get();
}

Result<Value> Context::Call(std::string_view method, List params) {
  COORD_TRY(client, Client());
  return client->Call(method, std::move(params));
}

Result<Value> Context::CallPair(std::string_view method, List params) {
  return ValueOfPair(Call(method, std::move(params)));
}

Result<std::vector<Result<Value>>> Context::CallAll(std::string_view method,
                                                    std::vector<List> calls) {
  constexpr std::size_t kAheadMax = 256;
  COORD_TRY(client, Client());
  std::vector<Result<Value>> answers;
  answers.reserve(calls.size());
  std::size_t sent = 0;
  while (answers.size() < calls.size()) {
    while (sent < calls.size() && sent - answers.size() < kAheadMax) {
      COORD_TRY_VOID(client->Send(method, std::move(calls[sent])));
      ++sent;
    }
    answers.push_back(client->Receive());
    if (!answers.back().has_value() && answers.back().error().code != ErrorCode::kInternal) {
      return answers.back().error();
    }
  }
  return answers;
}

void Context::Warn(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  err_ << "coordinate: " << line << std::endl;
}

TerminalSize Context::OutputSize() const {
  winsize size{};
  const bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  if (!told || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

void Context::Pause(Duration span) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(span).count();
  constexpr std::int64_t kLongestMs = 3'600'000;
  poll(nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(rounded, 0, kLongestMs)));
}

}  // namespace coord
