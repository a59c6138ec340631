// SPDX-License-Identifier: MIT
#include "http/routes.h"

#include <array>
#include <vector>

#include "domain/names.h"
#include "http/operations.h"
#include "rest/url_names.h"

namespace coord {

namespace {

constexpr std::size_t kSegmentsMax = 10;

struct Segments {
  std::array<std::string_view, kSegmentsMax> items;
  std::size_t count = 0;  // kSegmentsMax + 1: more than any resource has
};

// "/" has one segment, which is empty.
Segments Split(std::string_view path) {
  Segments segments;
  if (path.empty() || path.front() != '/') return segments;
  while (true) {
    path.remove_prefix(1);
    if (segments.count == kSegmentsMax) {
      ++segments.count;
      return segments;
    }
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.items[segments.count++] = segment;
    path.remove_prefix(segment.size());
    if (path.empty()) return segments;
  }
}

std::string_view* NameIn(PathNames& names, std::string_view placeholder) {
  if (placeholder == "{namespace}") return &names.name_space;
  if (placeholder == "{spec}") return &names.spec;
  if (placeholder == "{unit}") return &names.unit;
  if (placeholder == "{worker}") return &names.worker;
  if (placeholder == "{file}") return &names.file;
  return &names.start;
}

// The routes, and each of them by how many segments it has.
class RouteTable {
 public:
  explicit RouteTable(bool has_clock) {
    for (const auto resources : {ServerResources(), NamespaceResources(), CommandResources(),
                                 SpecResources(), UnitResources(), AttemptResources(),
                                 WorkerResources(), InsightResources(), WebResources()}) {
      Add(resources);
    }
    if (has_clock) Add(ClockResources());
    for (const Route& route : routes_) {
      const Segments segments = Split(route.pattern);
      by_count_[segments.count].push_back({&route, segments});
    }
  }

  std::span<const Route> routes() const { return routes_; }

  RouteMatch Match(std::string_view path) const {
    const Segments segments = Split(path);
    if (segments.count > kSegmentsMax) return {};
    for (const Entry& entry : by_count_[segments.count]) {
      if (Fits(entry.segments, segments)) return {entry.route, NamesIn(entry.segments, segments)};
    }
    return {};
  }

 private:
  struct Entry {
    const Route* route;
    Segments segments;
  };

  void Add(std::span<const ResourceOperations> resources) {
    for (const ResourceOperations& resource : resources) {
      std::string allow;
      for (const Operation& operation : resource.operations) {
        allow.append(operation.method).append(operation.method == "GET" ? ", HEAD, " : ", ");
      }
      allow.append("OPTIONS");
      const std::size_t number =
          routes_.empty() ? 0 : routes_.back().first_number + routes_.back().operations.size();
      routes_.push_back({resource.pattern, resource.operations, std::move(allow), number});
    }
  }

  static bool Fits(const Segments& pattern, const Segments& path) {
    // From the right: what comes first is the same for most.
    for (std::size_t i = path.count; i > 0; --i) {
      const std::string_view part = pattern.items[i - 1];
      if (part.starts_with('{') ? path.items[i - 1].empty() : part != path.items[i - 1]) {
        return false;
      }
    }
    return true;
  }

  static PathNames NamesIn(const Segments& pattern, const Segments& path) {
    PathNames names;
    for (std::size_t i = 0; i < path.count; ++i) {
      if (pattern.items[i].starts_with('{')) *NameIn(names, pattern.items[i]) = path.items[i];
    }
    return names;
  }

  std::vector<Route> routes_;
  std::array<std::vector<Entry>, kSegmentsMax + 1> by_count_;
};

const RouteTable& Table(bool has_clock) {
  static const RouteTable with_clock(true);
  static const RouteTable without_clock(false);
  return has_clock ? with_clock : without_clock;
}

}  // namespace

std::span<const Route> Routes(bool has_clock) { return Table(has_clock).routes(); }

std::vector<std::string_view> OperationNames() {
  std::vector<std::string_view> names;
  for (const Route& route : Routes(/*has_clock=*/true)) {
    for (const Operation& operation : route.operations) names.push_back(operation.id);
  }
  return names;
}

RouteMatch MatchRoute(std::string_view path, bool has_clock) {
  return Table(has_clock).Match(path);
}

Result<PathNames> DecodeNames(const PathNames& raw, Arena& arena) {
  PathNames names;
  COORD_TRY(name_space, ReadPathName(raw.name_space, arena));
  COORD_TRY_VOID(CheckName(name_space, "the namespace"));
  names.name_space = name_space;
  COORD_TRY(spec, ReadPathName(raw.spec, arena));
  names.spec = spec;
  COORD_TRY(unit, ReadPathName(raw.unit, arena));
  names.unit = unit;
  COORD_TRY(worker, ReadPathName(raw.worker, arena));
  COORD_TRY_VOID(CheckName(worker, "the worker"));
  names.worker = worker;
  names.start = raw.start;
  return names;
}

const Operation* FindOperation(const Route& route, std::string_view method) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Operation& operation : route.operations) {
    if (operation.method == wanted) return &operation;
  }
  return nullptr;
}

}  // namespace coord
