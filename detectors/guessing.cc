#include "detectors/guessing.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/hash.h"
#include "detectors/novelty.h"

namespace tocsin::detectors {
namespace {

using schemas::FailureReason;
using schemas::LoginMethod;

struct Tally {
  int distinct = 0;
  int most = 0;
};

// How many different keys there are and how often the most frequent one is; 0 is unknown. Changes the order
// of `keys`.
Tally Count(std::span<uint64_t> keys) {
  std::sort(keys.begin(), keys.end());
  Tally tally;
  int length = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    length = i > 0 && keys[i] == keys[i - 1] ? length + 1 : 1;
    tally.distinct += length == 1 ? 1 : 0;
    tally.most = std::max(tally.most, length);
  }
  return tally;
}

uint64_t CountryKey(const std::string& country) {
  return country.size() == 2 ? (static_cast<uint64_t>(static_cast<unsigned char>(country[0])) << 8 |
                                static_cast<unsigned char>(country[1]))
                             : 0;
}

}  // namespace

bool IsGuess(const schemas::Event& event) {
  const schemas::Login* login = event.login();
  if (login == nullptr || login->outcome != schemas::LoginOutcome::kFailure) return false;
  switch (login->method) {
    case LoginMethod::kPasskey:
    case LoginMethod::kBiometric:
    case LoginMethod::kToken:
      return false;
    case LoginMethod::kNone:
    case LoginMethod::kPassword:
    case LoginMethod::kOtp:
    case LoginMethod::kSso:
    case LoginMethod::kSocial:
      break;
  }
  switch (login->failure_reason) {
    case FailureReason::kNone:
    case FailureReason::kBadCredentials:
    case FailureReason::kUnknownAccount:
    case FailureReason::kOther:
      return true;
    case FailureReason::kMfaFailed:
    case FailureReason::kMfaDenied:
    case FailureReason::kMfaTimeout:
    case FailureReason::kLocked:
    case FailureReason::kBlockedByPolicy:
    case FailureReason::kExpired:
      return false;
  }
  return false;
}

FailedAttempt ToAttempt(const schemas::Event& event) {
  const schemas::Facts& facts = event.facts;
  return {
      .at = event.occurred_at,
      .event_id = event.event_id.str(),
      .address_hash = AddressHash(facts.network),
      .asn = facts.network.asn,
      .country = facts.place.known() && facts.place.country.size() == 2 ? facts.place.country : std::string(),
      .device_id_hash = DeviceIdHash(facts.device),
      .reason = event.login()->failure_reason};
}

uint32_t DeviceIdHash(const schemas::Device& device) {
  return device.id.empty() ? 0 : std::max(static_cast<uint32_t>(Hash64(device.id)), 1U);
}

AttemptsWith::AttemptsWith(const Failures& failures) {
  for (const FailedAttempt& attempt : failures.attempts) held_[size_++] = &attempt;
}

AttemptsWith::AttemptsWith(const Failures& failures, const FailedAttempt& added) : AttemptsWith(failures) {
  CHECK(size_ < held_.size());
  const auto end = held_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto place =
      std::upper_bound(held_.begin(), end, &added, [](const FailedAttempt* a, const FailedAttempt* b) {
        return std::tie(a->at, a->event_id) < std::tie(b->at, b->event_id);
      });
  std::move_backward(place, end, end + 1);
  *place = &added;
  added_ = static_cast<size_t>(place - held_.begin());
  ++size_;
}

std::pair<size_t, size_t> RunAround(std::span<const FailedAttempt* const> attempts, size_t index) {
  // Forwards from the start, because what was folded into an attempt may reach beyond its successors.
  size_t begin = 0;
  Timestamp end_of_run = attempts[0]->end();
  for (size_t i = 1; i < attempts.size(); ++i) {
    if (attempts[i]->at - end_of_run > Failures::kRunGap) {
      if (i > index) return {begin, i};
      begin = i;
    }
    end_of_run = std::max(end_of_run, attempts[i]->end());
  }
  return {begin, attempts.size()};
}

Spread SpreadOf(std::span<const FailedAttempt* const> window) {
  std::array<uint64_t, Failures::kAttemptsMax + 1> keys;
  CHECK(window.size() <= keys.size());
  const auto tally = [&](auto key_of) {
    std::transform(window.begin(), window.end(), keys.begin(),
                   [&](const FailedAttempt* a) { return uint64_t{key_of(*a)}; });
    return Count({keys.data(), window.size()});
  };
  const Tally addresses = tally([](const FailedAttempt& a) { return a.address_hash; });
  const Tally networks = tally([](const FailedAttempt& a) { return a.asn; });
  const Tally countries = tally([](const FailedAttempt& a) { return CountryKey(a.country); });
  const Tally devices = tally([](const FailedAttempt& a) { return a.device_id_hash; });
  const int attempts = static_cast<int>(window.size());
  return {.attempts = attempts,
          .addresses = addresses.distinct,
          .networks = networks.distinct,
          .countries = countries.distinct,
          .from_one_address = addresses.most,
          .from_one_network = networks.most,
          .one_device = attempts > 0 && devices.most == attempts};
}

std::string SpanText(Millis span) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  if (span >= hours(2) && span % hours(1) == Millis(0)) return std::to_string(span / hours(1)) + " h";
  if (span >= minutes(1) && span % minutes(1) == Millis(0)) return std::to_string(span / minutes(1)) + " min";
  return std::to_string(span / seconds(1)) + " s";
}

std::string CountText(int64_t count, Millis window) {
  return std::to_string(count) + " in " + SpanText(window);
}

std::string BelowText(int64_t count, Millis window) { return "< " + CountText(count, window); }

}  // namespace tocsin::detectors
