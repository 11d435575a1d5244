#include "daemon/http/post_events.h"

#include <httplib.h>

#include <string>

namespace tocsin::daemon {
namespace {

constexpr time_t kSeconds = 10;
constexpr size_t kSaidMax = 2000;  // Of what the daemon says to a refusal.

}  // namespace

Result<Done> PostEvents(const EventsTarget& target, std::string_view ndjson) {
  const std::string& url = target.url;
  if (!url.starts_with("http://") || url.find('/', 7) != std::string::npos)
    return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  httplib::Client client(url);
  if (!client.is_valid()) return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  client.set_connection_timeout(kSeconds);
  client.set_read_timeout(kSeconds);
  client.set_write_timeout(kSeconds);
  httplib::Headers headers;
  if (!target.token.empty()) headers.emplace("Authorization", "Bearer " + target.token);
  const httplib::Result answer =
      client.Post("/v1/events", headers, ndjson.data(), ndjson.size(), "application/x-ndjson");
  if (!answer) return Error{ErrorCode::kUnavailable, url, httplib::to_string(answer.error())};
  if (answer->status == 202) return Done{};
  const bool refused = answer->status >= 400 && answer->status < 429;
  return Error{
      refused ? ErrorCode::kInvalid : ErrorCode::kUnavailable, url,
      "answers with HTTP " + std::to_string(answer->status) + " " + answer->body.substr(0, kSaidMax)};
}

}  // namespace tocsin::daemon
