// SPDX-License-Identifier: MIT
#include "cmd/coordinated/yaml_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "value/yaml.h"

namespace coord {

Result<Value> ReadYamlMapFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    return InvalidError("cannot read " + path + ": " + std::generic_category().message(errno));
  }
  auto value = ParseYaml(text);
  if (value.has_error()) return InvalidError(path + ": " + value.error().detail);
  if (value->is_null()) return Value(Map{});
  if (value->As<Map>() == nullptr) return InvalidError(path + ": must hold a map");
  return *std::move(value);
}

}  // namespace coord
