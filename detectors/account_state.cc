#include "detectors/account_state.h"

#include <utility>

#include "base/bytes.h"

namespace tocsin::detectors {
namespace {

template <class T>
void Encode(const T& segment, std::string& out) {
  if (segment.empty()) return;
  ByteWriter writer(out);
  writer.Byte(T::kVersion);
  segment.Encode(writer);
}

template <class T>
bool Decode(std::string_view bytes, T& into) {
  T fresh{};
  if (!bytes.empty()) {
    ByteReader reader(bytes);
    const uint8_t version = reader.Byte();
    if (version == 0 || version > T::kVersion) return false;
    if (!T::Decode(reader, version, fresh) || !reader.ok() || !reader.AtEnd()) return false;
    // An empty segment is written as nothing.
    if (fresh.empty()) return false;
  }
  into = std::move(fresh);
  return true;
}

}  // namespace

void AccountState::EncodeSegment(Segment segment, std::string& out) const {
  switch (segment) {
    case Segment::kProfile:
      return Encode(profile_, out);
    case Segment::kPlaces:
      return Encode(places_, out);
    case Segment::kDevices:
      return Encode(devices_, out);
    case Segment::kNetworks:
      return Encode(networks_, out);
    case Segment::kSignIns:
      return Encode(sign_ins_, out);
    case Segment::kFailures:
      return Encode(failures_, out);
    case Segment::kMoney:
      return Encode(money_, out);
    case Segment::kSecurity:
      return Encode(security_, out);
    case Segment::kRecentEvents:
      return Encode(recent_events_, out);
    case Segment::kSecurityLog:
      return Encode(security_log_, out);
    case Segment::kSessions:
      return Encode(sessions_, out);
    case Segment::kHabits:
      return Encode(habits_, out);
    case Segment::kPayees:
      return Encode(payees_, out);
    case Segment::kAttempts:
      return Encode(attempts_, out);
    case Segment::kLedger:
      return Encode(ledger_, out);
  }
  CHECK(false);
}

Result<Done> AccountState::DecodeSegment(Segment segment, std::string_view bytes) {
  const bool good = [&] {
    switch (segment) {
      case Segment::kProfile:
        return Decode(bytes, profile_);
      case Segment::kPlaces:
        return Decode(bytes, places_);
      case Segment::kDevices:
        return Decode(bytes, devices_);
      case Segment::kNetworks:
        return Decode(bytes, networks_);
      case Segment::kSignIns:
        return Decode(bytes, sign_ins_);
      case Segment::kFailures:
        return Decode(bytes, failures_);
      case Segment::kMoney:
        return Decode(bytes, money_);
      case Segment::kSecurity:
        return Decode(bytes, security_);
      case Segment::kRecentEvents:
        return Decode(bytes, recent_events_);
      case Segment::kSecurityLog:
        return Decode(bytes, security_log_);
      case Segment::kSessions:
        return Decode(bytes, sessions_);
      case Segment::kHabits:
        return Decode(bytes, habits_);
      case Segment::kPayees:
        return Decode(bytes, payees_);
      case Segment::kAttempts:
        return Decode(bytes, attempts_);
      case Segment::kLedger:
        return Decode(bytes, ledger_);
    }
    return false;  // A number read from the store that names no segment.
  }();
  if (good) return Done{};
  return Error{.code = ErrorCode::kCorrupt,
               .field = "segment " + std::to_string(static_cast<int>(segment)),
               .detail = "not what this or an earlier version wrote"};
}

size_t AccountState::ByteSize() const {
  return sizeof(AccountState) + profile_.HeapBytes() + places_.HeapBytes() + devices_.HeapBytes() +
         networks_.HeapBytes() + sign_ins_.HeapBytes() + failures_.HeapBytes() + money_.HeapBytes() +
         security_.HeapBytes() + security_log_.HeapBytes() + recent_events_.HeapBytes() +
         sessions_.HeapBytes() + habits_.HeapBytes() + payees_.HeapBytes() + attempts_.HeapBytes() +
         ledger_.HeapBytes();
}

}  // namespace tocsin::detectors
