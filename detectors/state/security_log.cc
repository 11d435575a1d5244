#include "detectors/state/security_log.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

constexpr size_t kKinds = static_cast<size_t>(kLastSecurityEventKind) + 1;
constexpr uint8_t kKindBits = 0x1F;
constexpr uint8_t kStrangeDevice = 0x20;
constexpr uint8_t kStrangePlace = 0x40;
constexpr uint8_t kTrusted = 0x80;
static_assert(kKinds <= kKindBits + 1);

Timestamp OldestKept(Timestamp newest) {
  return newest - std::min(SecurityLog::kKept, newest - kTimestampMin);
}

}  // namespace

bool EarlierInLog(const SecurityEvent& a, const SecurityEvent& b) {
  return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
}

void SecurityLog::Insert(SecurityEvent event, Timestamp newest) {
  Prune(newest);
  if (event.at < OldestKept(newest)) return;
  events.insert(std::upper_bound(events.begin(), events.end(), event, EarlierInLog), std::move(event));
  if (events.size() <= kEventsMax) return;

  std::array<size_t, kKinds> counts{};
  for (const SecurityEvent& held : events) ++counts[static_cast<size_t>(held.kind)];
  const auto most = static_cast<size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  // Of the older half, the first apart, the one whose neighbours of its kind are nearest to each other.
  size_t thinned = events.size();
  Millis least = Millis::max();
  size_t before = events.size();
  size_t here = events.size();
  size_t left = counts[most] / 2 + 1;
  for (size_t i = 0; i < events.size() && left > 0; ++i) {
    if (static_cast<size_t>(events[i].kind) != most) continue;
    --left;
    if (before < events.size() && events[i].at - events[before].at < least) {
      least = events[i].at - events[before].at;
      thinned = here;
    }
    before = std::exchange(here, i);
  }
  // 97 events of 15 kinds: one kind has seven or more, and so a third in its older half.
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(thinned));
}

bool SecurityLog::CanPrune(Timestamp newest) const {
  return !events.empty() && events.front().at < OldestKept(newest);
}

void SecurityLog::Prune(Timestamp newest) {
  if (!CanPrune(newest)) return;
  const Timestamp oldest = OldestKept(newest);
  events.erase(events.begin(), std::find_if(events.begin(), events.end(),
                                            [&](const SecurityEvent& e) { return e.at >= oldest; }));
}

void SecurityLog::Encode(ByteWriter& writer) const {
  writer.Varint(events.size());
  Timestamp previous = kTimestampMin;
  for (const SecurityEvent& event : events) {
    WriteTimeAfter(writer, previous, event.at);
    previous = event.at;
    WriteEventId(writer, event.event_id);
    writer.Byte(
        static_cast<uint8_t>(static_cast<uint8_t>(event.kind) | (event.strange_device ? kStrangeDevice : 0) |
                             (event.strange_place ? kStrangePlace : 0) | (event.trusted ? kTrusted : 0)));
  }
}

bool SecurityLog::Decode(ByteReader& reader, uint8_t /*version*/, SecurityLog& into) {
  into.events.resize(ReadCount(reader, kEventsMax, 3));
  Timestamp previous = kTimestampMin;
  for (SecurityEvent& event : into.events) {
    event.at = previous = ReadTimeAfter(reader, previous);
    event.event_id = ReadEventId(reader);
    const uint8_t head = reader.Byte();
    if ((head & kKindBits) >= kKinds) return false;
    event.kind = static_cast<SecurityEventKind>(head & kKindBits);
    event.strange_device = (head & kStrangeDevice) != 0;
    event.strange_place = (head & kStrangePlace) != 0;
    event.trusted = (head & kTrusted) != 0;
  }
  return reader.ok() && std::is_sorted(into.events.begin(), into.events.end(), EarlierInLog);
}

size_t SecurityLog::HeapBytes() const {
  size_t bytes = HeapBytesOf(events);
  for (const SecurityEvent& event : events) bytes += HeapBytesOf(event.event_id);
  return bytes;
}

}  // namespace tocsin::detectors
