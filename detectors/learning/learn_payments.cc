#include "detectors/learning/learn_payments.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "detectors/payments/balance_check.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/open_transactions.h"
#include "detectors/state/room.h"

namespace tocsin::detectors {
namespace {

template <class T>
void InsertInOrder(std::vector<T>& list, T one, size_t list_max) {
  const auto before = [](const T& a, const T& b) {
    return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
  };
  MakeRoom(list);
  list.insert(std::ranges::upper_bound(list, one, before), std::move(one));
  if (list.size() > list_max) list.erase(list.begin());
}

void LearnRaise(const schemas::Event& event, Timestamp newest, AccountState& state) {
  const auto old = [&](const Raise& raise) { return newest - raise.at > Ledger::kRaisesKept; };
  if (std::ranges::any_of(state.ledger().raises, old)) std::erase_if(state.MutableLedger().raises, old);
  auto raise = RaiseOf(event, state.profile().OwnerAt(event.occurred_at));
  if (raise && !old(*raise))
    InsertInOrder(state.MutableLedger().raises, *std::move(raise), Ledger::kRaisesMax);
}

void LearnOpen(const schemas::Event& event, Timestamp newest, AccountState& state) {
  const auto old = [&](const OpenTransaction& one) { return newest - one.at > Ledger::kOpenKept; };
  if (std::ranges::any_of(state.ledger().open, old)) std::erase_if(state.MutableLedger().open, old);
  if (const auto closed = ClosedBy(event, state)) {
    const uint64_t key = state.ledger().open[*closed].transaction_key;
    std::erase_if(state.MutableLedger().open,
                  [&](const OpenTransaction& one) { return one.transaction_key == key; });
  }
  auto opened = OpenedBy(event, state);
  if (opened && !old(*opened))
    InsertInOrder(state.MutableLedger().open, *std::move(opened), Ledger::kOpenMax);
}

// An authorization that arrives after what it led to: that did not move the balance for sure.
void Doubt(const schemas::Event& event, AccountState& state) {
  const MoneyEntry* known = state.money().Find(TransactionKey(event));
  if (known == nullptr || !known->counted) return;
  const auto same = [&](const Statement& one) { return one.sure && one.event_id == known->event_id; };
  if (std::ranges::none_of(state.ledger().statements, same)) return;
  for (Statement& one : state.MutableLedger().statements) one.sure = one.sure && !same(one);
}

// The balance is followed from this long after it was first told on. What had happened by then may have
// arrived before that was known, and is in no list; and which balance is the first, and in which currency, is
// known by then.
constexpr Millis kBegins = std::chrono::minutes(5);

// The first balance, by its own time.
bool IsFirstBalance(const schemas::Event& event, const Ledger& ledger) {
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || !transaction->balance_after_minor) return false;
  if (ledger.currency.none()) return true;
  const bool begins = !ledger.known && ledger.statements.empty() && ledger.mismatch_at == kTimestampMin;
  return begins && event.occurred_at + kBegins < ledger.settled_at;
}

void LearnBalance(const schemas::Event& event, Timestamp newest, AccountState& state) {
  if (IsFirstBalance(event, state.ledger())) {
    Ledger& ledger = state.MutableLedger();
    ledger.currency = event.transaction()->amount.currency;
    ledger.settled_at = std::max(newest, event.occurred_at + kBegins);
    return;
  }
  auto own = ReadStatement(event, state);
  if (own) {
    Doubt(event, state);
    Ledger& ledger = state.MutableLedger();
    if (ledger.statements.size() == Ledger::kStatementsMax) ledger.known = false;
    InsertInOrder(ledger.statements, *std::move(own), Ledger::kStatementsMax);
  }
  if (!CanSettle(state.ledger(), nullptr, newest)) return;
  Ledger& ledger = state.MutableLedger();
  const Settlement settled = Settle(ledger, nullptr, newest);
  ledger.known = settled.known;
  ledger.balance_minor = settled.known ? settled.balance_minor : 0;
  ledger.settled_at = settled.settled_at;
  ledger.statements.erase(ledger.statements.begin(),
                          ledger.statements.begin() + static_cast<std::ptrdiff_t>(settled.used));
  GiveBackRoom(ledger.statements);
  for (const Mismatch& mismatch : settled.mismatches)
    ledger.mismatch_at = std::max(ledger.mismatch_at, mismatch.at);
}

}  // namespace

void LearnPayees(const schemas::Event& event, AccountState& state) {
  const Timestamp at = event.occurred_at;
  const Timestamp newest = state.recent_events().newest;
  if (const schemas::AccountChange* change = event.change()) {
    if (change->change == schemas::ChangeKind::kPayeeAdded && !change->payee_id.empty())
      state.MutablePayees().Insert(PayeeKey(change->payee_id), false, Payees::Named::kAdded, at, newest);
    return;
  }
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || !ReadMovement(event, {}).counted) return;
  if (const auto payee = PayeeOf(*transaction))
    state.MutablePayees().Insert(payee->key, payee->incoming, Payees::Named::kPaid, at, newest);
}

void LearnAttempts(const schemas::Event& event, AccountState& state) {
  const Timestamp newest = state.recent_events().newest;
  if (IsRefused(event)) {
    state.MutableAttempts().Insert(ReadAttempt(event), newest);
  } else if (state.attempts().CanPrune(newest)) {
    state.MutableAttempts().Prune(newest);
  }
}

void LearnLedger(const schemas::Event& event, AccountState& state) {
  const Timestamp newest = state.recent_events().newest;
  LearnRaise(event, newest, state);
  if (event.transaction() != nullptr || !state.ledger().open.empty()) LearnOpen(event, newest, state);
  if (event.transaction() != nullptr || !state.ledger().statements.empty())
    LearnBalance(event, newest, state);
}

}  // namespace tocsin::detectors
