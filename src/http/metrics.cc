// SPDX-License-Identifier: MIT
#include "http/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <string_view>

#include "base/version.h"

namespace coord {

namespace {

// Records of the summary that are told one by one: what a collector can bear. Specs are few, unless
// somebody makes one for each unit.
constexpr std::size_t kRecordsMax = 2000;

struct Label {
  std::string_view name;
  std::string_view value;
};

// Writes families of samples, one after the other.
class MetricsText {
 public:
  explicit MetricsText(std::string& out) : out_(out) {}

  void Family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(out_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  }

  template <typename Number>
  void Sample(std::initializer_list<Label> labels, Number value) {
    Begin({}, labels, {});
    fmt::format_to(std::back_inserter(out_), " {}\n", value);
  }

  // `scale` turns the values that were counted into those that are told.
  void Buckets(std::initializer_list<Label> labels, const Histogram& histogram, double scale) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
      count += histogram.in_bucket(i);
      const bool is_last = i + 1 == Histogram::kBuckets;
      const double edge = static_cast<double>(Histogram::UpperEdge(i)) * scale;
      Begin("_bucket", labels, is_last ? "+Inf" : fmt::format("{}", edge));
      fmt::format_to(std::back_inserter(out_), " {}\n", count);
    }
    Begin("_sum", labels, {});
    fmt::format_to(std::back_inserter(out_), " {}\n", static_cast<double>(histogram.sum()) * scale);
    Begin("_count", labels, {});
    fmt::format_to(std::back_inserter(out_), " {}\n", count);
  }

 private:
  void Begin(std::string_view suffix, std::initializer_list<Label> labels, std::string_view edge) {
    out_.append(name_).append(suffix);
    char separator = '{';
    for (const Label& label : labels) Put(separator, label);
    if (!edge.empty()) Put(separator, {"le", edge});
    if (separator == ',') out_.push_back('}');
  }

  void Put(char& separator, const Label& label) {
    out_.push_back(separator);
    separator = ',';
    out_.append(label.name).append("=\"");
    for (const char c : label.value) {
      if (c == '\\' || c == '"') out_.push_back('\\');
      if (c == '\n') {
        out_.append("\\n");
      } else {
        out_.push_back(c);
      }
    }
    out_.push_back('"');
  }

  std::string& out_;
  std::string_view name_;
};

constexpr double kMicros = 1e-6;

double Seconds(Duration duration) { return static_cast<double>(duration.count()) * kMicros; }

void WriteUnits(MetricsText& text, const SummaryReply& summary, Duration took) {
  text.Family("coordinate_work_units", "gauge", "Work units by work spec and status.");
  std::uint64_t unlisted = 0;
  for (std::size_t i = 0; i < summary.records.size(); ++i) {
    const SummaryReply::Record& record = summary.records[i];
    if (i >= kRecordsMax) {
      unlisted += record.count;
      continue;
    }
    text.Sample({{"namespace", record.name_space},
                 {"work_spec", record.spec},
                 {"status", ToText(record.status)}},
                record.count);
  }
  text.Family("coordinate_work_units_unlisted", "gauge",
              "Work units beyond the first 2000 combinations of work spec and status.");
  text.Sample({}, unlisted);
  text.Family("coordinate_summary_seconds", "gauge", "How long it took to get these counts.");
  text.Sample({}, Seconds(took));
}

void WriteAttempts(MetricsText& text, const StoreStats& stats) {
  text.Family("coordinate_attempts_started_total", "counter", "Attempts that were made.");
  text.Sample({}, stats.attempts_started);
  text.Family("coordinate_attempts_ended_total", "counter",
              "Attempts by outcome; lapsed: their time ran out, and some end otherwise yet.");
  for (const AttemptStatus status : kAttemptStatuses) {
    if (status == AttemptStatus::kPending) continue;
    text.Sample({{"outcome", ToText(status)}}, stats.attempts_ended[IndexOf(status)]);
  }
  text.Sample({{"outcome", "lapsed"}}, stats.attempts_lapsed);
  text.Family("coordinate_finish_seconds", "histogram",
              "From the start of attempts that finished to their end.");
  text.Buckets({}, stats.finish_micros, kMicros);
}

void WriteRequests(MetricsText& text, std::span<const ServedProtocol> protocols) {
  text.Family("coordinate_request_seconds", "histogram",
              "Requests by method, and how long their answers took.");
  for (const ServedProtocol& protocol : protocols) {
    for (const RequestStats::Method& method : protocol.requests->methods()) {
      if (method.micros.count() == 0) continue;
      text.Buckets({{"protocol", protocol.name}, {"method", method.name}}, method.micros, kMicros);
    }
  }
  text.Family("coordinate_request_errors_total", "counter", "Requests that got an error.");
  for (const ServedProtocol& protocol : protocols) {
    for (const RequestStats::Method& method : protocol.requests->methods()) {
      if (method.micros.count() == 0) continue;
      text.Sample({{"protocol", protocol.name}, {"method", method.name}}, method.errors);
    }
  }
}

void WriteBatches(MetricsText& text, const DispatcherStats& stats) {
  text.Family("coordinate_batch_commands", "histogram", "Commands that were executed together.");
  text.Buckets({}, stats.batch_commands, 1);
  text.Family("coordinate_store_seconds", "histogram",
              "How long the store took for such a batch, until what it changed was safe.");
  text.Buckets({}, stats.store_micros, kMicros);
}

void WritePeers(MetricsText& text, const HttpFacts& facts) {
  text.Family("coordinate_connections", "gauge", "Connections that are open.");
  for (const ServedProtocol& protocol : facts.protocols) {
    text.Sample({{"protocol", protocol.name}}, protocol.connections());
  }
  text.Family("coordinate_waiting_requests", "gauge", "Requests that wait for work.");
  text.Sample({}, facts.dispatcher->stats().waiting);
}

// The memory that the process has, or 0 where that cannot be told.
std::uint64_t ResidentBytes() {
  unsigned long long size = 0;
  unsigned long long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicros;
}

// What the process and the system have spent for it.
double ProcessorSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

void WriteProcess(MetricsText& text, const Store& store) {
  text.Family("coordinate_store_available", "gauge", "0 while changes are refused.");
  text.Sample({}, store.available() ? 1 : 0);
  text.Family("process_resident_memory_bytes", "gauge", "The memory of the daemon.");
  text.Sample({}, ResidentBytes());
  text.Family("process_cpu_seconds_total", "counter", "Processor time of the daemon.");
  text.Sample({}, ProcessorSeconds());
  text.Family("coordinate_build_info", "gauge", "What runs here.");
  text.Sample({{"version", Version()}, {"backend", store.name()}}, 1);
}

}  // namespace

void WriteMetrics(const HttpFacts& facts, const SummaryReply& summary, Duration took,
                  std::string& out) {
  MetricsText text(out);
  WriteUnits(text, summary, took);
  if (facts.dispatcher->keeps_stats()) {
    if (const StoreStats* stats = facts.store->stats()) WriteAttempts(text, *stats);
    WriteRequests(text, facts.protocols);
    WriteBatches(text, facts.dispatcher->stats());
  }
  WritePeers(text, facts);
  WriteProcess(text, *facts.store);
}

}  // namespace coord
