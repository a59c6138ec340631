// SPDX-License-Identifier: MIT
// Programs are real ones, run by /bin/sh; the tests wait for their end with poll(), never for a
// time.
#include "cmd/coordinate/work_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "value/utf8.h"

namespace coord {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

ProgramSpec Shell(const std::string& script) {
  ProgramSpec spec;
  spec.arguments = {"sh", "-c", script};
  spec.output = ProgramOutput::kCapture;
  return spec;
}

std::unique_ptr<WorkProcess> Start(const ProgramSpec& spec) {
  Result<std::unique_ptr<WorkProcess>> process = WorkProcess::Start(spec);
  EXPECT_TRUE(process.has_value()) << (process.has_error() ? process.error().detail : "");
  return process.has_value() ? std::move(*process) : nullptr;
}

void WaitFor(int descriptor) {
  pollfd waited{descriptor, POLLIN, 0};
  while (poll(&waited, 1, -1) < 0 && errno == EINTR) {
  }
}

// Reads all that the program writes until it ends.
ProgramEnd WaitForEnd(WorkProcess& process, std::string* output = nullptr) {
  while (true) {
    pollfd waited[] = {{process.end_descriptor(), POLLIN, 0},
                       {process.error_descriptor(), POLLIN, 0},
                       {process.output_descriptor(), POLLIN, 0}};
    if (poll(waited, 3, -1) < 0) continue;
    process.ReadError();
    const std::string text = process.ReadOutput();
    if (output != nullptr) *output += text;
    if (waited[0].revents != 0) break;
  }
  process.ReadError();
  if (output != nullptr) *output += process.ReadOutput();
  return process.Reap();
}

TEST(WorkProcessTest, ExitStatusIsTold) {
  const auto process = Start(Shell("exit 3"));
  const ProgramEnd end = WaitForEnd(*process);
  EXPECT_FALSE(end.signalled);
  EXPECT_EQ(end.number, 3);
  EXPECT_EQ(end.Describe(), "exit status 3");
}

TEST(WorkProcessTest, SignalIsTold) {
  const auto process = Start(Shell("kill -9 $$"));
  const ProgramEnd end = WaitForEnd(*process);
  EXPECT_EQ(end.Describe(), "killed by signal 9 (Killed)");
}

TEST(WorkProcessTest, InputIsReadWholeHoweverLong) {
  ProgramSpec spec = Shell("cat");
  spec.input = std::string(1 << 20, 'x');
  std::string output;
  const auto process = Start(spec);
  EXPECT_EQ(WaitForEnd(*process, &output).number, 0);
  EXPECT_EQ(output, spec.input);
}

TEST(WorkProcessTest, InputMayBeLeftAlone) {
  ProgramSpec spec = Shell("exec true");
  spec.input = std::string(1 << 20, 'x');
  EXPECT_EQ(WaitForEnd(*Start(spec)).number, 0);
}

TEST(WorkProcessTest, EnvironmentIsLaidOverTheWorkersOwn) {
  ASSERT_EQ(setenv("COORD_TEST_OWN", "own", 1), 0);
  ASSERT_EQ(setenv("COORD_TEST_OVER", "old", 1), 0);
  ProgramSpec spec = Shell("echo $COORD_TEST_OWN $COORD_TEST_OVER");
  spec.environment = {"COORD_TEST_OVER=new"};
  std::string output;
  WaitForEnd(*Start(spec), &output);
  EXPECT_EQ(output, "own new\n");
}

TEST(WorkProcessTest, StandardErrorIsReadAndItsEndKept) {
  const auto process = Start(Shell("echo one >&2; echo two >&2"));
  WaitForEnd(*process);
  EXPECT_EQ(process->error_tail().Text(), "one\ntwo");
}

TEST(WorkProcessTest, OutputCanBeDiscarded) {
  ProgramSpec spec = Shell("[ /proc/self/fd/1 -ef /dev/null ]");
  spec.output = ProgramOutput::kDiscard;
  EXPECT_EQ(WaitForEnd(*Start(spec)).number, 0);
}

TEST(WorkProcessTest, ResultIsWhatWasWrittenToTheDescriptor) {
  ProgramSpec spec = Shell("printf '{\"a\":' >&7; printf 1} >&7");
  spec.result_descriptor = 7;
  const auto process = Start(spec);
  WaitForEnd(*process);
  EXPECT_EQ(*process->TakeResult(100), "{\"a\":1}");
  EXPECT_TRUE(process->TakeResult(3).has_error());
}

TEST(WorkProcessTest, ResultDescriptorMayBeAnyNumberThatIsUsedHere) {
  // 3 and up are the numbers of the files that starting a program itself opens; sh goes up to 9.
  for (int number = 3; number < 10; ++number) {
    ProgramSpec spec = Shell("cat >&" + std::to_string(number) + "; echo out; echo err >&2");
    spec.input = "in";
    spec.result_descriptor = number;
    std::string output;
    const auto process = Start(spec);
    WaitForEnd(*process, &output);
    EXPECT_EQ(*process->TakeResult(100), "in") << number;
    EXPECT_EQ(output, "out\n") << number;
    EXPECT_EQ(process->error_tail().Text(), "err") << number;
  }
}

TEST(WorkProcessTest, ResultFileIsReadAndRemoved) {
  ProgramSpec spec = Shell(
      "echo $COORDINATE_RESULT; echo new > $COORDINATE_RESULT.x; "
      "mv $COORDINATE_RESULT.x $COORDINATE_RESULT");
  spec.result_file = true;
  std::string path;
  auto process = Start(spec);
  WaitForEnd(*process, &path);
  path.pop_back();
  EXPECT_EQ(*process->TakeResult(100), "new\n");
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  process.reset();
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(WorkProcessTest, WithoutAResultThereIsNone) {
  const auto process = Start(Shell("exit 0"));
  WaitForEnd(*process);
  EXPECT_EQ(*process->TakeResult(100), "");
}

TEST(WorkProcessTest, NoOtherDescriptorsArePassedOn) {
  // What whoever runs this test has left open is passed on, as it is to any program.
  ProgramSpec spec = Shell("ls /proc/self/fd");
  spec.arguments = {"/bin/ls", "/proc/self/fd"};
  std::string alone;
  WaitForEnd(*Start(spec), &alone);
  EXPECT_TRUE(alone.starts_with("0\n1\n"));
  // Another running program's pipes and files are open here meanwhile.
  const auto other = Start(Shell("read line"));
  std::string beside;
  WaitForEnd(*Start(spec), &beside);
  EXPECT_EQ(beside, alone);
  WaitForEnd(*other);
}

TEST(WorkProcessTest, SignalsReachTheWholeGroup) {
  // The shell waits for a child of its own, which alone would go on.
  ProgramSpec spec = Shell("sleep 1000 & echo ready; wait");
  const auto process = Start(spec);
  WaitFor(process->output_descriptor());
  process->Signal(SIGTERM);
  const ProgramEnd end = WaitForEnd(*process);
  EXPECT_TRUE(end.signalled);
  EXPECT_EQ(end.number, SIGTERM);
}

TEST(WorkProcessTest, SignalsThatTheWorkerIgnoresAreNotIgnoredByTheProgram) {
  signal(SIGPIPE, SIG_IGN);
  const auto process = Start(Shell("kill -PIPE $$; exit 0"));
  const ProgramEnd end = WaitForEnd(*process);
  signal(SIGPIPE, SIG_DFL);
  EXPECT_TRUE(end.signalled);
}

TEST(WorkProcessTest, DestructionKillsWhatStillRuns) {
  auto process = Start(Shell("trap '' TERM; echo ready; read line < /dev/zero"));
  WaitFor(process->output_descriptor());
  const Descriptor end(fcntl(process->end_descriptor(), F_DUPFD_CLOEXEC, 0));
  process.reset();
  pollfd waited{end.number(), POLLIN, 0};
  EXPECT_EQ(poll(&waited, 1, 0), 1);
}

TEST(WorkProcessTest, EndIsNotHeldUpByWhatTheProgramLeavesBehind) {
  const auto process = Start(Shell("sleep 1000 & echo left >&2"));
  EXPECT_EQ(WaitForEnd(*process).number, 0);
  EXPECT_EQ(process->error_tail().Text(), "left");
  process->Signal(SIGKILL);
}

TEST(WorkProcessTest, ProgramThatIsNotThereIsAnError) {
  ProgramSpec spec;
  spec.arguments = {"/nowhere/program"};
  const auto process = WorkProcess::Start(spec);
  ASSERT_TRUE(process.has_error());
  EXPECT_EQ(process.error().code, ErrorCode::kInvalid);
  EXPECT_THAT(process.error().detail, StartsWith("cannot run /nowhere/program: "));
}

TEST(TextTailTest, ShortTextIsKeptWhole) {
  TextTail tail(100);
  tail.Append("a\n");
  tail.Append("b \n\n");
  EXPECT_EQ(tail.Text(), "a\nb");
}

TEST(TextTailTest, LongTextIsCutAtALine) {
  TextTail tail(10);
  tail.Append("first\nsecond\n");
  tail.Append("third\n");
  EXPECT_EQ(tail.Text(), "...\nthird");
}

TEST(TextTailTest, LongLineIsCutAnywhere) {
  TextTail tail(4);
  tail.Append("abcdefgh");
  EXPECT_EQ(tail.Text(), "...\nefgh");
}

TEST(TextTailTest, MemoryStaysBounded) {
  TextTail tail(1000);
  for (int i = 0; i < 10'000; ++i) tail.Append("0123456789\n");
  EXPECT_THAT(tail.Text(), StartsWith("...\n0123456789\n"));
  EXPECT_LE(tail.Text().size(), 1004U);
}

TEST(TextTailTest, BytesThatAreNoTextAreReplaced) {
  TextTail tail(100);
  tail.Append("a\xff\xc3\xa9\xc3");
  EXPECT_EQ(tail.Text(), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
  EXPECT_TRUE(IsUtf8(tail.Text()));
}

}  // namespace
}  // namespace coord
