// SPDX-License-Identifier: MIT
#include "cmd/coordbench/dialogue.h"

#include <sys/socket.h>

#include <array>

namespace coord::bench {

Result<void> Dialogue::Connect(const Address& address, std::uint32_t count) {
  ids_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    COORD_TRY(connection, loop_.Add(address, *this, i));
    connections_.push_back(connection);
  }
  return {};
}

std::size_t Dialogue::OnBytes(Connection& connection, std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    const Answer answer = ReadAnswer(bytes.substr(used));
    if (answer.state == Answer::State::kNeedMore) break;
    if (answer.state == Answer::State::kMalformed) {
      Fail("the answer is no CBOR-RPC");
      return bytes.size();
    }
    used += answer.size;
    if (answer.state == Answer::State::kError) {
      Fail("error answer: " + std::string(answer.message));
    } else if (answer.id != ids_[connection.index()].answered++) {
      Fail("an answer with the wrong id");
    } else {
      OnResult(connection, answer.result);
    }
  }
  return used;
}

void Dialogue::OnClosed(Connection&, std::string_view why) {
  Fail("connection lost: " + std::string(why));
}

void Dialogue::Fail(std::string what) {
  errors_.Add(std::move(what));
  loop_.Stop();
}

Result<ControlClient> ControlClient::Open(const Address& address) {
  COORD_TRY(fd, Dial(address));
  return ControlClient(std::move(fd));
}

Result<std::string> ControlClient::Call(Request request) {
  request.SetId(0);
  std::string_view rest = request.view();
  while (!rest.empty()) {
    const ssize_t sent = send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) return SystemError("cannot send");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string received;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return SystemError("cannot receive");
    if (count == 0) return Error{ErrorCode::kUnavailable, "closed by the server", ""};
    received.append(buffer.data(), static_cast<std::size_t>(count));
    const Answer answer = ReadAnswer(received);
    if (answer.state == Answer::State::kResult) return received;
    if (answer.state == Answer::State::kError) return InvalidError(std::string(answer.message));
    if (answer.state == Answer::State::kMalformed) return InvalidError("the answer is no CBOR-RPC");
  }
}

}  // namespace coord::bench
