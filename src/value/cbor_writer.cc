// SPDX-License-Identifier: MIT
#include "value/cbor_writer.h"

#include <bit>

namespace coord {

namespace {

void AppendBigEndian(std::string& out, std::uint64_t value, unsigned width) {
  for (unsigned i = width; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

void CborWriter::Double(double value) {
  out_.push_back('\xfb');
  AppendBigEndian(out_, std::bit_cast<std::uint64_t>(value), 8);
}

void CborWriter::LongHead(unsigned major, std::uint64_t argument) {
  unsigned info = 24;
  if (argument > UINT32_MAX) {
    info = 27;
  } else if (argument > UINT16_MAX) {
    info = 26;
  } else if (argument > UINT8_MAX) {
    info = 25;
  }
  out_.push_back(static_cast<char>((major << 5U) | info));
  AppendBigEndian(out_, argument, 1U << (info - 24));
}

}  // namespace coord
