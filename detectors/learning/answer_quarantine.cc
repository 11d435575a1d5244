#include "detectors/learning/answer_quarantine.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/geo.h"
#include "detectors/learning/learn_money.h"
#include "detectors/novelty.h"
#include "detectors/state/pool.h"

namespace tocsin::detectors {
namespace {

constexpr Millis kDoubted =
    std::chrono::hours(72);  // What was learnt this long before a "not me" is no longer trusted.

// The answer is about what the named events introduced; no causes: about all, which only "not me" may be.
bool IsMeant(const Tenure& tenure, const std::vector<std::string>& causes) {
  return causes.empty() || std::ranges::find(causes, tenure.introduced_by) != causes.end();
}
// "Me" is also about the device and the place that they used: the case need not be that of the first use.
template <class Match>
bool WasUsed(const std::vector<Use>& uses, const std::vector<std::string>& causes, Match match) {
  return std::ranges::any_of(uses, [&](const Use& use) {
    return match(use) && std::find(causes.begin(), causes.end(), use.event_id) != causes.end();
  });
}
template <class Entry>
bool IsMeant(const Entry& entry, const std::vector<std::string>& causes, const std::vector<Use>& /*uses*/) {
  return IsMeant(entry.tenure, causes);
}
bool IsMeant(const KnownDevice& device, const std::vector<std::string>& causes,
             const std::vector<Use>& uses) {
  const uint32_t key = DeviceKey(device);
  return IsMeant(device.tenure, causes) ||
         (key != 0 && WasUsed(uses, causes, [key](const Use& use) { return use.device_key == key; }));
}
bool IsMeant(const KnownPlace& place, const std::vector<std::string>& causes, const std::vector<Use>& uses) {
  return IsMeant(place.tenure, causes) || (place.exact && WasUsed(uses, causes, [&](const Use& use) {
                                             return DistanceKm(place.point, use.point) <= kSamePlaceKm;
                                           }));
}

template <class Entry>
void Confirm(std::vector<Entry>& list, size_t list_max, Timestamp at, const std::vector<std::string>& causes,
             const std::vector<Use>& uses) {
  for (size_t i = 0; i < list.size();) {
    const Tenure& tenure = list[i].tenure;
    if (tenure.standing == Standing::kPending && tenure.first_seen <= at && IsMeant(list[i], causes, uses)) {
      Confirm(list[i].tenure);
      BoundKnown(list, list_max, at);
      i = 0;  // One may have gone.
    } else {
      ++i;
    }
  }
}

template <class Entry>
void Refuse(std::vector<Entry>& list, Timestamp at, const std::vector<std::string>& causes) {
  for (Entry& entry : list) {
    Tenure& tenure = entry.tenure;
    if (tenure.first_seen > at) continue;
    // Of two uses that cannot both be the owner's "not me" does not say which: what came new with it goes.
    if (tenure.standing == Standing::kPending && IsMeant(tenure, causes)) {
      tenure.standing = Standing::kRefused;
      tenure.uses = 0;
      tenure.introduced_by.clear();
    } else if (tenure.standing == Standing::kKnown && at - tenure.first_seen <= kDoubted) {
      tenure.uses = 0;
    }
  }
}

// The uses that the answer is about were the owner's: each counts for its device and its place, as it would
// have without suspicion. Else two who share an account, each in a city of their own, would be asked for
// ever, for what is asked about teaches nothing by itself.
void CountAnswered(const std::vector<std::string>& causes, Timestamp at, AccountState& state) {
  for (const Use& use : state.places().uses) {
    if (use.at > at || std::find(causes.begin(), causes.end(), use.event_id) == causes.end()) continue;
    const auto count = [&use](Tenure& tenure) {
      if (tenure.standing == Standing::kKnown) CountUse(tenure, use.at, use.event_id);
    };
    for (KnownDevice& device : state.MutableDevices().known) {
      if (use.device_key != 0 && DeviceKey(device) == use.device_key) count(device.tenure);
    }
    for (KnownPlace& place : state.MutablePlaces().known) {
      if (place.exact && DistanceKm(place.point, use.point) <= kSamePlaceKm) count(place.tenure);
    }
  }
}

}  // namespace

void AnswerQuarantine(const schemas::Event& event, const Context& context, AccountState& state) {
  const schemas::FeedbackVerdict verdict = event.feedback()->verdict;
  if (verdict == schemas::FeedbackVerdict::kNone) return;
  const std::vector<std::string> causes(context.answered_causes.begin(), context.answered_causes.end());
  const Timestamp at = event.occurred_at;
  const bool mine =
      verdict == schemas::FeedbackVerdict::kMe || verdict == schemas::FeedbackVerdict::kFalsePositive;
  // Nobody confirms what he has not been shown.
  if (mine && causes.empty()) return;
  const std::vector<Use> uses = state.places().uses;  // Answers are rare.
  if (!state.places().known.empty()) {
    auto& list = state.MutablePlaces().known;
    mine ? Confirm(list, Places::kKnownMax, at, causes, uses) : Refuse(list, at, causes);
  }
  if (!state.devices().known.empty()) {
    auto& list = state.MutableDevices().known;
    mine ? Confirm(list, Devices::kKnownMax, at, causes, uses) : Refuse(list, at, causes);
  }
  if (!state.habits().oddities.empty()) {
    auto& list = state.MutableHabits().oddities;
    mine ? Confirm(list, kWaitingMax + list.size(), at, causes, uses) : Refuse(list, at, causes);
  }
  if (!state.networks().known.empty()) {
    auto& list = state.MutableNetworks().known;
    mine ? Confirm(list, Networks::kKnownMax, at, causes, uses) : Refuse(list, at, causes);
  }
  AnswerMoney(mine, at, causes, state);
  if (mine) CountAnswered(causes, at, state);
}

}  // namespace tocsin::detectors
