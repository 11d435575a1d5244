// What the novelty detectors (new_country, new_network, anonymous_network, new_device) share: when they
// speak, and the identity of what they claim.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/novelty.h"
#include "detectors/state/quarantine.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The verdict when there is nothing to claim: not evaluable (not a use, no data, learning), or clear (known,
// similar, or waiting for long enough to be known from now on). nullopt: strange, make a claim.
// `introduction` is the tenure that `novelty.index` names, nullptr when it names none; `unseen_after` is what
// makes it new again.
[[nodiscard]] std::optional<Verdict> Unremarkable(const schemas::Event& event, const AccountState& state,
                                                  const Context& context, const NoveltyResult& novelty,
                                                  const Tenure* introduction,
                                                  Millis unseen_after = kUnseenAfter);

// An alert with the claim's cause, time and transaction filled in. The cause is the event that introduced
// what is new, so that its second use is the same finding. An event that comes before the introduction
// becomes the cause, and the finding that the later one had caused is retracted. A refused entry has no
// introduction: each of its uses is a finding of its own.
[[nodiscard]] Verdict NoveltyAlert(const schemas::Event& event, const NoveltyResult& novelty,
                                   const Tenure* introduction, Claim claim);

// The tenure of entry `index` of a list, nullptr for NoveltyResult::kNone.
template <class Entry>
[[nodiscard]] const Tenure* TenureAt(const std::vector<Entry>& list, size_t index) {
  return index < list.size() ? &list[index].tenure : nullptr;
}

// The known entry the account trusts most, nullptr when nothing is known: what is usual.
template <class Entry>
[[nodiscard]] const Entry* MostTrusted(const std::vector<Entry>& list, Timestamp at) {
  const Entry* most = nullptr;
  for (const Entry& entry : list) {
    if (entry.tenure.standing != Standing::kKnown) continue;
    if (most == nullptr || Trust(entry.tenure, at) > Trust(most->tenure, at)) most = &entry;
  }
  return most;
}

// Entries that are the account's own.
template <class Entry>
[[nodiscard]] int64_t CountKnown(const std::vector<Entry>& list) {
  int64_t count = 0;
  for (const Entry& entry : list) count += entry.tenure.standing == Standing::kKnown ? 1 : 0;
  return count;
}

}  // namespace tocsin::detectors
