// librdkafka's C interface with owners: only daemon/log/kafka_*.cc include this.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/free_by.h"
#include "base/result.h"
#include "daemon/log/broker_client.h"
#include "daemon/log/kafka_client_stats.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_security.h"
#include "daemon/log/kafka_topics.h"

namespace tocsin::daemon {

using KafkaHandle = std::unique_ptr<rd_kafka_t, FreeBy<rd_kafka_destroy>>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, FreeBy<rd_kafka_conf_destroy>>;
using KafkaTopicHandle = std::unique_ptr<rd_kafka_topic_t, FreeBy<rd_kafka_topic_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, FreeBy<rd_kafka_queue_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, FreeBy<rd_kafka_message_destroy>>;
using KafkaPartitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, FreeBy<rd_kafka_topic_partition_list_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, FreeBy<rd_kafka_error_destroy>>;
using KafkaGroupMetadata =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, FreeBy<rd_kafka_consumer_group_metadata_destroy>>;

struct KafkaMembership final : Membership {
  KafkaGroupMetadata metadata;
};

// What a handle calls back, on its own threads; its opaque pointer, so it outlives the handle. One handle
// after another may use it, never two at once.
struct KafkaCallbacks {
  KafkaReport report;
  std::string name;  // Of the handle, for reports: "consumer", "producer", …
  std::function<void(rd_kafka_t* handle, rd_kafka_resp_err_t err,
                     rd_kafka_topic_partition_list_t* partitions)>
      on_rebalance;
  std::function<void(const rd_kafka_message_t& message)> on_delivery;
  // A request that belongs to a transaction ended with an error or without an answer. Set on the client's
  // threads.
  std::atomic<bool> tainted{false};

  // Is told every five seconds what the handle counted, and of each connection at once; may be null.
  KafkaClientStats* stats = nullptr;

  // Filled by MakeKafkaConf.
  const KafkaConfig* config = nullptr;
  KafkaTokenSource token;
  // What an operator can do about the newest error of a connection; said once for each text.
  [[nodiscard]] KafkaRemedy Remedy() const {
    const std::lock_guard lock(remedy_mutex);
    return remedy;
  }
  mutable std::mutex remedy_mutex;
  KafkaRemedy remedy;
};

struct KafkaProperty {
  const char* key;
  std::string value;
};

// `defaults` may be changed by the configuration's further properties, `fixed` not.
// REQUIRES: CheckKafkaConfig(config) is content; both lists are what this version of the client knows;
// `config` outlives the handle.
[[nodiscard]] KafkaConf MakeKafkaConf(const KafkaConfig& config, const std::vector<KafkaProperty>& defaults,
                                      const std::vector<KafkaProperty>& fixed, KafkaCallbacks& callbacks);
[[nodiscard]] Result<KafkaHandle> MakeKafkaHandle(rd_kafka_type_t type, KafkaConf conf);

// The client forgets its generation when the group has gone on without it, and a broker takes offsets without
// a generation for a group that is empty: with such a membership a worker whose partitions were taken could
// commit. The client shows the generation only in its serialised form.
[[nodiscard]] bool HasGeneration(const rd_kafka_consumer_group_metadata_t& membership);

// From here on `callbacks.tainted` is set by requests of a transaction that end with an error or without an
// answer.
void WatchTransactions(rd_kafka_conf_t* conf, KafkaCallbacks& callbacks);

// Errors of the client never hold bytes of a record.
[[nodiscard]] Error ToError(std::string what, rd_kafka_resp_err_t err);
[[nodiscard]] Error ToError(std::string what, const rd_kafka_error_t& error);

// Leaves the group, if the handle is in one, and destroys it: takes at most `patience`. Rebalances on the way
// are answered without asking anyone.
void CloseKafkaConsumer(KafkaHandle handle, std::chrono::milliseconds patience);

// Partitions of a topic as the cluster has them now; 0: there is no such topic. Never makes it.
[[nodiscard]] Result<int> CountPartitions(rd_kafka_t* handle, const std::string& topic,
                                          std::chrono::milliseconds wait);

// Where a partition begins or ends, as its leader says, within `wait`. RD_KAFKA_OFFSET_BEGINNING: the first
// record that is there; RD_KAFKA_OFFSET_END: behind the last one, or the last stable one for
// "read_committed". rd_kafka_query_watermark_offsets, which is made for this, waits for a leader that is away
// until it is back, whatever time it was given and whoever leads by now (librdkafka issue 2588, until 2.3).
[[nodiscard]] rd_kafka_resp_err_t QueryOffset(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                                              int64_t which, std::chrono::milliseconds wait, int64_t& found);

struct KafkaOffsets {
  int64_t begin = 0;
  int64_t end = 0;
};

// Both, one after the other: takes at most `wait` together.
[[nodiscard]] rd_kafka_resp_err_t QueryOffsets(rd_kafka_t* handle, const std::string& topic,
                                               int32_t partition, std::chrono::milliseconds wait,
                                               KafkaOffsets& found);

inline constexpr std::chrono::seconds kKafkaRequestWait{10};

}  // namespace tocsin::daemon
