// A run of events (declined payments, fast payments) is one finding, named after its beginning. An account
// remembers a bounded number of events: of a run that outlasts them it forgets the beginning, and what the
// detector names then moves on with every event. The case remembers the name that was told.
//
// Thread safety: pure.
#pragma once

#include <vector>

#include "alerts/case_file.h"
#include "alerts/decide.h"

namespace tocsin::alerts {

// The claims, those of a run that goes on with the cause by which an open case holds it. Empty: there is none
// such.
[[nodiscard]] std::vector<schemas::Claim> ContinuedRuns(const Judged& judged, const CaseFile& file);

}  // namespace tocsin::alerts
