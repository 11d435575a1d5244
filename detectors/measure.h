// What a detector measured and what it held that against: for whoever asks why it found nothing (tocsin
// explain). Nobody asks while events are only judged, and nothing is noted then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/finding.h"

namespace tocsin::detectors {

// What the value has to be for a finding, next to the threshold.
enum class Needs : uint8_t { kMoreThan, kAtLeast, kLessThan };

struct Measure {
  std::string_view detector;  // DetectorSet fills it in.
  std::string name;           // As of evidence, where there is such.
  schemas::EvidenceValue value;
  Needs needs = Needs::kMoreThan;
  schemas::EvidenceValue threshold;
};

using Measures = std::vector<Measure>;

// The value is what a finding needs. nullopt: the two cannot be compared (amounts of two currencies).
[[nodiscard]] std::optional<bool> IsMet(const Measure& measure);

}  // namespace tocsin::detectors
