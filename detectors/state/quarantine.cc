#include "detectors/state/quarantine.h"

#include <algorithm>
#include <cmath>

#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

constexpr double kAgeOfFullTrustDays = 30;
constexpr double kUsesScale = 3;

// The first byte of an encoded tenure.
constexpr unsigned kStanding = 3;
constexpr unsigned kIntroduced = 4;
constexpr unsigned kHourBefore = 8;
constexpr unsigned kReleased = 16;
constexpr unsigned kSuspected = 32;

// What a known tenure's last hour and the one before it make up of its uses.
double OfLastHours(const Tenure& tenure, Timestamp settled) {
  const Timestamp last = UseHour(tenure.last_seen);
  double uses = last > settled ? 1 : 0;
  if (tenure.hour_before && last - kUseGrain > settled) uses += Decay(kUseGrain, kTenureHalfLife);
  return uses;
}

bool CountsHour(const Tenure& tenure, Timestamp hour) {
  const Timestamp last = UseHour(tenure.last_seen);
  return hour == last - kUseGrain ? !tenure.hour_before : hour != last;
}

void CountHour(Tenure& tenure, Timestamp hour) {
  if (!CountsHour(tenure, hour)) return;
  const Timestamp last = UseHour(tenure.last_seen);
  if (hour > last) {
    tenure.uses = static_cast<float>(double{tenure.uses} * Decay(hour - last, kTenureHalfLife) + 1);
    tenure.hour_before = hour - last == kUseGrain;
    tenure.last_seen = hour;
    if (tenure.suspected_at <= hour) tenure.suspected_at = kTimestampMin;
    return;
  }
  tenure.uses += static_cast<float>(Decay(last - hour, kTenureHalfLife));
  tenure.hour_before = tenure.hour_before || last - hour == kUseGrain;
}

// When its quarantine is over.
Timestamp RipeAt(const Tenure& tenure, const Hold& hold) {
  return std::max(tenure.first_seen, hold.held_until) + hold.quarantine;
}

}  // namespace

Timestamp UseHour(Timestamp at) { return std::chrono::floor<std::chrono::hours>(at); }

bool IsKnownAt(const Tenure& tenure, Timestamp at) {
  return tenure.standing == Standing::kKnown && at >= tenure.known_since;
}

double SettledUses(const Tenure& tenure, Timestamp at) {
  if (!IsKnownAt(tenure, at)) return 0;
  const Timestamp last = UseHour(tenure.last_seen);
  const double uses = double{tenure.uses} - OfLastHours(tenure, at - kSettled - kUseGrain);
  if (uses <= 0) return 0;
  return at >= last ? uses * Decay(at - last, kTenureHalfLife) : uses / Decay(last - at, kTenureHalfLife);
}

double Trust(const Tenure& tenure, Timestamp at) {
  if (at < tenure.first_seen) return 0;
  const double age_days = Days(at - tenure.first_seen).count();
  return std::min(1.0, age_days / kAgeOfFullTrustDays) *
         (1 - std::exp(-SettledUses(tenure, at) / kUsesScale));
}

bool PrecedesIntroduction(const Tenure& tenure, Timestamp at, std::string_view event_id) {
  if (at != tenure.first_seen) return at < tenure.first_seen;
  return event_id < tenure.introduced_by;
}

Seen SeenAt(const Tenure& tenure, Timestamp at, std::string_view event_id, Millis unseen_after) {
  const bool refused = tenure.standing == Standing::kRefused;
  const bool own = tenure.standing == Standing::kKnown;
  const Millis kept = own       ? unseen_after
                      : refused ? kForgottenAfter
                                : std::min(unseen_after, kForgottenAfter);
  if (at - LastSeen(tenure) > kept) return Seen::kNot;
  if (refused) return Seen::kRefused;
  if (tenure.standing == Standing::kPending || at < tenure.known_since) return Seen::kPending;
  if (!tenure.introduced_by.empty() && PrecedesIntroduction(tenure, at, event_id)) return Seen::kLater;
  return Seen::kKnown;
}

