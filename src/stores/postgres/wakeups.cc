// SPDX-License-Identifier: MIT
#include "stores/postgres/wakeups.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "stores/postgres/connection.h"

namespace coord {

namespace {

// What a daemon that was killed did not tell is found out after so long.
constexpr int kLookAgainMillis = 2'000;

// Tables in another schema are of others. Losing a message in a crash of the server is harmless, so
// nobody waits for the disk.
constexpr const char* kSettings = "SET synchronous_commit = off; SET client_min_messages = warning";
constexpr const char* kListen =
    "DO $$ BEGIN EXECUTE 'LISTEN coordinate_' || current_schema()::regnamespace::oid; END $$";
constexpr const char* kTell =
    "SELECT pg_notify('coordinate_' || current_schema()::regnamespace::oid, "
    "convert_from($1, 'UTF8'))";
// PostgreSQL takes less than 8,000 bytes.
constexpr std::size_t kMessageBytesMax = 7'000;

}  // namespace

void PgNews::Merge(const PgNews& more) {
  work = work || more.work;
  MergeSetBacks(set_backs, more.set_backs);
}

std::string ToText(const PgNews& news) {
  std::string text = news.work ? "work" : "";
  for (const auto& [generation, order] : news.set_backs) {
    if (text.size() >= kMessageBytesMax) break;
    char number[32];
    const auto end = std::to_chars(std::begin(number), std::end(number), order).ptr;
    text.append(" " + std::to_string(generation) + "=").append(std::begin(number), end);
  }
  return text;
}

PgNews ParsePgNews(std::string_view text) {
  PgNews news;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    PgId generation = 0;
    double order = 0;
    const char* const end = word.data() + word.size();
    const auto number = std::from_chars(word.data(), end, generation);
    const bool named = number.ec == std::errc() && number.ptr != end && *number.ptr == '=';
    const auto place = named ? std::from_chars(number.ptr + 1, end, order) : number;
    if (named && place.ec == std::errc() && place.ptr == end) {
      MergeSetBacks(news.set_backs, {{generation, order}});
    } else if (!word.empty()) {
      news.work = true;
    }
  }
  return news;
}

class PgWakeups::Impl {
 public:
  Impl(std::string conninfo, std::function<void(const PgNews&)> on_heard)
      : conninfo_(std::move(conninfo)),
        on_heard_(std::move(on_heard)),
        bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this] { Run(); }) {
    COORD_CHECK(bell_ >= 0);
  }

  ~Impl() {
    stopping_ = true;
    Ring();
    thread_.join();
    close(bell_);
  }

  void Tell(const PgNews& news) {
    {
      const std::lock_guard lock(mutex_);
      if (to_tell_) {
        to_tell_->Merge(news);
        return;
      }
      to_tell_ = news;
    }
    Ring();
  }

 private:
  void Ring() const {
    const std::uint64_t one = 1;
    // A bell that has been rung too often to count rings still.
    [[maybe_unused]] const auto written = write(bell_, &one, sizeof(one));
  }

  void Run() {
    while (!stopping_) {
      if (!connection_ || !connection_->alive()) Connect();
      if (connection_) {
        TellOthers();
        // What came with an answer does not make the socket readable any more.
        Hear();
      }
      Wait();
    }
  }

  void TellOthers() {
    std::optional<PgNews> news;
    {
      const std::lock_guard lock(mutex_);
      news.swap(to_tell_);
    }
    if (!news) return;
    IgnoreError(connection_->Query(kTell, PgParameters().Add(std::string_view(ToText(*news)))),
                "the others look by themselves, too");
  }

  void Connect() {
    connection_.reset();
    auto opened = PgConnection::Open(conninfo_);
    if (opened.has_error() || opened->Run(kSettings).has_error()) return;
    if (opened->Run(kListen).has_error()) return;
    connection_ = std::move(*opened);
    on_heard_(PgNews{.work = true, .set_backs = {}});
  }

  // Until there is something to hear or to tell.
  void Wait() {
    std::array<pollfd, 2> sources{};
    sources[0] = {bell_, POLLIN, 0};
    sources[1] = {connection_ ? PQsocket(connection_->handle()) : -1, POLLIN, 0};
    const int ready = poll(sources.data(), sources.size(), kLookAgainMillis);
    if ((sources[0].revents & POLLIN) != 0) {
      std::uint64_t rung = 0;
      [[maybe_unused]] const auto taken = read(bell_, &rung, sizeof(rung));
    }
    if (ready == 0) on_heard_(PgNews{.work = true, .set_backs = {}});
    if (connection_) Hear();
  }

  // Takes what has come from others.
  void Hear() {
    PGconn* const handle = connection_->handle();
    if (PQconsumeInput(handle) == 0) return;
    PgNews news;
    while (PGnotify* const notice = PQnotifies(handle)) {
      if (notice->be_pid != PQbackendPID(handle)) news.Merge(ParsePgNews(notice->extra));
      PQfreemem(notice);
    }
    if (news.work || !news.set_backs.empty()) on_heard_(news);
  }

  const std::string conninfo_;
  const std::function<void(const PgNews&)> on_heard_;
  const int bell_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::optional<PgNews> to_tell_;           // guarded by mutex_
  std::optional<PgConnection> connection_;  // the thread's
  std::thread thread_;                      // last: it uses the others
};

PgWakeups::PgWakeups(std::string conninfo, std::function<void(const PgNews&)> on_heard)
    : impl_(std::make_unique<Impl>(std::move(conninfo), std::move(on_heard))) {}

PgWakeups::~PgWakeups() = default;

void PgWakeups::Tell(const PgNews& news) { impl_->Tell(news); }

}  // namespace coord
