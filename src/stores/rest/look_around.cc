// SPDX-License-Identifier: MIT
#include "stores/rest/look_around.h"

#include <algorithm>
#include <utility>

#include "rest/command_body.h"

namespace coord {

namespace {

// Which spec a request for its meta is about.
struct Asked {
  std::string name_space;
  std::string spec;
};

// The reply in an answer; nullptr where it is none.
template <typename Reply>
const Reply* ReplyIn(const RestAnswer& answer, OutcomeReader& reader, Outcome& outcome) {
  if (answer.has_error()) return nullptr;
  outcome = reader.Read(*answer);
  return std::get_if<Reply>(&outcome);
}

// Those that there are.
std::vector<std::string> Existing(RestSession& session, std::span<const std::string> name_spaces,
                                  WallTime now) {
  OutcomeReader reader;
  Outcome outcome;
  const std::vector requests = {MakeRestRequest("", ListNamespaces{})};
  const auto answers = session.Run(requests, now);
  const auto* reply = ReplyIn<NamesReply>(answers.front(), reader, outcome);
  std::vector<std::string> existing;
  if (reply == nullptr) return existing;
  for (const std::string& name : name_spaces) {
    if (std::binary_search(reply->names.begin(), reply->names.end(), name)) {
      existing.push_back(name);
    }
  }
  return existing;
}

}  // namespace

std::vector<SpecSeen> LookAround(RestSession& session, std::span<const std::string> wanted,
                                 WallTime now) {
  const std::vector<std::string> name_spaces = Existing(session, wanted, now);
  std::vector<RestRequest> lists;
  for (const std::string& name_space : name_spaces) {
    lists.push_back(MakeRestRequest(name_space, ListWorkSpecs{}));
  }
  OutcomeReader reader;
  Outcome outcome;
  std::vector<RestRequest> metas;
  std::vector<Asked> asked;
  const std::vector<RestAnswer> listed = session.Run(lists, now);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const auto* reply = ReplyIn<SpecsReply>(listed[i], reader, outcome);
    if (reply == nullptr) continue;
    for (const SpecsReply::Spec& spec : reply->specs) {
      const GetWorkSpecMeta command{spec.name, /*with_counts=*/true};
      metas.push_back(MakeRestRequest(name_spaces[i], command));
      asked.push_back({name_spaces[i], std::string(spec.name)});
    }
  }
  std::vector<SpecSeen> seen;
  const std::vector<RestAnswer> read = session.Run(metas, now);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const auto* reply = ReplyIn<MetaReply>(read[i], reader, outcome);
    if (reply == nullptr) continue;
    seen.push_back({std::move(asked[i].name_space),
                    std::move(asked[i].spec),
                    *reply->meta,
                    {reply->available, reply->pending}});
  }
  return seen;
}

}  // namespace coord
