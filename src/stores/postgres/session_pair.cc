// SPDX-License-Identifier: MIT
#include "stores/postgres/session_pair.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace coord {

namespace {

// How long a second connection that could not be made is not tried again.
constexpr Duration kTryAgain = std::chrono::seconds(10);

// The first session tells what becomes of the database.
PostgresOptions Silent(PostgresOptions options) {
  options.events = nullptr;
  return options;
}

StoreOptions WithOtherSeed(StoreOptions options) {
  ++options.seed;
  return options;
}

// Neither of two transactions may have seen the other. So that nobody waits in vain for units that
// are there, the more hopeful of both views counts: what is available after both is never more than
// nothing where neither saw anything. (`c + a` and `c + b` are the views of what is `c + a + b`.)
void MergeNews(std::vector<SpecNews>& all, std::vector<SpecNews> more) {
  std::map<std::pair<std::string_view, std::string_view>, SpecNews*> known;
  all.reserve(all.size() + more.size());  // for the pointers
  for (SpecNews& news : all) known[{news.name_space, news.spec}] = &news;
  for (SpecNews& news : more) {
    const auto found = known.find({news.name_space, news.spec});
    if (found == known.end()) {
      all.push_back(std::move(news));
      continue;
    }
    SpecNews& merged = *found->second;
    merged.load.available = std::max(merged.load.available, news.load.available);
    merged.load.pending = std::min(merged.load.pending, news.load.pending);
    merged.changed = merged.changed || news.changed;
    Earlier(merged.retention_due, news.retention_due);
  }
}

}  // namespace

PgSessionPair::PgSessionPair(const PostgresOptions& options, const StoreOptions& store_options)
    : divide_from_(options.divide_from),
      events_(options.events),
      first_(options, store_options),
      second_(Silent(options), WithOtherSeed(store_options)),
      thread_([this](Errand& errand) { second_.Run(errand.job, *errand.result); }, [] {}) {}

void PgSessionPair::Run(const PgJob& job, PgJobResult& result) {
  if (auto parts = Divide(job)) {
    RunBoth(job, *std::move(parts), result);
  } else {
    first_.Run(job, result);
  }
  second_.SetBackClaims(job.set_backs);
  second_.SetBackClaims(result.to_tell);
}

std::optional<JobParts> PgSessionPair::Divide(const PgJob& job) {
  if (!job.may_divide || job.look_around || job.tidy || job.long_command) return std::nullopt;
  // What falls due now is for all commands to see.
  if (first_.MustLook(job.now)) return std::nullopt;
  auto parts = DivideJob(job.submissions, divide_from_);
  if (parts && !ReachSecond(job.now)) return std::nullopt;
  return parts;
}

bool PgSessionPair::ReachSecond(WallTime now) {
  if (second_.alive()) return true;
  if (tried_second_ != kNoTime && now - tried_second_ < kTryAgain) return false;
  tried_second_ = now;
  const Result<void> opened = second_.OpenBeside();
  const bool told = std::exchange(told_, opened.has_error());
  if (told_ && !told && events_ != nullptr) events_->OnUndivided(opened.error().detail);
  return opened.has_value();
}

void PgSessionPair::RunBoth(const PgJob& job, JobParts parts, PgJobResult& result) {
  auto errand = std::make_unique<Errand>();
  errand->job.now = job.now;
  errand->job.submissions = std::move(parts.second);
  errand->job.set_backs = job.set_backs;
  PgJob rest;
  rest.now = job.now;
  rest.submissions = std::move(parts.first);
  rest.set_backs = job.set_backs;
  thread_.Start(std::move(errand));
  first_.Run(rest, result);
  errand = thread_.Await();

  PgJobResult& other = *errand->result;
  first_.SetBackClaims(other.to_tell);
  first_.TakeOver(second_, result);
  std::move(other.answers.begin(), other.answers.end(), std::back_inserter(result.answers));
  MergeNews(result.news, std::exchange(other.news, {}));
  MergeSetBacks(result.to_tell, other.to_tell);
  // Where one of them could do its part, that has to be told of.
  result.unavailable = result.unavailable && other.unavailable;
  result.beside = std::move(errand->result);
}

}  // namespace coord
