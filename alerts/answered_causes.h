// Which events an answer is about: what the detectors' learners need to confirm one new device without
// confirming another that waits beside it.
#pragma once

#include <string_view>
#include <vector>

#include "alerts/case_file.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// The causes of the findings that are answered, each once; empty when the answer is about nothing that is
// still known.
//   finding: its own causes.
//   case:    those of all its findings.
//   notice:  for `me` and `false_positive` those of the findings it told of (by reason, up to its time):
//   nobody confirms what
//            he has not been shown. For `not_me` and `confirmed_fraud` those of its whole case: an answer
//            that tightens reaches far.
// The finding of case `one` is what the answer is about; a case that had it before is meant as well.
[[nodiscard]] bool IsAnswered(const CaseFile& file, const schemas::Feedback& feedback, const Case& one,
                              const CaseFinding& finding);
// The same of one that no case holds any more.
[[nodiscard]] bool IsAnswered(const CaseFile& file, const schemas::Feedback& feedback, const Told& told);

// The answer is about a finding that is still known.
[[nodiscard]] bool AnswersAny(const CaseFile& file, const schemas::Feedback& feedback);

// Views into `file`.
[[nodiscard]] std::vector<std::string_view> AnsweredCauses(const CaseFile& file,
                                                           const schemas::Feedback& feedback);

}  // namespace tocsin::alerts
