// What a case knows of the money that leaves (MoneyOut): from its first finding on that is high or that a
// ticket is wanted for. So most cases, of a new device and the like, carry none of it.
//
// Thread safety: pure functions over the CaseFile they are given.
#pragma once

#include "alerts/case_file.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// Begins it, where it has not begun, with what the timeline shows since the first of the events that the
// case's findings name. REQUIRES: the timeline of `file`, which `one` is of, has the event.
void BeginMoney(const schemas::Event& event, CaseFile& file, Case& one);

// Notes the event's payment, where money goes out, in the cases that are open at its time; in one that is
// over while its ticket is not, what became of a payment that it knows.
void NoteMoney(const schemas::Event& event, CaseFile& file);

}  // namespace tocsin::alerts
