#include "detectors/state/quarantine.h"

#include <algorithm>
#include <cmath>

#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

constexpr double kAgeOfFullTrustDays = 30;
constexpr double kUsesScale = 3;

}  // namespace

double Trust(const Tenure& tenure, Timestamp at) {
  if (tenure.standing != Standing::kKnown || at < tenure.first_seen) return 0;
  const double age_days = Days(at - tenure.first_seen).count();
  const double uses_now = double{tenure.uses} * Decay(at - tenure.last_seen, kTenureHalfLife);
  return std::min(1.0, age_days / kAgeOfFullTrustDays) * (1 - std::exp(-uses_now / kUsesScale));
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
  if (at - tenure.last_seen > kept) return Seen::kNot;
  if (refused) return Seen::kRefused;
  if (tenure.standing == Standing::kPending) return Seen::kPending;
  if (!tenure.introduced_by.empty() && PrecedesIntroduction(tenure, at, event_id)) return Seen::kLater;
  return Seen::kKnown;
}

bool IsRipe(const Tenure& tenure, Timestamp at, const Hold& hold) {
  if (tenure.standing != Standing::kPending || hold.case_open) return false;
  return at - std::max(tenure.first_seen, hold.held_until) >= hold.quarantine;
}

Tenure NewTenure(Standing standing, Timestamp at, std::string_view introduced_by) {
  return {.standing = standing,
          .first_seen = at,
          .last_seen = at,
          .uses = standing == Standing::kKnown ? 1.0F : 0.0F,
          .introduced_by = std::string(introduced_by)};
}

bool UseCounts(const Tenure& tenure, Timestamp at, std::string_view event_id) {
  if (AbsDifference(at, tenure.last_seen) >= kUseGrain || at < tenure.first_seen) return true;
  return !tenure.introduced_by.empty() && PrecedesIntroduction(tenure, at, event_id);
}

void CountUse(Tenure& tenure, Timestamp at, std::string_view event_id) {
  if (at >= tenure.last_seen + kUseGrain) {
    tenure.uses = static_cast<float>(double{tenure.uses} * Decay(at - tenure.last_seen, kTenureHalfLife) + 1);
    tenure.last_seen = at;
  } else if (at <= tenure.last_seen - kUseGrain) {
    tenure.uses += static_cast<float>(Decay(tenure.last_seen - at, kTenureHalfLife));
  }
  if (!tenure.introduced_by.empty()) {
    if (PrecedesIntroduction(tenure, at, event_id)) {
      tenure.introduced_by.assign(event_id);
    } else if (at - tenure.first_seen > kMovable) {
      tenure.introduced_by = std::string();  // Gives the memory back.
    }
  }
  tenure.first_seen = std::min(tenure.first_seen, at);
}

void WriteTenure(ByteWriter& writer, const Tenure& tenure, Timestamp base) {
  const bool introduced = !tenure.introduced_by.empty();
  writer.Byte(static_cast<uint8_t>(static_cast<unsigned>(tenure.standing) | (introduced ? 4U : 0U)));
  WriteTime(writer, base, tenure.last_seen);
  WriteTime(writer, tenure.last_seen, tenure.first_seen);
  writer.Float(tenure.uses);
  if (introduced) WriteEventId(writer, tenure.introduced_by);
}

void ReadTenure(ByteReader& reader, Tenure& tenure, Timestamp base) {
  const uint8_t head = reader.Byte();
  if ((head & 3) > static_cast<uint8_t>(Standing::kRefused) || head > 7) reader.Fail();
  tenure.standing = static_cast<Standing>(head & 3);
  tenure.last_seen = ReadTime(reader, base);
  tenure.first_seen = ReadTime(reader, tenure.last_seen);
  tenure.uses = reader.Float();
  if (!(tenure.uses >= 0 && tenure.uses <= 1e9F)) reader.Fail();  // Not a number fails too.
  tenure.introduced_by.clear();
  if ((head & 4) != 0) {
    tenure.introduced_by = ReadEventId(reader);
    if (tenure.introduced_by.empty()) reader.Fail();
  }
}

}  // namespace tocsin::detectors
