#include "alerts/labels.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alerts/answered_causes.h"

namespace tocsin::alerts {
namespace {

using schemas::Feedback;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;

bool Denies(const Feedback& feedback) {
  return feedback.verdict == FeedbackVerdict::kMe || feedback.verdict == FeedbackVerdict::kFalsePositive;
}

bool IsRight(Label label) { return label == Label::kRight || label == Label::kRightByAnalyst; }
bool IsWrong(Label label) { return label == Label::kWrong || label == Label::kWrongByAnalyst; }

Label LabelOf(const Feedback& feedback, Label before) {
  if (feedback.verdict == FeedbackVerdict::kNone) return before;
  const bool right = !Denies(feedback);
  if (feedback.by != FeedbackBy::kOwner) return right ? Label::kRightByAnalyst : Label::kWrongByAnalyst;
  if (before != Label::kNone && before != Label::kWrong) return before;
  return right ? Label::kRight : Label::kWrong;
}

// The label that the finding gets, and what that adds to its detector's counts; nullopt: it has it already.
std::optional<Label> Relabel(const Feedback& feedback, const std::string& detector, Label before,
                             std::vector<LabelChange>& changes) {
  const Label after = LabelOf(feedback, before);
  if (after == before) return std::nullopt;
  const LabelChange change{.detector = detector,
                           .right = int{IsRight(after)} - int{IsRight(before)},
                           .wrong = int{IsWrong(after)} - int{IsWrong(before)}};
  if (change.right != 0 || change.wrong != 0) changes.push_back(change);
  return after;
}

bool HasAllowances(const CaseFile& file) {
  return std::ranges::any_of(file.cases(), [](const Case& one) { return !one.allowances.empty(); });
}

void Allow(Allowance allowance, Case& one) {
  const auto at = std::ranges::lower_bound(one.allowances, allowance.detector, {}, &Allowance::detector);
  if (at != one.allowances.end() && at->detector == allowance.detector) {
    allowance.severity = std::max(allowance.severity, at->severity);
    allowance.until = std::max(allowance.until, at->until);
    *at = std::move(allowance);
  } else if (one.allowances.size() < Case::kAllowancesMax) {
    one.allowances.insert(at, std::move(allowance));
  }
}

// What is denied of a case that is over holds for the one that took its place.
void AllowTold(const Feedback& feedback, Timestamp until, CaseFile& file) {
  const auto place = std::ranges::find(file.cases(), CaseGroup::kSecurity, &Case::group);
  if (place == file.cases().end()) return;
  const auto index = static_cast<size_t>(place - file.cases().begin());
  for (const Told& told : file.told()) {
    if (told.detector.empty() || told.mode == schemas::Mode::kShadow) continue;
    if (told.family == schemas::Family::kReport || !IsAnswered(file, feedback, told)) continue;
    Allow({.detector = told.detector, .until = until, .severity = told.severity, .case_id = told.case_id},
          file.MutableCases()[index]);
  }
}

}  // namespace

std::vector<LabelChange> LabelFindings(const Feedback& feedback, CaseFile& file) {
  std::vector<LabelChange> changes;
  for (size_t i = 0; i < file.cases().size(); ++i) {
    for (size_t j = 0; j < file.cases()[i].findings.size(); ++j) {
      const CaseFinding& finding = file.cases()[i].findings[j];
      if (!IsAnswered(file, feedback, file.cases()[i], finding)) continue;
      if (const auto after = Relabel(feedback, finding.detector, finding.label, changes))
        file.MutableCases()[i].findings[j].label = *after;
    }
  }
  for (size_t i = 0; i < file.told().size(); ++i) {
    const Told& told = file.told()[i];
    if (told.detector.empty() || !IsAnswered(file, feedback, told)) continue;
    if (const auto after = Relabel(feedback, told.detector, told.label, changes))
      file.MutableTold()[i].label = *after;
  }
  return changes;
}

void TakeAllowance(const Feedback& feedback, Timestamp at, std::chrono::seconds allowed_for, CaseFile& file) {
  if (feedback.verdict == FeedbackVerdict::kNone) return;
  if (!Denies(feedback)) {
    if (!HasAllowances(file)) return;
    for (Case& one : file.MutableCases()) one.allowances.clear();
    return;
  }
  const bool allows =
      feedback.by == FeedbackBy::kAnalyst && feedback.verdict == FeedbackVerdict::kFalsePositive;
  if (!allows || allowed_for.count() == 0) return;
  for (size_t i = 0; i < file.cases().size(); ++i) {
    for (size_t j = 0; j < file.cases()[i].findings.size(); ++j) {
      const CaseFinding& finding = file.cases()[i].findings[j];
      if (finding.family == schemas::Family::kReport) continue;
      if (!IsAnswered(file, feedback, file.cases()[i], finding)) continue;
      Allowance allowance{.detector = finding.detector,
                          .until = at + allowed_for,
                          .severity = finding.severity,
                          .case_id = file.cases()[i].case_id};
      Allow(std::move(allowance), file.MutableCases()[i]);
    }
  }
  AllowTold(feedback, at + allowed_for, file);
}

}  // namespace tocsin::alerts
