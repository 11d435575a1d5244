// How much of what was fetched the client may hold, and what that is of all partitions together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tocsin::daemon {

inline constexpr size_t kQueueBytesOfWorker = 16U << 20U;  // Of one that has every partition.
inline constexpr size_t kQueueBytesMin = 64U << 10U;       // Of a queue: a smaller answer brings too little.
inline constexpr size_t kQueueBytesMax = 4U << 20U;

// Of the queue of one partition of one topic, of `sources` in all.
[[nodiscard]] constexpr size_t QueueBytesOf(size_t sources) {
  return std::clamp(kQueueBytesOfWorker / std::max<size_t>(1, sources), kQueueBytesMin, kQueueBytesMax);
}

// Of all of them, on whichever workers they are: a queue that has room left is given one more answer of its
// size. Grows with their number once they are more than kQueueBytesOfWorker / kQueueBytesMin.
[[nodiscard]] constexpr uint64_t QueueBytesOfAll(size_t sources) {
  return uint64_t{2} * sources * QueueBytesOf(sources);
}

}  // namespace tocsin::daemon
