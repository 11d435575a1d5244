// What waits for the digest, and what there is to say of what found no room in it. Money that left and what
// is grave keeps its place before anything else does; of many that are alike some give theirs first. What
// finds no room is counted by its kind, and its payments are added up, each as it was last reported.
//
// Bounded: CaseFile::kFoldedMax entries, the last of which counts; what MoneyOut holds.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "alerts/case_file.h"
#include "alerts/money_tally.h"
#include "alerts/step.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// Puts the step's reason, and the payment that it is about, to what the next digest tells. The same again is
// counted; but each payment that leaves is told.
void Fold(const Step& step, const schemas::Event& event, CaseFile& file);

// What became of payments that wait to be told.
void NotePayments(const schemas::Event& event, CaseFile& file);

// What `folded` says of payments that left or are on their way, each once: of the case alone, unless it is
// "", and of what was first reported after `since`. Without the payment `except`; 0: none.
[[nodiscard]] Tally LeftOf(const std::vector<Folded>& folded, std::string_view case_id = {},
                           Timestamp since = kTimestampMin, uint64_t except = 0);

// Of the entry that counts, without the payments that stand in another.
[[nodiscard]] NotListed NotListedOf(const std::vector<Folded>& folded);

}  // namespace tocsin::alerts
