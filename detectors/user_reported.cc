#include "detectors/user_reported.h"

#include <cstdint>
#include <string>
#include <utility>

#include "detectors/lacking.h"

namespace tocsin::detectors {

const std::array<Setting<UserReported::Config>, 0> UserReported::Config::kSettings{};

Verdict UserReported::Evaluate(const schemas::Event& event, const AccountState& /*state*/,
                               const Context& context) const {
  const schemas::Feedback* feedback = event.feedback();
  const bool not_me = feedback->verdict == schemas::FeedbackVerdict::kNotMe;
  if (!not_me && feedback->verdict != schemas::FeedbackVerdict::kConfirmedFraud) {
    return ClearFor("says_it_was_not_me", context);
  }
  NoteHas(context, "says_it_was_not_me");

  const bool decided = !not_me && feedback->by == schemas::FeedbackBy::kAnalyst;
  Claim claim;
  claim.severity = decided ? schemas::Severity::kHigh : kInfo.severity;
  claim.confidence = not_me ? 90 : 95;
  claim.weight = kInfo.weight;
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  claim.reasons = {{.code = not_me ? "user_reported" : "confirmed_fraud", .observed = "", .usual = ""}};
  claim.evidence = {{"about", std::string(!feedback->case_id.empty()      ? "case"
                                          : !feedback->finding_id.empty() ? "finding"
                                          : !feedback->notice_id.empty()  ? "notice"
                                                                          : "transaction")}};
  claim.transaction_id = feedback->transaction_id;
  return Verdict::Alert(std::move(claim));
}

}  // namespace tocsin::detectors
