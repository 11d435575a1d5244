// What people's answers say of findings: right or wrong, the measure of a detector's precision; and what an
// analyst allows an account from then on.
//
// A finding has one label. An analyst's or a system's stands over the owner's; of equals the later one
// counts, but an owner's "not me" is not taken back by a later "me" (whoever took the mailbox over could say
// it).
//
// Thread safety: pure functions over the CaseFile they are given.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "alerts/case_file.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// What a label, or a changed one, adds to the counts of its detector: -1, 0 or 1.
struct LabelChange {
  std::string detector;
  int right = 0;
  int wrong = 0;
};

// Labels the findings that the feedback is about.
[[nodiscard]] std::vector<LabelChange> LabelFindings(const schemas::Feedback& feedback, CaseFile& file);

// An analyst's "false positive", which names a case or a finding: the detectors of what it denies are allowed
// for `allowed_for` from `at`, up to the severity that was denied. "Not me" and "confirmed fraud" end every
// allowance of the account. 0 s: nothing is ever allowed.
void TakeAllowance(const schemas::Feedback& feedback, Timestamp at, std::chrono::seconds allowed_for,
                   CaseFile& file);

}  // namespace tocsin::alerts
