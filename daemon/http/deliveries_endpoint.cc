#include "daemon/http/deliveries_endpoint.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kWait{10};

HttpResponse Json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

HttpResponse Problem(int status, std::string_view text) {
  std::string body;
  JsonWriter(body).BeginObject().Member("error", text).EndObject();
  return Json(status, std::move(body));
}

// {} or {"delivery":"32 hex digits"}: the only two bodies there are.
bool ReadLane(std::string_view body, std::string& lane) {
  std::string text;
  std::ranges::copy_if(body, std::back_inserter(text), [](char c) { return c > ' '; });
  if (text.empty() || text == "{}") return true;
  constexpr std::string_view kBegin = "{\"delivery\":\"";
  if (!text.starts_with(kBegin) || !text.ends_with("\"}")) return false;
  lane = text.substr(kBegin.size(), text.size() - kBegin.size() - 2);
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return lane.size() == 32 && std::ranges::all_of(lane, hex);
}

void WriteEntry(JsonWriter& json, const DeliveryEntry& entry) {
  json.BeginObject().Member("delivery", entry.lane);
  json.Member("kind", entry.kind == ParcelKind::kNotice ? "notice" : "ticket");
  json.Member("channel", entry.channel).Member("status", entry.status).MemberIf("reason", entry.reason);
  json.Member("id", entry.id).MemberIf("case_id", entry.case_id).MemberIf("ticket", entry.external_id);
  json.Member("attempt", entry.attempt).Member("entered_at", entry.entered_at);
  if (entry.status == Name(LaneStatus::kWaiting)) json.Member("next_at", entry.next_at);
  json.EndObject();
}

}  // namespace

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

DeliveriesEndpoint::DeliveriesEndpoint(DeliveryDesk& desk, std::string token)
    : desk_(desk), token_(std::move(token)) {
  CHECK(!token_.empty());
}

std::vector<HttpRoute> DeliveriesEndpoint::Routes() const {
  using Kind = DeliveryRequest::Kind;
  const auto route = [this](const char* method, const char* path, Kind kind) {
    return HttpRoute{method, path,
                     [this, kind](const HttpRequest& request) { return Handle(request, kind); }};
  };
  return {route("GET", "/admin/v1/deliveries", Kind::kList),
          route("POST", "/admin/v1/deliveries/replay", Kind::kReplay),
          route("POST", "/admin/v1/deliveries/drop", Kind::kDrop),
          route("POST", "/admin/v1/deliveries/release", Kind::kOpenGate)};
}

HttpResponse DeliveriesEndpoint::Handle(const HttpRequest& http, DeliveryRequest::Kind kind) const {
  const std::string_view given = http.Header("authorization");
  if (!given.starts_with("Bearer ") || !EqualInConstantTime(given.substr(7), token_))
    return Problem(401, "give the token as: Authorization: Bearer TOKEN");
  DeliveryRequest request{.kind = kind};
  if (kind == DeliveryRequest::Kind::kReplay || kind == DeliveryRequest::Kind::kDrop) {
    if (!ReadLane(http.body, request.lane)) return Problem(400, "the body is {} or {\"delivery\":\"…\"}");
  }
  if (!desk_.Ask(request, kWait)) return Problem(503, "delivery does not answer now; ask again");
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (kind == DeliveryRequest::Kind::kList) {
    json.Key("deliveries").BeginArray();
    for (const DeliveryEntry& entry : request.entries) WriteEntry(json, entry);
    json.EndArray();
  } else {
    json.Member("touched", request.touched);
  }
  json.EndObject();
  return Json(200, std::move(body));
}

}  // namespace tocsin::daemon
