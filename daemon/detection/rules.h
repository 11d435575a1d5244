// Everything that decides verdicts, as one immutable snapshot: a reload makes a new one and workers take it
// over between two batches.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/decide.h"
#include "daemon/detection/precision.h"
#include "daemon/detection/profiles.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {

// For accounts of a tenant and of some tiers ("" and none: any): all of the detectors' settings, the changed
// ones among them.
struct DetectorOverride {
  std::string tenant;
  std::vector<std::string> tiers;
  detectors::DetectorConfigs detectors;
};

struct RulesConfig {
  detectors::DetectorConfigs detectors;
  std::vector<DetectorOverride> overrides;  // The first that matches applies.
  detectors::LearningConfig learning;
  detectors::LimitTable limits;
  std::vector<std::string> profiles;  // Names: mas-srf, psd2-art18, npci-p2p.
  alerts::AlertsConfig alerts;
};

struct Rules {
  // `versions.config` is the hash of what is in `config`; `versions.geoip` of the databases: a swap of them
  // makes new rules.
  Rules(const RulesConfig& config, const schemas::Versions& versions);

  // The detectors of an account: those of the first override that matches, else the common ones.
  [[nodiscard]] const detectors::DetectorSet& DetectorsFor(std::string_view tenant,
                                                           std::string_view tier) const;

  struct Override {
    std::string tenant;
    std::vector<std::string> tiers;
    std::unique_ptr<const detectors::DetectorSet> detectors;
  };
  const detectors::DetectorSet detectors;
  const std::vector<Override> overrides;
  const detectors::LearningConfig learning;
  const std::vector<Profile> profiles;
  const std::vector<Precision::Rule> precision;  // Of each detector, in the order of the catalogue.
  const detectors::LimitTable limits;            // Those of the profiles included.
  const std::chrono::seconds allowed_for;        // CalmConfig::allowed_for.
  const alerts::RiskConfig risk;
  const alerts::Decider decider;
};

}  // namespace tocsin::daemon
