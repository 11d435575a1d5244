// Adding up the account's balance: asked by balance_mismatch for what does not follow, and by the ledger's
// learner for what is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/state/ledger.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// A balance that no reading of the events explains.
struct Mismatch {
  Timestamp at;
  std::string event_id;
  int64_t expected_minor = 0;  // The previous balance and the sure changes since.
  int64_t told_minor = 0;
};

struct Settlement {
  size_t used = 0;  // Statements added up into the balance, of the list with the event's own.
  bool known = false;
  int64_t balance_minor = 0;
  Timestamp settled_at = kTimestampMin;
  std::vector<Mismatch> mismatches;
};

// What the event says of the balance; nullopt when it takes no part: another currency, no transaction, no
// change and no balance, or later than what has been added up already. `state` is the account before it.
//
// Platforms differ in when money moves. A change is sure when the event alone says that the balance moved: a
// completed transaction that was not authorized before and is not paid by card. An authorization, what
// follows it, and a card payment may have moved it. An exchange may move it by any amount.
[[nodiscard]] std::optional<Statement> ReadStatement(const schemas::Event& event, const AccountState& state);
// The same by what is known of the event's transaction; null: nothing.
[[nodiscard]] std::optional<Statement> ReadStatement(const schemas::Event& event, const AccountState& state,
                                                     const MoneyEntry* known);

// An event that is newer than others is `newest`; statements kSettled before it are added up. One with a
// balance follows when the previous balance, all sure changes since and some of the possible ones give it;
// of those at the same instant one must.
[[nodiscard]] bool CanSettle(const Ledger& ledger, const Statement* own, Timestamp newest);
[[nodiscard]] Settlement Settle(const Ledger& ledger, const Statement* own, Timestamp newest);

// The ledger's statements and the event's own, in order.
[[nodiscard]] std::vector<const Statement*> StatementsWith(const Ledger& ledger, const Statement* own);

}  // namespace tocsin::detectors
