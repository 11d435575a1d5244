// Is this device, place or network new to the account? One answer for every detector and learner that asks.
//
// Everything here is pure, and judged at the event's own place in the account's history: what is known only
// since a later event was still new for one that arrives late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

enum class Novelty : uint8_t {
  kNotEvaluable,  // The event does not say; `why` tells.
  kKnown,
  kSimilar,  // Device: same family, version moved forward. Place: across a border but near a known one, or
             // announced travel.
  kPending,  // New, and already waiting in quarantine.
  kRefused,  // The owner has said "not me" of it.
  kNew,
};

struct NoveltyResult {
  Novelty novelty = Novelty::kNotEvaluable;
  std::string_view why;  // For kNotEvaluable: a constant of verdict.h.
  // Of the entry that matches, in the segment's list. For kPending, and for kNew when a later event has
  // introduced it already: the entry with the earliest introduction. kNone: no entry.
  size_t index = kNone;
  static constexpr size_t kNone = static_cast<size_t>(-1);
  // False: new, but the account has nothing of the kind that it could be strange to.
  bool compared = true;

  // Not the account's own: new to what it has, waiting or refused.
  [[nodiscard]] bool strange() const {
    return (novelty == Novelty::kNew && compared) || novelty == Novelty::kPending ||
           novelty == Novelty::kRefused;
  }
};

// Device match has three answers. Same: equal ids; or, where the event has none, equal platform, model and
// families, but for a sign-in over a strange network only those of a device without an id, and for all once
// the owner has refused their like. Similar: the same without ids but a version moved forward; or an id where
// the account only knew this platform, model and families without one. Different: all else. Raw user agents
// decide nothing, and neither does a version that moved backward (an older one may only be late;
// device_tampered looks at it).
[[nodiscard]] NoveltyResult DeviceNovelty(const schemas::Event& event, const AccountState& state);

struct DeviceMatch;
// By what MatchDevice has answered.
[[nodiscard]] NoveltyResult DeviceNovelty(const schemas::Event& event, const AccountState& state,
                                          const DeviceMatch& match);

// Country unseen for UnseenAfter. Similar, so not strange: a spot within kBorderKm of a place in another
// country that the account has known for longer than an event may be late; or a country and time that the
// owner has announced.
inline constexpr double kBorderKm = 100;
[[nodiscard]] NoveltyResult CountryNovelty(const schemas::Event& event, const AccountState& state);

// A silence of the whole account (30 d or more) that has ended with the event or in the 72 h before it; 0:
// none. What the account knows does not grow old in it: who comes back after a year finds his own telephone
// and his own line.
[[nodiscard]] Millis SilenceBefore(const schemas::Event& event, const AccountState& state);
// How long a place or a network may be unseen at the event and still be known: 90 d and that silence.
[[nodiscard]] Millis UnseenAfter(const schemas::Event& event, const AccountState& state);
// The same of a device, a class of network or an oddity: 180 d and that silence.
[[nodiscard]] Millis ForgottenAfter(const schemas::Event& event, const AccountState& state);
// The owner has announced to be in the event's country at that time.
[[nodiscard]] bool IsAnnouncedTravel(const schemas::Event& event, const AccountState& state);

// Spot of a known country, this far from every place the account has known for longer than an event may be
// late. Similar, so not strange: nearer than that; a country that is itself strange, or similar
// (new_country's business); announced travel. Not evaluable: no better than a country, or no such place to
// measure from.
// `country` is CountryNovelty.
[[nodiscard]] NoveltyResult RegionNovelty(const schemas::Event& event, const AccountState& state,
                                          const NoveltyResult& country, double distance_km_min);

// Autonomous system, as a network of this class, unseen for UnseenAfter.
[[nodiscard]] NoveltyResult NetworkNovelty(const schemas::Event& event, const AccountState& state);
// Network class the account has never used (within the 180 d of use that it remembers).
[[nodiscard]] NoveltyResult NetworkClassNovelty(const schemas::Event& event, const AccountState& state);

