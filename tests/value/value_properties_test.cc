// SPDX-License-Identifier: MIT
// Properties that hold for every value. A failure prints the case and how to repeat it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "value/base64.h"
#include "value/cbor_reader.h"
#include "value/exact_json.h"
#include "value/json.h"
#include "value/number_text.h"
#include "value/value.h"

namespace coord {
namespace {

using rc::Gen;

Gen<Value> Scalars() {
  const auto bytes = rc::gen::arbitrary<std::string>();
  return rc::gen::oneOf(
      rc::gen::just(Value()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return Value(n); }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t n) { return Value(n); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return Value(d); }),
      rc::gen::map(bytes, [](std::string s) { return Value(std::move(s)); }),
      rc::gen::map(bytes, [](std::string s) { return Value(Bytes{std::move(s)}); }),
      rc::gen::map(rc::gen::arbitrary<std::pair<bool, std::string>>(),
                   [](const std::pair<bool, std::string>& parts) {
                     return IntegerOfMagnitude(parts.first, "\x01" + parts.second + "12345678");
                   }),
      rc::gen::map(
          rc::gen::container<std::array<unsigned char, 16>>(rc::gen::arbitrary<unsigned char>()),
          [](const std::array<unsigned char, 16>& id) { return Value(Uuid{id}); }),
      rc::gen::element(Value(Opaque{"\xf7"}), Value(Opaque{"\xf8\x20"}),
                       Value(Opaque{"\xc1\x18\x2a"}), Value(Opaque{"\xd8\x18\x41\x01"})));
}

Gen<Value> Values(int depth) {
  if (depth == 0) return Scalars();
  const auto inner = Values(depth - 1);
  const auto items = rc::gen::scale(0.3, rc::gen::container<std::vector<Value>>(inner));
  const auto entries =
      rc::gen::scale(0.3, rc::gen::container<Map>(rc::gen::pair(Values(0), inner)));
  return rc::gen::oneOf(
      Scalars(), rc::gen::map(items, [](List list) { return Value(std::move(list)); }),
      rc::gen::map(items, [](List list) { return Value(Tuple{std::move(list)}); }),
      rc::gen::map(entries, [](Map map) { return Value(std::move(map)); }));
}

RC_GTEST_PROP(ValueProperties, DecodingWhatWasEncodedGivesAnEqualValue, ()) {
  const Value value = *Values(3);
  const std::string encoded = EncodeCbor(value);
  const Result<Value> decoded = DecodeCbor(encoded);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == value);
  RC_ASSERT(EncodeCbor(*decoded) == encoded);
}

RC_GTEST_PROP(ValueProperties, NoTruncationOfAnItemIsAnItem, ()) {
  const std::string encoded = EncodeCbor(*Values(2));
  const auto end = *rc::gen::inRange<std::size_t>(0, encoded.size());
  CborScanner scanner(128);
  RC_ASSERT(scanner.Scan(std::string_view(encoded).substr(0, end)) == CborScan::kNeedMore);
  RC_ASSERT(scanner.Scan(encoded) == CborScan::kDone);
  RC_ASSERT(scanner.size() == encoded.size());
}

RC_GTEST_PROP(ValueProperties, AnyBytesEitherDecodeOrFailCleanly, (const std::string& bytes)) {
  const Result<Value> value = DecodeCbor(bytes);
  if (value.has_value()) RC_ASSERT(*DecodeCbor(EncodeCbor(*value)) == *value);
}

RC_GTEST_PROP(ValueProperties, JsonThatKeepsExactlyReadsBackEqual, ()) {
  const Value value = *Values(3);
  const Result<Value> again = ParseJson(ToJson(value, JsonStyle::kIndented));
  RC_ASSERT(again.has_value());
  if (JsonKeepsExactly(value)) {
    // Byte strings come back as text; nothing else changes.
    RC_ASSERT(ToJson(*again, JsonStyle::kCompact) == ToJson(value, JsonStyle::kCompact));
    RC_ASSERT(JsonKeepsExactly(*again));
  }
}

RC_GTEST_PROP(ValueProperties, ExactJsonReadsBackEqual, ()) {
  const Value value = *Values(3);
  const std::string line = ToExactJson(value);
  RC_ASSERT(line.find('\n') == std::string::npos);
  const Result<Value> again = ParseExactJson(line);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
}

RC_GTEST_PROP(TextProperties, Base64ReadsBack, (const std::string& bytes)) {
  RC_ASSERT(DecodeBase64(EncodeBase64(bytes)) == bytes);
  RC_ASSERT(DecodeBase64Url(EncodeBase64Url(bytes)) == bytes);
}

RC_GTEST_PROP(TextProperties, FiniteDoublesReadBackBitForBit, (double number)) {
  RC_PRE(std::isfinite(number));
  RC_ASSERT(Value(*ParseDouble(DoubleText(number))) == Value(number));
}

RC_GTEST_PROP(TextProperties, BignumsReadBack, (bool negative, const std::string& tail)) {
  const Value value = IntegerOfMagnitude(negative, "\x01" + tail + "12345678");
  RC_ASSERT(value.As<Bignum>() != nullptr);
  RC_ASSERT(ParseInteger(*BignumDigits(*value.As<Bignum>())) == value);
}

}  // namespace
}  // namespace coord
