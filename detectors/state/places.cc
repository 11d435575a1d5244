#include "detectors/state/places.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/text_after.h"
#include "detectors/state/pool.h"
#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"
#include "detectors/state/uses_per_device.h"

namespace tocsin::detectors {
namespace {

// What a use has in common with the one before it is not written again.
constexpr uint8_t kSameCircle = 1;
constexpr uint8_t kSameAddress = 2;
constexpr uint8_t kSameDevice = 4;
constexpr uint8_t kClaimed = 8;
constexpr uint8_t kUuid = 16;  // Since version 3; before it every id said so itself.

bool IsCountry(std::string_view code) {
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z';
}

bool SameCircle(const Use& a, const Use& b) {
  return a.point == b.point && a.radius_km == b.radius_km && a.label == b.label;
}

Timestamp NewestOf(const Places& places) {
  Timestamp newest = places.uses.empty() ? kTimestampMin : places.uses.back().at;
  for (const KnownPlace& place : places.known) newest = std::max(newest, place.tenure.last_seen);
  return newest;
}

// Says of one use after the other, from the newest on, whether it stays. Those of the last minutes take the
// place of no other of their device: what an event that arrives late is judged by is still there.
class Bounds {
 public:
  explicit Bounds(Timestamp newest) : open_after_(newest - kUsesOpen) {}
  bool Keeps(Timestamp at, uint32_t device_key) {
    if (kept_ == Places::kUsesMax || (at <= open_after_ && !of_devices_.Admit(device_key))) return false;
    ++kept_;
    return true;
  }

 private:
  Timestamp open_after_;
  size_t kept_ = 0;
  UsesPerDevice of_devices_;
};

}  // namespace

size_t Places::InsertUse(const UseView& use) {
  Use slot;  // A use that goes gives its memory to the one that comes.
  const auto remove = [&](size_t first, size_t last) {
    if (first == last) return;
    // A claim with a use that is gone can no longer be taken back, and is not one with the use that now comes
    // before.
    if (last < uses.size()) uses[last].claimed_with_previous = false;
    slot = std::move(uses[first]);
    const auto begin = uses.begin();
    uses.erase(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last));
  };

  const Timestamp newest = uses.empty() ? use.at : std::max(uses.back().at, use.at);
  const auto is_kept = [&](const Use& held) { return held.at >= newest - kUsesKept; };
  const auto old = static_cast<size_t>(std::find_if(uses.begin(), uses.end(), is_kept) - uses.begin());
  if (old > 1) remove(0, old - 1);

  const auto place_of = [this](const UseView& one) {
    const auto later = std::upper_bound(uses.begin(), uses.end(), one, [](const UseView& a, const Use& b) {
      return std::tie(a.at, a.event_id) < std::tuple(b.at, std::string_view(b.event_id));
    });
    return static_cast<size_t>(later - uses.begin());
  };
  // Fewer are within any bound.
  if (uses.size() >= kUsesPerDeviceMax) {
    Bounds bounds(newest);
    const size_t place = place_of(use);
    for (size_t i = uses.size();; --i) {
      if (i == place && !bounds.Keeps(use.at, use.device_key)) return kDropped;
      if (i == 0) break;
      if (!bounds.Keeps(uses[i - 1].at, uses[i - 1].device_key)) remove(i - 1, i);
    }
  }

  slot.at = use.at;
  slot.event_id.assign(use.event_id);
  slot.point = use.point;
  slot.radius_km = use.radius_km;
  slot.label.assign(use.label);
  slot.address_hash = use.address_hash;
  slot.device_key = use.device_key;
  slot.claimed_with_previous = false;
  MakeRoom(uses);
  const size_t place = place_of(use);
  uses.insert(uses.begin() + static_cast<std::ptrdiff_t>(place), std::move(slot));
  return place;
}

