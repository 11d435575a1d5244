#include "detectors/balance_mismatch.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "detectors/payments/balance_check.h"
#include "detectors/payments/flows.h"

namespace tocsin::detectors {

const std::array<Setting<BalanceMismatch::Config>, 0> BalanceMismatch::Config::kSettings = {};

Verdict BalanceMismatch::Evaluate(const schemas::Event& event, const AccountState& state,
                                  const Context& context) const {
  const Ledger& ledger = state.ledger();
  std::optional<Statement> own;
  if (event.transaction() != nullptr) own = ReadStatement(event, state, Flows(event, state, context).known());
  if (ledger.currency.none() && !own) return Verdict::NotEvaluable("no_balance");
  const Statement* statement = own ? &*own : nullptr;
  const Timestamp newest = std::max(state.recent_events().newest, event.occurred_at);
  if (!CanSettle(ledger, statement, newest)) {
    context.Note("balances_to_compare", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return Verdict::Clear();
  }

  Verdict verdict = Verdict::Clear();
  Timestamp last = ledger.mismatch_at;
  const std::vector<Mismatch> mismatches = Settle(ledger, statement, newest).mismatches;
  context.Note("mismatches", int64_t{std::ssize(mismatches)}, Needs::kAtLeast, int64_t{1});
  for (const Mismatch& mismatch : mismatches) {
    const bool again = last != kTimestampMin && mismatch.at - last <= Ledger::kMismatchKept;
    last = mismatch.at;
    const auto amount = [&](int64_t minor) { return FormatAmount({minor, ledger.currency}); };
    const auto money = [&](int64_t minor) { return FormatMoney({minor, ledger.currency}); };
    Claim claim;
    claim.severity = again ? schemas::Severity::kLow : kInfo.severity;
    claim.confidence = again ? 70 : 40;
    claim.weight = kInfo.weight;
    claim.cause = {mismatch.event_id};
    claim.occurred_at = mismatch.at;
    claim.reasons = {{"balance_mismatch", money(mismatch.told_minor), money(mismatch.expected_minor)}};
    claim.evidence = {{"currency", std::string(ledger.currency.code())},
                      {"balance", amount(mismatch.told_minor)},
                      {"expected", amount(mismatch.expected_minor)},
                      {"seen_before", int64_t{again ? 1 : 0}}};
    verdict.Add(std::move(claim));
  }
  return verdict;
}

}  // namespace tocsin::detectors
