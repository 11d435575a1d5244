#include "detectors/novelty.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/geo.h"
#include "base/hash.h"
#include "base/text.h"
#include "detectors/device_trust.h"
#include "detectors/state/codec.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

using schemas::Event;

constexpr size_t kDeviceIdBytesMax = 64;
constexpr size_t kDeviceTextBytesMax = 48;
constexpr size_t kSubnetBytes = 8;      // Of an IPv6 address.
constexpr double kKmPerDegree = 111.2;  // Of latitude, on the mean sphere, rounded up.

NoveltyResult NotEvaluable(std::string_view why) { return {.novelty = Novelty::kNotEvaluable, .why = why}; }

// The entry is the account's own, or what the owner has refused, when the event comes.
bool IsMeasuredBy(const Tenure& tenure, const Event& event) {
  return tenure.standing == Standing::kRefused ||
         (IsKnownAt(tenure, event.occurred_at) &&
          (tenure.introduced_by.empty() ||
           !PrecedesIntroduction(tenure, event.occurred_at, event.event_id.view())));
}

template <class Entry>
bool CanCompare(const std::vector<Entry>& list, const Event& event) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Entry& entry) { return IsMeasuredBy(entry.tenure, event); });
}

// `event` against the entries of a list that match: known as soon as one of them is, else refused, else
// pending or new.
template <class Entry, class Matches>
NoveltyResult Judge(const std::vector<Entry>& list, const Event& event, Millis unseen_after,
                    Matches matches) {
  constexpr size_t kNone = NoveltyResult::kNone;
  size_t refused = kNone;
  size_t introduced = kNone;
  bool pending = false;
  for (size_t i = 0; i < list.size(); ++i) {
    const Entry& entry = list[i];
    if (!matches(entry)) continue;
    switch (SeenAt(entry.tenure, event.occurred_at, event.event_id.view(), unseen_after)) {
      case Seen::kNot:
        break;
      case Seen::kKnown:
        return {.novelty = Novelty::kKnown, .index = i};
      case Seen::kRefused:
        refused = i;
        break;
      case Seen::kPending:
        pending = true;
        [[fallthrough]];
      case Seen::kLater: {
        const Tenure& tenure = entry.tenure;
        if (introduced == kNone ||
            PrecedesIntroduction(list[introduced].tenure, tenure.first_seen, tenure.introduced_by)) {
          introduced = i;
        }
        break;
      }
    }
  }
  if (refused != kNone) return {.novelty = Novelty::kRefused, .index = refused};
  return {.novelty = pending ? Novelty::kPending : Novelty::kNew,
          .index = introduced,
          .compared = pending || CanCompare(list, event)};
}

bool IsAnnounced(const schemas::Place& place, Timestamp at, const Security& security) {
  return std::any_of(security.travel.begin(), security.travel.end(), [&](const TravelPlan& plan) {
    return plan.from <= at && at <= plan.until &&
           std::find(plan.countries.begin(), plan.countries.end(), place.country) != plan.countries.end();
  });
}

// A place of the account's own across the border. It counts only once it is older than an event may be late:
// otherwise the order of arrival would decide, and a place could be prepared minutes before.
bool IsBesideBorder(const KnownPlace& known, const schemas::Place& place, Timestamp at, Millis unseen_after) {
  if (!known.exact || known.country == place.country || !IsKnownAt(known.tenure, at)) return false;
  if (at - known.tenure.first_seen < kMovable || at - LastSeen(known.tenure) > unseen_after) return false;
  if (std::abs(known.point.latitude - place.point.latitude) * kKmPerDegree > kBorderKm + 1) return false;
  return DistanceKm(known.point, KeptPoint(place.point)) <= kBorderKm;
}

// The event is at this place, as the learner of places sees it.
bool IsSameSpot(const KnownPlace& known, const schemas::Place& place, const GeoPoint& point) {
  if (!known.exact || known.country != place.country) return false;
  if (known.point == point) return true;
  if (std::abs(known.point.latitude - point.latitude) * kKmPerDegree > kSamePlaceKm + 1) return false;
  return DistanceKm(known.point, point) <= kSamePlaceKm;
}

