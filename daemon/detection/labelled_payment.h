// A back office knows which payment was fraud, and not which finding told of it.
#pragma once

#include "alerts/case_file.h"
#include "detectors/state/money.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// Feedback that names a transaction only is given the finding that the payment caused; the case, when several
// findings of it were caused by it; of several cases, the last. What no finding told of, or is no longer
// remembered (8 days), stays as it is.
void NameSubject(const detectors::MoneyHistory& money, const alerts::CaseFile& cases,
                 schemas::Feedback& feedback);

}  // namespace tocsin::daemon
