// Which authorizations wait for an outcome, and what ends the waiting: shared by stuck_transaction and the
// ledger's learner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The event authorizes a withdrawal or transfer out of the account, and no outcome of it is known.
[[nodiscard]] inline std::optional<OpenTransaction> OpenedBy(const schemas::Event& event,
                                                             const AccountState& state) {
  using schemas::TransactionKind;
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || transaction->status != schemas::TransactionStatus::kAuthorized ||
      transaction->direction != schemas::Direction::kOut || transaction->transaction_id.empty() ||
      transaction->amount.currency.none()) {
    return std::nullopt;
  }
  const bool withdrawal = transaction->kind == TransactionKind::kWithdrawal;
  if (!withdrawal && transaction->kind != TransactionKind::kTransfer) return std::nullopt;
  const uint64_t key = TransactionKey(event);
  const auto& open = state.ledger().open;
  if (std::ranges::find(open, key, &OpenTransaction::transaction_key) != open.end()) return std::nullopt;
  const MoneyEntry* known = state.money().Find(key);
  if (known != nullptr && (known->completed || known->ended_last >= event.occurred_at)) return std::nullopt;
  return OpenTransaction{.at = event.occurred_at,
                         .event_id = event.event_id.str(),
                         .transaction_key = key,
                         .amount = transaction->amount,
                         .withdrawal = withdrawal};
}

// Index of the open transaction whose outcome the event is.
[[nodiscard]] inline std::optional<size_t> ClosedBy(const schemas::Event& event, const AccountState& state) {
  const schemas::Transaction* transaction = event.transaction();
  const auto& open = state.ledger().open;
  if (transaction == nullptr || open.empty() ||
      transaction->status == schemas::TransactionStatus::kAuthorized) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(open, TransactionKey(event), &OpenTransaction::transaction_key);
  // A refusal before the authorization is of an earlier attempt.
  if (found == open.end() || event.occurred_at < found->at) return std::nullopt;
  return static_cast<size_t>(found - open.begin());
}

}  // namespace tocsin::detectors
