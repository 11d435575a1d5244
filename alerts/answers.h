// What people say about a case: the owner's answer, an analyst's label. "It was me" from the owner closes a
// case in which nothing is more than medium, and never one with a high finding: whoever holds the mailbox
// could have said it. An analyst's "false positive" or "me" closes any case. "Not me" and "confirmed fraud"
// close nothing; they arrive as claims.
//
// Thread safety: pure.
#pragma once

#include <string_view>

#include "alerts/case_file.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

struct Answered {
  Case* one = nullptr;   // The case it is about; null: no answer, or of a case we no longer know.
  std::string_view why;  // Message key of the resolution; "" when it closes nothing.
  [[nodiscard]] bool resolves() const { return !why.empty(); }
};

// A report opened this case, or joined it: notes the owner's "not me" there, whichever case it was about.
void NoteReport(const schemas::Event& event, schemas::Family family, Case& one);

// The owner said "not me" of what this notice told.
[[nodiscard]] bool SaidNotMe(const CaseFile& file, std::string_view notice_id);

// Notes an owner's answer in its case.
[[nodiscard]] Answered TakeAnswer(const schemas::Event& event, CaseFile& file);

}  // namespace tocsin::alerts
