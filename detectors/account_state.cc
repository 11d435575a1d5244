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
constexpr uint8_t OldestVersion() {
  if constexpr (requires { T::kVersionMin; }) return T::kVersionMin;
  return 1;
}

enum class Decoded : uint8_t { kGood, kOld, kNew, kBad };

template <class T>
Decoded Read(std::string_view bytes, T& into) {
  T fresh{};
  if (!bytes.empty()) {
    ByteReader reader(bytes);
    const uint8_t version = reader.Byte();
    if (version == 0) return Decoded::kBad;
    if (version < OldestVersion<T>()) return Decoded::kOld;
    if (version > T::kVersion) return Decoded::kNew;
    if (!T::Decode(reader, version, fresh) || !reader.ok() || !reader.AtEnd()) return Decoded::kBad;
    // An empty segment is written as nothing.
    if (fresh.empty()) return Decoded::kBad;
  }
  into = std::move(fresh);
  return Decoded::kGood;
}

const char* Explain(Decoded decoded) {
  switch (decoded) {
    case Decoded::kOld:
      return "written by an earlier version of Tocsin, which this one no longer reads: give it a new "
             "changelog and "
             "state directory, and let it read the input again";
    case Decoded::kNew:
      return "written by a later version of Tocsin than this one";
    case Decoded::kGood:
    case Decoded::kBad:
      break;
  }
  return "not what this or an earlier version wrote";
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
  const Decoded decoded = [&] {
    switch (segment) {
      case Segment::kProfile:
        return Read(bytes, profile_);
      case Segment::kPlaces:
        return Read(bytes, places_);
      case Segment::kDevices:
        return Read(bytes, devices_);
      case Segment::kNetworks:
        return Read(bytes, networks_);
      case Segment::kSignIns:
        return Read(bytes, sign_ins_);
      case Segment::kFailures:
        return Read(bytes, failures_);
      case Segment::kMoney:
        return Read(bytes, money_);
      case Segment::kSecurity:
        return Read(bytes, security_);
      case Segment::kRecentEvents:
        return Read(bytes, recent_events_);
      case Segment::kSecurityLog:
        return Read(bytes, security_log_);
      case Segment::kSessions:
        return Read(bytes, sessions_);
      case Segment::kHabits:
        return Read(bytes, habits_);
      case Segment::kPayees:
        return Read(bytes, payees_);
      case Segment::kAttempts:
        return Read(bytes, attempts_);
      case Segment::kLedger:
        return Read(bytes, ledger_);
    }
    return Decoded::kBad;  // A number read from the store that names no segment.
  }();
  if (decoded == Decoded::kGood) return Done{};
  return Error{.code = ErrorCode::kCorrupt,
               .field = "segment " + std::to_string(static_cast<int>(segment)),
               .detail = Explain(decoded)};
}

size_t AccountState::ByteSize() const {
  return sizeof(AccountState) + profile_.HeapBytes() + places_.HeapBytes() + devices_.HeapBytes() +
         networks_.HeapBytes() + sign_ins_.HeapBytes() + failures_.HeapBytes() + money_.HeapBytes() +
         security_.HeapBytes() + security_log_.HeapBytes() + recent_events_.HeapBytes() +
         sessions_.HeapBytes() + habits_.HeapBytes() + payees_.HeapBytes() + attempts_.HeapBytes() +
         ledger_.HeapBytes();
}

}  // namespace tocsin::detectors
