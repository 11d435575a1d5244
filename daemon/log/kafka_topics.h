// The topics before the first record: they are there, they fit together, and the changelog keeps what it is
// given.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/output_files.h"

namespace tocsin::daemon {

// Tells a person: a stable code and a text without personal data. Called from any thread.
using KafkaReport = std::function<void(std::string_view code, const std::string& text)>;

// What Kafka does with a topic of which nobody has said otherwise (log.cleaner.delete.retention.ms).
inline constexpr std::chrono::hours kDeletionsKeptByDefault{24};

struct KafkaTopics {
  std::string cluster_id;
  std::string owner;   // Whose state it is: cluster, group, changelog. For CheckpointMark::owner.
  int partitions = 0;  // Of every input topic and of the changelog.
  // By OutputKind: partitions of its topic; 0: not written (verdicts).
  std::array<int, kOutputKinds> output_partitions{};
  // How long the changelog keeps deletions.
  std::chrono::milliseconds deletions_kept_for = kDeletionsKeptByDefault;
  // The largest record that the topic takes, in bytes.
  int64_t dead_letter_bytes_max = 1'048'588;
  int64_t rekeyed_bytes_max = 1'048'588;  // kafka.ingest: rekey.
};

// Asks the cluster, makes what is missing when the configuration allows it, and checks the rest. Takes up to
// a minute, or until `stop` (which may be null). kUnavailable: no broker answers. kNotFound: a topic is
// missing and may not be made. kConflict: partition counts do not fit together, or the changelog would
// forget. Each says what to do.
[[nodiscard]] Result<KafkaTopics> PrepareKafkaTopics(const KafkaConfig& given, const KafkaReport& report,
                                                     const std::atomic<bool>* stop = nullptr);

// Whether the topics can be told apart, and the further properties are known to the client, have values it
// takes, and break no guarantee: everything that is wrong. An error's `field` is the key
// ("kafka.properties.acks"). Asks no broker.
[[nodiscard]] std::vector<Error> KafkaConfigErrors(const KafkaConfig& config);
// The first of them.
[[nodiscard]] Result<Done> CheckKafkaConfig(const KafkaConfig& config);

}  // namespace tocsin::daemon
