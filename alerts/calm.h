// Keeps an owner's mailbox calm, without ever hiding what matters.
//
// In event time, and blind to the order of arrival: distances count either way, so a late event can only be
// told less often.
//   1. A new kind of restriction (held payment, limit, freeze) is always told: the owner must be able to
//   object. One more of a kind that is in force (the next payment is held) is told within the bounds of 2 and
//   4, whatever its severity, though its reason was told.
//   2. Within 10 minutes of the last notice of its case a further one is joined to it, unless it is more
//   severe, or money leaves. What tells of a use is not joined to what told of failed logins alone: that
//   somebody got in is news to who was told that somebody tries.
//   3. One reason is told once per `per_reason` (a day), unless it is more severe than it was told, or it is
//   high and in another case. Where it is critical, each payment that leaves is told within the bounds of 4.
//   A run of payments is told as it grows, whatever 3 and 4 say: one that is high and leaves, when with it at
//   least twice as much left as its case's last notice knew of.
//   4. At most `hour_max` notices within an hour and `day_max` within 24 hours, as they reach the owner: what
//   waits for the end of quiet hours counts there. High and critical ones pass. Notices of failed logins
//   alone do not count against the hour of what tells of a use: anybody can bring them about.
// What is not told goes to the digest (alerts/digest.h).
//
// Thread safety: pure.
#pragma once

#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "alerts/owners_day.h"
#include "alerts/step.h"
#include "base/time.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

enum class Calm { kTell, kJoined, kSameReason, kCapped };

struct CalmQuestion {
  std::string_view reason;  // Code of the leading reason.
  schemas::Severity severity = schemas::Severity::kLow;
  Restricts restricts = Restricts::kNothing;
  bool money_leaves = false;   // A payment goes out, or would but for us, and somebody else may be at it.
  bool money_doubled = false;  // With it twice as much left as the last notice of its case knew of.
  bool attempt = false;        // It tells of a login that failed, and of no use of the account.
  Timestamp at;
};

[[nodiscard]] Calm MayTell(const CalmConfig& config, const OwnersDay& day, const CalmQuestion& question,
                           const Case& one, const std::vector<NoticeSent>& sent);

// Notes that a notice went out, for each reason it told; the oldest entries go beyond CaseFile::kNoticesMax.
void NoteTold(const NoticeSent& notice, std::vector<NoticeSent>& sent);

}  // namespace tocsin::alerts
