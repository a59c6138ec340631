// SPDX-License-Identifier: MIT
// What all handles of a client share: a store, and the thread that it lives on. Private.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include "coordinate/client.h"
#include "coordinate/convert.h"
#include "dispatch/dispatcher.h"
#include "domain/store.h"
#include "net/event_loop.h"

namespace coordinate {

// A store's clock that reads a TimeSource.
class SourceClock final : public coord::Clock {
 public:
  explicit SourceClock(TimeSource& time) : time_(time) {}
  coord::WallTime Now() override;

 private:
  TimeSource& time_;
  coord::WallTime last_ = coord::kNoTime;
};

class Core {
 public:
  // Errors: as Client::Open().
  static Result<std::shared_ptr<Core>> Open(const std::string& backend,
                                            const ClientOptions& options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  // Nobody may wait for an answer.
  ~Core();

  TimeSource& time() const { return *time_; }

  // Executes a command, whose views need to live until this returns, and converts its outcome,
  // which is a Reply. A request for work may `wait`. Any thread but the store's.
  template <typename Reply, typename Convert>
  auto Call(std::string_view name_space, const coord::Command& command, Convert convert,
            Duration wait = Duration(0)) -> Result<std::invoke_result_t<Convert, const Reply&>> {
    using Converted = std::invoke_result_t<Convert, const Reply&>;
    Result<Converted> result = Error{};
    Run(name_space, command, wait, [&](const coord::Outcome& outcome) {
      if (const auto* error = std::get_if<coord::Error>(&outcome)) {
        result = ToPublic(*error);
      } else if constexpr (std::is_void_v<Converted>) {
        convert(std::get<Reply>(outcome));
        result = Result<void>();
      } else {
        result = convert(std::get<Reply>(outcome));
      }
    });
    return result;
  }
  // A command that is answered with Done.
  Result<void> Do(std::string_view name_space, const coord::Command& command);
  // A command that is answered with a count.
  Result<std::uint64_t> Count(std::string_view name_space, const coord::Command& command);

 private:
  Core(std::shared_ptr<TimeSource> time, std::unique_ptr<coord::Clock> clock,
       std::unique_ptr<coord::Store> store);

  void Run(std::string_view name_space, const coord::Command& command, Duration wait,
           const std::function<void(const coord::Outcome&)>& on_outcome);

  const std::shared_ptr<TimeSource> time_;  // shared with who made it
  const std::unique_ptr<coord::Clock> clock_;
  const std::unique_ptr<coord::Store> store_;
  coord::EventLoop loop_;
  coord::Dispatcher dispatcher_;
  std::thread thread_;  // of the loop
};

}  // namespace coordinate
