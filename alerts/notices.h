// Which notice, if any, follows from an event, and to whom it goes. At most one an event: what else was found
// stands in it.
//
// It goes to the owner's verified contacts, the primary one first. A high or critical one, one about a case
// in which somebody may be taking the account over or the owner said so, and one about a change of contacts
// go to those that were replaced lately as well: the new ones may be the thief's.
//
// Thread safety: pure.
#pragma once

#include <span>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "alerts/owners_day.h"
#include "alerts/step.h"

namespace tocsin::alerts {

// A payment goes out, or would but for us, and somebody else may be at it: whoever could still stop it must
// hear of it now, not with the next batch.
[[nodiscard]] bool MoneyLeaves(const Step& step, const schemas::Event& event);

// Adds the notice to `decision`; or counts it as held there, and leaves it to the digest: when calm is to be
// kept, which its case counts, or when the owner has no contact it could go to, which its case says.
// Cases in `steps` lie in `file`.
void Tell(const AlertsConfig& config, const CalmHours& hours, const Judged& judged,
          std::span<const Step> steps, CaseFile& file, Decision& decision);

}  // namespace tocsin::alerts