void Places::Encode(ByteWriter& writer) const {
  const Timestamp base = NewestOf(*this);
  writer.Varint(static_cast<uint64_t>(ToMillis(base)));
  writer.Varint(known.size());
  for (const KnownPlace& place : known) {
    writer.String(place.country);
    writer.String(place.label);
    writer.Bool(place.exact);
    if (place.exact) WriteCircle(writer, place.point, place.radius_km);
    WriteTenure(writer, place.tenure, base);
  }
  writer.Varint(uses.size());
  for (size_t i = 0; i < uses.size(); ++i) {
    const Use& use = uses[i];
    const Use* const previous = i == 0 ? nullptr : &uses[i - 1];
    const auto uuid = PackUuid(use.event_id);
    unsigned head = (use.claimed_with_previous ? kClaimed : 0U) | (uuid ? kUuid : 0U);
    if (previous != nullptr) {
      if (SameCircle(use, *previous)) head |= kSameCircle;
      if (use.address_hash == previous->address_hash) head |= kSameAddress;
      if (use.device_key == previous->device_key) head |= kSameDevice;
    }
    writer.Byte(static_cast<uint8_t>(head));
    WriteTimeAfter(writer, previous == nullptr ? kTimestampMin : previous->at, use.at);
    if (uuid) {
      WriteUuid(writer, *uuid);
    } else {
      WriteTextAfter(writer, previous == nullptr ? "" : previous->event_id.view(), use.event_id);
    }
    if ((head & kSameCircle) == 0) {
      WriteCircle(writer, use.point, use.radius_km);
      writer.String(use.label);
    }
    if ((head & kSameAddress) == 0) writer.Fixed32(use.address_hash);
    if ((head & kSameDevice) == 0) writer.Fixed32(use.device_key);
  }
}

bool Places::Decode(ByteReader& reader, uint8_t version, Places& into) {
  const uint64_t base_millis = reader.Varint();
  if (base_millis > static_cast<uint64_t>(ToMillis(kTimestampMax))) return false;
  const Timestamp base = FromMillis(static_cast<int64_t>(base_millis));

  const size_t known_count = reader.Count(10);
  if (known_count > kKnownMax) return false;
  into.known.resize(known_count);
  for (KnownPlace& place : into.known) {
    place.country = reader.String();
    place.label = reader.String();
    place.exact = reader.Bool();
    if (!IsCountry(place.country)) return false;
    if (place.exact) ReadCircle(reader, place.point, place.radius_km);
    ReadTenure(reader, place.tenure, base);
  }

  const size_t use_count = reader.Count(3);
  if (use_count > kUsesMax) return false;
  into.uses.resize(use_count);
  for (size_t i = 0; i < use_count && reader.ok(); ++i) {
    Use& use = into.uses[i];
    const Use& previous = into.uses[i == 0 ? 0 : i - 1];  // The first shares nothing: its head is asked.
    const uint8_t head = reader.Byte();
    if (head > (version < 3 ? 15 : 31) ||
        (i == 0 && (head & (kSameCircle | kSameAddress | kSameDevice)) != 0))
      return false;
    use.claimed_with_previous = (head & kClaimed) != 0;
    use.at = ReadTimeAfter(reader, i == 0 ? kTimestampMin : previous.at);
    if (version < 3) {
      use.event_id = ReadEventId(reader);
    } else if ((head & kUuid) != 0) {
      use.event_id = ReadUuid(reader);
    } else {
      use.event_id = ReadTextId(reader, i == 0 ? "" : previous.event_id.view());
    }
    if ((head & kSameCircle) != 0) {
      use.point = previous.point;
      use.radius_km = previous.radius_km;
      use.label = previous.label;
    } else {
      ReadCircle(reader, use.point, use.radius_km);
      use.label = reader.String();
    }
    use.address_hash = (head & kSameAddress) != 0 ? previous.address_hash : reader.Fixed32();
    use.device_key = (head & kSameDevice) != 0 ? previous.device_key : reader.Fixed32();
    if (std::tie(use.at, use.event_id) < std::tie(previous.at, previous.event_id)) return false;
  }
  return reader.ok();
}

size_t Places::HeapBytes() const {
  size_t bytes = HeapBytesOf(known) + HeapBytesOf(uses);
  for (const KnownPlace& place : known) {
    bytes += HeapBytesOf(place.country) + HeapBytesOf(place.label) + HeapBytesOf(place.tenure.introduced_by);
  }
  for (const Use& use : uses) bytes += HeapBytesOf(use.event_id) + HeapBytesOf(use.label);
  return bytes;
}

}  // namespace tocsin::detectors