// What an event's distance is measured from. As for borders, only once the order of arrival cannot decide.
bool IsMeasure(const KnownPlace& known, Timestamp at, Millis unseen_after) {
  return known.exact && IsKnownAt(known.tenure, at) && at - known.tenure.first_seen >= kMovable &&
         at - LastSeen(known.tenure) <= unseen_after;
}

// The part of a device that is its identity when there is no id, as it is kept.
struct Looks {
  explicit Looks(const schemas::Device& device)
      : os_family(KeptDeviceText(device.os_family)),
        browser_family(KeptDeviceText(device.browser_family)),
        platform(KeptDeviceText(device.platform)),
        model(KeptDeviceText(device.model)) {}
  [[nodiscard]] bool AreOf(const KnownDevice& known) const {
    return known.os_family == os_family && known.browser_family == browser_family &&
           known.platform == platform && known.model == model;
  }

  std::string_view os_family;
  std::string_view browser_family;
  std::string_view platform;
  std::string_view model;
};

// A platform alone ("web") is no identity.
template <class D>
bool HasFamily(const D& device) {
  return !device.model.empty() || !device.os_family.empty() || !device.browser_family.empty();
}

// What an event without an id may be: an entry without one as well; and what the account knows with one,
// unless it signs in over a strange network or the owner has refused its like, because its looks anybody may
// have. The other way round an id is never taken for what waits without one, so both ways a stranger's two
// shapes are two findings, in any order.
class Lookalike {
 public:
  Lookalike(const Event& event, const AccountState& state, Millis forgotten_after)
      : event_(event), looks_(event.facts.device), forgotten_after_(forgotten_after) {
    named_ = (event.login() == nullptr || !NetworkNovelty(event, state).strange()) &&
             std::ranges::none_of(state.devices().known, [&](const KnownDevice& known) {
               return known.id.empty() && looks_.AreOf(known) && Of(known) == Seen::kRefused;
             });
  }

  bool operator()(const KnownDevice& known) const {
    return looks_.AreOf(known) && (known.id.empty() || (named_ && Of(known) == Seen::kKnown));
  }

 private:
  [[nodiscard]] Seen Of(const KnownDevice& known) const {
    return SeenAt(known.tenure, event_.occurred_at, event_.event_id.view(), forgotten_after_);
  }

  const Event& event_;
  const Looks looks_;
  Millis forgotten_after_;
  bool named_ = true;  // Those with an id count.
};

bool MovedForward(const KnownDevice& known, const schemas::Device& device) {
  return device.os_major > known.os_major || device.browser_major > known.browser_major;
}

bool SameId(const KnownDevice& known, std::string_view id) {
  if (id.size() <= kDeviceIdBytesMax) return known.id == id;
  return known.id == KeptDeviceId(id);
}

uint64_t FamilyKey(std::string_view platform, std::string_view model, std::string_view os,
                   std::string_view browser) {
  // Each hash is the next one's seed, so that texts cannot run into each other.
  return Hash64(browser, Hash64(os, Hash64(model, Hash64(platform, 2))));
}
// 0 means unknown.
uint32_t NotZero(uint64_t hash) { return std::max(static_cast<uint32_t>(hash), 1U); }

}  // namespace

bool IsCountryCode(std::string_view code) {
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z';
}

std::string_view WhyMissing(schemas::Missing missing) {
  switch (missing) {
    case schemas::Missing::kPrivate:
      return kPrivateAddress;
    case schemas::Missing::kNoDatabase:
      return kNoDatabase;
    case schemas::Missing::kNotFound:
      return kNotInDatabase;
    case schemas::Missing::kNo:
    case schemas::Missing::kNoAddress:
      break;
  }
  return kNoAddress;
}

