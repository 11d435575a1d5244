// POST /v1/events: events by HTTP into the embedded log. Answers 202 only when every event of the request is
// durable.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
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
//   401, 413 (too large), 415 (another content type), 429 with Retry-After (too much is waiting), 503 with
//   Retry-After (the disk refuses)
//   503 {"errors":[{"index":1,"reason":"partition_stopped"}…]}  none was accepted: the partitions of these
//   are
//                                         stopped, and the others are taken without them
//
// Thread safe. `store` outlives it.
class EventsEndpoint {
 public:
  EventsEndpoint(LocalStore& store, EventsEndpointOptions options);
  // 401 to whom it answers nothing else, whatever the body is.
  [[nodiscard]] std::optional<HttpResponse> Refuse(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse Handle(const HttpRequest& request) const;

 private:
  // Of events that the store refused: which of them, where it is for their partition.
  [[nodiscard]] HttpResponse NotTaken(std::span<const Accepted> events) const;
  LocalStore& store_;
  const EventsEndpointOptions options_;
};

}  // namespace tocsin::daemon
