// SPDX-License-Identifier: MIT
#include "value/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string>
#include <unordered_map>

#include "value/text_position.h"
#include "value/utf8.h"
#include "value/yaml_scalar.h"

namespace coord {

namespace {

Error ErrorAtMark(const YAML::Mark& mark, std::string_view what) {
  if (mark.is_null()) return InvalidError(std::string(what));
  return ErrorAt(
      {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1}, what);
}

// A node that is complete, with what it costs to copy it.
struct Node {
  Value value;
  std::size_t weight = 1;  // in the sense of kYamlAliasNodesMax
  int height = 0;          // lists and maps on the longest way down
  bool merge_key = false;  // the plain scalar <<
};

// Where each key of a map is, by its encoding.
using Places = std::unordered_map<std::string, std::size_t>;

// A list or map whose end has not come.
struct Frame {
  Node node;
  YAML::Mark mark;
  YAML::anchor_t anchor = 0;
  Places places;
  bool has_key = false;  // the key is there, its value is not; it is then the map's last entry
  bool merging = false;  // that key is <<, and not an entry
  bool merged = false;   // there was such a key
  Map inherited;         // what it brought
};

// Adds an entry, or replaces the value of the one that has its key.
void Put(Map& map, Places& places, const Value& key, const Value& value) {
  const auto [place, is_new] = places.try_emplace(EncodeCbor(key), map.size());
  if (is_new) {
    map.emplace_back(key, value);
  } else {
    map[place->second].second = value;
  }
}

// Turns the parser's events into a value. The first error stops the building, not the parser, which
// has no way to be stopped.
class Builder final : public YAML::EventHandler {
 public:
  Result<Value> Take() {
    if (error_) return *std::move(error_);
    return std::move(root_);
  }
  bool failed() const { return error_.has_value(); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) Fail(mark, "something follows the document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    Add(mark, anchor, Node());
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (failed()) return;
    const bool plain = tag.empty() || tag == "?";
    Result<Value> value = plain ? PlainYamlScalar(text) : TaggedYamlScalar(tag, text);
    if (value.has_error()) return Fail(mark, value.error().detail);
    Node node;
    node.value = *std::move(value);
    node.weight = 1 + text.size() / 64;
    node.merge_key = plain && text == "<<";
    Add(mark, anchor, std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return Fail(mark, "the alias stands inside the node it names");
    Node copy = found->second;
    aliased_ += copy.weight;
    if (aliased_ > kYamlAliasNodesMax) return Fail(mark, "the aliases make the document too large");
    copy.merge_key = false;
    Add(mark, 0, std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, "tag:yaml.org,2002:seq", anchor, List());
  }
  void OnSequenceEnd() override {
    if (!failed()) Close();
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, "tag:yaml.org,2002:map", anchor, Map());
  }
  void OnMapEnd() override {
    if (failed()) return;
    Frame& frame = frames_.back();
    if (!frame.inherited.empty()) {
      Map all;
      Places places;
      for (const auto& [key, value] : frame.inherited) Put(all, places, key, value);
      for (const auto& [key, value] : *frame.node.value.As<Map>()) Put(all, places, key, value);
      frame.node.value = std::move(all);
    }
    Close();
  }

 private:
  void Fail(const YAML::Mark& mark, std::string_view what) {
    if (!failed()) error_ = ErrorAtMark(mark, what);
  }

  void Open(const YAML::Mark& mark, const std::string& tag, std::string_view fitting_tag,
            YAML::anchor_t anchor, Value empty) {
    if (failed()) return;
    if (!tag.empty() && tag != "?" && tag != "!" && tag != fitting_tag) {
      return Fail(mark, "a list or map cannot have the tag " + tag);
    }
    if (!frames_.empty() && ExpectsKey(frames_.back())) {
      return Fail(mark, "a list or map cannot be a key");
    }
    if (frames_.size() >= kYamlDepthMax) return Fail(mark, "nested too deep");
    Frame& frame = frames_.emplace_back();
    frame.node.value = std::move(empty);
    frame.mark = mark;
    frame.anchor = anchor;
  }

  void Close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    ++frame.node.height;
    Add(frame.mark, frame.anchor, std::move(frame.node));
  }

  static bool ExpectsKey(const Frame& frame) {
    return frame.node.value.As<Map>() != nullptr && !frame.has_key;
  }

  void Add(const YAML::Mark& mark, YAML::anchor_t anchor, Node node) {
    if (frames_.size() + static_cast<std::size_t>(node.height) > kYamlDepthMax) {
      return Fail(mark, "nested too deep");
    }
    if (anchor != 0) anchors_[anchor] = node;
    if (frames_.empty()) {
      root_ = std::move(node.value);
      return;
    }
    Frame& frame = frames_.back();
    frame.node.weight += node.weight;
    frame.node.height = std::max(frame.node.height, node.height);
    if (auto* list = frame.node.value.As<List>()) {
      list->push_back(std::move(node.value));
    } else if (!frame.has_key) {
      AddKey(mark, frame, std::move(node));
    } else if (frame.merging) {
      frame.has_key = false;
      Inherit(mark, frame, node.value);
    } else {
      frame.has_key = false;
      frame.node.value.As<Map>()->back().second = std::move(node.value);
    }
  }

  void AddKey(const YAML::Mark& mark, Frame& frame, Node node) {
    if (node.height > 0) return Fail(mark, "a list or map cannot be a key");
    frame.has_key = true;
    frame.merging = node.merge_key;
    Map& map = *frame.node.value.As<Map>();
    const bool is_new = node.merge_key
                            ? !std::exchange(frame.merged, true)
                            : frame.places.try_emplace(EncodeCbor(node.value), map.size()).second;
    if (!is_new) return Fail(mark, "the key " + Shown(node.value) + " occurs twice");
    if (!node.merge_key) map.emplace_back(std::move(node.value), Value());
  }

  // What comes first in a list of maps wins, so the list is gone through backwards.
  void Inherit(const YAML::Mark& mark, Frame& frame, const Value& from) {
    if (const auto* map = from.As<Map>()) {
      frame.inherited.insert(frame.inherited.end(), map->begin(), map->end());
      return;
    }
    const auto* list = from.As<List>();
    if (list == nullptr) return Fail(mark, "<< needs a map or a list of maps");
    for (auto item = list->rbegin(); item != list->rend(); ++item) {
      const auto* map = item->As<Map>();
      if (map == nullptr) return Fail(mark, "<< needs a map or a list of maps");
      frame.inherited.insert(frame.inherited.end(), map->begin(), map->end());
    }
  }

  static std::string Shown(const Value& key) {
    const std::string* text = key.AsString();
    if (text == nullptr) return "of this value";
    return "'" + text->substr(0, 100) + "'";
  }

  int documents_ = 0;
  std::size_t aliased_ = 0;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  Value root_;
  std::optional<Error> error_;
};

// The offset of the first character that YAML does not allow, or the end. The parser would take
// some of them for the end of the text.
std::size_t FindForbidden(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) return i;
    if (byte == 0xc2 && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[i + 1]);
      if (next < 0xa0 && next != 0x85) return i;
    }
  }
  return text.size();
}

}  // namespace

Result<Value> ParseYaml(std::string_view text) {
  if (!IsUtf8(text)) return InvalidError("the YAML text is not UTF-8");
  const std::size_t forbidden = FindForbidden(text);
  if (forbidden < text.size()) {
    return ErrorAt(PositionOf(text, forbidden), "a control character");
  }
  Builder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (!builder.failed() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    if (!builder.failed()) return ErrorAtMark(error.mark, error.msg);
  }
  return builder.Take();
}

}  // namespace coord
