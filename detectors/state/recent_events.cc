#include "detectors/state/recent_events.h"

#include <algorithm>
#include <tuple>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

bool Before(const RecentEvent& a, const RecentEvent& b) {
  return std::tie(a.at, a.key) < std::tie(b.at, b.key);
}

// A list this short is moved at once: one or two cache lines, and its front stays live, which is what is
// asked most.
constexpr size_t kShort = 64;

}  // namespace

bool RecentEvents::IsLate(Timestamp at) const {
  return newest - at > kHorizon || (forgotten_until != kTimestampMin && at <= forgotten_until);
}

std::span<const RecentEvent> RecentEvents::Live() const {
  if (events.empty() || !IsLate(events.front().at)) return events;
  const auto first =
      std::partition_point(events.begin(), events.end(), [&](const RecentEvent& e) { return IsLate(e.at); });
  return {first, events.end()};
}

bool RecentEvents::Contains(Timestamp at, uint64_t key) const {
  const std::span<const RecentEvent> live = Live();
  if (at <= newest && std::binary_search(live.begin(), live.end(), RecentEvent{.at = at, .key = key}, Before))
    return true;
  return std::any_of(live.rbegin(), live.rend(), [&](const RecentEvent& e) { return e.key == key; });
}

void RecentEvents::Insert(Timestamp at, uint64_t key) {
  newest = std::max(newest, at);
  const RecentEvent event{.at = at, .key = key};
  MakeRoom(events);
  events.push_back(event);
  if (events.size() > 1 && Before(event, events[events.size() - 2])) {
    const auto place = std::upper_bound(events.begin(), events.end() - 1, event, Before);
    std::rotate(place, events.end() - 1, events.end());
  }

  // A long one in bulk, so that each id is moved a bounded number of times however many there are.
  if (IsLate(events.front().at)) {
    const size_t expired = events.size() - Live().size();
    if (events.size() <= kShort || expired >= events.size() / 4) {
      events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(expired));
      GiveBackRoom(events);
    }
  }
  if (events.size() > kEventsMax) {
    const auto kept = events.begin() + static_cast<std::ptrdiff_t>(kEventsMax / 8);
    forgotten_until = std::max(forgotten_until, (kept - 1)->at);
    events.erase(events.begin(), kept);
  }
}

void RecentEvents::Encode(ByteWriter& writer) const {
  WriteTime(writer, newest);
  WriteTime(writer, forgotten_until);
  const std::span<const RecentEvent> live = Live();
  writer.Varint(live.size());
  // Backwards from the newest: the differences are small.
  Timestamp next = newest;
  for (auto event = live.rbegin(); event != live.rend(); ++event) {
    WriteTimeAfter(writer, event->at, next);
    next = event->at;
    WriteHash<6>(writer, event->key);
  }
}

bool RecentEvents::Decode(ByteReader& reader, uint8_t /*version*/, RecentEvents& into) {
  into.newest = ReadTime(reader);
  into.forgotten_until = ReadTime(reader);
  into.events.resize(ReadCount(reader, kEventsMax, 7));
  Timestamp next = into.newest;
  for (auto event = into.events.rbegin(); event != into.events.rend(); ++event) {
    event->at = next = ReadTimeBefore(reader, next);
    event->key = ReadHash<6>(reader);
  }
  return reader.ok() && std::is_sorted(into.events.begin(), into.events.end(), Before) &&
         (into.events.empty() || !into.IsLate(into.events.front().at));
}

size_t RecentEvents::HeapBytes() const { return HeapBytesOf(events); }

bool operator==(const RecentEvents& a, const RecentEvents& b) {
  const std::span<const RecentEvent> live_a = a.Live();
  const std::span<const RecentEvent> live_b = b.Live();
  return a.newest == b.newest && a.forgotten_until == b.forgotten_until &&
         std::equal(live_a.begin(), live_a.end(), live_b.begin(), live_b.end());
}

}  // namespace tocsin::detectors
