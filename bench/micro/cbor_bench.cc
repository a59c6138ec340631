// SPDX-License-Identifier: MIT
// What the hot path pays for CBOR: scanning a request, walking over it, writing an answer.
#include <benchmark/benchmark.h>

#include <string>

#include "value/cbor_reader.h"
#include "value/cbor_writer.h"

namespace coord {
namespace {

constexpr int kDepth = 128;

// update_work_unit as the Python client sends it, with `data_bytes` of data.
std::string UpdateMessage(std::size_t data_bytes) {
  std::string message;
  CborWriter out(message);
  out.MapHead(3);
  out.Bytes("params");
  out.ArrayHead(3);
  out.Bytes("spec");
  out.Bytes("0123456789abcdef");
  out.MapHead(2);
  out.Bytes("status");
  out.Unsigned(4);
  out.Bytes("data");
  out.MapHead(1);
  out.Bytes("text");
  out.Bytes(std::string(data_bytes, 'x'));
  out.Bytes("id");
  out.Unsigned(123456);
  out.Bytes("method");
  out.Bytes("update_work_unit");
  return message;
}

void BM_ScanRequest(benchmark::State& state) {
  const std::string message = UpdateMessage(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(CborItemSize(message, kDepth));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(message.size()) * state.iterations());
}
BENCHMARK(BM_ScanRequest)->Arg(32)->Arg(4096);

void BM_FindMethod(benchmark::State& state) {
  const std::string message = UpdateMessage(32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(FindInCborMap(message, "method"));
  }
}
BENCHMARK(BM_FindMethod);

void BM_WriteAnswer(benchmark::State& state) {
  std::string answer;
  for (auto _ : state) {
    answer.clear();
    CborWriter out(answer);
    out.MapHead(2);
    out.Bytes("id");
    out.Unsigned(123456);
    out.Bytes("result");
    out.TupleHead(2);
    out.TupleHead(3);
    out.Text("spec");
    out.Bytes("0123456789abcdef");
    out.Raw(kEmptyCborMap);
    out.Null();
    benchmark::DoNotOptimize(answer.data());
  }
}
BENCHMARK(BM_WriteAnswer);

}  // namespace
}  // namespace coord
