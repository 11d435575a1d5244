#include "daemon/log/partitioner_watch.h"

#include <utility>

#include "daemon/log/default_partitioner.h"

namespace tocsin::daemon {
namespace {

constexpr uint32_t kSamplesMin = 8;   // Before anything is said of a topic.
constexpr uint32_t kSamplesAll = 64;  // So many records of a topic are all looked at, ...
constexpr uint32_t kOneOf = 4;        // ... and then one of so many.
constexpr std::array<const char*, 3> kNames = {"murmur2 (Java, murmur2_random)",
                                               "CRC32 (librdkafka's default)", "FNV-1a (Sarama)"};

uint32_t Crc32(std::string_view key) {
  uint32_t crc = 0xffffffffU;
  for (const char c : key) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

uint32_t Fnv1a(std::string_view key) {
  uint32_t hash = 2166136261U;
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619U;
  return hash;
}

std::array<int32_t, 3> Places(std::string_view key, int partitions) {
  const auto count = static_cast<uint32_t>(partitions);
  // Sarama takes the hash as signed, and drops the sign of the rest.
  const int64_t rest = static_cast<int64_t>(static_cast<int32_t>(Fnv1a(key))) % partitions;
  return {DefaultPartition(key, partitions), static_cast<int32_t>(Crc32(key) % count),
          static_cast<int32_t>(rest < 0 ? -rest : rest)};
}

}  // namespace

PartitionerWatch::PartitionerWatch(std::vector<std::string> topics, int partitions)
    : topics_(std::move(topics)), partitions_(partitions), seen_(topics_.size()) {}

void PartitionerWatch::See(size_t topic, std::string_view key, int32_t partition) {
  if (said_ || partitions_ < 2 || key.empty()) return;
  Seen& seen = seen_[topic];
  if (seen.samples >= kSamplesAll && ++skipped_ % kOneOf != 0) return;
  const uint8_t before = seen.possible;
  const std::array<int32_t, 3> places = Places(key, partitions_);
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] != partition) seen.possible &= static_cast<uint8_t>(~(1U << i));
  }
  if (++seen.samples == kSamplesMin || seen.possible != before) changed_ = true;
}

std::string PartitionerWatch::TakeComplaint() {
  if (!std::exchange(changed_, false) || said_) return {};
  uint8_t common = 7;
  std::string found;
  for (size_t topic = 0; topic < topics_.size(); ++topic) {
    const Seen& seen = seen_[topic];
    if (seen.samples < kSamplesMin) continue;
    common &= seen.possible;
    std::string names;
    for (size_t i = 0; i < kNames.size(); ++i) {
      if ((seen.possible >> i & 1U) != 0) names += (names.empty() ? "" : " or ") + std::string(kNames[i]);
    }
    found += (found.empty() ? "" : "; ") + topics_[topic] + ": " +
             (names.empty() ? "none that is known, or several" : names);
  }
  if (common != 0 || found.empty()) return {};
  said_ = true;
  return "the producers do not choose partitions alike (" + found +
         "): events of one account may be on several partitions, where none sees the whole account. Give all "
         "producers one partitioner (librdkafka: partitioner=murmur2_random), or set kafka.ingest: rekey. If "
         "one "
         "partitioner of your own places all of them, this can be ignored";
}

}  // namespace tocsin::daemon
