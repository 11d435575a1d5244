// Watches whether all producers place an account on the same partition: clients differ in how they choose a
// partition by key (Java's murmur2, librdkafka's CRC32, Sarama's FNV-1a), and a login that is on another
// partition than the payments of its account meets another state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

// One thread.
class PartitionerWatch {
 public:
  // `partitions` of each of the topics.
  PartitionerWatch(std::vector<std::string> topics, int partitions);

  // A record of topics[topic] with this key is on this partition. Looks at the first ones of each topic,
  // and at one of four later.
  void See(size_t topic, std::string_view key, int32_t partition);

  // What an operator must know, said once; "" otherwise.
  [[nodiscard]] std::string TakeComplaint();

 private:
  // A bit for each partitioner that explains every record seen.
  struct Seen {
    uint8_t possible = 7;
    uint32_t samples = 0;
  };
  std::vector<std::string> topics_;
  const int partitions_;
  std::vector<Seen> seen_;
  uint32_t skipped_ = 0;
  bool changed_ = false;
  bool said_ = false;
};

}  // namespace tocsin::daemon
