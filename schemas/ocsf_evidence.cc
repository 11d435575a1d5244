#include "schemas/ocsf_evidence.h"

#include <string>
#include <string_view>

#include "schemas/finding_parts.h"

namespace tocsin::schemas {
namespace {

// Of the types of OCSF's device; phones and tablets cannot be told apart.
void WriteDeviceType(JsonWriter& json, std::string_view platform) {
  if (platform == "ios" || platform == "android") {
    json.Member("type_id", 5).Member("type", "Mobile");
  } else if (platform == "web") {
    json.Member("type_id", 8).Member("type", "Browser");
  } else if (platform == "windows" || platform == "macos" || platform == "linux") {
    json.Member("type_id", 99).Member("type", "Computer");
  } else {
    json.Member("type_id", 0).Member("type", "Unknown");
  }
}

int OsTypeOf(std::string_view family) {
  if (family == "iOS") return 301;
  if (family == "Android") return 201;
  if (family.starts_with("Windows")) return 100;
  if (family == "macOS") return 300;
  return family == "Linux" ? 200 : 0;
}

void WriteOs(JsonWriter& json, const Event& event) {
  const Device& device = event.facts.device;
  if (device.os_family.empty()) return;
  json.Key("os").BeginObject().Member("name", device.os_family);
  json.Member("type_id", OsTypeOf(device.os_family));
  if (!event.device.os_version.empty()) {
    json.Member("version", event.device.os_version);
  } else if (device.os_major > 0) {
    json.Member("version", std::to_string(device.os_major));
  }
  json.EndObject();
}

// OCSF wants to know a device by something: the platform's id, a name, or the address it came from.
void WriteDevice(JsonWriter& json, const Event& event) {
  const Device& device = event.facts.device;
  if (!device.known()) return;
  if (device.id.empty() && event.device.name.empty() && !event.ip) return;
  json.Key("device").BeginObject().MemberIf("uid", device.id).MemberIf("name", event.device.name);
  if (event.ip) json.Member("ip", event.ip->ToString());
  WriteDeviceType(json, device.platform);
  json.MemberIf("model", device.model);
  WriteOs(json, event);
  json.EndObject();
}

void WriteEndpoint(JsonWriter& json, const Event& event) {
  if (!event.ip) return;
  json.Key("src_endpoint").BeginObject().Member("ip", event.ip->ToString());
  if (const Place& place = event.facts.place; place.known() && !place.country.empty()) {
    json.Key("location").BeginObject().Member("country", place.country).MemberIf("city", place.city);
    // `region` is a code of ISO 3166-2; databases have names as well.
    json.MemberIf("desc", place.region).EndObject();
  }
  if (const Network& network = event.facts.network; network.asn != 0) {
    json.Key("autonomous_system").BeginObject().Member("number", network.asn);
    json.MemberIf("name", network.organization).EndObject();
  }
  json.EndObject();
}

}  // namespace

void WriteOcsfEvidence(JsonWriter& json, const Finding& finding, const Event* event) {
  json.Key("evidences").BeginArray().BeginObject();
  if (event != nullptr) {
    json.Member("uid", event->event_id.view());
    WriteEndpoint(json, *event);
    WriteDevice(json, *event);
    json.Key("user").BeginObject().Member("uid", finding.account_id.view());
    json.Member("type_id", 1).Member("type", "User").EndObject();
    if (!event->session_id.empty()) {
      json.Key("actor").BeginObject().Key("session").BeginObject().Member("uid", event->session_id);
      json.EndObject().EndObject();
    }
    if (!event->user_agent.empty())
      json.Key("http_request").BeginObject().Member("user_agent", event->user_agent).EndObject();
  }
  WriteEvidence(json, "data", finding.evidence);
  json.EndObject().EndArray();
}

void WriteObservables(JsonWriter& json, const Finding& finding, const Event* event) {
  const auto write = [&json](std::string_view name, int type, std::string_view value) {
    json.BeginObject().Member("name", name).Member("type_id", type).Member("value", value).EndObject();
  };
  json.Key("observables").BeginArray();
  write("resources[0].uid", 10, finding.account_id.view());
  if (event != nullptr) {
    write("evidences[0].user.uid", 31, finding.account_id.view());
    if (event->ip) write("evidences[0].src_endpoint.ip", 2, event->ip->ToString());
    if (const Device& device = event->facts.device; device.known() && !device.id.empty())
      write("evidences[0].device.uid", 47, device.id);
    if (!event->user_agent.empty()) write("evidences[0].http_request.user_agent", 16, event->user_agent);
  }
  json.EndArray();
}

}  // namespace tocsin::schemas
