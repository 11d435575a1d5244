// A message of the client as a record.
#pragma once

#include <string_view>
#include <vector>

#include "base/time.h"
#include "daemon/log/kafka_client.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// When it was appended, as broker or producer say: a time from 2000 on and not in the future, else now. A
// producer's clock may say anything, and what it says bounds the times of events (DecodeLimits::future_max).
[[nodiscard]] Timestamp AppendedAt(const rd_kafka_message_t& message);

// Its bytes are those of `message` and `topic`; `headers` is overwritten, and holds the headers the record
// shows.
[[nodiscard]] schemas::Record ToRecord(const rd_kafka_message_t& message, std::string_view topic,
                                       std::vector<schemas::Header>& headers);

}  // namespace tocsin::daemon
