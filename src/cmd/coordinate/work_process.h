// SPDX-License-Identifier: MIT
// One program that works on one work unit: starting it, listening to it, ending it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace coord {

// How much of the end of a program's standard error is kept.
inline constexpr std::size_t kErrorTailBytes = std::size_t{16} << 10U;

// Owns a file descriptor, or none (-1).
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void Close();
  int Release();

 private:
  int number_ = -1;
};

// Keeps the end of a text that arrives piece by piece.
class TextTail {
 public:
  explicit TextTail(std::size_t size_max) : size_max_(size_max) {}

  void Append(std::string_view piece);

  // The end of the text as UTF-8, with U+FFFD for bytes that are none, without white space at its
  // end. Where the beginning was cut off, it starts with "..." and a whole line, unless its only
  // line is longer than the tail.
  std::string Text() const;

 private:
  std::size_t size_max_;
  std::string text_;
  bool cut_ = false;
};

// How a program ended.
struct ProgramEnd {
  bool signalled = false;
  int number = 0;  // the exit status, or the signal

  // "exit status 3", "killed by signal 9 (Killed)".
  std::string Describe() const;
};

// What becomes of the program's standard output.
enum class ProgramOutput {
  kInherit,  // it is the worker's own
  kCapture,  // read by ReadOutput()
  kDiscard,
};

struct ProgramSpec {
  std::vector<std::string> arguments;    // the program first, looked for in PATH
  std::vector<std::string> environment;  // entries laid over the worker's own
  std::string input;                     // all that it can read on standard input
  ProgramOutput output = ProgramOutput::kInherit;
  int result_descriptor = -1;  // an open file under this number takes its result; from 3 on
  bool result_file = false;    // COORDINATE_RESULT names a fresh file that takes its result
};

// A running program, in a process group of its own. Its descriptors are not blocking; only 0, 1, 2
// and the result's are passed on to it. Used from one thread.
class WorkProcess {
 public:
  // Starts it. Errors: kInvalid (it cannot be run: not there, not executable, arguments too long);
  // kUnavailable (the system has no room for it now: worth another try).
  static Result<std::unique_ptr<WorkProcess>> Start(const ProgramSpec& spec);

  // Kills the whole group if it has not been reaped, and removes the result's file.
  ~WorkProcess();
  WorkProcess(const WorkProcess&) = delete;
  WorkProcess& operator=(const WorkProcess&) = delete;

  // For poll(): readable once the program has ended; readable while there is something to read.
  // -1 where there is nothing to wait for.
  int end_descriptor() const { return end_.number(); }
  int error_descriptor() const { return error_.number(); }
  int output_descriptor() const { return output_.number(); }

  // Reads what is there, without waiting; empty where nothing is. What comes from standard error is
  // also kept in the tail.
  std::string ReadError();
  std::string ReadOutput();
  const TextTail& error_tail() const { return error_tail_; }

  // Sends a signal to the whole group.
  void Signal(int number) const;

  // Takes the end of the program, which must have ended or be about to. What others that it started
  // still do with its descriptors is not waited for.
  ProgramEnd Reap();

  // What it wrote as its result, after Reap(); empty where nothing or nowhere to write to.
  // Errors: kInvalid (the file cannot be read, or is larger than `size_max`).
  Result<std::string> TakeResult(std::size_t size_max);

 private:
  WorkProcess() = default;

  pid_t id_ = -1;
  bool reaped_ = false;
  Descriptor end_;
  Descriptor error_;
  Descriptor output_;
  Descriptor result_;        // the file under result_descriptor
  std::string result_path_;  // the file named by COORDINATE_RESULT
  TextTail error_tail_{kErrorTailBytes};
};

}  // namespace coord
