// What the novelty detectors (new_country, new_network, anonymous_network, new_device) share: when they
// speak, and the identity of what they claim.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/novelty.h"
#include "detectors/state/quarantine.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// What is new is named after itself (Claim::subject): which of its uses came first may turn out later, and it
// is the same finding all the same. `what` tells it from others of the detector; `first_seen`, to
// kUnseenAfter, from itself: something that was forgotten and is new again is another finding.
[[nodiscard]] std::string NamedAfter(std::string_view what, Timestamp first_seen);
// `what` of the detectors that compare with what the account knows.
[[nodiscard]] std::string DeviceSubject(uint32_t device_key);
[[nodiscard]] std::string ClassSubject(schemas::NetworkClass network_class);
[[nodiscard]] std::string SystemSubject(uint32_t asn, schemas::NetworkClass network_class);
[[nodiscard]] std::string AnonymitySubject(AnonymousKind kind);

// Not the account's own, and not about to become so: what has waited long enough counts as known, whether the
// event that makes it known has come or not. `introduction` is as below.
[[nodiscard]] bool IsStrange(const NoveltyResult& novelty, const Tenure* introduction, Timestamp at,
                             const Context& context);

// The verdict when there is nothing to claim: not evaluable (not a use, no data, learning), or clear (known,
// similar, or waiting for long enough to be known from now on). nullopt: strange, make a claim.
// `introduction` is the tenure that `novelty.index` names, nullptr when it names none; `unseen_after`, and a
// silence that has just ended, is what makes it new again.
[[nodiscard]] std::optional<Verdict> Unremarkable(const schemas::Event& event, const AccountState& state,
                                                  const Context& context, const NoveltyResult& novelty,
                                                  const Tenure* introduction,
                                                  Millis unseen_after = kUnseenAfter);

// The event is the first use of what a later one, which arrived before it, has introduced; and as it comes
// while the account is learning it makes that known: to the later one it was nothing new. `quiet` is the
// verdict on the event.
[[nodiscard]] bool MakesKnown(const Verdict& quiet, const schemas::Event& event, const NoveltyResult& novelty,
                              const Tenure* introduction);
// Takes back the finding that the introduction had caused; `what` as in NamedAfter, "" where the claim has no
// subject.
void TakeBack(const Tenure& introduction, std::string_view what, Verdict& verdict);

// The same, and takes back what was found of a later use of `what()` if this one makes it known.
template <std::invocable What>
[[nodiscard]] std::optional<Verdict> Unremarkable(const schemas::Event& event, const AccountState& state,
                                                  const Context& context, const NoveltyResult& novelty,
                                                  const Tenure* introduction, const What& what,
                                                  Millis unseen_after = kUnseenAfter) {
  std::optional<Verdict> quiet = Unremarkable(event, state, context, novelty, introduction, unseen_after);
  if (quiet && MakesKnown(*quiet, event, novelty, introduction)) TakeBack(*introduction, what(), *quiet);
  return quiet;
}

// An alert with the claim's cause, time and transaction filled in; `claim.subject` is what is new, "" where
// only its first use names it. The cause is the event that introduced it, so that its second use is the same
// finding. An event that comes before the introduction becomes the cause; the finding that the later one had
// caused is retracted if it had another name. A refused entry has no introduction: each of its uses is a
// finding of its own.
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
