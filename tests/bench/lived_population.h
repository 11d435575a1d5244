// A generated population, lived once by the real detectors: what it leaves behind is what benchmarks of state
// measure and copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "daemon/detection/account_detection.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

// By this configuration (YAML), and with the databases of the tests. `observer` outlives it.
[[nodiscard]] std::unique_ptr<AccountDetection> MakeDetection(WorkerMetrics& metrics,
                                                              std::string_view config = {},
                                                              DetectionObserver* observer = nullptr);

// `accounts` over `days` as `tocsin generate traffic` makes them, attacks of every kind included when asked
// for. The configuration and the observer are MakeDetection's.
struct LivedPopulation {
  LivedPopulation(uint32_t accounts, int days, uint64_t seed, bool attacks, std::string_view config = {},
                  DetectionObserver* observer = nullptr);

  std::vector<CheckpointEntry> states;  // Of the accounts, as a checkpoint writes them.
  std::vector<std::string> next_day;    // Events of the day after.
  std::string counts;                   // The population's own state, its segment's bytes.
  size_t memory_bytes = 0;              // Of an account, as the table counts it: the average.
};

template <class Visit>
void ForEachSegment(std::string_view state, const Visit& visit) {
  ByteReader reader(state);
  while (!reader.AtEnd()) {
    const uint8_t segment = reader.Byte();
    visit(segment, reader.String());
  }
}

}  // namespace tocsin::daemon
