#include "daemon/http/post_events.h"

#include <httplib.h>

#include <chrono>
#include <string>

#include "daemon/http/no_answer.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr size_t kSaidMax = 2000;  // Of what the daemon says to a refusal.

}  // namespace

Result<Done> PostEvents(const EventsTarget& target, std::string_view ndjson) {
  const std::string& url = target.url;
  if (!url.starts_with("http://") || url.find('/', 7) != std::string::npos)
    return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  httplib::Client client(url);
  if (!client.is_valid()) return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  client.set_connection_timeout(kPatience);
  client.set_read_timeout(kPatience);
  client.set_write_timeout(kPatience);
  httplib::Headers headers;
  if (!target.token.empty()) headers.emplace("Authorization", "Bearer " + target.token);
  const httplib::Result answer =
      client.Post("/v1/events", headers, ndjson.data(), ndjson.size(), "application/x-ndjson");
  if (!answer) {
    const bool reached = answer.error() == httplib::Error::Read || answer.error() == httplib::Error::Write;
    return Error{ErrorCode::kUnavailable, url, NoAnswer(reached, "http.events_listen", kPatience)};
  }
  if (answer->status == 202) return Done{};
  const bool refused = answer->status >= 400 && answer->status < 429;
  return Error{
      refused ? ErrorCode::kInvalid : ErrorCode::kUnavailable, url,
      "answers with HTTP " + std::to_string(answer->status) + " " + answer->body.substr(0, kSaidMax)};
}

}  // namespace tocsin::daemon
