// What the account learns from an event, after all detectors have spoken.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "detectors/learning/learning_config.h"

namespace tocsin::detectors {

// Folds the event into the account and the population: recent ids, profile, security steps and log, hours,
// sign-ins, failures, answers, habits, places, networks, devices, sessions, payees, refused payments, ledger,
// money, population; in this order, which is part of the contract: what a later learner asks of an earlier
// segment is what it is after the event, the other way round before it. recent_events().newest is the
// account's newest event time for all of them.
//
// An event under suspicion (IsSuspicious) does not teach: what is new in it goes to quarantine, and what is
// known gains nothing. Neither do the logins and payments that its claims name, as long as they have not been
// learnt: a late event shows of others what it would have shown in its order. History is not teaching:
// failures, uses and payments are remembered in any case, and what is held of payments waits as what is new.
// While `context.case_open`, nothing leaves quarantine by age. The population learns amounts of accounts past
// learning only, or first seen as long ago as age_min: whoever opens one to pay and take back has taught
// nobody what is usual. Uses that go on, minutes later, where the account has jumped to teach as little.
//
// Pure but for the two states it changes: equal arguments give equal states.
// REQUIRES: the event is not a duplicate and not late (RecentEvents).
void Learn(const schemas::Event& event, const DetectionResult& result, const Context& context,
           AccountState& state, Population& population);

// A live claim of severity low or more, of any family but limits, and not of a balance that does not add up:
// breaking a limit is the owner's business as well, and says nothing about who it is. Nor does money while
// the account is learning, or a combination that is rare (low) by itself. Shadow claims and info ones decide
// nothing. While an account is learning its novelty detectors make no claims, so what is new then is learnt
// at once.
[[nodiscard]] bool IsSuspicious(const DetectionResult& result, bool past_learning);

// The account is past learning (or the event itself comes that late in its life): it had had so many
// successful logins by kSitting before `at`; or its first event, of any type, was so long before `at`, and
// something of it is known that could be compared with. When it was opened says nothing: what came before its
// first event, nobody has learnt.
[[nodiscard]] bool PastLearning(const AccountState& state, Timestamp at, const LearningConfig& config);

}  // namespace tocsin::detectors
