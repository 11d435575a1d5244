// A message of the client as a record.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/log/kafka_client.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// Its bytes are those of `message` and `topic`; `headers` is overwritten, and holds the headers the record
// shows. A time that is none is moved to the nearest that is.
[[nodiscard]] schemas::Record ToRecord(const rd_kafka_message_t& message, std::string_view topic,
                                       std::vector<schemas::Header>& headers);

}  // namespace tocsin::daemon
