// SPDX-License-Identifier: MIT
#include "rpc/method_table.h"

#include <array>
#include <vector>

#include "base/check.h"
#include "rpc/answer.h"
#include "rpc/methods.h"

namespace coord {

namespace {

// Open addressing over a hash of the length and two bytes, which tells nearly all names apart.
class MethodTable {
 public:
  MethodTable() {
    for (const auto methods : {WorkMethods(), SpecMethods(), UnitMethods(), UnitReadMethods(),
                               WorkerMethods(), LockMethods(), MovingMethods(), ServerMethods()}) {
      all_.insert(all_.end(), methods.begin(), methods.end());
    }
    COORD_CHECK(all_.size() < kSlots / 2);
    for (const Method& method : all_) {
      std::size_t slot = Slot(method.name);
      while (slots_[slot] != nullptr) slot = (slot + 1) % kSlots;
      slots_[slot] = &method;
    }
  }

  const Method* Find(std::string_view name) const {
    if (name.empty()) return nullptr;
    for (std::size_t slot = Slot(name); slots_[slot] != nullptr; slot = (slot + 1) % kSlots) {
      if (slots_[slot]->name == name) return slots_[slot];
    }
    return nullptr;
  }

  std::span<const Method> all() const { return all_; }

 private:
  static constexpr std::size_t kSlots = 256;

  static std::size_t Slot(std::string_view name) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    return (name.size() * 31 + byte(name.size() / 2) * 7U + byte(name.size() - 1)) % kSlots;
  }

  std::vector<Method> all_;
  std::array<const Method*, kSlots> slots_{};
};

const MethodTable& Table() {
  static const MethodTable table;
  return table;
}

void WriteFailure(const Method& method, std::string_view id, std::string_view message,
                  CborWriter& writer) {
  WriteResultHead(writer, id);
  if (method.failure == Failure::kBareNull) {
    writer.Null();
    return;
  }
  writer.TupleHead(2);
  if (method.failure == Failure::kFalse) {
    writer.Bool(false);
  } else if (method.failure == Failure::kZero) {
    writer.Unsigned(0);
  } else {
    writer.Null();
  }
  WriteMessageText(writer, message);
}

}  // namespace

const Method* FindMethod(std::string_view name) { return Table().Find(name); }

std::span<const Method> Methods() { return Table().all(); }

void EncodeAnswer(const Method& method, std::string_view id, const Outcome& outcome,
                  const CallNotes& notes, CborWriter& writer) {
  if (const auto* error = std::get_if<Error>(&outcome)) {
    const bool in_result = method.failure != Failure::kError &&
                           error->code != ErrorCode::kInternal &&
                           InfoOf(error->code).error_class == ErrorClass::kDomain;
    if (in_result) {
      WriteFailure(method, id, error->detail, writer);
    } else {
      WriteErrorAnswer(writer, id, std::string(method.name) + ": " + error->detail);
    }
    return;
  }
  if (const auto why = method.refuse != nullptr ? method.refuse(outcome) : std::string_view();
      !why.empty()) {
    WriteErrorAnswer(writer, id, std::string(method.name).append(": ").append(why));
    return;
  }
  WriteResultHead(writer, id);
  method.encode(outcome, notes, writer);
}

void EncodeRefusal(const Method& method, std::string_view id, std::string_view message,
                   CborWriter& writer) {
  WriteFailure(method, id, message, writer);
}

}  // namespace coord