// Ways to hide where one is; hosting is one: nobody lives in a data centre.
enum class AnonymousKind : uint8_t { kNone, kVpn, kProxy, kTor, kRelay, kHosting };
[[nodiscard]] AnonymousKind AnonymousKindOf(schemas::NetworkClass network_class,
                                            schemas::Anonymiser anonymiser);
// This kind of anonymous network, unseen for UnseenAfter. REQUIRES: event.facts.network.anonymous().
[[nodiscard]] NoveltyResult AnonymityNovelty(const schemas::Event& event, const AccountState& state);

// The entries an event is about, whatever their standing; kNone when there is none.
struct DeviceMatch {
  size_t exact = NoveltyResult::kNone;  // The same device.
  size_t family =
      NoveltyResult::kNone;  // For an event with an id: a known one without id that it may well be.
};
[[nodiscard]] DeviceMatch MatchDevice(const schemas::Event& event, const AccountState& state);

// The account's own device that the event names: the known one of its id, or without an id the known one
// without. What only may be one of them is none: an id that the account has not seen on a device it knew
// without, and, named by no id, the looks of a device with one, which anybody may have. kNone: none.
[[nodiscard]] size_t OwnDevice(const schemas::Event& event, const AccountState& state);
// By what DeviceNovelty has answered.
[[nodiscard]] size_t OwnDevice(const schemas::Event& event, const AccountState& state,
                               const NoveltyResult& novelty);
// Trust (0…1) of that device, at the event; 0 when there is none.
[[nodiscard]] double DeviceTrust(const schemas::Event& event, const AccountState& state);
// The same of an entry of the list of devices; 0 of kNone.
[[nodiscard]] double TrustOfKnown(size_t device, Timestamp at, const AccountState& state);
// The same by DeviceKey.
[[nodiscard]] double DeviceTrust(uint32_t device_key, Timestamp at, const AccountState& state);
// Where the device of this DeviceKey stands with the account; none: it is not remembered.
[[nodiscard]] std::optional<Standing> StandingOf(uint32_t device_key, const AccountState& state);
// What a location signal is worth when it comes with a device of this trust: 1 − trust / 2.
[[nodiscard]] constexpr double TrustDamping(double trust) { return 1 - 0.5 * trust; }

// Stable hash of the device's identity (id, else platform + model + families); 0 when unknown. 32 bits, as
// every hash that is only compared with the few others of one account: of its devices or addresses two share
// one once in a hundred million accounts, and then a strange one passes for a known one.
[[nodiscard]] uint32_t DeviceKey(const schemas::Device& device);
[[nodiscard]] uint32_t DeviceKey(const KnownDevice& device);
// Stable hash of where the address is: of IPv6 its /64, which is what one line or telephone is given and
// within which anybody there may take another address for each connection (RFC 8981); 0 when there is none.
[[nodiscard]] uint32_t AddressHash(const schemas::Network& network);

// What is kept of a device's texts: ids over 64 bytes as their hash, the others cut after 48 bytes.
[[nodiscard]] std::string KeptDeviceId(std::string_view id);
[[nodiscard]] std::string_view KeptDeviceText(std::string_view text);
// Two upper-case letters: a country as databases give it.
[[nodiscard]] bool IsCountryCode(std::string_view code);
// A constant of verdict.h for data that is not there. REQUIRES: missing != kNo.
[[nodiscard]] std::string_view WhyMissing(schemas::Missing missing);

// "Kunming, CN", "Yunnan, CN", "CN": the most exact that is known, cleaned; for reasons and lists.
[[nodiscard]] std::string PlaceLabel(const schemas::Place& place);
// "Chrome on Windows", "Pixel 8 (Android)": for people, cleaned.
[[nodiscard]] std::string DeviceLabel(const schemas::Device& device);
[[nodiscard]] std::string DeviceLabel(const KnownDevice& device);
// "AS4134 Chinanet", "AS4134"; the masked address when the system is unknown. Cleaned.
[[nodiscard]] std::string NetworkLabel(const schemas::Network& network);
[[nodiscard]] std::string NetworkLabel(const KnownNetwork& network);

}  // namespace tocsin::detectors
