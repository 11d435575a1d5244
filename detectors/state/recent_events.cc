#include "detectors/state/recent_events.h"

#include <algorithm>
#include <tuple>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"
#include "schemas/event.h"

namespace tocsin::detectors {
namespace {

bool Before(const RecentEvent& a, const RecentEvent& b) {
  return std::tie(a.at, a.key) < std::tie(b.at, b.key);
}

// A list this short is moved at once: one or two cache lines, and its front stays live, which is what is
// asked most.
constexpr size_t kShort = 64;

constexpr std::array kBoth = {CausedBy::kSignedIn, CausedBy::kAnybody};

}  // namespace

CausedBy WhoCaused(const schemas::Event& event) {
  if (const schemas::Login* login = event.login())
    return login->outcome == schemas::LoginOutcome::kSuccess ? CausedBy::kSignedIn : CausedBy::kAnybody;
  if (const schemas::Transaction* transaction = event.transaction()) {
    const bool sent_here = transaction->direction == schemas::Direction::kIn &&
                           transaction->kind != schemas::TransactionKind::kTopUp;
    const bool refused = transaction->status == schemas::TransactionStatus::kDeclined;
    return sent_here || refused ? CausedBy::kAnybody : CausedBy::kSignedIn;
  }
  if (const schemas::AccountChange* change = event.change()) {
    const bool forgotten = change->change == schemas::ChangeKind::kPasswordResetRequested;
    return forgotten ? CausedBy::kAnybody : CausedBy::kSignedIn;
  }
  return CausedBy::kSignedIn;
}

bool RecentEvents::IsLate(Timestamp at, CausedBy by) const {
  const Timestamp forgotten_until = Of(by).forgotten_until;
  return newest - at > kHorizon || (forgotten_until != kTimestampMin && at <= forgotten_until);
}

std::span<const RecentEvent> RecentEvents::Live(CausedBy by) const {
  const std::vector<RecentEvent>& events = Of(by).events;
  if (events.empty() || !IsLate(events.front().at, by)) return events;
  const auto first = std::partition_point(events.begin(), events.end(),
                                          [&](const RecentEvent& e) { return IsLate(e.at, by); });
  return {first, events.end()};
}

bool RecentEvents::Contains(Timestamp at, uint64_t key) const {
  return std::ranges::any_of(kBoth, [&](CausedBy by) {
    const std::span<const RecentEvent> live = Live(by);
    if (at <= newest &&
        std::binary_search(live.begin(), live.end(), RecentEvent{.at = at, .key = key}, Before))
      return true;
    return std::any_of(live.rbegin(), live.rend(), [&](const RecentEvent& e) { return e.key == key; });
  });
}

void RecentEvents::Insert(Timestamp at, uint64_t key, CausedBy by) {
  newest = std::max(newest, at);
  const RecentEvent event{.at = at, .key = key};
  std::vector<RecentEvent>& events = Of(by).events;
  MakeRoom(events);
  events.push_back(event);
  if (events.size() > 1 && Before(event, events[events.size() - 2])) {
    const auto place = std::upper_bound(events.begin(), events.end() - 1, event, Before);
    std::rotate(place, events.end() - 1, events.end());
  }

  // A long one in bulk, so that each id is moved a bounded number of times however many there are.
  if (IsLate(events.front().at, by)) {
    const size_t expired = events.size() - Live(by).size();
    if (events.size() <= kShort || expired >= events.size() / 4) {
      events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(expired));
      GiveBackRoom(events);
    }
  }
  if (events.size() > kEventsMax) {
    const auto kept = events.begin() + static_cast<std::ptrdiff_t>(kEventsMax / 8);
    Of(by).forgotten_until = std::max(Of(by).forgotten_until, (kept - 1)->at);
    events.erase(events.begin(), kept);
  }
}

void RecentEvents::Encode(ByteWriter& writer) const {
  WriteTime(writer, newest);
  for (const CausedBy by : kBoth) {
    const std::span<const RecentEvent> live = Live(by);
    const bool forgot = Of(by).forgotten_until != kTimestampMin;
    writer.Varint(live.size() * 2 + (forgot ? 1 : 0));
    if (forgot) WriteTime(writer, Of(by).forgotten_until);
    // Backwards from the newest: the differences are small.
    Timestamp next = newest;
    for (auto event = live.rbegin(); event != live.rend(); ++event) {
      WriteTimeAfter(writer, event->at, next);
      next = event->at;
      WriteHash<6>(writer, event->key);
    }
  }
}

bool RecentEvents::Decode(ByteReader& reader, uint8_t version, RecentEvents& into) {
  into.newest = ReadTime(reader);
  const auto read_ids = [&](Ids& list, size_t count) {
    list.events.resize(count);
    Timestamp next = into.newest;
    for (auto event = list.events.rbegin(); event != list.events.rend(); ++event) {
      event->at = next = ReadTimeBefore(reader, next);
      event->key = ReadHash<6>(reader);
    }
  };
  const auto is_sound = [&](CausedBy by) {
    const std::vector<RecentEvent>& events = into.Of(by).events;
    return std::is_sorted(events.begin(), events.end(), Before) &&
           (events.empty() || !into.IsLate(events.front().at, by));
  };

  if (version == 2) {  // Whoever caused them.
    Ids& all = into.Of(CausedBy::kSignedIn);
    all.forgotten_until = ReadTime(reader);
    read_ids(all, ReadCount(reader, kEventsMax, 7));
    into.Of(CausedBy::kAnybody).forgotten_until = all.forgotten_until;
    return reader.ok() && is_sound(CausedBy::kSignedIn);
  }
  for (const CausedBy by : kBoth) {
    const uint64_t head = reader.Varint();
    if (head / 2 > kEventsMax || head / 2 * 7 > reader.remaining()) return false;
    into.Of(by).forgotten_until = head % 2 == 1 ? ReadTime(reader) : kTimestampMin;
    read_ids(into.Of(by), static_cast<size_t>(head / 2));
  }
  return reader.ok() && std::ranges::all_of(kBoth, is_sound);
}

size_t RecentEvents::HeapBytes() const { return HeapBytesOf(ids[0].events) + HeapBytesOf(ids[1].events); }

bool operator==(const RecentEvents& a, const RecentEvents& b) {
  const auto equal = [&](CausedBy by) {
    return a.Of(by).forgotten_until == b.Of(by).forgotten_until && std::ranges::equal(a.Live(by), b.Live(by));
  };
  return a.newest == b.newest && std::ranges::all_of(kBoth, equal);
}

}  // namespace tocsin::detectors
