// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
// glibc 2.36 declares these functions without C linkage.
extern "C" {
#include <sys/pidfd.h>
}
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "value/utf8.h"

namespace coord {

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
// How much one turn reads of one stream, so that a program that never stops writing does not keep
// the worker from its other duties.
constexpr std::size_t kTurnBytesMax = std::size_t{1} << 20U;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

Error SystemError(const std::string& what, int number) {
  const bool exhausted = number == EAGAIN || number == ENOMEM || number == EMFILE ||
                         number == ENFILE || number == ENOSPC || number == ETXTBSY;
  return {exhausted ? ErrorCode::kUnavailable : ErrorCode::kInvalid,
          what + ": " + std::generic_category().message(number), ""};
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  // Only the worker's end: the program must not be surprised by EAGAIN.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<void> WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot write the program's input", errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// A file in memory that begins with `text`. As standard input it never has to be fed while the
// program runs, and as a result's target it never fills up.
Result<Descriptor> MakeMemoryFile(std::string_view text) {
  Descriptor file(memfd_create("coordinate-work", MFD_CLOEXEC));
  if (!file.open()) return SystemError("cannot make a file in memory", errno);
  COORD_TRY_VOID(WriteAll(file.number(), text));
  lseek(file.number(), 0, SEEK_SET);
  return file;
}

Result<std::string> MakeTemporaryFile() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
  path += "/coordinate-result-XXXXXX";
  const Descriptor file(mkostemp(path.data(), O_CLOEXEC));
  if (!file.open()) return SystemError("cannot make " + path, errno);
  return path;
}

std::string ReadSome(Descriptor& from) {
  std::string text;
  while (from.open() && text.size() < kTurnBytesMax) {
    const std::size_t size = text.size();
    text.resize(size + kReadBytes);
    const ssize_t count = read(from.number(), text.data() + size, kReadBytes);
    const int problem = errno;
    text.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count > 0 || (count < 0 && problem == EINTR)) continue;
    if (count == 0 || problem != EAGAIN) from.Close();
    break;
  }
  return text;
}

Result<std::string> ReadFile(int descriptor, std::size_t size_max) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return SystemError("cannot read the result", errno);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > size_max) {
    return InvalidError("the result is longer than " + std::to_string(size_max) + " bytes");
  }
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        pread(descriptor, text.data() + done, size - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read the result", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

// The worker's environment with `over` laid over it.
std::vector<std::string> MergedEnvironment(const std::vector<std::string>& over) {
  std::vector<std::string> merged = over;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    const bool replaced = std::any_of(over.begin(), over.end(), [&](const std::string& mine) {
      return std::string_view(mine).starts_with(name);
    });
    if (!replaced) merged.emplace_back(text);
  }
  return merged;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What posix_spawn() does in the new process before the program starts.
class SpawnSetup {
 public:
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setpgroup(&attributes_, 0);
    // The worker blocks and ignores signals for its own sake.
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void Pass(int descriptor, int as) { posix_spawn_file_actions_adddup2(&actions_, descriptor, as); }
  void Discard(int descriptor) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, "/dev/null", O_WRONLY, 0);
  }

  Result<pid_t> Spawn(const ProgramSpec& spec) const {
    std::vector<std::string> arguments = spec.arguments;
    std::vector<std::string> environment = MergedEnvironment(spec.environment);
    pid_t id = -1;
    const int problem = posix_spawnp(&id, arguments.front().c_str(), &actions_, &attributes_,
                                     Pointers(arguments).data(), Pointers(environment).data());
    if (problem != 0) return SystemError("cannot run " + arguments.front(), problem);
    return id;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// The length of the UTF-8 character at the front, or 0 where the bytes there are none.
std::size_t CharacterLength(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t size = 1; size <= std::min(kLongest, text.size()); ++size) {
    if (IsUtf8(text.substr(0, size))) return size;
  }
  return 0;
}

std::string AsUtf8(std::string_view bytes) {
  if (IsUtf8(bytes)) return std::string(bytes);
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = CharacterLength(bytes);
    text += size > 0 ? bytes.substr(0, size) : kReplacement;
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    Close();
    number_ = other.Release();
  }
  return *this;
}

