#include "daemon/log/default_partitioner.h"

namespace tocsin::daemon {

uint32_t Murmur2(std::string_view key) {
  constexpr uint32_t kMix = 0x5bd1e995;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(key[i])); };
  uint32_t hash = 0x9747b28cU ^ static_cast<uint32_t>(key.size());
  size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8U | byte(i + 2) << 16U | byte(i + 3) << 24U;
    k *= kMix;
    k ^= k >> 24U;
    k *= kMix;
    hash = (hash * kMix) ^ k;
  }
  const size_t rest = key.size() - i;
  if (rest >= 3) hash ^= byte(i + 2) << 16U;
  if (rest >= 2) hash ^= byte(i + 1) << 8U;
  if (rest >= 1) hash = (hash ^ byte(i)) * kMix;
  hash ^= hash >> 13U;
  hash *= kMix;
  hash ^= hash >> 15U;
  return hash;
}

int32_t DefaultPartition(std::string_view key, int32_t partitions) {
  return static_cast<int32_t>((Murmur2(key) & 0x7fffffffU) % static_cast<uint32_t>(partitions));
}

}  // namespace tocsin::daemon
