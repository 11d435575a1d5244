#include "daemon/log/kafka_group_offsets.h"

#include "daemon/log/kafka_topic_checks.h"

namespace tocsin::daemon {

Result<KafkaPartitions> PartitionsWithoutPosition(rd_kafka_t* handle, const std::string& group,
                                                  const rd_kafka_topic_partition_list_t& partitions,
                                                  std::chrono::milliseconds wait) {
  const std::string what = "group " + group;
  const KafkaOwned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy> options(
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(wait.count()), nullptr, 0);
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  const KafkaOwned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy> asked(
      rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), &partitions));
  rd_kafka_ListConsumerGroupOffsets_t* one = asked.get();
  rd_kafka_ListConsumerGroupOffsets(handle, &one, 1, options.get(), queue.get());
  Result<KafkaEvent> event = WaitForKafka(queue.get(), what);
  if (!event) return event.error();
  size_t count = 0;
  const rd_kafka_group_result_t** const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  if (count != 1) return Error{ErrorCode::kUnavailable, what, "no answer about its positions"};
  if (const rd_kafka_error_t* const refused = rd_kafka_group_result_error(groups[0]); refused != nullptr)
    return ToError(what, *refused);
  KafkaPartitions without(rd_kafka_topic_partition_list_new(partitions.cnt));
  const rd_kafka_topic_partition_list_t* const found = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < found->cnt; ++i) {
    const rd_kafka_topic_partition_t& place = found->elems[i];
    if (place.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError(what, place.err);
    if (place.offset < 0) rd_kafka_topic_partition_list_add(without.get(), place.topic, place.partition);
  }
  return without;
}

}  // namespace tocsin::daemon
