// SPDX-License-Identifier: MIT
// What becomes of commands where the other daemon, or the way to it, fails.
#include "stores/rest/rest_session.h"

#include <gtest/gtest.h>

#include "rest/command_body.h"
#include "scripted_server.h"
#include "value/value.h"

namespace coord {
namespace {

using testing::Conversation;
using testing::Script;
using testing::ScriptedServer;

constexpr WallTime kNow = WallTime(std::chrono::seconds(1'000));

std::string Root() { return EncodeCbor(Value(Map{{"command_url", "/run/{namespace}"}})); }

std::string DoneBody() {
  std::string body;
  WriteOutcome(Done{}, body);
  return body;
}

void AnswerRoot(Conversation& peer) {
  peer.Receive();
  peer.Answer(200, Root());
}

// Answers the root and then so many commands.
Script Commands(int count) {
  return [count](Conversation& peer) {
    AnswerRoot(peer);
    for (int i = 0; i < count; ++i) {
      peer.Receive();
      peer.Answer(200, DoneBody());
    }
  };
}

RestSession SessionOf(const ScriptedServer& server) {
  return RestSession(*ParseRestAddress(server.url()));
}

RestRequest Change() { return MakeRestRequest("n s", CreateNamespace{}); }
RestRequest Read() { return MakeRestRequest("n s", ListNamespaces{}); }

ErrorCode CodeOf(const RestAnswer& answer) {
  return answer.has_error() ? answer.error().code : ErrorCode::kInternal;
}

TEST(RestSession, GoesWhereTheRootDocumentSays) {
  std::vector<std::string> seen;
  {
    ScriptedServer server({[&](Conversation& peer) {
      seen.push_back(peer.Receive());
      peer.Answer(200, Root());
      seen.push_back(peer.Receive());
      peer.Answer(200, DoneBody());
    }});
    RestSession session = SessionOf(server);
    const auto answers = session.Run(std::vector{Change()}, kNow);
    ASSERT_TRUE(answers[0].has_value());
    EXPECT_EQ(*answers[0], DoneBody());
  }
  EXPECT_TRUE(seen[0].starts_with("GET / HTTP/1.1\r\nHost: 127.0.0.1:")) << seen[0];
  // The name has a blank, so that it goes in base64.
  EXPECT_TRUE(seen[1].starts_with("POST /run/-biBz HTTP/1.1\r\n")) << seen[1];
}

TEST(RestSession, ADaemonThatTakesNoCommandsIsRefused) {
  ScriptedServer server({[](Conversation& peer) {
    peer.Receive();
    peer.Answer(200, EncodeCbor(Value(Map{{"namespaces_url", "/namespace"}})));
  }});
  RestSession session = SessionOf(server);
  const auto connected = session.Connect();
  ASSERT_TRUE(connected.has_error());
  EXPECT_EQ(connected.error().code, ErrorCode::kInvalid);
  EXPECT_NE(connected.error().detail.find(server.url()), std::string::npos);
}

TEST(RestSession, AConnectionThatEndedMeanwhileIsOpenedAgain) {
  ScriptedServer server({Commands(1), Commands(2)});
  RestSession session = SessionOf(server);
  EXPECT_TRUE(session.Run(std::vector{Change()}, kNow)[0].has_value());
  // Whether the end is seen before the command leaves, or after.
  const auto answers = session.Run(std::vector{Change(), Read()}, kNow);
  EXPECT_TRUE(answers[0].has_value() || CodeOf(answers[0]) == ErrorCode::kInDoubt);
  EXPECT_TRUE(answers[1].has_value());
}

TEST(RestSession, WhatWasOnItsWayIsInDoubtAndWhatOnlyReadsIsSentAgain) {
  const Script lost = [](Conversation& peer) {
    AnswerRoot(peer);
    peer.Receive();
    peer.Answer(200, DoneBody());
    peer.Receive();
    peer.Receive();
    peer.Receive();
  };
  ScriptedServer server({lost, Commands(1)});
  RestSession session = SessionOf(server);
  const auto answers = session.Run(std::vector{Change(), Change(), Read(), Change()}, kNow);
  EXPECT_TRUE(answers[0].has_value());
  EXPECT_EQ(CodeOf(answers[1]), ErrorCode::kInDoubt);
  EXPECT_TRUE(answers[2].has_value());
  EXPECT_EQ(CodeOf(answers[3]), ErrorCode::kInDoubt);
  EXPECT_FALSE(session.unreachable());
}

TEST(RestSession, HalfAnAnswerIsNone) {
  const Script half = [](Conversation& peer) {
    AnswerRoot(peer);
    peer.Receive();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  };
  ScriptedServer server({half});
  RestSession session = SessionOf(server);
  const auto answers = session.Run(std::vector{Change()}, kNow);
  EXPECT_EQ(CodeOf(answers[0]), ErrorCode::kInDoubt);
}

TEST(RestSession, NoHttpIsAnError) {
  const Script nonsense = [](Conversation& peer) {
    AnswerRoot(peer);
    peer.Receive();
    peer.Send("SSH-2.0-OpenSSH\r\n\r\n");
  };
  ScriptedServer server({nonsense});
  RestSession session = SessionOf(server);
  EXPECT_TRUE(session.Run(std::vector{Change()}, kNow)[0].has_error());
}

TEST(RestSession, OneThatCannotBeReachedIsTriedAgainAfterAPause) {
  RestSession session(*ParseRestAddress("http://127.0.0.1:1/"));
  const auto tried = [&](WallTime now) {
    const auto answers = session.Run(std::vector{Read()}, now);
    EXPECT_EQ(CodeOf(answers[0]), ErrorCode::kUnavailable);
    EXPECT_NE(answers[0].error().detail.find("storage unavailable, try again: cannot reach "
                                             "127.0.0.1:1"),
              std::string::npos);
    EXPECT_TRUE(session.unreachable());
  };
  tried(kNow);
  tried(kNow + std::chrono::milliseconds(1));
}

TEST(RestSession, ThePauseGrowsAndEndsWithSuccess) {
  const Script nothing = [](Conversation& peer) { peer.Receive(); };
  ScriptedServer server({nothing, nothing, Commands(1)});
  RestSession session = SessionOf(server);
  const auto works = [&](Duration later) {
    return session.Run(std::vector{Change()}, kNow + later)[0].has_value();
  };
  using std::chrono::milliseconds;
  EXPECT_FALSE(works(milliseconds(0)));     // the first connection
  EXPECT_FALSE(works(milliseconds(999)));   // not tried
  EXPECT_FALSE(works(milliseconds(1000)));  // the second
  EXPECT_FALSE(works(milliseconds(2999)));  // not tried: the pause is two seconds now
  EXPECT_TRUE(works(milliseconds(3000)));   // the third
  EXPECT_FALSE(session.unreachable());
}

TEST(RestSession, ErrorsOfTheDaemonComeThrough) {
  const Script failing = [](Conversation& peer) {
    AnswerRoot(peer);
    peer.Receive();
    peer.Answer(404, EncodeCbor(Value(Map{
                         {"error", "ErrNoSuchWorkSpec"}, {"message", "gone"}, {"value", "s"}})));
    peer.Receive();
    peer.Send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>");
  };
  ScriptedServer server({failing});
  RestSession session = SessionOf(server);
  const auto answers = session.Run(std::vector{Read(), Read()}, kNow);
  EXPECT_EQ(CodeOf(answers[0]), ErrorCode::kNoSuchWorkSpec);
  EXPECT_EQ(answers[0].error().subject, "s");
  EXPECT_EQ(CodeOf(answers[1]), ErrorCode::kInternal);
  EXPECT_EQ(answers[1].error().detail, "HTTP status 502");
}

}  // namespace
}  // namespace coord
