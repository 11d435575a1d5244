#include "detectors/payments/balance_check.h"

#include <algorithm>
#include <tuple>

namespace tocsin::detectors {
namespace {

using schemas::Direction;
using schemas::InstrumentType;
using schemas::TransactionKind;
using schemas::TransactionStatus;

// More possible changes than this explain anything: there is no use in asking.
constexpr size_t kPossibleMax = 10;

bool Precedes(const Statement* a, const Statement* b) {
  return std::tie(a->at, a->event_id) < std::tie(b->at, b->event_id);
}

// Changes since the last balance.
struct Changes {
  int64_t sure = 0;
  std::vector<int64_t> possible;
  bool unknown = false;

  void Add(const Statement& one) {
    unknown = unknown || one.unknown;
    if (one.sure) {
      sure = SaturatingAdd(sure, one.change_minor);
    } else if (one.change_minor != 0) {
      possible.push_back(one.change_minor);
    }
  }
  [[nodiscard]] bool Explain(int64_t difference) const {
    if (unknown || possible.size() > kPossibleMax) return true;
    for (uint32_t some = 0; some < 1U << possible.size(); ++some) {
      int64_t sum = sure;
      for (size_t i = 0; i < possible.size(); ++i) {
        if ((some >> i & 1U) != 0) sum = SaturatingAdd(sum, possible[i]);
      }
      if (sum == difference) return true;
    }
    return false;
  }
};

}  // namespace

std::optional<Statement> ReadStatement(const schemas::Event& event, const AccountState& state) {
  if (event.transaction() == nullptr) return std::nullopt;
  return ReadStatement(event, state, state.money().Find(TransactionKey(event)));
}

std::optional<Statement> ReadStatement(const schemas::Event& event, const AccountState& state,
                                       const MoneyEntry* known) {
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr) return std::nullopt;
  const Ledger& ledger = state.ledger();
  const bool exchange = transaction->kind == TransactionKind::kExchange;
  const bool ours = ledger.currency.none() ? transaction->balance_after_minor.has_value()
                                           : transaction->amount.currency == ledger.currency;
  if (!ours && !(exchange && !ledger.currency.none())) return std::nullopt;
  if (!ledger.currency.none() && event.occurred_at <= ledger.settled_at) return std::nullopt;

  Statement statement{.at = event.occurred_at, .event_id = event.event_id.view()};
  if (ours && transaction->balance_after_minor) {
    statement.has_balance = true;
    statement.balance_minor = *transaction->balance_after_minor;
  }
  if (exchange || transaction->direction == Direction::kNone) {
    statement.unknown = true;
    return statement;
  }
  const bool counted = known != nullptr && known->counted;
  const int64_t forth =
      transaction->direction == Direction::kIn ? transaction->amount.minor : -transaction->amount.minor;
  switch (transaction->status) {
    case TransactionStatus::kAuthorized:
      statement.change_minor = forth;
      break;
    case TransactionStatus::kNone:
    case TransactionStatus::kCompleted:
      statement.change_minor = forth;
      statement.sure = !counted && (transaction->instrument.type == InstrumentType::kNone ||
                                    transaction->instrument.type == InstrumentType::kBalance);
      break;
    case TransactionStatus::kReversed:
      statement.change_minor = -forth;
      break;
    case TransactionStatus::kDeclined:
    case TransactionStatus::kFailed:
      if (counted) statement.change_minor = -forth;
      break;
  }
  if (statement.change_minor == 0 && !statement.has_balance) return std::nullopt;
  return statement;
}

std::vector<const Statement*> StatementsWith(const Ledger& ledger, const Statement* own) {
  std::vector<const Statement*> list;
  list.reserve(ledger.statements.size() + 1);
  for (const Statement& one : ledger.statements) list.push_back(&one);
  if (own != nullptr) list.insert(std::ranges::upper_bound(list, own, Precedes), own);
  return list;
}

bool CanSettle(const Ledger& ledger, const Statement* own, Timestamp newest) {
  const Timestamp until = newest - Ledger::kSettled;
  if (own != nullptr && own->at <= until) return true;
  const auto waiting = std::ranges::upper_bound(ledger.statements, ledger.settled_at, {}, &Statement::at);
  return waiting != ledger.statements.end() && waiting->at <= until;
}

Settlement Settle(const Ledger& ledger, const Statement* own, Timestamp newest) {
  const std::vector<const Statement*> list = StatementsWith(ledger, own);
  const Timestamp until = newest - Ledger::kSettled;
  Settlement result{
      .known = ledger.known, .balance_minor = ledger.balance_minor, .settled_at = ledger.settled_at};
  Changes changes;
  for (size_t i = 0; i < list.size() && list[i]->at <= until;) {
    size_t end = i;
    const Statement* last = nullptr;
    for (; end < list.size() && list[end]->at == list[i]->at; ++end) {
      changes.Add(*list[end]);
      if (list[end]->has_balance) last = list[end];
    }
    result.settled_at = std::max(result.settled_at, list[i]->at);
    if (last != nullptr) {
      const Statement* follows = nullptr;
      for (size_t j = i; j < end && result.known && follows == nullptr; ++j) {
        if (list[j]->has_balance && changes.Explain(list[j]->balance_minor - result.balance_minor))
          follows = list[j];
      }
      if (result.known && follows == nullptr) {
        result.mismatches.push_back({.at = last->at,
                                     .event_id = last->event_id,
                                     .expected_minor = SaturatingAdd(result.balance_minor, changes.sure),
                                     .told_minor = last->balance_minor});
      }
      result.known = true;
      result.balance_minor = (follows != nullptr ? follows : last)->balance_minor;
      result.used = end;
      changes = {};
    }
    i = end;
  }
  return result;
}

}  // namespace tocsin::detectors
