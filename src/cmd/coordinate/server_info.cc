// SPDX-License-Identifier: MIT
#include "cmd/coordinate/server_info.h"

#include <string>
#include <vector>

namespace coord {

Result<Value> GetServerInfo(Context& context, std::string_view extension) {
  const Result<Value> info = context.Call("server_info", {});
  if (!info.has_value() && info.error().code != ErrorCode::kInternal) return info.error();
  const Value* extensions = info.has_value() ? info->Find("extensions") : nullptr;
  const std::vector<Value>* names = extensions != nullptr ? extensions->AsItems() : nullptr;
  for (std::size_t i = 0; names != nullptr && i < names->size(); ++i) {
    const std::string* text = (*names)[i].AsString();
    if (text != nullptr && *text == extension) return info;
  }
  return InvalidError("the daemon does not offer " + std::string(extension));
}

Result<void> RequireExtension(Context& context, std::string_view name) {
  COORD_TRY_VOID(GetServerInfo(context, name));
  return {};
}

}  // namespace coord
