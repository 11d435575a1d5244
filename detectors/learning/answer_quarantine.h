// What an answer ("was this you?") does to the places, devices, networks and payments that wait in
// quarantine.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// `me` and `false_positive`: what waits becomes known, and a payment teaches what is usual. `not_me` and
// `confirmed_fraud`: what waits is refused, and what was learnt in the 72 h before the answer loses its
// trust. What `me` is about counts as use of its device and place. Only what was introduced up to the time of
// the answer is touched; what is refused stays refused.
//
// Which entries an answer is about: those introduced by the causes of the finding, case or notice that was
// answered (context.answered_causes). Where these are not known, `not_me` and `confirmed_fraud` are about all
// that wait, and the other two about nothing.
//
// REQUIRES: event.feedback().
void AnswerQuarantine(const schemas::Event& event, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
