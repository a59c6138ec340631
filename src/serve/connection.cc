// SPDX-License-Identifier: MIT
#include "serve/connection.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/endpoint.h"

namespace coord {

namespace {

// An idle connection keeps no more output buffer than this.
constexpr std::size_t kIdleOutputMax = 64 * 1024;
// Sent bytes are cut off the front of the output when they are this many.
constexpr std::size_t kTrimSize = 256 * 1024;

}  // namespace

Connection::Connection(IoLoop& loop, std::uint64_t number, Fd socket)
    : loop_(loop), number_(number), socket_(std::move(socket)) {}

Connection::~Connection() {
  if (in_budget_) loop_.budget().Leave(budget_);
}

void Connection::Begin() {
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  asked_events_ = EPOLLIN;
  loop_.events().Add(socket_.get(), asked_events_, *this);
  StartReading();
}

// --- Input ---------------------------------------------------------------------------------------

void Connection::StartReading() {
  if (reading_ || closed_ || end_of_input_ || stopped_ || close_when_sent_) return;
  const ServeOptions& options = loop_.options();
  if (unsent() > options.unsent_max) return;
  if (exchange_out_ && input_.size() >= options.read_ahead_max) return;
  if (!MakeRoom()) return;
  reading_ = true;
  AskForEvents();
}

// Sees to it that the loop tells of all that is wanted. What it tells beyond that is taken back
// when it comes: most of the time it is wanted again by then.
void Connection::AskForEvents() {
  const std::uint32_t wanted = (reading_ ? std::uint32_t{EPOLLIN} : 0U) |
                               (awaiting_writable_ ? std::uint32_t{EPOLLOUT} : 0U);
  if ((wanted & ~asked_events_) == 0) return;
  asked_events_ = wanted;
  loop_.events().Change(socket_.get(), asked_events_, *this);
}

// Sees to it that there is room to read into. Returns false where the budget does not allow it.
bool Connection::MakeRoom() {
  const bool borrowed = exchange_out_ || KeepsInput();
  if (!borrowed) {
    input_.Settle();
    LeaveBudgetIfSettled();
  }
  if (input_.room_size() > 0) return true;
  if (borrowed) {
    input_.Continue(input_.size() + InputBuffer::kBaseSize);
    return true;
  }
  if (input_.capacity() == 0) {
    input_.Resize(InputBuffer::kBaseSize);
    return true;
  }
  return GrowForMessage();
}

void Connection::LeaveBudgetIfSettled() {
  if (!in_budget_ || input_.capacity() > InputBuffer::kBaseSize) return;
  loop_.budget().Leave(budget_);
  in_budget_ = false;
}

bool Connection::GrowForMessage() {
  // By half at least and to the double at most, and in between what the message is known to need.
  const std::size_t full = input_.capacity();
  const std::size_t capacity = std::clamp(needed_, full + full / 2, full * 2);
  if (!in_budget_) {
    in_budget_ = true;
    if (!budget_.resume) {
      budget_.resume = [&loop = loop_, number = number_] { loop.PostResume(number); };
    }
    WatchMe();
  }
  if (!loop_.budget().Grow(budget_, capacity - full)) return false;
  input_.Resize(capacity);
  return true;
}

void Connection::ResumeReading() { StartReading(); }

void Connection::OnReady(std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (awaiting_writable_ && (broken || (events & EPOLLOUT) != 0)) return OnWritable();
  if (reading_) return lingering_ ? ReadLingering() : Read();
  if (broken) return Close();
  asked_events_ = awaiting_writable_ ? std::uint32_t{EPOLLOUT} : 0U;
  loop_.events().Change(socket_.get(), asked_events_, *this);
}

void Connection::Read() {
  std::size_t room = input_.room_size();
  if (exchange_out_) {
    room = std::min(room, loop_.options().read_ahead_max - input_.size());
  }
  const ssize_t size = ::recv(socket_.get(), input_.room(), room, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  reading_ = false;
  if (size < 0) return Close();
  if (size == 0) return OnEndOfInput();
  input_.Commit(static_cast<std::size_t>(size));
  if (stopped_) return;
  if (exchange_out_) {
    StartReading();
  } else {
    Proceed();
  }
}

void Connection::OnEndOfInput() {
  end_of_input_ = true;
  if (exchange_out_) {
    CancelWait();
  } else {
    Proceed();
  }
}

// Goes on with what is in the input, then with reading.
void Connection::Proceed() {
  const std::size_t unsent_max = loop_.options().unsent_max;
  while (!closed_ && !exchange_out_ && !close_when_sent_ && unsent() <= unsent_max && Gather()) {
  }
  if (closed_ || exchange_out_) return;
  StartReading();
  EndIfDone();
}

void Connection::HandIn() {
  SetApartLongInput();
  exchange_out_ = true;
  joined_ = true;
  loop_.Join(*this);
}

// A request that waits may wait for an hour, and must not hold what its message took of the budget:
// the message is set apart, so that it can be dropped while the connection is read.
void Connection::SetApartLongInput() {
  if (!in_budget_ || !exchange().may_wait()) return;
  input_.Continue(input_.size() + InputBuffer::kBaseSize);
  exchange().TellIfWaiting();
}

void Connection::DropBorrowed() {
  input_.DropKept();
  LeaveBudgetIfSettled();
}

// The oldest unfinished message has kept others waiting for too long.
void Connection::OnHoldingUp() {
  RefuseUnfinished("an unfinished message that holds up others");
  HandIn();
}

void Connection::Report(std::string_view reason) {
  if (loop_.server_events() == nullptr) return;
  loop_.server_events()->OnBadPeer(Endpoint::PeerOf(socket_.get()).ToText(), reason);
}

// --- Output --------------------------------------------------------------------------------------

void Connection::OnComplete(Exchange&) { loop_.link().OnFinished(loop_.number(), *this); }

void Connection::OnWaiting(Exchange&) { loop_.link().OnWaiting(loop_.number(), *this); }

Exchange& Connection::HandOver() {
  joined_ = false;
  return exchange();
}

void Connection::OnHandedOver() {
  if (!exchange_out_ || joined_) return;
  if (end_of_input_ || closed_) {
    CancelWait();
  } else {
    StartReading();
  }
}

void Connection::OnAnswers() {
  exchange_out_ = false;
  if (closed_) {
    ReleaseFrom(exchange().grants(), 0);
    ReleaseKept();
    return BuryIfUnused();
  }
  TakeAnswers();
  if (!KeepsInput() && input_.keeps_any()) input_.DropKept();
  Flush();
  Proceed();
}

void Connection::AppendAnswers(std::string& answers, Grants& grants) {
  unsent_grants_.TakeFrom(grants, output_.size());
  if (output_.empty()) {
    std::swap(output_, answers);
  } else {
    output_.append(answers);
  }
  if (answers.capacity() > kIdleOutputMax) {
    answers = std::string();
  } else {
    answers.clear();
  }
}

void Connection::Flush() {
  if (closed_ || awaiting_writable_) return;
  while (sent_ < output_.size()) {
    const ssize_t sent =
        ::send(socket_.get(), output_.data() + sent_, unsent(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return WaitForWritable();
      return Close();
    }
    sent_ += static_cast<std::size_t>(sent);
    stall_ticks_ = 0;
  }
  sent_ = 0;
  unsent_grants_.Clear();
  if (output_.capacity() > kIdleOutputMax) {
    output_ = std::string();
  } else {
    output_.clear();
  }
}

void Connection::WaitForWritable() {
  TrimOutput();
  WatchMe();
  awaiting_writable_ = true;
  AskForEvents();
}

void Connection::OnWritable() {
  awaiting_writable_ = false;
  Flush();
  Proceed();
}

void Connection::TrimOutput() {
  if (sent_ < kTrimSize) return;
  output_.erase(0, sent_);
  unsent_grants_.CutFront(sent_);
  sent_ = 0;
}

// --- The end -------------------------------------------------------------------------------------

void Connection::CloseWhenSent(bool linger) {
  close_when_sent_ = true;
  linger_when_sent_ = linger;
}

void Connection::EndIfDone() {
  if (closed_ || lingering_ || exchange_out_ || unsent() > 0) return;
  if (close_when_sent_) {
    if (linger_when_sent_ && !end_of_input_) return Linger();
    return Close();
  }
  // Requests before the end of the input have been answered; what is left is no whole message.
  if (end_of_input_) Close();
}

// A close with unread input would reset the connection, and the peer might never see the answer
// that tells what was wrong. So it is given a moment to read it.
void Connection::Linger() {
  lingering_ = true;
  ::shutdown(socket_.get(), SHUT_WR);
  WatchMe();
  input_.Consume(input_.size());
  input_.Settle();
  LeaveBudgetIfSettled();
  if (input_.room_size() == 0) input_.Resize(InputBuffer::kBaseSize);
  reading_ = true;
  AskForEvents();
}

// What comes now is read into the same room again and again.
void Connection::ReadLingering() {
  const ssize_t size = ::recv(socket_.get(), input_.room(), input_.room_size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) Close();
}

void Connection::CancelWait() {
  if (!exchange_out_ || cancelling_ || !exchange().may_wait()) return;
  cancelling_ = true;
  loop_.link().CancelWait(loop_.number(), *this);
}

void Connection::OnCancelled() {
  cancelling_ = false;
  BuryIfUnused();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  loop_.events().Remove(socket_.get(), *this);
  socket_.Close();
  if (in_budget_) loop_.budget().Leave(budget_);
  in_budget_ = false;
  ReleaseFrom(unsent_grants_, sent_);
  if (!exchange_out_) ReleaseKept();
  CancelWait();
  BuryIfUnused();
}

void Connection::ReleaseFrom(Grants& grants, std::size_t offset) {
  grants.VisitFrom(offset, [&](std::string_view name_space, std::string_view worker,
                               std::span<const AttemptId> attempts) {
    loop_.Release(name_space, worker, attempts);
  });
  grants.Clear();
}

void Connection::BuryIfUnused() {
  if (!closed_ || buried_ || exchange_out_ || cancelling_) return;
  buried_ = true;
  loop_.Bury(*this);
}

void Connection::WatchMe() {
  if (watched_) return;
  watched_ = true;
  loop_.Watch(*this);
}

bool Connection::OnTick() {
  watched_ = false;
  if (closed_) return false;
  const ServeOptions& options = loop_.options();
  if (lingering_ && ++linger_ticks_ >= options.linger_ticks) {
    Close();
    return false;
  }
  if (awaiting_writable_ && ++stall_ticks_ >= options.stall_ticks) {
    Report("it does not read its answers");
    Close();
    return false;
  }
  if (in_budget_ && !exchange_out_ && !close_when_sent_ &&
      loop_.budget().IsHoldingUp(budget_, options.stall_ticks)) {
    OnHoldingUp();
  }
  if (WantsTicks()) OnProtocolTick();
  if (closed_) return false;
  watched_ = lingering_ || awaiting_writable_ || in_budget_ || WantsTicks();
  return watched_;
}

void Connection::Stop() {
  stopped_ = true;
  Proceed();
}

void Connection::TryReset() {
  if (closed_) return;
  const ServeOptions& options = loop_.options();
  if (exchange_out_) {
    if (++finish_polls_ < options.finish_polls) return;
  } else if (!IsAcknowledged() && ++acknowledge_polls_ < options.acknowledge_polls) {
    return;
  }
  const linger reset{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  Close();
}

// True if the peer's machine has all that has been answered.
bool Connection::IsAcknowledged() {
  if (unsent() > 0) return false;
  int unacknowledged = 0;
  return ::ioctl(socket_.get(), SIOCOUTQ, &unacknowledged) != 0 || unacknowledged == 0;
}

}  // namespace coord
