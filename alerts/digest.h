// What was not told by a message of its own is told all the same: in one digest a day, at the owner's time
// for it. It is made of event time, like everything that is decided: with the account's first event after
// that time (docs/adr/0025). For an owner who has no contact it waits until there is one, at most 14 days; a
// high or critical matter that could not be told is then told at once.
//
// Thread safety: pure.
#pragma once

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "alerts/owners_day.h"
#include "alerts/step.h"

namespace tocsin::alerts {

// Puts the step's reason, and the payment that it is about, to what the next digest tells. The same again is
// counted; but each payment that leaves is told.
void Fold(const Step& step, const schemas::Event& event, CaseFile& file);

// Adds the digest to `decision` when it is due at the event's time and somebody can be told, and empties the
// list.
void TellDigest(const AlertsConfig& config, const CalmHours& hours, const Judged& judged, CaseFile& file,
                Decision& decision);

}  // namespace tocsin::alerts
