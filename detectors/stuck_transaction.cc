#include "detectors/stuck_transaction.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/payments/open_transactions.h"

namespace tocsin::detectors {

const std::array<Setting<StuckTransaction::Config>, 1> StuckTransaction::Config::kSettings{{
    {.key = "window",
     .member = &Config::window,
     .min = 3600,
     .max = 1'209'600,
     .doc = "How long after its authorization a withdrawal or transfer should have an outcome."},
}};

Verdict StuckTransaction::Evaluate(const schemas::Event& event, const AccountState& state,
                                   const Context& context) const {
  const std::vector<OpenTransaction>& open = state.ledger().open;
  const std::optional<OpenTransaction> opened = OpenedBy(event, state);
  if (open.empty() && !opened) return ClearFor("open_transaction", context);
  const std::optional<size_t> closed = ClosedBy(event, state);
  const Timestamp newest_before = state.recent_events().newest;
  const Timestamp newest = std::max(newest_before, event.occurred_at);
  const Millis window = config_.window;
  const auto is_stuck = [&](const OpenTransaction& one, Timestamp now) { return now - one.at >= window; };

  const auto note = [&](const OpenTransaction& one) {
    context.Note("waiting_hours", Hours(newest - one.at).count(), Needs::kAtLeast, Hours(window).count());
  };
  Verdict verdict = Verdict::Clear();
  const auto claim_of = [&](const OpenTransaction& one) {
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = 90;
    claim.weight = kInfo.weight;
    claim.cause = {one.event_id};
    claim.occurred_at = one.at + window;
    claim.reasons = {
        {one.withdrawal ? "stuck_withdrawal" : "stuck_transfer", FormatMoney(one.amount), SpanText(window)}};
    claim.evidence = {{"amount", FormatAmount(one.amount)},
                      {"currency", std::string(one.amount.currency.code())},
                      {"kind", std::string(one.withdrawal ? "withdrawal" : "transfer")},
                      {"waiting_hours", Hours(newest - one.at).count()},
                      {"window_hours", Hours(window).count()}};
    return claim;
  };
  for (size_t i = 0; i < open.size(); ++i) {
    note(open[i]);
    if (closed == i) {
      NoteLack(context, "still_open");
      if (is_stuck(open[i], newest_before))
        verdict.Retract({.detector = {}, .cause = {open[i].event_id}, .discriminator = ""});
    } else if (is_stuck(open[i], newest) && !is_stuck(open[i], newest_before)) {
      verdict.Add(claim_of(open[i]));
    } else if (is_stuck(open[i], newest)) {
      NoteLack(context, kNotFoundBefore);
    }
  }
  if (opened) note(*opened);
  if (opened && is_stuck(*opened, newest)) verdict.Add(claim_of(*opened));
  return verdict;
}

}  // namespace tocsin::detectors
