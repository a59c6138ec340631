// SPDX-License-Identifier: MIT
// Reading everything, page by page.
#include <algorithm>
#include <utility>

#include "domain/export_walk.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/housekeeping.h"
#include "stores/postgres/lock_rows.h"
#include "stores/postgres/record_rows.h"

namespace coord {

namespace {

// How many rows are read at a time: a page ends where it has become long.
constexpr std::uint64_t kRowsAtOnce = 500;

constexpr const char* kLocksAfter =
    "SELECT path, labels, locker, until FROM locks WHERE namespace_id = $1 "
    "AND ($2::bytea IS NULL OR path > $2) AND until > $3 ORDER BY path LIMIT $4";

// The namespaces and specs have all been read before; the others are read as they are wanted.
class PgExport final : public ExportSource {
 public:
  PgExport(PgTransaction& transaction, const Catalog& catalog)
      : transaction_(transaction), catalog_(catalog) {}

  std::uint64_t CountWorkUnits() override {
    std::uint64_t count = 0;
    for (const auto& [name, name_space] : catalog_.namespaces()) {
      for (const auto& [spec_name, spec] : name_space->specs) {
        for (const std::uint64_t of_status : spec->counts) count += of_status;
      }
    }
    return count;
  }

  After NextNamespace(const After& after) override {
    return NextName(catalog_.namespaces(), after);
  }

  After NextWorkSpec(std::string_view name_space, const After& after) override {
    const NamespaceImage* const found = Find(name_space);
    return found == nullptr ? std::nullopt : NextName(found->specs, after);
  }

  After AddWorkSpecs(std::string_view name_space, const After& after, ExportPage& page) override {
    const NamespaceImage* const found = Find(name_space);
    After last = after;
    while (found != nullptr) {
      last = NextName(found->specs, last);
      if (!last) break;
      page.Add(RecordOf(*found->FindSpec(*last)));
      if (page.full()) return last;
    }
    return std::nullopt;
  }

  After AddWorkers(std::string_view name_space, const After& after, ExportPage& page) override {
    const NamespaceImage* const found = Find(name_space);
    if (found == nullptr) return std::nullopt;
    return AddRows(after, page, [&](const After& from, std::uint64_t limit) {
      return ReadWorkersAfter(transaction_, *found, from, limit);
    });
  }

  After AddLocks(std::string_view name_space, const After& after, ExportPage& page) override {
    const NamespaceImage* const found = Find(name_space);
    After last = after;
    bool more = found != nullptr;
    while (more && !page.full()) {
      const std::uint64_t limit = std::min(page.room(), kRowsAtOnce);
      PgParameters parameters;
      parameters.Add(found->id);
      parameters.Add(last ? std::optional<std::string_view>(*last) : std::nullopt);
      parameters.Add(transaction_.now()).Add(limit);
      const PgRows rows = transaction_.Query(kLocksAfter, parameters);
      for (int row = 0; row < rows.size() && !page.full(); ++row) {
        last = std::string(rows.Bytes(row, 0));
        const auto path = ListedPath(*last, static_cast<std::size_t>(rows.Integer(row, 1)));
        page.Add(LockRecord{name_space, path, rows.Bytes(row, 2), rows.Time(row, 3)});
      }
      more = static_cast<std::uint64_t>(rows.size()) == limit;
    }
    return page.full() ? last : std::nullopt;
  }

  After AddWorkUnits(std::string_view name_space, std::string_view spec_name, const After& after,
                     ExportPage& page) override {
    const NamespaceImage* const found = Find(name_space);
    const SpecImage* const spec = found == nullptr ? nullptr : found->FindSpec(spec_name);
    if (spec == nullptr) return std::nullopt;
    return AddRows(after, page, [&](const After& from, std::uint64_t limit) {
      return ReadUnitsAfter(transaction_, *spec, from, limit);
    });
  }

 private:
  template <typename Index>
  static After NextName(const Index& index, const After& after) {
    const auto next = after ? index.upper_bound(*after) : index.begin();
    if (next == index.end()) return std::nullopt;
    return next->first;
  }

  template <typename Read>
  After AddRows(After last, ExportPage& page, Read read) {
    for (bool more = true; more && !page.full();) {
      const std::uint64_t limit = std::min(page.room(), kRowsAtOnce);
      auto rows = read(last, limit);
      for (const auto& record : rows.records) {
        if (page.full()) break;
        page.Add(record);
        last = std::string(record.name);
      }
      more = rows.records.size() == limit;
    }
    return page.full() ? last : std::nullopt;
  }

  const NamespaceImage* Find(std::string_view name) const {
    const auto found = catalog_.namespaces().find(name);
    return found == catalog_.namespaces().end() ? nullptr : found->second.get();
  }

  PgTransaction& transaction_;
  const Catalog& catalog_;
};

}  // namespace

Outcome Executor::Run(NamespaceImage&, const ExportRecords& command) {
  WriteLateUpdates(transaction_, state_.late);
  Flush();
  catalog_.LoadAll();
  PgExport source(transaction_, catalog_);
  return RunExport(source, command, scratch_);
}

}  // namespace coord
