#include "detectors/state/sign_ins.h"

#include <algorithm>
#include <tuple>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

bool Before(const RecentSuccess& a, const RecentSuccess& b) {
  return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
}

constexpr uint8_t kStrange = 1;
constexpr uint8_t kHasAddress = 2;
constexpr uint8_t kHasDevice = 4;
constexpr uint8_t kWithoutFactor = 8;
constexpr uint8_t kIsCounted = 16;  // From version 4 on.
constexpr uint8_t kWaits = 32;      // From version 5 on.

}  // namespace

uint32_t SignIns::SuccessesUntil(Timestamp at) const {
  uint32_t later = 0;
  for (auto success = recent.rbegin(); success != recent.rend() && success->at > at; ++success)
    later += success->counted ? 1 : 0;
  return successes - std::min(later, successes);
}

void SignIns::Discount(RecentSuccess& success) {
  success.counted = false;
  if (successes > 0) --successes;
  if (successes == 0) first_success = last_success = kTimestampMin;
}

void SignIns::InsertRecent(const RecentSuccess& success, Timestamp newest) {
  const Timestamp oldest = newest - std::min(kRecentKept, newest - kTimestampMin);
  if (success.at < oldest) return;
  const auto live =
      std::find_if(recent.begin(), recent.end(), [&](const RecentSuccess& s) { return s.at >= oldest; });
  auto expired = live - recent.begin();
  if (expired == 0 && recent.size() == kRecentMax) {
    if (Before(success, recent.front())) return;
    expired = 1;
  }
  // One that has to go becomes the place of the new one, so that its strings keep their memory.
  if (expired > 0) {
    std::rotate(recent.begin(), recent.begin() + expired, recent.end());
    recent.erase(recent.end() - (expired - 1), recent.end());
    recent.back() = success;
    GiveBackRoom(recent);
  } else {
    MakeRoom(recent);
    recent.push_back(success);
  }
  for (size_t i = recent.size() - 1; i > 0 && Before(recent[i], recent[i - 1]); --i)
    std::swap(recent[i], recent[i - 1]);
}

void SignIns::Encode(ByteWriter& writer) const {
  writer.Varint(successes);
  WriteTime(writer, first_success);
  WriteTimeAfter(writer, first_success, last_success);
  writer.Varint(recent.size());
  Timestamp previous = kTimestampMin;
  for (const RecentSuccess& success : recent) {
    WriteTimeAfter(writer, previous, success.at);
    previous = success.at;
    WriteEventId(writer, success.event_id);
    writer.Byte(static_cast<uint8_t>(
        (success.strange_device ? kStrange : 0) | (success.address_hash != 0 ? kHasAddress : 0) |
        (success.device_id_hash != 0 ? kHasDevice : 0) | (success.without_factor ? kWithoutFactor : 0) |
        (success.counted ? kIsCounted : 0) | (success.waits ? kWaits : 0)));
    if (success.address_hash != 0) writer.Fixed32(success.address_hash);
    if (success.device_id_hash != 0) writer.Fixed32(success.device_id_hash);
    writer.Byte(success.trust_percent);
  }
}

bool SignIns::Decode(ByteReader& reader, uint8_t version, SignIns& into) {
  constexpr int kOfVersion3 = kStrange | kHasAddress | kHasDevice | kWithoutFactor;
  const int flags_max = version == 3   ? kOfVersion3
                        : version == 4 ? kOfVersion3 | kIsCounted
                                       : kOfVersion3 | kIsCounted | kWaits;
  const uint64_t successes = reader.Varint();
  if (successes > UINT32_MAX) return false;
  into.successes = static_cast<uint32_t>(successes);
  into.first_success = ReadTime(reader);
  into.last_success = ReadTimeAfter(reader, into.first_success);
  into.recent.resize(ReadCount(reader, kRecentMax, 4));
  Timestamp previous = kTimestampMin;
  for (RecentSuccess& success : into.recent) {
    success.at = previous = ReadTimeAfter(reader, previous);
    success.event_id = ReadEventId(reader);
    const uint8_t flags = reader.Byte();
    if (flags > flags_max) return false;
    success.strange_device = (flags & kStrange) != 0;
    success.without_factor = (flags & kWithoutFactor) != 0;
    success.counted = (flags & kIsCounted) != 0;
    success.waits = (flags & kWaits) != 0;
    if ((flags & kHasAddress) != 0) success.address_hash = reader.Fixed32();
    if ((flags & kHasDevice) != 0) success.device_id_hash = reader.Fixed32();
    success.trust_percent = reader.Byte();
    if (success.trust_percent > 100) return false;
  }
  return reader.ok() && std::is_sorted(into.recent.begin(), into.recent.end(), Before);
}

size_t SignIns::HeapBytes() const {
  size_t bytes = HeapBytesOf(recent);
  for (const RecentSuccess& success : recent) bytes += HeapBytesOf(success.event_id);
  return bytes;
}

}  // namespace tocsin::detectors
