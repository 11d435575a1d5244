// What a detector may know besides the event and the account: nothing of clocks, files or other accounts but counts.
#pragma once

#include "detectors/learning/learning_config.h"
#include "detectors/limits/limit.h"
#include "detectors/population.h"

namespace tocsin::detectors {

struct Context {
  const Population& population;
  const LimitTable& limits;
  const LearningConfig& learning;
  // The account has an open case: what waits in quarantine stays there.
  bool case_open = false;
};

}  // namespace tocsin::detectors
