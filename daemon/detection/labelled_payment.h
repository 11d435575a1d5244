// A back office knows which payment was fraud, and not which finding told of it.
#pragma once

#include "alerts/case_file.h"
#include "detectors/state/money.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// Feedback that names a transaction only is given the finding that the payment caused; the case, when several
// findings of it were caused by it; of several cases, the last, whether it is over or not. What no finding
// told of stays as it is. A theft within the time of a finding of many payments, as long as the payment is
// remembered (8 days), is what the finding's case is about.
void NameSubject(const detectors::MoneyHistory& money, const alerts::CaseFile& cases,
                 schemas::Feedback& feedback);

}  // namespace tocsin::daemon
