// What becomes of one record: it is moved, or a dead letter says why not.
#include <algorithm>
#include <array>

#include "daemon/log/default_partitioner.h"
#include "daemon/log/fit_record.h"
#include "daemon/log/kafka_record.h"
#include "daemon/log/kafka_rekey.h"
#include "schemas/dead_letter.h"
#include "schemas/encode.h"
#include "schemas/moved_record.h"

namespace tocsin::daemon {

Result<Done> KafkaRekey::Move(const rd_kafka_message_t& message) {
  schemas::Record record = ToRecord(message, rd_kafka_topic_name(message.rkt), headers_);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) headers = nullptr;
  const auto decoded = decoder_.Decode(record, event_);
  if (!decoded) return PutLetter(message.partition, record, decoded.error());
  // Else no later record would ever be moved.
  const int64_t bytes_max = std::min(topics_.rekeyed_bytes_max, record_bytes_max_);
  if (MovedBytesMax(record, event_.account_id.view()) > bytes_max) {
    const schemas::Rejection too_large{schemas::RejectionCode::kTooLarge,
                                       {},
                                       "with its headers more than the " + std::to_string(bytes_max) +
                                           " bytes that can be sent to topic " + config_.rekeyed_topic};
    return PutLetter(message.partition, record, too_large);
  }
  rd_kafka_headers_t* moved = headers == nullptr ? rd_kafka_headers_new(3) : rd_kafka_headers_copy(headers);
  const auto add = [moved](std::string_view header, std::string_view value) {
    rd_kafka_header_add(moved, header.data(), static_cast<ssize_t>(header.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  };
  add(schemas::kFirstTopicHeader, record.topic);
  add(schemas::kFirstPartitionHeader, std::to_string(message.partition));
  add(schemas::kFirstOffsetHeader, std::to_string(message.offset));
  const std::string_view account = event_.account_id.view();
  return Produce(target_.get(), DefaultPartition(account, topics_.partitions), account, record.value,
                 std::max<int64_t>(ToMillis(record.appended_at), 0), moved);
}

Result<Done> KafkaRekey::PutLetter(int32_t partition, schemas::Record& record,
                                   const schemas::Rejection& why) {
  FitRecord(std::min(topics_.dead_letter_bytes_max, record_bytes_max_), record);
  const schemas::OutRecord letter = schemas::ToRecord(schemas::ToDeadLetter(record, why));
  rd_kafka_headers_t* headers = rd_kafka_headers_new(letter.headers.size());
  for (const schemas::OutHeader& header : letter.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  const int letters = topics_.output_partitions[static_cast<size_t>(schemas::OutputKind::kDeadLetter)];
  return Produce(letters_.get(), partition % letters, letter.key, letter.value, 0, headers);
}

// Takes the headers; `millis` 0: now. Bytes are copied: the event's and the letter's are gone with the next
// record.
Result<Done> KafkaRekey::Produce(rd_kafka_topic_t* topic, int32_t partition, std::string_view key,
                                 std::string_view value, int64_t millis, rd_kafka_headers_t* headers) {
  std::array<rd_kafka_vu_t, 7> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[2].u.mem = {const_cast<char*>(value.data()), value.size()};
  arguments[3].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[3].u.mem = {key.empty() ? nullptr : const_cast<char*>(key.data()), key.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[4].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[5].u.i64 = millis;
  arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[6].u.headers = headers;
  for (;;) {
    const KafkaError refused(rd_kafka_produceva(producer_.get(), arguments.data(), arguments.size()));
    if (refused == nullptr) return Done{};
    if (rd_kafka_error_code(refused.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_headers_destroy(headers);  // The client takes them with success only.
      return ToError(std::string("topic ") + rd_kafka_topic_name(topic), *refused);
    }
    rd_kafka_poll(producer_.get(), 10);
  }
}

}  // namespace tocsin::daemon
