// SPDX-License-Identifier: MIT
#include "cmd/coordinate/flow.h"

#include <algorithm>
#include <utility>

#include "cmd/coordinate/readable.h"
#include "domain/work_spec.h"
#include "value/cbor_reader.h"
#include "value/data.h"

namespace coord {

namespace {

// The daemon's limit of 128 levels, less those of the message around a definition.
constexpr int kDefinitionDepthMax = 120;

Error ErrorIn(const std::string& place, const std::string& what) {
  return InvalidError(place.empty() ? what : place + ": " + what);
}

// The entry that counts among those of the same key: the last.
Value* FindEntry(Map& map, std::string_view key) {
  const auto found = std::find_if(map.rbegin(), map.rend(), [&](const auto& entry) {
    const std::string* text = entry.first.AsString();
    return text != nullptr && *text == key;
  });
  return found == map.rend() ? nullptr : &found->second;
}

bool IsGiven(const Value* value) { return value != nullptr && !value->is_null(); }

class FlowReader {
 public:
  explicit FlowReader(const Value& config) : config_(config) {}

  Result<void> ReadGroup(const Map& group, const std::string& path) {
    if (group.empty()) return ErrorIn(path, "has neither min_gb nor work specs in it");
    for (const auto& [key, value] : group) {
      const std::string* name = key.AsString();
      if (name == nullptr) {
        return ErrorIn(path, "the name " + ReadableValue(key) + " must be text");
      }
      const std::string inner = path.empty() ? *name : path + "." + *name;
      if (value.As<Map>() == nullptr) {
        if (path.empty()) return ErrorIn(inner, "must be a map: a work spec or a group of them");
        return ErrorIn(path, "has no min_gb, so it is a group of work specs, but its " +
                                 Readable(*name) + " is no map");
      }
      COORD_TRY_VOID(ReadMember(value, inner));
    }
    return {};
  }

  Result<void> ReadMember(const Value& member, const std::string& path) {
    const Map& map = *member.As<Map>();
    if (member.Find("min_gb") == nullptr) return ReadGroup(map, path);
    return AddSpec(map, path, path);
  }

  Result<void> ReadList(const std::vector<Value>& definitions) {
    for (std::size_t i = 0; i < definitions.size(); ++i) {
      const std::string place = "item " + std::to_string(i + 1);
      const Map* map = definitions[i].As<Map>();
      if (map == nullptr) return ErrorIn(place, "must be a map: a work spec");
      COORD_TRY_VOID(AddSpec(*map, "", place));
    }
    return {};
  }

  // `name` is what the spec is called where it does not say so itself; empty: it has to.
  Result<void> AddSpec(Map definition, const std::string& name, const std::string& place) {
    if (const Value* given = FindEntry(definition, "name"); !IsGiven(given) && !name.empty()) {
      std::erase_if(definition, [](const auto& entry) { return entry.first == Value("name"); });
      definition.emplace(definition.begin(), "name", name);
    }
    COORD_TRY_VOID(AddConfig(definition, place));
    return Check({name, "", place, Value(std::move(definition))});
  }

  std::vector<FlowSpec> TakeOrdered() {
    std::vector<FlowSpec> ordered;
    std::vector<bool> visited(specs_.size(), false);
    for (std::size_t i = 0; i < specs_.size(); ++i) Visit(i, visited, ordered);
    return ordered;
  }

 private:
  Result<void> AddConfig(Map& definition, const std::string& place) const {
    Value* own = FindEntry(definition, "config");
    if (IsGiven(own) && own->As<Map>() == nullptr) return ErrorIn(place, "config must be a map");
    const bool none_common = config_.As<Map>() == nullptr || config_.As<Map>()->empty();
    if (none_common) return {};
    if (own == nullptr) {
      definition.emplace_back("config", config_);
    } else {
      *own = own->is_null() ? config_ : MergedOver(config_, *own);
    }
    return {};
  }

  Result<void> Check(FlowSpec spec) {
    const std::string encoded = EncodeCbor(spec.definition);
    if (!CborItemSize(encoded, kDefinitionDepthMax)) {
      return ErrorIn(spec.place, "is nested too deep");
    }
    const Result<Data> data = Data::FromItem(encoded, "the definition");
    if (!data.has_value()) return ErrorIn(spec.place, data.error().detail);
    Result<ParsedDefinition> parsed = ParseDefinition(*data);
    if (!parsed.has_value()) return ErrorIn(spec.place, parsed.error().detail);
    spec.name = parsed->name;
    spec.then = parsed->meta.next_work_spec_name;
    if (HasSpec(specs_, spec.name)) {
      return ErrorIn(spec.place, "the name " + Readable(spec.name) + " occurs twice");
    }
    specs_.push_back(std::move(spec));
    return {};
  }

  // Puts the spec behind what it chains to. Chains may be long, so this goes along them in a loop.
  void Visit(std::size_t first, std::vector<bool>& visited, std::vector<FlowSpec>& ordered) {
    std::vector<std::size_t> chain;
    std::size_t at = first;
    while (at < specs_.size() && !visited[at]) {
      visited[at] = true;
      chain.push_back(at);
      const std::string& then = specs_[at].then;
      at = static_cast<std::size_t>(
          std::find_if(specs_.begin(), specs_.end(),
                       [&](const FlowSpec& spec) { return spec.name == then; }) -
          specs_.begin());
    }
    std::for_each(chain.rbegin(), chain.rend(),
                  [&](std::size_t index) { ordered.push_back(specs_[index]); });
  }

  const Value& config_;
  std::vector<FlowSpec> specs_;
};

}  // namespace

Value MergedOver(const Value& under, const Value& over) {
  const Map* over_map = over.As<Map>();
  if (under.As<Map>() == nullptr || over_map == nullptr) return over;
  Map merged = *under.As<Map>();
  for (const auto& [key, value] : *over_map) {
    const auto found = std::find_if(merged.begin(), merged.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    if (found == merged.end()) {
      merged.emplace_back(key, value);
    } else {
      found->second = MergedOver(found->second, value);
    }
  }
  return merged;
}

Result<std::vector<FlowSpec>> ReadFlow(const Value& document, const Value& config) {
  FlowReader reader(config);
  if (const std::vector<Value>* definitions = document.AsItems()) {
    COORD_TRY_VOID(reader.ReadList(*definitions));
  } else if (document.As<Map>() == nullptr) {
    return InvalidError("a flow must be a map of work specs, or a list of them");
  } else if (document.Find("min_gb") != nullptr) {
    COORD_TRY_VOID(reader.AddSpec(*document.As<Map>(), "", ""));
  } else {
    COORD_TRY_VOID(reader.ReadGroup(*document.As<Map>(), ""));
  }
  return reader.TakeOrdered();
}

bool HasSpec(const std::vector<FlowSpec>& specs, std::string_view name) {
  return std::any_of(specs.begin(), specs.end(),
                     [&](const FlowSpec& spec) { return spec.name == name; });
}

Error NoSuchThen(const FlowSpec& spec, const std::vector<FlowSpec>& specs) {
  std::string text = "then names " + Readable(spec.then) +
                     ", which is neither in the file nor a work spec of the daemon";
  const std::size_t dot = spec.name.rfind('.');
  if (dot != std::string::npos) {
    const std::string sibling = spec.name.substr(0, dot + 1) + spec.then;
    if (HasSpec(specs, sibling)) text += "; did you mean " + Readable(sibling) + "?";
  }
  return ErrorIn(spec.place, text);
}

}  // namespace coord
