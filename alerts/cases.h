// Findings become cases: which case a finding joins, what changed by it, when it is over.
//
// A case takes in findings until `case_idle` after its last and `case_max` after it was opened, in event
// time. A use of what it is about (a finding found again) makes a case that was told last as a new finding
// does: whoever works it sees that it goes on. A finding that arrives late joins the case that is open now:
// the person who works it must see it. Identity comes from the finding that opened the case, never from a
// clock.
//
// Thread safety: pure functions over the CaseFile they are given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "alerts/alerts_config.h"
#include "alerts/case_file.h"
#include "base/strong_id.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// Informative claims (a limit comes near) and what support looks into (support_matter.h) have a case of their
// own, which never counts as an open case; everything else is one security case.
[[nodiscard]] CaseGroup GroupOf(const schemas::Claim& claim);

[[nodiscard]] bool IsOpen(const Case& one, Timestamp at);

// When the owner said "not me" in it, or in a case whose place it took, and no person has decided since;
// kTimestampMin: never. It stands at `at` while no longer ago than a refused device is remembered (180 d).
[[nodiscard]] Timestamp DeniedAt(const Case& one);
[[nodiscard]] bool IsDenied(const Case& one, Timestamp at);

// The open case of the group at `at`; made when there is none, then with `finding_id` as its first. It takes
// the place of the one before it, which is kept while it restricts the owner (CaseFile::replaced). REQUIRES:
// CaseFile::ReserveCases was called, so that references to other cases stay good.
Case& CaseFor(CaseFile& file, CaseGroup group, const AccountId& account, std::string_view finding_id,
              Timestamp at, const CalmConfig& calm);

// Puts the finding into the case, or renews the one with its id, and slides the case's end; `seen_at` is the
// event's time, which the finding's own lies before when it was found again. Gives the finding as it was
// before; nullopt: it is new. The severity and the label of a known one never fall here. `one` is of `file`,
// which remembers what a full case has no room for.
std::optional<CaseFinding> Join(CaseFile& file, Case& one, CaseFinding finding, Timestamp seen_at,
                                const CalmConfig& calm);

// The case holds a finding of takeover, or a report, that no analyst called wrong.
[[nodiscard]] bool MayBeTakenOver(const Case& one);

// Money left in the case, a finding is about a payment, and another about who used the account: its place,
// its device, how they got in.
[[nodiscard]] bool IsStrangersMoney(const Case& one);

// The case holds what the owner is not told: their word settles nothing of it.
[[nodiscard]] bool HasSecret(const Case& one);

// A finding of the case names the event as its cause.
[[nodiscard]] bool IsCause(const Case& one, std::string_view event_id);

// The finding with this id, or null.
[[nodiscard]] CaseFinding* FindIn(Case& one, std::string_view finding_id);
[[nodiscard]] const CaseFinding* FindIn(const Case& one, std::string_view finding_id);

// Worth telling again: more severe, at least half a unit of weight heavier, told with another reason, with
// more causes, or a run of twice as many events; and for the takeover family, whose one finding grows stage
// by stage, when what was observed changed.
[[nodiscard]] bool IsMaterialChange(const CaseFinding& before, const CaseFinding& after);

// Takes the finding out of whichever case holds it; its weight goes with it. One that was told and that no
// case holds (any more, or ever: in shadow) gives what is remembered of it. nullopt: it was never told.
struct Left {
  CaseFinding finding;
  Case* from = nullptr;  // Null: its case is not kept, or it had none.
  std::string case_id;   // Of `from` when the finding left: a new case may take its place.
  schemas::Mode mode = schemas::Mode::kLive;
};
std::optional<Left> Leave(CaseFile& file, const schemas::Retraction& retraction, std::string_view finding_id);

// The case an answer is about; null when the account has none such any more.
[[nodiscard]] Case* AnsweredCase(CaseFile& file, const schemas::Feedback& feedback);

// Forgets cases that ended, and notices sent, long enough before `at` that no answer can refer to them; and
// replaced ones by which nothing is restricted any more.
void Prune(CaseFile& file, Timestamp at, const AlertsConfig& config);

}  // namespace tocsin::alerts
