// SPDX-License-Identifier: MIT
#include "rpc/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/connect.h"

namespace coord {

namespace {

constexpr int kAnswerDepthMax = CborScanner::kDepthMax;
constexpr std::size_t kGatherBytes = std::size_t{64} << 10U;
constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

// Takes the tag 24 wrapping off, however often it was put on. Nothing where an item is no such
// message.
std::optional<std::string_view> Unwrap(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  while (ReadCborHead(item, head, size) == CborScan::kDone && head.kind == CborKind::kTag &&
         head.argument == kCborTagEncoded) {
    item.remove_prefix(size);
    if (ReadCborHead(item, head, size) != CborScan::kDone || head.kind != CborKind::kBytes ||
        head.indefinite || head.argument != item.size() - size) {
      return std::nullopt;
    }
    item.remove_prefix(size);
  }
  return item;
}

Error NoAnswer(std::string_view what) {
  return {ErrorCode::kCorrupt, "the answer is not CBOR-RPC: " + std::string(what), ""};
}

std::string MessageOf(const Value& error) {
  const Value* message = error.Find("message");
  if (message == nullptr) message = &error;
  const std::string* text = message->AsString();
  return text != nullptr ? *text : "error without a message";
}

bool IsFailureValue(const Value& value) {
  if (value.is_null()) return true;
  if (const bool* flag = value.As<bool>()) return !*flag;
  if (const std::vector<Value>* items = value.AsItems()) return items->empty();
  return value.AsNumber() == 0.0;
}

}  // namespace

Result<std::unique_ptr<RpcClient>> RpcClient::Connect(const Address& address,
                                                      const RpcClientOptions& options) {
  COORD_TRY(connected, ConnectTo(address, options.connect_timeout));
  return std::unique_ptr<RpcClient>(new RpcClient(std::move(connected), address, options));
}

RpcClient::RpcClient(Fd socket, Address address, const RpcClientOptions& options)
    : socket_(std::move(socket)),
      address_(std::move(address)),
      options_(options),
      scanner_(kAnswerDepthMax) {}

RpcClient::~RpcClient() = default;

Error RpcClient::Lost(std::string_view why) {
  lost_ = {ErrorCode::kUnavailable, "lost " + ToText(address_) + ": " + std::string(why), ""};
  return lost_;
}

Error RpcClient::Spent() const { return lost_; }

Result<Value> RpcClient::Call(std::string_view method, List params) {
  COORD_CHECK(unanswered_ == 0);
  COORD_TRY_VOID(Send(method, std::move(params)));
  return Receive();
}

Result<void> RpcClient::Send(std::string_view method, List params) {
  if (!lost_.detail.empty()) return Spent();
  const Value request(
      Map{{"id", Value(next_id_++)}, {"method", method}, {"params", std::move(params)}});
  const std::string encoded = EncodeCbor(request);
  CborWriter writer(output_);
  writer.Tag(kCborTagEncoded);
  writer.Bytes(encoded);
  ++unanswered_;
  if (output_.size() - output_sent_ < kGatherBytes) return {};
  return Flush();
}

Result<void> RpcClient::Flush() {
  if (!lost_.detail.empty()) return Spent();
  while (output_sent_ < output_.size()) COORD_TRY_VOID(WriteSome());
  output_.clear();
  output_sent_ = 0;
  return {};
}

Result<void> RpcClient::WriteSome() {
  const ssize_t count = send(socket_.get(), output_.data() + output_sent_,
                             output_.size() - output_sent_, MSG_NOSIGNAL);
  if (count >= 0) {
    output_sent_ += static_cast<std::size_t>(count);
    return {};
  }
  if (errno == EINTR) return {};
  if (errno != EAGAIN && errno != EWOULDBLOCK) return Lost(ErrnoText(errno));
  COORD_TRY(happened, WaitFor(POLLIN | POLLOUT));
  if ((happened & POLLIN) != 0) return ReadSome();
  return {};
}

Result<void> RpcClient::ReadSome() {
  // What was taken is dropped only once it is most of the buffer, so that each byte moves a bounded
  // number of times.
  if (input_taken_ > input_.size() / 2) {
    input_.erase(0, input_taken_);
    input_taken_ = 0;
  }
  const std::size_t size = input_.size();
  input_.resize(size + kReadBytes);
  const ssize_t count = recv(socket_.get(), input_.data() + size, kReadBytes, 0);
  const int problem = errno;
  input_.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count > 0) return {};
  if (count == 0) return Lost("the daemon closed the connection");
  if (problem == EINTR || problem == EAGAIN || problem == EWOULDBLOCK) return {};
  return Lost(ErrnoText(problem));
}

Result<short> RpcClient::WaitFor(short events) {
  const auto happened = AwaitSocket(socket_, events, options_.answer_timeout);
  if (happened.has_error()) return Lost(happened.error().detail);
  return *happened;
}

Result<Value> RpcClient::Receive() {
  COORD_CHECK(unanswered_ > 0);
  COORD_TRY_VOID(Flush());
  while (true) {
    COORD_TRY(message, TakeMessage());
    if (message.has_value()) {
      const std::uint64_t id = next_id_ - unanswered_;
      --unanswered_;
      return ReadAnswer(*message, id);
    }
    COORD_TRY_VOID(WaitFor(POLLIN));
    COORD_TRY_VOID(ReadSome());
  }
}

Result<std::optional<std::string_view>> RpcClient::TakeMessage() {
  if (!lost_.detail.empty()) return Spent();
  const std::string_view bytes = std::string_view(input_).substr(input_taken_);
  const CborScan scan = scanner_.Scan(bytes);
  if (scan == CborScan::kNeedMore) {
    if (scanner_.size_at_least() > options_.answer_size_max) return Lost("the answer is too long");
    return std::optional<std::string_view>();
  }
  if (scan != CborScan::kDone) {
    Lost(CborScanner::Describe(scan));
    return NoAnswer(CborScanner::Describe(scan));
  }
  const std::string_view item = bytes.substr(0, scanner_.size());
  input_taken_ += item.size();
  scanner_ = CborScanner(kAnswerDepthMax);
  const std::optional<std::string_view> message = Unwrap(item);
  if (!message) return NoAnswer("bad wrapping");
  return message;
}

Result<Value> RpcClient::ReadAnswer(std::string_view message, std::uint64_t id) {
  COORD_TRY(answer, DecodeCbor(message, kAnswerDepthMax));
  const Value* error = answer.Find("error");
  const Value* answered = answer.Find("id");
  if (error != nullptr && !error->is_null()) {
    return Error{ErrorCode::kInternal, MessageOf(*error), ""};
  }
  if (answered == nullptr || !(*answered == Value(id))) return NoAnswer("another request's id");
  const Value* result = answer.Find("result");
  if (result == nullptr) return NoAnswer("neither result nor error");
  return *result;
}

Result<Value> ValueOfPair(Result<Value> answer) {
  COORD_TRY(pair, std::move(answer));
  auto* items = pair.As<List>();
  if (auto* tuple = pair.As<Tuple>()) items = &tuple->items;
  if (items == nullptr || items->size() != 2) return NoAnswer("no pair of value and message");
  Value& value = (*items)[0];
  const Value& message = (*items)[1];
  if (!message.is_null() && IsFailureValue(value)) {
    const std::string* text = message.AsString();
    return Error{ErrorCode::kNotFound, text != nullptr ? *text : "refused without a reason", ""};
  }
  return std::move(value);
}

}  // namespace coord
