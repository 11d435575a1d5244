// What people say about a case: the owner's answer, an analyst's label. "It was me" from the owner closes a
// case in which nothing is more than medium, and never one with a high finding, one in which the account may
// be taken over, or one in which somebody new sent money away: whoever holds the mailbox could have said it.
// Nor one that holds what the owner is not told (a money mule is the owner): nobody answers what they were
// not asked.
// An analyst's "false positive" or "me" closes any case. "Not me" and "confirmed fraud" close nothing; they
// arrive as claims.
//
// "Not me" stands until a person has looked at it, whichever notice it was about and whatever became of its
// case (180 d at most): a later "me" may come from whoever took the mailbox over. It closes nothing, teaches
// nothing, and whoever works the case reads of it.
//
// Thread safety: pure.
#pragma once

#include <string_view>

#include "alerts/case_file.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

struct Answered {
  Case* one = nullptr;       // The case it is about; null: no answer, or of a case we no longer know.
  std::string_view why;      // Message key of the resolution; "" when it closes nothing.
  bool contradicts = false;  // The owner's "not me", which stands in `one`.
  [[nodiscard]] bool resolves() const { return !why.empty(); }
};

// A report opened this case, or joined it: notes the owner's "not me" there, whichever case it was about.
void NoteReport(const schemas::Event& event, schemas::Family family, Case& one);

// The owner said "not me" of what this notice told, or of anything in a case that is open at `at`, or
// of anything that no person has decided on.
[[nodiscard]] bool SaidNotMe(const CaseFile& file, std::string_view notice_id, Timestamp at);

// The owner's "me" after their "not me".
[[nodiscard]] bool Contradicts(const CaseFile& file, const schemas::Feedback& feedback, Timestamp at);

// Notes an owner's answer in its case.
[[nodiscard]] Answered TakeAnswer(const schemas::Event& event, CaseFile& file);

}  // namespace tocsin::alerts
