#include "daemon/log/kafka_record.h"

#include <chrono>

#include "base/time.h"

namespace tocsin::daemon {
namespace {

constexpr Timestamp kFirstTime = FromMillis(946'684'800'000);  // 2000-01-01: before, it is seconds or none

std::string_view Bytes(const void* at, size_t size) {
  return {static_cast<const char*>(at), at == nullptr ? 0 : size};
}

}  // namespace

Timestamp AppendedAt(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t millis = rd_kafka_message_timestamp(&message, &type);
  const Timestamp now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  return ToMillis(kFirstTime) <= millis && millis <= ToMillis(now) ? FromMillis(millis) : now;
}

schemas::Record ToRecord(const rd_kafka_message_t& message, std::string_view topic,
                         std::vector<schemas::Header>& headers) {
  headers.clear();
  rd_kafka_headers_t* given = nullptr;
  if (rd_kafka_message_headers(&message, &given) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(given, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i)
      headers.push_back({name, Bytes(value, size)});
  }
  return {.topic = topic,
          .partition = message.partition,
          .offset = message.offset,
          .appended_at = AppendedAt(message),
          .key = Bytes(message.key, message.key_len),
          .headers = headers,
          .value = Bytes(message.payload, message.len)};
}

}  // namespace tocsin::daemon
