#include "daemon/http/events_endpoint.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "base/percent_encoded.h"
#include "daemon/http/bearer_token.h"
#include "schemas/batch.h"
#include "schemas/rejection.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kErrorsMax = 10'000;  // About a megabyte.
constexpr std::string_view kNotDurable = "the events could not be made durable; send them again later";
constexpr std::string_view kStopped =
    "none was taken: the partition of those listed is stopped and waits for a person; send the others "
    "without "
    "them, and them again later";
constexpr std::string_view kTopic = "events";
constexpr std::string_view kSeveral =
    "this content type is for one event: send several one a line as application/x-ndjson, or an array of "
    "CloudEvents as application/cloudevents-batch+json";

HttpResponse Problem(int status, std::string_view text) {
  HttpResponse response{.status = status, .content_type = "application/json", .body = {}, .headers = {}};
  JsonWriter(response.body).BeginObject().Member("error", text).EndObject();
  return response;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() &&
         (text.front() == ' ' || text.front() == '\t' || text.front() == '\r' || text.front() == '\n'))
    text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

// A body in which events are shorter than this has some that are none, and not all of them are looked at:
// what is known of each takes more memory than two bytes of a body do.
constexpr size_t kEventBytesMin = 32;
constexpr size_t kEventsMaxMin = 65'536;
size_t EventsMax(std::string_view body) { return std::max(kEventsMaxMin, body.size() / kEventBytesMin); }

std::vector<std::string_view> Lines(std::string_view body) {
  const size_t lines_max = EventsMax(body);
  std::vector<std::string_view> lines;
  while (!body.empty() && lines.size() < lines_max) {
    const size_t end = body.find('\n');
    const std::string_view line = Trim(body.substr(0, end));
    if (!line.empty()) lines.push_back(line);
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
  }
  return lines;
}

// Media types are the same in any case of letters.
bool Is(std::string_view content_type, std::string_view media_type) {
  if (!StartsWithIgnoringCase(content_type, media_type)) return false;
  const std::string_view rest = content_type.substr(media_type.size());
  return rest.empty() || rest.front() == ';' || rest.front() == ' ';
}

}  // namespace

EventsEndpoint::EventsEndpoint(LocalStore& store, EventsEndpointOptions options)
    : store_(store), options_(std::move(options)) {}

std::optional<HttpResponse> EventsEndpoint::Refuse(const HttpRequest& request) const {
  if (options_.token.empty() || EqualInConstantTime(BearerToken(request), options_.token))
    return std::nullopt;
  HttpResponse refused =
      Problem(401, BearerToken(request).empty() ? "give the token as: Authorization: Bearer TOKEN"
                                                : "this token is not known: give that of http.events_token");
  refused.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refused;
}

HttpResponse EventsEndpoint::NotTaken(std::span<const Accepted> events) const {
  std::string errors;
  size_t stopped = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (!store_.Refuses(store_.PartitionOf(events[i].account)) || ++stopped > kErrorsMax) continue;
    if (!errors.empty()) errors.push_back(',');
    JsonWriter(errors)
        .BeginObject()
        .Member("index", static_cast<int64_t>(i))
        .Member("reason", "partition_stopped")
        .EndObject();
  }
  if (stopped == 0) return Problem(503, kNotDurable);
  HttpResponse response{.status = 503, .content_type = "application/json", .body = {}, .headers = {}};
  JsonWriter json(response.body);
  json.BeginObject().Member("error", kStopped).Member("accepted", 0);
  json.Key("errors").Raw("[" + errors + "]");
  if (stopped > kErrorsMax) json.Member("errors_left_off", static_cast<int64_t>(stopped - kErrorsMax));
  json.EndObject();
  return response;
}

