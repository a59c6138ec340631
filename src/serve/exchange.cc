// SPDX-License-Identifier: MIT
#include "serve/exchange.h"

#include "base/check.h"

namespace coord {

// --- Filling -------------------------------------------------------------------------------------

void Exchange::Reset() {
  may_wait_ = false;
  tell_if_waiting_ = false;
  count_ = 0;
  bytes_ = 0;
  written_ = 0;
}

std::size_t Exchange::AddCall(std::size_t bytes) {
  if (count_ == early_.size()) early_.emplace_back();
  early_[count_].reset();
  bytes_ += bytes;
  return count_++;
}

void Exchange::RemoveCall(std::size_t bytes) {
  --count_;
  bytes_ -= bytes;
}

std::string& Exchange::AnswerNow(std::size_t call) {
  if (!early_[call]) early_[call] = std::make_unique<Early>();
  return early_[call]->answer;
}

// --- Answering -----------------------------------------------------------------------------------

void Exchange::Start(WallTime now) {
  started_ = now;
  OnStart();
  WriteReady();
}

void Exchange::WriteReady() {
  for (; written_ < count_; ++written_) {
    std::unique_ptr<Early>& early = early_[written_];
    if (early) {
      grants_.TakeFrom(early->grants, answers_.size());
      answers_.append(early->answer);
      early.reset();
    } else if (!WriteLocal(written_, answers_)) {
      return;
    }
  }
  if (count_ > 0) listener_.OnComplete(*this);
}

void Exchange::OnOutcome(std::uint64_t token, const Outcome& outcome) {
  COORD_CHECK(token >= written_ && token < count_);
  if (token != written_) {
    early_[token] = std::make_unique<Early>();
    WriteOutcome(token, outcome, early_[token]->answer, early_[token]->grants);
    return;
  }
  WriteOutcome(token, outcome, answers_, grants_);
  ++written_;
  WriteReady();
}

void Exchange::TellWaiting() {
  if (dispatcher_.Waits(this, count_ - 1)) listener_.OnWaiting(*this);
}

void Exchange::CancelWait() {
  if (!may_wait_ || written_ >= count_) return;
  if (!dispatcher_.Cancel(this, count_ - 1)) return;
  COORD_CHECK(written_ + 1 == count_);
  written_ = count_;
  listener_.OnComplete(*this);
}

}  // namespace coord
