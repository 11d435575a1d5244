// The lists of known places, devices and networks: bounded, so that an account with a million devices stays
// small, and in two parts, so that a million strange devices never push out one of the owner's.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/time.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/room.h"

namespace tocsin::detectors {

// Entries that are pending or refused; the rest of the list's cap is for known ones.
inline constexpr size_t kWaitingMax = 8;

// Removes what has not been used for so long that it counts for nothing: known after kForgottenAfter and the
// account's `silence` that has just ended, refused after kForgottenAfter, pending after kUnseenAfter. True
// when anything went.
template <class Entry>
bool Forget(std::vector<Entry>& list, Timestamp now, Millis silence = {}) {
  const size_t before = list.size();
  std::erase_if(list, [&](const Entry& entry) {
    const Standing standing = entry.tenure.standing;
    const Millis kept = standing == Standing::kKnown     ? kForgottenAfter + silence
                        : standing == Standing::kRefused ? kForgottenAfter
                                                         : kUnseenAfter;
    return now - LastSeen(entry.tenure) > kept;
  });
  return list.size() != before;
}

// Index of the entry whose loss costs least among the known ones (least trust, then longest unused), or among
// the waiting ones (pending before refused, then longest unused). REQUIRES: there is one.
template <class Entry>
size_t LeastValuable(const std::vector<Entry>& list, bool known, Timestamp now) {
  size_t least = list.size();
  for (size_t i = 0; i < list.size(); ++i) {
    const Tenure& tenure = list[i].tenure;
    if ((tenure.standing == Standing::kKnown) != known) continue;
    if (least == list.size()) {
      least = i;
      continue;
    }
    const Tenure& other = list[least].tenure;
    const bool less =
        known
            ? std::pair(Trust(tenure, now), tenure.last_seen) < std::pair(Trust(other, now), other.last_seen)
            : std::pair(tenure.standing, tenure.last_seen) < std::pair(other.standing, other.last_seen);
    if (less) least = i;
  }
  return least;
}

// Makes room in the entry's part of the list, then adds it.
template <class Entry>
void AddBounded(std::vector<Entry>& list, Entry entry, size_t list_max, Timestamp now, Millis silence = {}) {
  Forget(list, now, silence);
  const bool known = entry.tenure.standing == Standing::kKnown;
  size_t count = 0;
  for (const Entry& held : list) count += (held.tenure.standing == Standing::kKnown) == known ? 1 : 0;
  // What a late event has moved from one part to the other may have made that one too long.
  const bool full = count >= (known ? list_max - kWaitingMax : kWaitingMax);
  if (full || list.size() >= list_max) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(LeastValuable(list, full ? known : !known, now)));
  }
  MakeRoom(list);
  list.push_back(std::move(entry));
}

// After an entry has become known: drops the least valuable known one when there are now too many.
template <class Entry>
void BoundKnown(std::vector<Entry>& list, size_t list_max, Timestamp now) {
  size_t known = 0;
  for (const Entry& held : list) known += held.tenure.standing == Standing::kKnown ? 1 : 0;
  if (known > list_max - kWaitingMax) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(LeastValuable(list, true, now)));
  }
}

// An entry that has waited long enough becomes known.
template <class Entry>
void Promote(std::vector<Entry>& list, size_t index, const Hold& hold, size_t list_max, Timestamp now) {
  Release(list[index].tenure, hold);
  BoundKnown(list, list_max, now);
}

}  // namespace tocsin::detectors