bool IsRipe(const Tenure& tenure, Timestamp at, const Hold& hold) {
  if (tenure.standing != Standing::kPending || hold.case_open) return false;
  return at >= RipeAt(tenure, hold);
}

void Release(Tenure& tenure, const Hold& hold) {
  tenure.standing = Standing::kKnown;
  tenure.uses = 1;
  tenure.known_since = RipeAt(tenure, hold);
}

void Confirm(Tenure& tenure) {
  tenure.standing = Standing::kKnown;
  tenure.uses = 1;
  tenure.introduced_by.clear();
}

Tenure NewTenure(Standing standing, Timestamp at, std::string_view introduced_by) {
  return {.standing = standing,
          .uses = standing == Standing::kKnown ? 1.0F : 0.0F,
          .first_seen = at,
          .last_seen = UseHour(at),
          .introduced_by = std::string(introduced_by)};
}

bool UseCounts(const Tenure& tenure, Timestamp at, std::string_view event_id) {
  if (at < tenure.first_seen || CountsHour(tenure, UseHour(at))) return true;
  return !tenure.introduced_by.empty() && PrecedesIntroduction(tenure, at, event_id);
}

void CountUse(Tenure& tenure, Timestamp at, std::string_view event_id) {
  CountHour(tenure, UseHour(at));
  if (!tenure.introduced_by.empty()) {
    if (PrecedesIntroduction(tenure, at, event_id)) {
      tenure.introduced_by.assign(event_id);
    } else if (at - std::max(tenure.first_seen, tenure.known_since) > kMovable) {
      tenure.introduced_by = std::string();  // Gives the memory back.
      tenure.known_since = kTimestampMin;
    }
  }
  tenure.first_seen = std::min(tenure.first_seen, at);
}

void WriteTenure(ByteWriter& writer, const Tenure& tenure, Timestamp base) {
  const bool introduced = !tenure.introduced_by.empty();
  const bool released = tenure.known_since != kTimestampMin;
  const bool suspected = tenure.suspected_at != kTimestampMin;
  writer.Byte(static_cast<uint8_t>(static_cast<unsigned>(tenure.standing) | (introduced ? kIntroduced : 0) |
                                   (tenure.hour_before ? kHourBefore : 0) | (released ? kReleased : 0) |
                                   (suspected ? kSuspected : 0)));
  WriteTime(writer, base, tenure.last_seen);
  WriteTime(writer, tenure.last_seen, tenure.first_seen);
  writer.Float(tenure.uses);
  if (introduced) WriteEventId(writer, tenure.introduced_by);
  if (released) WriteTime(writer, tenure.last_seen, tenure.known_since);
  if (suspected) WriteTime(writer, tenure.last_seen, tenure.suspected_at);
}

void ReadTenure(ByteReader& reader, Tenure& tenure, Timestamp base) {
  const uint8_t head = reader.Byte();
  if ((head & kStanding) > static_cast<uint8_t>(Standing::kRefused) || head >= 2 * kSuspected) reader.Fail();
  tenure.standing = static_cast<Standing>(head & kStanding);
  tenure.hour_before = (head & kHourBefore) != 0;
  tenure.last_seen = ReadTime(reader, base);
  tenure.first_seen = ReadTime(reader, tenure.last_seen);
  tenure.uses = reader.Float();
  if (!(tenure.uses >= 0 && tenure.uses <= 1e9F)) reader.Fail();  // Not a number fails too.
  tenure.introduced_by.clear();
  if ((head & kIntroduced) != 0) {
    tenure.introduced_by = ReadEventId(reader);
    if (tenure.introduced_by.empty()) reader.Fail();
  }
  tenure.known_since = (head & kReleased) != 0 ? ReadTime(reader, tenure.last_seen) : kTimestampMin;
  tenure.suspected_at = (head & kSuspected) != 0 ? ReadTime(reader, tenure.last_seen) : kTimestampMin;
}

}  // namespace tocsin::detectors
