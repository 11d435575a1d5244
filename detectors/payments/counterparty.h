// Who is at the other end of money, where it is somebody one can be wrong about, and what takes money there.
#pragma once

#include <cstdint>
#include <optional>

#include "detectors/state/ledger.h"
#include "detectors/state/money.h"
#include "detectors/state/payees.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct NamedPayee {
  uint32_t key = 0;
  bool incoming = false;
};

// A transfer or withdrawal; what platforms call a payment, or an exchange into a wallet or crypto, when the
// counterparty is a party. An exchange between the owner's currencies names none, a payment in a shop a shop.
[[nodiscard]] constexpr bool MovesToParty(schemas::TransactionKind kind, bool with_party) {
  using enum schemas::TransactionKind;
  return kind == kTransfer || kind == kWithdrawal || (with_party && (kind == kPayment || kind == kExchange));
}

// Money that the owner neither gives away nor spends: it changes its currency, or the platform takes it.
[[nodiscard]] constexpr bool IsNoPayment(schemas::TransactionKind kind, bool with_party) {
  using enum schemas::TransactionKind;
  return kind == kFee || (kind == kExchange && !with_party);
}

// nullopt: another kind of transaction, a shop or a terminal, or nobody is named.
[[nodiscard]] inline std::optional<NamedPayee> PayeeOf(const schemas::Transaction& transaction) {
  using schemas::CounterpartyType;
  const CounterpartyType type = transaction.counterparty.type;
  if (!MovesToParty(transaction.kind, IsParty(type)) || type == CounterpartyType::kMerchant ||
      type == CounterpartyType::kTerminal || transaction.counterparty.id.empty() ||
      transaction.direction == schemas::Direction::kNone) {
    return std::nullopt;
  }
  return NamedPayee{.key = PayeeKey(transaction.counterparty.id),
                    .incoming = transaction.direction == schemas::Direction::kIn};
}

// Movement::payee_tag of what a transaction event says.
[[nodiscard]] inline uint16_t PayeeTagOf(const schemas::Transaction& transaction) {
  const auto payee = PayeeOf(transaction);
  return payee && !payee->incoming ? PayeeTag(payee->key) : 0;
}

// The limit that an account change raised or removed; what the change does not say of before is taken from
// the profile's limit of that name. nullopt: another change, or by nothing that can be counted.
[[nodiscard]] inline std::optional<Raise> RaiseOf(const schemas::Event& event,
                                                  const schemas::AccountProfile& owner) {
  const schemas::AccountChange* change = event.change();
  if (change == nullptr || change->change != schemas::ChangeKind::kLimitChanged || !change->limit)
    return std::nullopt;
  const schemas::ChangedLimit& limit = *change->limit;
  std::optional<int64_t> previous = limit.previous_minor;
  if (!previous && limit.value_minor) {
    for (const schemas::ProfileLimit& known : owner.limits) {
      if (known.name == limit.name && known.max.currency == limit.currency) previous = known.max.minor;
    }
  }
  if (!previous || *previous < 0 || limit.currency.none()) return std::nullopt;
  const int64_t value = limit.value_minor.value_or(SaturatingAdd(*previous, *previous));
  if (value <= *previous) return std::nullopt;
  return Raise{.at = event.occurred_at,
               .event_id = event.event_id.str(),
               .limit = limit.name.size() > Ledger::kNameBytesMax ? std::string() : limit.name,
               .previous = {*previous, limit.currency},
               .value = {value, limit.currency}};
}

}  // namespace tocsin::detectors
