// SPDX-License-Identifier: MIT
// How to take changes back, noted while they are made.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace coord {

// The inverse steps of changes that may still be taken back, and what has to wait until they cannot
// be: giving back a record, for example. Steps are closures, kept in blocks of memory that are used
// again, so that noting one costs a few nanoseconds and no allocation. Not thread-safe.
class UndoLog {
 public:
  UndoLog() = default;
  UndoLog(const UndoLog&) = delete;
  UndoLog& operator=(const UndoLog&) = delete;
  ~UndoLog() { Clear(); }

  // Notes how the change that is being made is taken back. What the closure owns lives until then
  // or until the change is kept.
  template <typename Step>
  void OnUndo(Step step) {
    Push(undo_, std::move(step));
  }

  // Notes what is to be done once the change stays.
  template <typename Step>
  void OnKeep(Step step) {
    Push(keep_, std::move(step));
  }

  bool empty() const { return undo_.empty() && keep_.empty(); }

  // Takes all changes back, the newest first. The log is empty afterwards.
  void Undo() {
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) step->run(step->closure);
    Clear();
  }

  // The changes stay: does what waited for that, in order. The log is empty afterwards.
  void Keep() {
    for (const Noted& step : keep_) step.run(step.closure);
    Clear();
  }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;

  struct Noted {
    void (*run)(void*);
    void (*destroy)(void*);  // nullptr: nothing to destroy
    void* closure;
  };

  template <typename Step>
  void Push(std::vector<Noted>& list, Step step) {
    static_assert(sizeof(Step) <= kBlockBytes && alignof(Step) <= alignof(std::max_align_t));
    auto* closure = new (Room(sizeof(Step))) Step(std::move(step));
    Noted noted{[](void* at) { (*static_cast<Step*>(at))(); }, nullptr, closure};
    if constexpr (!std::is_trivially_destructible_v<Step>) {
      noted.destroy = [](void* at) { static_cast<Step*>(at)->~Step(); };
    }
    list.push_back(noted);
  }

  void* Room(std::size_t size);
  void Clear();

  std::vector<Noted> undo_;
  std::vector<Noted> keep_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t block_ = 0;  // the one in use
  std::size_t used_ = 0;   // of it
};

}  // namespace coord