Descriptor::~Descriptor() { Close(); }

void Descriptor::Close() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

int Descriptor::Release() { return std::exchange(number_, -1); }

void TextTail::Append(std::string_view piece) {
  text_ += piece;
  // Cut in large steps, so that each byte moves a bounded number of times.
  if (text_.size() <= 2 * size_max_) return;
  text_.erase(0, text_.size() - size_max_);
  cut_ = true;
}

std::string TextTail::Text() const {
  std::string_view end = text_;
  bool cut = cut_;
  if (end.size() > size_max_) {
    end.remove_prefix(end.size() - size_max_);
    cut = true;
  }
  const std::size_t last = end.find_last_not_of(" \t\r\n");
  end = end.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (!cut) return AsUtf8(end);
  const std::size_t line = end.find('\n');
  if (line != std::string_view::npos) end.remove_prefix(line + 1);
  return "...\n" + AsUtf8(end);
}

std::string ProgramEnd::Describe() const {
  if (!signalled) return "exit status " + std::to_string(number);
  const char* description = sigdescr_np(number);
  return "killed by signal " + std::to_string(number) + " (" +
         (description != nullptr ? description : "unknown") + ")";
}

Result<std::unique_ptr<WorkProcess>> WorkProcess::Start(const ProgramSpec& spec) {
  std::unique_ptr<WorkProcess> process(new WorkProcess);
  ProgramSpec extended = spec;
  SpawnSetup setup;
  COORD_TRY(input, MakeMemoryFile(spec.input));
  COORD_TRY(error, MakePipe());
  Pipe output;
  setup.Pass(input.number(), STDIN_FILENO);
  if (spec.output == ProgramOutput::kCapture) {
    COORD_TRY(made, MakePipe());
    output = std::move(made);
    setup.Pass(output.write.number(), STDOUT_FILENO);
  } else if (spec.output == ProgramOutput::kDiscard) {
    setup.Discard(STDOUT_FILENO);
  }
  setup.Pass(error.write.number(), STDERR_FILENO);
  if (spec.result_descriptor >= 0) {
    COORD_TRY(result, MakeMemoryFile(""));
    process->result_ = std::move(result);
    // Last, since the number may be that of one of the pipes' ends here.
    setup.Pass(process->result_.number(), spec.result_descriptor);
  }
  if (spec.result_file) {
    COORD_TRY(path, MakeTemporaryFile());
    process->result_path_ = path;
    extended.environment.push_back("COORDINATE_RESULT=" + path);
  }
  COORD_TRY(id, setup.Spawn(extended));
  process->id_ = id;
  process->end_ = Descriptor(pidfd_open(id, 0));
  process->error_ = std::move(error.read);
  process->output_ = std::move(output.read);
  if (!process->end_.open()) return SystemError("cannot watch the program", errno);
  return process;
}

WorkProcess::~WorkProcess() {
  if (id_ > 0 && !reaped_) {
    Signal(SIGKILL);
    Reap();
  }
  if (!result_path_.empty()) unlink(result_path_.c_str());
}

std::string WorkProcess::ReadError() {
  std::string text = ReadSome(error_);
  error_tail_.Append(text);
  return text;
}

std::string WorkProcess::ReadOutput() { return ReadSome(output_); }

void WorkProcess::Signal(int number) const { kill(-id_, number); }

ProgramEnd WorkProcess::Reap() {
  siginfo_t end{};
  int outcome = 0;
  do {
    outcome = waitid(P_PID, static_cast<id_t>(id_), &end, WEXITED);
  } while (outcome != 0 && errno == EINTR);
  reaped_ = true;
  end_.Close();
  return {end.si_code != CLD_EXITED, end.si_status};
}

Result<std::string> WorkProcess::TakeResult(std::size_t size_max) {
  if (!result_path_.empty()) {
    // Opened again by name: the program may have put another file in its place.
    const Descriptor file(open(result_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.open()) return SystemError("cannot read the result", errno);
    return ReadFile(file.number(), size_max);
  }
  if (!result_.open()) return std::string();
  return ReadFile(result_.number(), size_max);
}

}  // namespace coord
