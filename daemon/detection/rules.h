// Everything that decides verdicts, as one immutable snapshot: a reload makes a new one and workers take it
// over between two batches.
#pragma once

#include <memory>

#include "alerts/decide.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {

struct RulesConfig {
  detectors::DetectorConfigs detectors;
  detectors::LearningConfig learning;
  detectors::LimitTable limits;
  alerts::AlertsConfig alerts;
};

struct Rules {
  // `versions.config` is the hash of what is in `config`; `versions.geoip` of the databases: a swap of them
  // makes new rules.
  Rules(const RulesConfig& config, const schemas::Versions& versions);

  const detectors::DetectorSet detectors;
  const detectors::LearningConfig learning;
  const detectors::LimitTable limits;
  const alerts::Decider decider;
};

}  // namespace tocsin::daemon
