// SPDX-License-Identifier: MIT
// The dashboard's page and its files.
#include <algorithm>
#include <array>

#include "http/operations.h"
#include "http/web_files.h"

namespace coord {

const WebFile* FindWebFile(std::string_view name) {
  const auto files = WebFiles();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const WebFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

namespace {

// Nothing but the daemon's own files runs, is shown or is asked; nobody frames the page. Browsers
// keep the files and ask each time whether they are still good: they change with the daemon.
constexpr std::string_view kFields =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cache-Control: no-cache\r\n"
    "Vary: Accept\r\n";

// A browser sends the very validator that it was given, or several.
bool IsKnown(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

void AnswerFile(RestCall& call, const HttpFacts&, Response& response) {
  const WebFile* file = FindWebFile(call.names.file);
  if (file == nullptr) {
    return response.Failure(InvalidError("there is no such file"), /*status=*/404);
  }
  AnswerWebFile(call, *file, response);
}

constexpr std::array kFile = {Operation{
    .method = "GET", .id = "getDashboardFile", .answer = AnswerFile, .negotiates = false}};
constexpr std::array kResources = {ResourceOperations{"/dashboard/{file}", kFile}};

}  // namespace

void AnswerWebFile(const RestCall& call, const WebFile& file, Response& response) {
  std::string fields = "ETag: " + std::string(file.etag) + "\r\n" + std::string(kFields);
  if (IsKnown(call.if_none_match, file.etag)) return response.NotModified(fields);
  response.Plain(200, file.type, fields).append(file.text);
}

std::span<const ResourceOperations> WebResources() { return kResources; }

}  // namespace coord