DeviceMatch MatchDevice(const Event& event, const AccountState& state) {
  const schemas::Device& device = event.facts.device;
  const std::vector<KnownDevice>& devices = state.devices().known;
  DeviceMatch match;
  if (!device.known()) return match;
  const bool family = HasFamily(device);
  if (device.id.empty()) {
    if (!family) return match;
    const Millis forgotten_after = ForgottenAfter(event, state);
    match.exact = Judge(devices, event, forgotten_after, Lookalike(event, state, forgotten_after)).index;
    return match;
  }
  const Looks looks(device);
  const Millis unseen_after = UnseenAfter(event, state);
  bool named = false;  // The account has such a device with an id: another id is another one.
  for (size_t i = 0; i < devices.size(); ++i) {
    const KnownDevice& known = devices[i];
    if (SameId(known, device.id)) match.exact = i;
    if (!family || !looks.AreOf(known) ||
        SeenAt(known.tenure, event.occurred_at, event.event_id.view(), unseen_after) != Seen::kKnown)
      continue;
    if (known.id.empty()) {
      match.family = i;
    } else {
      named = true;
    }
  }
  if (named) match.family = NoveltyResult::kNone;
  return match;
}

NoveltyResult DeviceNovelty(const Event& event, const AccountState& state) {
  return DeviceNovelty(event, state,
                       event.facts.device.id.empty() ? DeviceMatch{} : MatchDevice(event, state));
}

NoveltyResult DeviceNovelty(const Event& event, const AccountState& state, const DeviceMatch& match) {
  const schemas::Device& device = event.facts.device;
  const std::vector<KnownDevice>& known = state.devices().known;
  if (!device.known() || (device.id.empty() && !HasFamily(device))) return NotEvaluable(kNoDevice);

  const Millis forgotten_after = ForgottenAfter(event, state);
  if (device.id.empty()) {
    NoveltyResult result = Judge(known, event, forgotten_after, Lookalike(event, state, forgotten_after));
    if (result.novelty == Novelty::kKnown && MovedForward(known[result.index], device))
      result.novelty = Novelty::kSimilar;
    return result;
  }

  const Seen seen = match.exact == NoveltyResult::kNone ? Seen::kNot
                                                        : SeenAt(known[match.exact].tenure, event.occurred_at,
                                                                 event.event_id.view(), forgotten_after);
  if (seen == Seen::kKnown) return {.novelty = Novelty::kKnown, .index = match.exact};
  if (seen == Seen::kRefused) return {.novelty = Novelty::kRefused, .index = match.exact};
  if (match.family != NoveltyResult::kNone) return {.novelty = Novelty::kSimilar, .index = match.family};
  if (seen == Seen::kPending) return {.novelty = Novelty::kPending, .index = match.exact};
  return {.novelty = Novelty::kNew,
          .index = seen == Seen::kLater ? match.exact : NoveltyResult::kNone,
          .compared = CanCompare(known, event)};
}

Millis SilenceBefore(const Event& event, const AccountState& state) {
  const Waking waking = state.sessions().WakingWith(event.occurred_at);
  if (waking.woke_at == kTimestampMin || event.occurred_at < waking.woke_at ||
      event.occurred_at - waking.woke_at > kMovable)
    return Millis(0);
  return waking.woke_at - waking.slept_since;
}

Millis UnseenAfter(const Event& event, const AccountState& state) {
  return kUnseenAfter + SilenceBefore(event, state);
}

Millis ForgottenAfter(const Event& event, const AccountState& state) {
  return kForgottenAfter + SilenceBefore(event, state);
}

bool IsAnnouncedTravel(const Event& event, const AccountState& state) {
  return IsAnnounced(event.facts.place, event.occurred_at, state.security());
}

