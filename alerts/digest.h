// What was not told by a message of its own is told all the same: in one digest a day, at the owner's time
// for it. It is made of event time, like everything that is decided: with the account's first event after
// that time (docs/adr/0025). For an owner who has no contact it waits until there is one, at most 14 days; a
// high or critical matter that could not be told is then told at once.
//
// Thread safety: pure.
#pragma once

#include <optional>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "alerts/notice_facts.h"
#include "alerts/owners_day.h"

namespace tocsin::alerts {

// A digest that is due: what it tells, of the time before the event did anything.
struct Digest {
  std::vector<Folded> folded;
  schemas::Notice notice;  // Without its words.
  NoticeFacts facts;       // Of its case, which the event may replace.
  bool grave = false;      // It tells of something grave (Addressed).
};

// Takes the digest out of the list when it is due at the event's time and somebody can be told.
[[nodiscard]] std::optional<Digest> TakeDigest(const AlertsConfig& config, const CalmHours& hours,
                                               const Judged& judged, CaseFile& file);

// Adds it to `decision`, with what is so after the event: it says nothing else than the event's own notice.
void TellDigest(const AlertsConfig& config, const CalmHours& hours, const Judged& judged, Digest digest,
                CaseFile& file, Decision& decision);

}  // namespace tocsin::alerts
