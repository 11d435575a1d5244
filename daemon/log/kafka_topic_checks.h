// What the topics have to be, and what the cluster says of them: asking only. kafka_topics.cc makes what is
// missing, kafka_inspection.cc tells a person.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {

template <class T, auto Destroy>
using KafkaOwned = std::unique_ptr<T, FreeBy<Destroy>>;
using KafkaEvent = KafkaOwned<rd_kafka_event_t, rd_kafka_event_destroy>;
inline constexpr int kKafkaAdminWaitMs = 30'000;

struct WantedTopic {
  std::string topic;
  std::vector<std::pair<std::string, std::string>> settings;  // When it is made.
  bool whole = false;                                         // Has as many partitions as the input.
  int partitions = 0;                                         // As found; 0: missing.
};
// In the order in which people read about them: inputs, changelog, outputs. Each topic once.
[[nodiscard]] std::vector<WantedTopic> WantedTopics(const KafkaConfig& config);
// Those that we write.
[[nodiscard]] std::vector<std::string> WrittenTopics(const KafkaConfig& config);
// How a person makes it: as we would, with as many copies.
[[nodiscard]] std::string CommandFor(const KafkaConfig& config, const WantedTopic& topic, int partitions);
// What every tool of Kafka's needs to reach this cluster.
[[nodiscard]] std::string ToolOptions(const KafkaConfig& config);

// A handle that makes no topic by asking for it.
[[nodiscard]] Result<KafkaHandle> MakeAskingHandle(const KafkaConfig& config, KafkaCallbacks& callbacks);
// The cluster's id. Asks until there is an answer, an error that asking again does not mend, or `stop` (which
// may be null).
[[nodiscard]] Result<std::string> FindCluster(rd_kafka_t* handle, const KafkaConfig& config,
                                              const KafkaCallbacks& callbacks,
                                              const std::atomic<bool>* stop = nullptr);
// Replicas from which on two of them must confirm, and one may be lost.
inline constexpr int kReplicasForTwo = 3;
// The configuration with a number of replicas: where it has none, three, or as many as there are brokers.
// What it says of the cluster is what stands now: with a broker away there is one less.
[[nodiscard]] Result<KafkaConfig> WithReplication(KafkaConfig config, rd_kafka_t* handle);
// One number for the input and the changelog.
[[nodiscard]] Result<int> AgreeOnPartitions(const KafkaConfig& config,
                                            const std::vector<WantedTopic>& topics);

[[nodiscard]] Result<KafkaEvent> WaitForKafka(rd_kafka_queue_t* queue, const std::string& what);
using TopicSettings = std::map<std::string, std::string>;
[[nodiscard]] Result<TopicSettings> DescribeTopic(rd_kafka_t* handle, const std::string& topic);
[[nodiscard]] int64_t NumberIn(const std::string& text);
// How many brokers hold each partition, where it is least; 0: not known.
[[nodiscard]] int ReplicasOf(rd_kafka_t* handle, const std::string& topic);

// Whether the changelog keeps what it is given; `report` gets what is merely unwise.
[[nodiscard]] Result<Done> JudgeChangelog(const KafkaConfig& config, const TopicSettings& settings,
                                          const KafkaReport& report,
                                          std::chrono::milliseconds& deletions_kept_for);
// How long the changelog keeps deletions: by its settings, once they are judged, or, where they could not be
// read, as long as Kafka does by default, which `report` gets.
[[nodiscard]] Result<std::chrono::milliseconds> FindDeletionsKept(const KafkaConfig& config,
                                                                  const Result<TopicSettings>& settings,
                                                                  const KafkaReport& report);
// Whether a topic that is read keeps its records long enough; `report` gets what is merely unwise.
void JudgeRead(const std::string& topic, const TopicSettings& settings, const KafkaReport& report);
// Whether a commit can reach a topic that we write, and what is written stays.
[[nodiscard]] Result<Done> JudgeWritten(const KafkaConfig& config, const std::string& topic,
                                        const TopicSettings& settings, int replicas,
                                        const KafkaReport& report);

}  // namespace tocsin::daemon