NoveltyResult CountryNovelty(const Event& event, const AccountState& state) {
  const schemas::Place& place = event.facts.place;
  if (!place.known()) return NotEvaluable(WhyMissing(place.missing));
  if (!IsCountryCode(place.country)) return NotEvaluable(kNotInDatabase);

  const std::vector<KnownPlace>& known = state.places().known;
  const auto same_country = [&](const KnownPlace& entry) { return entry.country == place.country; };
  const Millis unseen_after = UnseenAfter(event, state);
  const NoveltyResult result = Judge(known, event, unseen_after, same_country);
  if (!result.strange() || result.novelty == Novelty::kRefused) return result;

  if (IsAnnounced(place, event.occurred_at, state.security())) return {.novelty = Novelty::kSimilar};
  if (place.usable_for_speed()) {
    for (size_t i = 0; i < known.size(); ++i) {
      if (IsBesideBorder(known[i], place, event.occurred_at, unseen_after))
        return {.novelty = Novelty::kSimilar, .index = i};
    }
  }
  return result;
}

NoveltyResult RegionNovelty(const Event& event, const AccountState& state, const NoveltyResult& country,
                            double distance_km_min) {
  if (country.novelty == Novelty::kNotEvaluable) return country;
  if (!country.compared) return NotEvaluable(kLearning);
  const schemas::Place& place = event.facts.place;
  if (!place.usable_for_speed()) return NotEvaluable(kCountryOnly);
  if (country.novelty != Novelty::kKnown) return {.novelty = Novelty::kSimilar};

  const std::vector<KnownPlace>& known = state.places().known;
  const GeoPoint point = KeptPoint(place.point);
  const Millis unseen_after = UnseenAfter(event, state);
  const NoveltyResult spot = Judge(known, event, unseen_after,
                                   [&](const KnownPlace& entry) { return IsSameSpot(entry, place, point); });
  if (!spot.strange() || spot.novelty == Novelty::kRefused) return spot;
  if (IsAnnounced(place, event.occurred_at, state.security())) return {.novelty = Novelty::kSimilar};

  bool measured = false;
  const double radius_km = double{KeptRadiusKm(place.radius_km)};
  for (const KnownPlace& entry : known) {
    if (!IsMeasure(entry, event.occurred_at, unseen_after)) continue;
    measured = true;
    if (DistanceKm(entry.point, point) - double{entry.radius_km} - radius_km < distance_km_min)
      return {.novelty = Novelty::kSimilar};
  }
  return measured ? spot : NotEvaluable(kLearning);
}

NoveltyResult NetworkNovelty(const Event& event, const AccountState& state) {
  const schemas::Network& network = event.facts.network;
  if (network.missing != schemas::Missing::kNo) return NotEvaluable(WhyMissing(network.missing));
  if (network.asn == 0) return NotEvaluable(kNotInDatabase);
  return Judge(state.networks().known, event, UnseenAfter(event, state), [&](const KnownNetwork& entry) {
    return entry.asn == network.asn && entry.network_class == network.network_class;
  });
}

NoveltyResult NetworkClassNovelty(const Event& event, const AccountState& state) {
  const schemas::Network& network = event.facts.network;
  if (network.network_class == schemas::NetworkClass::kPrivate) return NotEvaluable(kPrivateAddress);
  if (network.network_class == schemas::NetworkClass::kUnknown) {
    return NotEvaluable(network.missing == schemas::Missing::kNo ? kNotInDatabase
                                                                 : WhyMissing(network.missing));
  }
  return Judge(state.networks().known, event, ForgottenAfter(event, state),
               [&](const KnownNetwork& entry) { return entry.network_class == network.network_class; });
}

AnonymousKind AnonymousKindOf(schemas::NetworkClass network_class, schemas::Anonymiser anonymiser) {
  switch (anonymiser) {
    case schemas::Anonymiser::kVpn:
      return AnonymousKind::kVpn;
    case schemas::Anonymiser::kProxy:
      return AnonymousKind::kProxy;
    case schemas::Anonymiser::kTor:
      return AnonymousKind::kTor;
    case schemas::Anonymiser::kRelay:
      return AnonymousKind::kRelay;
    case schemas::Anonymiser::kNone:
      break;
  }
  if (network_class == schemas::NetworkClass::kHosting) return AnonymousKind::kHosting;
  return network_class == schemas::NetworkClass::kAnonymiser ? AnonymousKind::kProxy : AnonymousKind::kNone;
}

