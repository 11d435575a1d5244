#include "detectors/state/payees.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

constexpr uint8_t kIncoming = 1;
constexpr uint8_t kPaid = 2;
constexpr uint8_t kExact = 4;  // first_seen follows.
constexpr uint8_t kAdded = 8;  // From version 2 on; with kExact, from version 3 on, added_at follows.

uint32_t DayOf(Timestamp at) {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}

auto Order(const Payee& payee) { return std::tuple(payee.key, payee.incoming); }

bool IsRecent(const Payee& payee) { return payee.first_seen != kTimestampMin; }

// Index of the one that goes. A seller's customers do not push out whom he pays; senders are asked for while
// they are new (pass_through).
std::ptrdiff_t Dispensable(const std::vector<Payee>& known) {
  const auto senders = static_cast<size_t>(std::ranges::count(known, true, &Payee::incoming));
  const bool sender = senders > Payees::kSendersKept || std::ranges::any_of(known, [](const Payee& payee) {
                        return payee.incoming && !IsRecent(payee);
                      });
  const auto goes = std::ranges::min_element(known, {}, [&](const Payee& payee) {
    return std::tuple(payee.incoming != sender, IsRecent(payee), payee.last_day, payee.first_seen, payee.key);
  });
  return goes - known.begin();
}

}  // namespace

uint32_t PayeeKey(std::string_view counterparty_id) { return static_cast<uint32_t>(Hash64(counterparty_id)); }

const Payee* Payees::Find(uint32_t key, bool incoming) const {
  const auto place = std::ranges::lower_bound(known, std::tuple(key, incoming), {}, Order);
  return place != known.end() && place->key == key && place->incoming == incoming ? &*place : nullptr;
}

void Payees::Insert(uint32_t key, bool incoming, Named how, Timestamp at, Timestamp newest) {
  const uint32_t today = DayOf(std::max(at, newest));
  const bool adds = how == Named::kAdded;
  for (Payee& payee : known) {
    if (payee.first_seen != kTimestampMin && newest - payee.first_seen > kRecent) {
      payee.first_seen = kTimestampMin;
      if (payee.added_at != kTimestampMax) payee.added_at = kTimestampMin;
    }
  }
  std::erase_if(known, [&](const Payee& payee) { return payee.last_day + kForgottenDays < today; });

  const auto place = std::ranges::lower_bound(known, std::tuple(key, incoming), {}, Order);
  if (place != known.end() && place->key == key && place->incoming == incoming) {
    const bool exact = place->first_seen != kTimestampMin;
    if (exact) place->first_seen = std::min(place->first_seen, at);
    if (adds) place->added_at = exact ? std::min(place->added_at, at) : kTimestampMin;
    place->paid = place->paid || !adds;
    place->last_day = std::max(place->last_day, DayOf(at));
    return;
  }
  const auto index = place - known.begin();
  MakeRoom(known);
  const Timestamp first_seen = newest - at > kRecent ? kTimestampMin : at;
  known.insert(known.begin() + index, {.key = key,
                                       .incoming = incoming,
                                       .paid = !adds,
                                       .first_seen = first_seen,
                                       .added_at = adds ? first_seen : kTimestampMax,
                                       .last_day = DayOf(at)});
  if (known.size() > kKnownMax) known.erase(known.begin() + Dispensable(known));
}

int Payees::NewBetween(bool incoming, Timestamp after, Timestamp until) const {
  return static_cast<int>(std::ranges::count_if(known, [&](const Payee& payee) {
    return payee.incoming == incoming && payee.paid && payee.first_seen > after && payee.first_seen <= until;
  }));
}

void Payees::Encode(ByteWriter& writer) const {
  writer.Varint(known.size());
  for (const Payee& payee : known) {
    const bool exact = payee.first_seen != kTimestampMin;
    const bool added = payee.added_at != kTimestampMax;
    writer.Fixed32(payee.key);
    writer.Byte(static_cast<uint8_t>((payee.incoming ? kIncoming : 0) | (payee.paid ? kPaid : 0) |
                                     (exact ? kExact : 0) | (added ? kAdded : 0)));
    if (exact) WriteTime(writer, payee.first_seen);
    if (exact && added) WriteTimeAfter(writer, payee.first_seen, payee.added_at);
    writer.Varint(payee.last_day);
  }
}

bool Payees::Decode(ByteReader& reader, uint8_t version, Payees& into) {
  constexpr int kOfVersion1 = kIncoming | kPaid | kExact;
  const int flags_max = version == 1 ? kOfVersion1 : kOfVersion1 | kAdded;
  into.known.resize(ReadCount(reader, kKnownMax, 6));
  for (Payee& payee : into.known) {
    payee.key = reader.Fixed32();
    const uint8_t flags = reader.Byte();
    if (flags > flags_max) return false;
    payee.incoming = (flags & kIncoming) != 0;
    payee.paid = (flags & kPaid) != 0;
    const bool added = version == 1 ? !payee.paid : (flags & kAdded) != 0;
    if ((flags & kExact) != 0) {
      payee.first_seen = ReadTime(reader);
      if (payee.first_seen == kTimestampMin) return false;
    }
    if (added) {
      // Who was added at an unknown time was from the first.
      const bool told = version >= 3 && (flags & kExact) != 0;
      payee.added_at = told ? ReadTimeAfter(reader, payee.first_seen) : payee.first_seen;
      if (payee.added_at == kTimestampMax) return false;
    }
    const uint64_t day = reader.Varint();
    if (day > DayOf(kTimestampMax)) return false;
    payee.last_day = static_cast<uint32_t>(day);
  }
  const auto unordered = [](const Payee& a, const Payee& b) { return Order(a) >= Order(b); };
  return reader.ok() && std::ranges::adjacent_find(into.known, unordered) == into.known.end();
}

size_t Payees::HeapBytes() const { return HeapBytesOf(known); }

}  // namespace tocsin::detectors
