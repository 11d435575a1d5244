#include "daemon/http/deliveries_endpoint.h"

#include <algorithm>

#include "base/json_writer.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kWait{10};
constexpr std::chrono::seconds kListWait{3};  // For what is being restored; then the rest is listed.

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

std::string SubjectOf(const HttpRequest& request) {
  std::string lane;
  if (!ReadLane(request.body, lane)) return {};
  return lane.empty() ? "all" : lane;
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

std::vector<HttpRoute> DeliveriesEndpoint::Routes(AdminGuard& guard) const {
  using Kind = DeliveryRequest::Kind;
  const auto change = [&](const char* path, const char* action, Kind kind) {
    return guard.Changing(path, action, SubjectOf,
                          [this, kind](const HttpRequest& request) { return Handle(request, kind); });
  };
  return {guard.Looking("/admin/v1/deliveries",
                        [this](const HttpRequest& request) { return Handle(request, Kind::kList); }),
          change("/admin/v1/deliveries/replay", "deliveries.replay", Kind::kReplay),
          change("/admin/v1/deliveries/drop", "deliveries.drop", Kind::kDrop),
          change("/admin/v1/deliveries/release", "deliveries.release", Kind::kOpenGate)};
}

HttpResponse DeliveriesEndpoint::Handle(const HttpRequest& http, DeliveryRequest::Kind kind) const {
  DeliveryRequest request{.kind = kind};
  if (kind == DeliveryRequest::Kind::kReplay || kind == DeliveryRequest::Kind::kDrop) {
    if (!ReadLane(http.body, request.lane))
      return ProblemAnswer(
          400,
          "delivery: must be one that the list names (32 digits of 0-9 and a-f); {} or nothing means all");
  }
  if (Result<Done> answered = desk_.Ask(request, kind == DeliveryRequest::Kind::kList ? kListWait : kWait);
      !answered)
    return ProblemAnswer(503, "delivery does not answer now: " + answered.error().detail + "; ask again");
  if (!request.lane.empty() && request.touched == 0) {
    if (request.status.empty())
      return ProblemAnswer(404, "no delivery of this name is on its way, failed or held here");
    return ProblemAnswer(
        409, "the delivery is " + std::string(request.status) + ": there is nothing to be done now");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (kind == DeliveryRequest::Kind::kList) {
    json.Key("deliveries").BeginArray();
    for (const DeliveryEntry& entry : request.entries) WriteEntry(json, entry);
    json.EndArray();
    if (request.more > 0) json.Member("more", request.more);
    if (!request.unread.empty()) {
      json.Key("unread_partitions").BeginArray();
      for (const int32_t partition : request.unread) json.Int(partition);
      json.EndArray();
    }
  } else {
    json.Member("touched", request.touched);
  }
  json.EndObject();
  return JsonAnswer(200, std::move(body));
}

}  // namespace tocsin::daemon
