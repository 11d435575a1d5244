// All detectors with their configuration: one call judges an event.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/registry.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {

// Reused from event to event; Clear keeps capacity.
struct DetectionResult {
  std::array<Verdict, kDetectorCount> verdicts;  // In registry order.

  [[nodiscard]] bool AnyAlert() const;
  // Verdict of the detector with this id. REQUIRES: it is in the registry.
  [[nodiscard]] const Verdict& Of(std::string_view id) const;
};

// Catalogue in registry order.
[[nodiscard]] std::span<const DetectorInfo, kDetectorCount> Catalogue();

// Thread safety: immutable after construction.
class DetectorSet {
 public:
  explicit DetectorSet(const DetectorConfigs& configs);
  ~DetectorSet();
  DetectorSet(const DetectorSet&) = delete;
  DetectorSet& operator=(const DetectorSet&) = delete;

  // Pure. Fills every verdict; each claim gets detector, family and mode from the catalogue and the options.
  // Its weight: where the detector left 0 it is the configured one; else the detector has damped or raised
  // the catalogue's default (kInfo.weight), and the claim's weight is scaled by configured / default. Its
  // severity is always the detector's (kInfo is a severity, not an absence).
  void Evaluate(const schemas::Event& event, const AccountState& state, const Context& context,
                DetectionResult& result) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tocsin::detectors
