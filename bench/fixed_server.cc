// SPDX-License-Identifier: MIT
// fixed_server [PORT]: answers each CBOR-RPC request of coordbench with bytes of the right shape
// that never change, apart from the id. It does next to nothing, so what the generator makes of it
// is the generator's own ceiling.
//
// It knows the layout that coordbench writes (cmd/coordbench/wire.h: `id`, four bytes wide, and
// `method` come last), and understands no other client.
#include <cstdlib>
#include <cstring>
#include <string>

#include "cmd/coordbench/wire.h"
#include "server_loop.h"
#include "value/cbor_writer.h"

namespace coord::bench {

namespace {

// 24(<<{"id": ID, "result": RESULT}>>), where the id is blank.
class FixedAnswer {
 public:
  explicit FixedAnswer(std::string_view result) {
    std::string body;
    CborWriter inner(body);
    inner.MapHead(2);
    inner.Bytes("id");
    inner.Unsigned(0x80000000U);
    inner.Bytes("result");
    inner.Raw(result);
    CborWriter out(bytes_);
    out.Tag(24);
    out.Bytes(body);
    id_at_ = bytes_.size() - body.size() + 5;  // map head, string "id", integer head
  }

  void Append(const char* id, std::string& out) {
    std::memcpy(bytes_.data() + id_at_, id, 4);
    out.append(bytes_);
  }

 private:
  std::string bytes_;
  std::size_t id_at_;
};

std::string Pair(std::string_view first) {
  std::string item;
  CborWriter out(item);
  out.TupleHead(2);
  out.Raw(first);
  out.Null();
  return item;
}

std::string Unit(std::string_view spec) {
  std::string item;
  CborWriter out(item);
  out.TupleHead(3);
  out.Text(spec);
  out.Bytes("0123456789abcdef");
  out.MapHead(1);
  out.Bytes("data");
  out.Bytes(std::string(32, 'x'));
  return item;
}

// The answer to a get_work that carries one update.
std::string CarriedWork(std::string_view spec) {
  std::string item;
  CborWriter out(item);
  out.MapHead(2);
  out.Text("updates");
  out.ArrayHead(1);
  out.Raw(Pair("\xf5"));
  out.Text("work");
  out.Raw(Unit(spec));
  return item;
}

std::string FirstCarriedWork(std::string_view spec) {
  std::string item;
  CborWriter out(item);
  out.MapHead(2);
  out.Text("updates");
  out.ArrayHead(0);
  out.Text("work");
  out.Raw(Unit(spec));
  return item;
}

// The answer to update_work_units with one update.
std::string OneUpdated() {
  std::string item;
  CborWriter out(item);
  out.ArrayHead(1);
  out.Raw(Pair("\xf5"));
  return item;
}

// coordbench must be run with this --spec.
constexpr std::string_view kSpec = "fixed";

struct Answers {
  FixedAnswer yes{Pair("\xf5")};
  FixedAnswer updated{OneUpdated()};
  FixedAnswer work{Pair(Unit(kSpec))};
  FixedAnswer carried_work{Pair(CarriedWork(kSpec))};
  FixedAnswer first_carried_work{Pair(FirstCarriedWork(kSpec))};
};

bool Contains(std::string_view text, std::string_view part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

std::size_t Serve(std::string_view in, std::string& out, bool&) {
  static Answers answers;
  constexpr std::string_view kWorkTail = "\x46method\x48get_work";
  constexpr std::string_view kUpdateTail = "\x46method\x50update_work_unit";
  std::size_t used = 0;
  while (used < in.size()) {
    const std::string_view rest = in.substr(used);
    CborWalk walk(rest);
    std::uint64_t size = 0;
    walk.Head(size);
    walk.Head(size);
    if (!walk.ok() || walk.left() < size) break;
    const std::size_t whole = rest.size() - walk.left() + static_cast<std::size_t>(size);
    const std::string_view message = rest.substr(0, whole);
    used += whole;
    if (message.ends_with(kUpdateTail)) {
      answers.yes.Append(message.end() - kUpdateTail.size() - 4, out);
    } else if (message.ends_with(kWorkTail)) {
      const char* id = message.end() - kWorkTail.size() - 4;
      if (!Contains(message, "updates")) {
        answers.work.Append(id, out);
      } else if (Contains(message, "status")) {
        answers.carried_work.Append(id, out);
      } else {
        answers.first_carried_work.Append(id, out);
      }
    } else if (Contains(message, "update_work_units")) {
      answers.updated.Append(message.data() + message.rfind("\x46method") - 4, out);
    } else {
      const std::size_t method = message.rfind("\x46method");
      answers.yes.Append(message.data() + method - 4, out);
    }
  }
  return used;
}

}  // namespace

}  // namespace coord::bench

int main(int argc, char** argv) {
  return coord::bench::ServeForever(argc > 1 ? std::atoi(argv[1]) : 0, coord::bench::Serve);
}
