#include "daemon/detection/account.h"

#include "base/prefetch.h"

namespace tocsin::daemon {
namespace {

template <class Segments>
constexpr uint64_t Bits(const Segments& segments) {
  uint64_t bits = 0;
  for (const auto segment : segments) bits |= uint64_t{1} << static_cast<unsigned>(segment);
  return bits;
}
constexpr uint64_t kDetectionBits = Bits(detectors::kSegments);
constexpr uint64_t kCaseBits = Bits(alerts::kSegments);
static_assert((kDetectionBits & kCaseBits) == 0, "a segment id belongs to one owner");

constexpr bool Has(uint64_t bits, uint8_t segment) { return segment < 64 && ((bits >> segment) & 1) != 0; }

constexpr uint64_t FormOf(detectors::Segment segment) {
  using detectors::Segment;
  switch (segment) {
    case Segment::kProfile:
      return detectors::Profile::kVersion;
    case Segment::kPlaces:
      return detectors::Places::kVersion;
    case Segment::kDevices:
      return detectors::Devices::kVersion;
    case Segment::kNetworks:
      return detectors::Networks::kVersion;
    case Segment::kSignIns:
      return detectors::SignIns::kVersion;
    case Segment::kFailures:
      return detectors::Failures::kVersion;
    case Segment::kMoney:
      return detectors::MoneyHistory::kVersion;
    case Segment::kSecurity:
      return detectors::Security::kVersion;
    case Segment::kRecentEvents:
      return detectors::RecentEvents::kVersion;
    case Segment::kSessions:
      return detectors::Sessions::kVersion;
    case Segment::kHabits:
      return detectors::Habits::kVersion;
    case Segment::kSecurityLog:
      return detectors::SecurityLog::kVersion;
    case Segment::kPayees:
      return detectors::Payees::kVersion;
    case Segment::kAttempts:
      return detectors::PaymentAttempts::kVersion;
    case Segment::kLedger:
      return detectors::Ledger::kVersion;
  }
  return 0;
}

Error UnknownSegment() { return {ErrorCode::kCorrupt, "state", "a segment that this version does not know"}; }

}  // namespace

uint64_t Account::Form() {
  uint64_t form = alerts::CaseFile::kVersion + alerts::CaseFile::kToldVersion + alerts::Timeline::kVersion +
                  detectors::Population::kVersion + detectors::PopulationHistory::kVersion +
                  Precision::kVersion;
  for (const detectors::Segment segment : detectors::kSegments) form += FormOf(segment);
  return form;
}

void Account::ClearChanged() {
  detection.ClearChanged();
  cases.ClearChanged();
}

uint64_t Account::segments() const { return kDetectionBits | kCaseBits; }

void Account::EncodeSegment(uint8_t segment, std::string& out) const {
  if (Has(kDetectionBits, segment)) detection.EncodeSegment(static_cast<detectors::Segment>(segment), out);
  if (Has(kCaseBits, segment)) cases.EncodeSegment(static_cast<alerts::Segment>(segment), out);
}

Result<Done> Account::DecodeSegment(uint8_t segment, std::string_view bytes) {
  if (Has(kDetectionBits, segment))
    return detection.DecodeSegment(static_cast<detectors::Segment>(segment), bytes);
  if (Has(kCaseBits, segment)) return cases.DecodeSegment(static_cast<alerts::Segment>(segment), bytes);
  return UnknownSegment();
}

void Account::Prefetch() const {
  for (const auto& ids : detection.recent_events().ids) PrefetchList(ids.events);
  PrefetchList(detection.places().known);
  PrefetchList(detection.places().uses);
  PrefetchList(detection.devices().known);
  PrefetchList(detection.networks().known);
  PrefetchList(detection.sign_ins().recent);
  PrefetchList(detection.failures().attempts);
  PrefetchList(detection.money().entries);
  PrefetchList(detection.money().histograms);
  PrefetchList(detection.security().stages);
  PrefetchList(detection.security_log().events);
  PrefetchList(detection.sessions().spots);
  PrefetchList(detection.payees().known);
  PrefetchList(detection.ledger().open);
  PrefetchList(detection.ledger().statements);
  PrefetchList(detection.profile().owner.limits);
  PrefetchList(cases.cases());
}

void Account::PrefetchFar() const {
  for (const detectors::AmountHistogram& histogram : detection.money().histograms) {
    PrefetchList(histogram.bins);
    PrefetchList(histogram.blocks);
  }
}

size_t Account::ByteSize() const {
  return sizeof(*this) - sizeof(detection) - sizeof(cases) + detection.ByteSize() + cases.ByteSize();
}

void PopulationState::EncodeSegment(uint8_t segment, std::string& out) const {
  using Part = detectors::PopulationHistory::Part;
  if (segment == kSegment) population.Encode(Part::kMet, out);
  if (segment == kBeforeSegment) population.Encode(Part::kMetBefore, out);
  if (segment == kOpenSegment) population.Encode(Part::kOpen, out);
  if (segment == kPrecisionSegment) precision.Encode(out);
}

Result<Done> PopulationState::DecodeSegment(uint8_t segment, std::string_view bytes) {
  using Part = detectors::PopulationHistory::Part;
  if (segment == kSegment) return population.Decode(Part::kMet, bytes);
  if (segment == kBeforeSegment) return population.Decode(Part::kMetBefore, bytes);
  if (segment == kOpenSegment) return population.Decode(Part::kOpen, bytes);
  if (segment == kPrecisionSegment) return precision.Decode(bytes);
  return UnknownSegment();
}

}  // namespace tocsin::daemon
