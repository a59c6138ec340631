// SPDX-License-Identifier: MIT
// One HTTP connection.
#pragma once

#include "http/http_exchange.h"
#include "http/request_reader.h"
#include "serve/connection.h"

namespace coord {

class HttpConnection final : public Connection {
 public:
  HttpConnection(IoLoop& loop, HttpContext& context, std::uint64_t number, Fd socket);

  Exchange& exchange() override { return exchange_; }

 private:
  bool Gather() override;
  bool GatherRequest();
  void RefuseUnfinished(std::string_view why) override;
  void TakeAnswers() override;
  bool WantsTicks() const override { return unfinished_ && !exchange_out() && !closing(); }
  void OnProtocolTick() override;
  void TellToContinue();

  HttpContext& context_;
  RequestReader reader_;
  HttpExchange exchange_;
  bool unfinished_ = false;   // a part of a request is there
  int unfinished_ticks_ = 0;  // for so long
  bool told_to_continue_ = false;
};

}  // namespace coord
