// What an account learns of its money.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Of the events that the list of transactions names, together: with as many entries as there may be, each as
// large as it may be, the segment still fits into a record that Kafka takes where nobody has said otherwise
// (1 MiB).
inline constexpr size_t kMoneyIdBytesMax = 512U << 10U;

// Every transaction that counts is remembered for the limits, under suspicion or not: limits are facts. What
// the account usually pays is a habit: it is taught by the first authorized or completed event of an outgoing
// transaction. Under suspicion it is held: it teaches once it is ripe, as devices and places do (IsRipe), or
// when somebody says that it was the owner's (AnswerMoney).
//
// Entries older than MoneyHistory::kEntriesKept are folded into one bucket for every week, month and year
// limit of `context.limits`, whatever the account's tier is now; so are the oldest ones when there are too
// many (MoneyHistory::kEntriesMax, kMoneyIdBytesMax). Calendar days are shorter than the list and need no
// bucket.
//
// Allocates when something new is stored. REQUIRES: event.transaction().
void LearnMoney(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

// The entry, which waited, turns out to have been under suspicion. REQUIRES: an entry of `money`.
void HoldPayment(MoneyEntry& entry, MoneyHistory& money);

// `mine`: what is held of the payments up to `at` is learnt where the answer is about it: those among its
// `causes`, and those found with one of them that have no finding of their own. Else all that is held is
// refused, and so is what still waits, where the answer is about it.
void AnswerMoney(bool mine, Timestamp at, const std::vector<std::string>& causes, AccountState& state);

}  // namespace tocsin::detectors