HttpResponse EventsEndpoint::Handle(const HttpRequest& request) const {
  if (std::optional<HttpResponse> refused = Refuse(request)) return *std::move(refused);
  if (store_.PendingBytes() + request.body.size() > options_.pending_bytes_max) {
    HttpResponse busy = Problem(429, "too many events are waiting; send again later");
    busy.headers.emplace_back("Retry-After", "1");
    return busy;
  }

  // What came in, as records of the log: values, and for a CloudEvent in binary mode its headers.
  const std::string_view content_type = request.Header("content-type");
  std::vector<std::string_view> values;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<schemas::Header> headers;
  bool alone = false;  // The content type is that of one event.
  if (Is(content_type, "application/x-ndjson") || Is(content_type, "application/ndjson") ||
      Is(content_type, "application/jsonl")) {
    values = Lines(request.body);
  } else if (Is(content_type, "application/cloudevents-batch+json")) {
    Result<std::vector<std::string_view>> elements =
        schemas::SplitBatch(request.body, EventsMax(request.body));
    if (!elements)
      return Problem(400, "the body must be a JSON array of CloudEvents: " + elements.error().detail);
    values = *std::move(elements);
    headers.push_back({"content-type", "application/cloudevents+json"});
  } else if (Is(content_type, "application/cloudevents+json") || Is(content_type, "application/json") ||
             content_type.empty()) {
    alone = true;
    values.push_back(Trim(request.body));
    // Encoded as CloudEvents has it in headers of HTTP (binding 1.0.2 §3.1.3.2).
    for (const auto& [name, value] : request.headers) {
      if (name.starts_with("ce-")) attributes.emplace_back("ce_" + name.substr(3), PercentDecoded(value));
    }
    for (const auto& [name, value] : attributes) headers.push_back({name, value});
    if (!headers.empty() || Is(content_type, "application/cloudevents+json"))
      headers.push_back({"content-type", content_type});
  } else {
    return Problem(415,
                   "send application/json, application/x-ndjson, application/cloudevents+json or "
                   "application/cloudevents-batch+json");
  }
  if (values.empty()) return Problem(400, "there is no event in the body");

  schemas::EventDecoder decoder(options_.decode);
  const Timestamp now = options_.wall_clock();
  schemas::Event event;
  std::vector<Accepted> accepted;
  std::vector<std::string> accounts;
  accounts.reserve(values.size());  // Views of them are kept.
  std::string errors;
  size_t rejected = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const schemas::Record record{.topic = kTopic,
                                 .partition = 0,
                                 .offset = 0,
                                 .appended_at = now,
                                 .key = {},
                                 .headers = headers,
                                 .value = values[i]};
    const auto decoded = decoder.Decode(record, event);
    if (decoded) {
      accounts.push_back(event.account_id.str());
      accepted.push_back(
          {.account = accounts.back(), .topic = kTopic, .headers = headers, .value = values[i]});
    } else if (++rejected <= kErrorsMax) {
      const bool several =
          alone && decoded.error().code == schemas::RejectionCode::kNotJson && schemas::IsSeveral(values[i]);
      if (!errors.empty()) errors.push_back(',');
      JsonWriter(errors)
          .BeginObject()
          .Member("index", static_cast<int64_t>(i))
          .Member("reason", schemas::CodeName(decoded.error().code))
          .MemberIf("field", decoded.error().field)
          .MemberIf("detail", several ? kSeveral : std::string_view(decoded.error().detail))
          .EndObject();
    }
  }
  HttpResponse response{.status = 202, .content_type = "application/json", .body = {}, .headers = {}};
  if (rejected > 0) {
    response.status = 400;
    JsonWriter json(response.body);
    json.BeginObject().Member("accepted", 0).Member("rejected", static_cast<int64_t>(rejected));
    json.Key("errors").Raw("[" + errors + "]");
    if (rejected > kErrorsMax) json.Member("errors_left_off", static_cast<int64_t>(rejected - kErrorsMax));
    json.EndObject();
    return response;
  }
  if (Result<Done> appended = store_.Append(accepted, now); !appended) {
    if (options_.report) options_.report("ingest_not_durable", appended.error().ToString());
    HttpResponse refused = NotTaken(accepted);
    refused.headers.emplace_back("Retry-After", "5");
    return refused;
  }
  JsonWriter(response.body)
      .BeginObject()
      .Member("accepted", static_cast<int64_t>(accepted.size()))
      .EndObject();
  return response;
}

}  // namespace tocsin::daemon
