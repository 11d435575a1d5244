#include "daemon/log/heartbeat.h"

#include <algorithm>

#include "base/json_writer.h"

namespace tocsin::daemon {

std::string HeartbeatEvent(Timestamp sent_at) {
  std::string event;
  JsonWriter(event)
      .BeginObject()
      .Member("type", "login")
      .Member("event_id", kHeartbeatName)
      .Member("account_id", kHeartbeatName)
      .Member("occurred_at", sent_at)
      .Member("outcome", "success")
      .Member("ip", "192.0.2.1")
      .EndObject();
  return event;
}

bool IsHeartbeat(const schemas::Record& record, const schemas::Event& event) {
  return event.account_id.view() == kHeartbeatName &&
         std::ranges::find(record.headers, kHeartbeatName, &schemas::Header::name) != record.headers.end();
}

}  // namespace tocsin::daemon
