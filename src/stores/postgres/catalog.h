// SPDX-License-Identifier: MIT
// Namespaces and work specs as one transaction sees them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/postgres/count_marks.h"
#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"

namespace coord {

// There are few of them, so all specs of a namespace are read together, with their counts. What
// changes is written at once, but for the counts. Images live as long as the catalog, also those of
// what was deleted.
class Catalog {
 public:
  Catalog(PgTransaction& transaction, CountMarks& marks)
      : transaction_(transaction), marks_(marks) {}

  // Reads those that have not been read yet.
  void Load(std::span<const std::string_view> names);
  void LoadAll();

  // The namespace of that name; made where there is none.
  NamespaceImage& NamespaceOf(std::string_view name);
  // By name; all that have been read.
  const std::map<std::string, std::unique_ptr<NamespaceImage>, std::less<>>& namespaces() const {
    return namespaces_;
  }

  // Makes a spec with these values.
  SpecImage& MakeSpec(NamespaceImage& name_space, const std::string& name,
                      std::string_view definition, const ParsedDefinition& parsed);
  // Writes its values. Its meta and definition have been changed by the caller.
  void Write(SpecImage& spec);
  // Keeps other transactions from changing the spec, or locking it, until this one ends, and reads
  // its values and counts again. Returns false if it is gone.
  bool Lock(SpecImage& spec);

  // Gives the spec another, empty set of units.
  void DetachUnits(SpecImage& spec);
  void DropSpec(NamespaceImage& name_space, SpecImage& spec);
  void DropNamespace(NamespaceImage& name_space);

  // Adds the statement that brings the counters in the database up to date.
  void AddCounts(std::vector<PgStatement>& statements);

  // Marks the specs of these generations as changed.
  void MarkChanged(std::span<const PgId> generations);
  // Those that have been read or made and are still there.
  void VisitSpecs(const std::function<void(const SpecImage&)>& visit) const;
  // Whether units were deleted as a whole, so that their rows have to be removed.
  bool leaves_waste() const { return leaves_waste_; }

 private:
  // The first parameters of all statements that read counters.
  PgParameters Marks() const;
  void Take(const PgRows& rows);
  void TakeSpec(const PgRows& rows, int row, SpecImage& spec);
  void NoteDeleted(PgId generation);

  PgTransaction& transaction_;
  CountMarks& marks_;
  std::map<std::string, std::unique_ptr<NamespaceImage>, std::less<>> namespaces_;
  std::vector<std::unique_ptr<SpecImage>> dropped_specs_;
  std::vector<std::unique_ptr<NamespaceImage>> dropped_namespaces_;
  bool leaves_waste_ = false;
};

}  // namespace coord
