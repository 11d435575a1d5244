// What `tocsin replay --verdicts` says of each event: its risk, every detector's verdict, and the findings.
//
// Thread safety: pure.
#pragma once

#include "alerts/decide.h"
#include "detectors/detector_set.h"
#include "schemas/event.h"
#include "schemas/record.h"

namespace tocsin::daemon {

[[nodiscard]] schemas::OutRecord VerdictLine(const schemas::Event& event,
                                             const detectors::DetectionResult& result,
                                             const alerts::Decision& decision);

}  // namespace tocsin::daemon