NoveltyResult AnonymityNovelty(const Event& event, const AccountState& state) {
  const AnonymousKind kind =
      AnonymousKindOf(event.facts.network.network_class, event.facts.network.anonymiser);
  NoveltyResult result =
      Judge(state.networks().known, event, UnseenAfter(event, state), [&](const KnownNetwork& entry) {
        return AnonymousKindOf(entry.network_class, entry.anonymiser) == kind;
      });
  result.compared = true;  // Every use from elsewhere was one that did not hide, networks known or not.
  return result;
}

size_t OwnDevice(const Event& event, const AccountState& state) {
  return OwnDevice(event, state, DeviceNovelty(event, state));
}

size_t OwnDevice(const Event& event, const AccountState& state, const NoveltyResult& result) {
  const std::vector<KnownDevice>& known = state.devices().known;
  if (!event.facts.device.id.empty())
    return result.novelty == Novelty::kKnown ? result.index : NoveltyResult::kNone;
  if (result.novelty != Novelty::kKnown && result.novelty != Novelty::kSimilar) return NoveltyResult::kNone;
  const Looks looks(event.facts.device);
  const auto same = [&](const KnownDevice& entry) { return entry.id.empty() && looks.AreOf(entry); };
  const NoveltyResult own = Judge(known, event, ForgottenAfter(event, state), same);
  return own.novelty == Novelty::kKnown ? own.index : NoveltyResult::kNone;
}

double DeviceTrust(const Event& event, const AccountState& state) {
  return TrustOfKnown(OwnDevice(event, state), event.occurred_at, state);
}

double TrustOfKnown(size_t device, Timestamp at, const AccountState& state) {
  return device == NoveltyResult::kNone ? 0 : TrustOf(state.devices().known[device], at, state);
}

double DeviceTrust(uint32_t device_key, Timestamp at, const AccountState& state) {
  if (device_key == 0) return 0;
  double trust = 0;
  for (const KnownDevice& known : state.devices().known) {
    if (DeviceKey(known) == device_key) trust = std::max(trust, TrustOf(known, at, state));
  }
  return trust;
}

std::optional<Standing> StandingOf(uint32_t device_key, const AccountState& state) {
  if (device_key == 0) return std::nullopt;
  for (const KnownDevice& known : state.devices().known) {
    if (DeviceKey(known) == device_key) return known.tenure.standing;
  }
  return std::nullopt;
}

uint32_t DeviceKey(const schemas::Device& device) {
  if (!device.known()) return 0;
  if (device.id.size() > kDeviceIdBytesMax) return NotZero(Hash64(KeptDeviceId(device.id), 1));
  if (!device.id.empty()) return NotZero(Hash64(device.id, 1));
  if (!HasFamily(device)) return 0;
  return NotZero(FamilyKey(KeptDeviceText(device.platform), KeptDeviceText(device.model),
                           KeptDeviceText(device.os_family), KeptDeviceText(device.browser_family)));
}

uint32_t DeviceKey(const KnownDevice& device) {
  if (!device.id.empty()) return NotZero(Hash64(device.id, 1));
  if (!HasFamily(device)) return 0;
  return NotZero(FamilyKey(device.platform, device.model, device.os_family, device.browser_family));
}

uint32_t AddressHash(const schemas::Network& network) {
  if (!network.has_address) return 0;
  const auto& bytes = network.address.bytes();
  const size_t size = network.address.is_v4() ? bytes.size() : kSubnetBytes;
  return NotZero(Hash64({reinterpret_cast<const char*>(bytes.data()), size}, 3));
}

std::string KeptDeviceId(std::string_view id) {
  if (id.size() <= kDeviceIdBytesMax) return std::string(id);
  return "#" + ToHex({.high = Hash64(id, 4), .low = Hash64(id, 5)});
}

std::string_view KeptDeviceText(std::string_view text) { return CutUtf8(text, kDeviceTextBytesMax); }

}  // namespace tocsin::detectors
