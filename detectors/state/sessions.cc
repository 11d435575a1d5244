#include "detectors/state/sessions.h"

#include <algorithm>
#include <utility>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

constexpr uint8_t kHasDeviceId = 1;
constexpr uint8_t kAnonymous = 2;
constexpr uint8_t kExact = 4;
// What a spot has in common with the one before it is not written again.
constexpr uint8_t kSameDevice = 8;
constexpr uint8_t kSameNetwork = 16;  // Address and autonomous system.
constexpr uint8_t kSamePoint = 32;
constexpr uint8_t kFlagsMax = 63;

Timestamp NewestOf(const Sessions& sessions) {
  Timestamp newest = sessions.last_use;
  for (const SessionSpot& spot : sessions.spots) newest = std::max(newest, spot.last);
  return newest;
}

void WriteSpot(ByteWriter& writer, const SessionSpot& spot, const SessionSpot& previous, Timestamp base) {
  const bool same_device = spot.device == previous.device && spot.family == previous.family;
  const bool same_network = spot.address == previous.address && spot.asn == previous.asn;
  const bool same_point =
      spot.exact && previous.exact && spot.point == previous.point && spot.radius_km == previous.radius_km;
  writer.Byte(static_cast<uint8_t>((spot.has_device_id ? kHasDeviceId : 0U) |
                                   (spot.anonymous ? kAnonymous : 0U) | (spot.exact ? kExact : 0U) |
                                   (same_device ? kSameDevice : 0U) | (same_network ? kSameNetwork : 0U) |
                                   (same_point ? kSamePoint : 0U)));
  WriteHash<5>(writer, spot.session);
  WriteTimeAfter(writer, spot.last, base);
  WriteTimeAfter(writer, spot.first, spot.last);
  WriteEventId(writer, spot.first_event);
  if (!same_device) {
    writer.Fixed32(spot.device);
    writer.Fixed32(spot.family);
  }
  if (!same_network) {
    writer.Fixed32(spot.address);
    writer.Varint(spot.asn);
  }
  if (spot.exact && !same_point) WriteCircle(writer, spot.point, spot.radius_km);
}

bool ReadSpot(ByteReader& reader, SessionSpot& spot, const SessionSpot& previous, Timestamp base) {
  const uint8_t head = reader.Byte();
  if (head > kFlagsMax) return false;
  spot.has_device_id = (head & kHasDeviceId) != 0;
  spot.anonymous = (head & kAnonymous) != 0;
  spot.exact = (head & kExact) != 0;
  spot.session = ReadHash<5>(reader);
  spot.last = ReadTimeBefore(reader, base);
  spot.first = ReadTimeBefore(reader, spot.last);
  spot.first_event = ReadEventId(reader);
  const bool same_device = (head & kSameDevice) != 0;
  spot.device = same_device ? previous.device : reader.Fixed32();
  spot.family = same_device ? previous.family : reader.Fixed32();
  const bool same_network = (head & kSameNetwork) != 0;
  spot.address = same_network ? previous.address : reader.Fixed32();
  const uint64_t asn = same_network ? previous.asn : reader.Varint();
  if (asn > UINT32_MAX) return false;
  spot.asn = static_cast<uint32_t>(asn);
  if ((head & kSamePoint) != 0) {
    if (!spot.exact || !previous.exact) return false;
    spot.point = previous.point;
    spot.radius_km = previous.radius_km;
  } else if (spot.exact) {
    ReadCircle(reader, spot.point, spot.radius_km);
  }
  return reader.ok();
}

}  // namespace

void Sessions::AddSpot(const SessionSpot& spot) {
  Timestamp newest = spot.last;
  for (const SessionSpot& held : spots) newest = std::max(newest, held.last);
  const auto is_over = [&](const SessionSpot& held) { return newest - held.last > kSpotsKept; };
  auto gone = std::find_if(spots.begin(), spots.end(), is_over);
  if (gone == spots.end() && spots.size() == kSpotsMax) {
    gone = std::min_element(spots.begin(), spots.end(),
                            [](const SessionSpot& a, const SessionSpot& b) { return a.last < b.last; });
    if (spot.last < gone->last) return;
  }
  if (gone == spots.end()) {
    MakeRoom(spots);
    spots.push_back(spot);
    return;
  }
  // The new one takes the place and the memory of one that goes.
  std::rotate(gone, gone + 1, spots.end());
  spots.back() = spot;
  std::erase_if(spots, is_over);
  GiveBackRoom(spots);
}

Waking Sessions::WakingWith(Timestamp at) const {
  if (last_use == kTimestampMin) return waking;
  if (at > last_use) {
    return at - last_use >= kSilenceMin ? Waking{.slept_since = last_use, .woke_at = at} : waking;
  }
  Waking moved = waking;
  if (at <= moved.slept_since || at >= moved.woke_at) return moved;
  // It comes into the silence.
  if (at - moved.slept_since >= kSilenceMin) {
    moved.woke_at = at;
  } else {
    moved.slept_since = at;
  }
  return moved.woke_at - moved.slept_since >= kSilenceMin ? moved : Waking{};
}

bool Sessions::NoteUse(Timestamp at) {
  const Waking moved = WakingWith(at);
  if (moved == waking && at <= last_use) return false;
  waking = moved;
  last_use = std::max(last_use, at);
  return true;
}

void Sessions::Encode(ByteWriter& writer) const {
  const Timestamp base = NewestOf(*this);
  WriteTime(writer, base);
  WriteTime(writer, base, last_use);
  writer.Bool(waking.woke_at != kTimestampMin);
  if (waking.woke_at != kTimestampMin) {
    WriteTime(writer, waking.slept_since);
    WriteTimeAfter(writer, waking.slept_since, waking.woke_at);
  }
  writer.Varint(spots.size());
  const SessionSpot none;
  const SessionSpot* previous = &none;
  for (const SessionSpot& spot : spots) {
    WriteSpot(writer, spot, *previous, base);
    previous = &spot;
  }
}

bool Sessions::Decode(ByteReader& reader, uint8_t /*version*/, Sessions& into) {
  const Timestamp base = ReadTime(reader);
  into.last_use = ReadTime(reader, base);
  if (reader.Bool()) {
    into.waking.slept_since = ReadTime(reader);
    into.waking.woke_at = ReadTimeAfter(reader, into.waking.slept_since);
    if (into.waking.woke_at == kTimestampMin) return false;
  }
  into.spots.resize(ReadCount(reader, kSpotsMax, 9));
  const SessionSpot none;
  const SessionSpot* previous = &none;
  for (SessionSpot& spot : into.spots) {
    if (!ReadSpot(reader, spot, *previous, base)) return false;
    previous = &spot;
  }
  return reader.ok() && base == NewestOf(into);
}

size_t Sessions::HeapBytes() const {
  size_t bytes = HeapBytesOf(spots);
  for (const SessionSpot& spot : spots) bytes += HeapBytesOf(spot.first_event);
  return bytes;
}

}  // namespace tocsin::detectors
