// SPDX-License-Identifier: MIT
// Writing answers: the wrapping in tag 24 and the map around a result or an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "value/cbor_writer.h"

namespace coord {

// Leaves a gap for the head of a message and returns where it starts. The message's content is
// then appended to `out`, and EndMessage() fills the gap with a head of the shortest length, moving
// the content where the gap was not of that size.
std::size_t BeginMessage(std::string& out);
void EndMessage(std::string& out, std::size_t start);

// The map around an answer, up to the value of `result`. `id` is an encoded item.
void WriteResultHead(CborWriter& writer, std::string_view id);
// A whole answer that is an error.
void WriteErrorAnswer(CborWriter& writer, std::string_view id, std::string_view message);

// A message for people, as text; bytes that are no UTF-8 are written as \xNN.
void WriteMessageText(CborWriter& writer, std::string_view message);

// The second item of a pair: the message, or null where it is empty.
inline void WritePairMessage(CborWriter& writer, std::string_view message) {
  if (message.empty()) {
    writer.Null();
  } else {
    WriteMessageText(writer, message);
  }
}

}  // namespace coord
