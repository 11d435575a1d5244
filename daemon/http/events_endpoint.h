// POST /v1/events: events by HTTP into the embedded log. Answers 202 only when every event of the request is
// durable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "daemon/http/http_server.h"
#include "daemon/log/local_store.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon {

struct EventsEndpointOptions {
  schemas::DecodeLimits decode;
  std::string token;  // Bearer token; "" : none is asked for.
  uint64_t pending_bytes_max = 64U << 20U;
  std::function<Timestamp()> wall_clock;
  std::function<void(std::string_view code, const std::string& text)> report;  // May be empty.
};

// Body, by content type: application/json (one event), application/x-ndjson (one a line; application/ndjson
// and application/jsonl are the same),
// application/cloudevents+json, application/cloudevents-batch+json; ce-* headers are CloudEvents in binary
// mode.
//
//   202 {"accepted":3}                    all are durable
//   400 {"errors":[{"index":1,…}]}        at least one is no event, and none was accepted; each is listed, or
//                                         the first 10,000 and "errors_left_off", how many more there were
//   401, 413 (too large), 415 (another content type), 429 with Retry-After (too much is waiting), 503 (the
//   disk refuses)
//
// Thread safe. `store` outlives it.
class EventsEndpoint {
 public:
  EventsEndpoint(LocalStore& store, EventsEndpointOptions options);
  [[nodiscard]] HttpResponse Handle(const HttpRequest& request) const;

 private:
  [[nodiscard]] bool Authorized(const HttpRequest& request) const;
  LocalStore& store_;
  const EventsEndpointOptions options_;
};

}  // namespace tocsin::daemon
