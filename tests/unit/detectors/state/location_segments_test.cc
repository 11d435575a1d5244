// The segments of places, devices and networks: what is written is read back, bytes from strangers do no
// harm, and no account grows without end.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "detectors/state/codec.h"
#include "detectors/state/devices.h"
#include "detectors/state/networks.h"
#include "detectors/state/places.h"
#include "detectors/state/pool.h"

namespace tocsin::detectors {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp kNow = FromMillis(1'772'323'200'000);  // 2026-03-01T00:00:00Z
constexpr std::string_view kUuid = "0190f3a2-7b1c-7d3e-8f40-123456789abc";

Tenure KnownFor(int days, float uses) {
  return {.standing = Standing::kKnown,
          .uses = uses,
          .first_seen = kNow - hours(24 * days),
          .last_seen = kNow - hours(2)};
}
Tenure PendingBy(std::string_view event_id) {
  return {.standing = Standing::kPending,
          .first_seen = kNow,
          .last_seen = kNow,
          .introduced_by = std::string(event_id)};
}

UseView UseOf(std::string_view event_id, Timestamp at, uint32_t device = 1) {
  return {.at = at,
          .event_id = event_id,
          .point = KeptPoint({.latitude = 52.52, .longitude = 13.405}),
          .radius_km = KeptRadiusKm(25),
          .label = "Berlin, DE",
          .address_hash = 77,
          .device_key = device};
}

Places SomePlaces() {
  Places places;
  places.known.push_back({.country = "DE",
                          .label = "Berlin, DE",
                          .point = KeptPoint({.latitude = 52.52, .longitude = 13.405}),
                          .radius_km = KeptRadiusKm(25),
                          .exact = true,
                          .tenure = KnownFor(40, 12.5F)});
  places.known.push_back({.country = "JP", .label = "JP", .tenure = PendingBy(kUuid)});
  places.InsertUse(UseOf(kUuid, kNow - hours(3)));
  places.InsertUse(UseOf("e2", kNow));
  places.uses.back().claimed_with_previous = true;
  places.uses.back().point = KeptPoint({.latitude = -33.8688, .longitude = 179.9999});
  return places;
}

Devices SomeDevices() {
  Devices devices;
  devices.known.push_back({.id = std::string(kUuid),
                           .platform = "ios",
                           .model = "iPhone 14",
                           .os_family = "iOS",
                           .browser_family = "Mobile Safari",
                           .os_major = 17,
                           .browser_major = 17,
                           .rooted = true,
                           .tenure = KnownFor(3, 2)});
  devices.known.push_back(
      {.platform = "web", .os_family = "Solaris", .browser_family = "Lynx", .tenure = PendingBy("e-1")});
  return devices;
}

Networks SomeNetworks() {
  Networks networks;
  networks.known.push_back({.asn = 4134,
                            .network_class = schemas::NetworkClass::kResidential,
                            .organization = "Chinanet",
                            .tenure = KnownFor(100, 30)});
  networks.known.push_back({.asn = 4'294'967'295,
                            .network_class = schemas::NetworkClass::kAnonymiser,
                            .anonymiser = schemas::Anonymiser::kTor,
                            .tenure = PendingBy("e-9")});
  return networks;
}

template <class Segment>
std::string Encoded(const Segment& segment) {
  std::string bytes;
  ByteWriter writer(bytes);
  segment.Encode(writer);
  return bytes;
}

template <class Segment>
bool Read(std::string_view bytes, Segment& into) {
  ByteReader reader(bytes);
  return Segment::Decode(reader, Segment::kVersion, into) && reader.AtEnd();
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

// What versions up to 2 wrote for SomePlaces.
constexpr std::string_view kPlacesInFull =
    "80b8c7b5ca33020244450a4265726c696e2c20444501a08e40c4ae10fa010080f4ee06808c84d919"
    "00004841024a50024a500005000000000000000190f3a27b1c7d3e8f40123456789abc020080a1b4"
    "b0ca33000190f3a27b1c7d3e8f40123456789abca08e40c4ae10fa010a4265726c696e2c2044454d"
    "000000010000000e80979305036532ffab29fedcdb01fa010a4265726c696e2c204445";

// Out of quarantine, and used in the last two hours.
Networks ReleasedNetwork() {
  Networks networks;
  Tenure tenure = PendingBy("e-7");
  tenure.standing = Standing::kKnown;
  tenure.hour_before = true;
  tenure.uses = 1.9F;
  tenure.last_seen = kNow + hours(24 * 7);
  tenure.known_since = tenure.last_seen + minutes(3);
  networks.known.push_back({.asn = 64500, .tenure = tenure});
  return networks;
}

template <class Segment>
void ExpectRoundTrip(const Segment& segment) {
  Segment read;
  ASSERT_TRUE(Read(Encoded(segment), read));
  EXPECT_EQ(read, segment);
}

TEST(LocationSegments, AreReadBackAsTheyWere) {
  ExpectRoundTrip(SomePlaces());
  ExpectRoundTrip(SomeDevices());
  ExpectRoundTrip(SomeNetworks());
  ExpectRoundTrip(ReleasedNetwork());
  ExpectRoundTrip(Places{});
  ExpectRoundTrip(Devices{});
  ExpectRoundTrip(Networks{});
}

// Bytes as the present versions write them; those of devices and networks are also what version 1 wrote. A
// change that breaks this breaks every account on disk: add a version, and read this one on, or raise
// kVersionMin (ADR 0019).
TEST(LocationSegments, BytesStayWhatTheyAre) {
  const std::pair<std::string, std::string> golden[] = {
      {Hex(Encoded(SomePlaces())),
       "80b8c7b5ca33020244450a4265726c696e2c20444501a08e40c4ae10fa010080f4ee06808c84d919"
       "00004841024a50024a500005000000000000000190f3a27b1c7d3e8f40123456789abc021080a1b4"
       "b0ca330190f3a27b1c7d3e8f40123456789abca08e40c4ae10fa010a4265726c696e2c2044454d00"
       "0000010000000e8097930500026532ffab29fedcdb01fa010a4265726c696e2c204445"},
      {Hex(Encoded(SomeDevices())),
       "80b8c7b5ca330202000190f3a27b1c7d3e8f40123456789abc02136950686f6e65203134102011110080f4ee"
       "0680dca9f0010000004000010c000f536f6c61726973094c796e7800000500000000000004652d31"},
      {Hex(Encoded(SomeNetworks())),
       "80b8c7b5ca3302a62020084368696e616e65740080f4ee0680ccf0a8400000f041ffffffff0f530005000000"
       "00000004652d39"},
  };
  for (const auto& [written, kept] : golden) EXPECT_EQ(written, kept);
  Places places;
  Devices devices;
  Networks networks;
  ASSERT_TRUE(Read(FromHex(golden[0].second), places));
  ASSERT_TRUE(Read(FromHex(golden[1].second), devices));
  ASSERT_TRUE(Read(FromHex(golden[2].second), networks));
  EXPECT_EQ(places, SomePlaces());
  EXPECT_EQ(devices, SomeDevices());
  EXPECT_EQ(networks, SomeNetworks());
}

TEST(LocationSegments, PlacesWithIdsInFullAreRead) {
  const std::string bytes = FromHex(kPlacesInFull);
  ByteReader reader(bytes);
  Places places;
  ASSERT_TRUE(Places::Decode(reader, 2, places) && reader.AtEnd());
  EXPECT_EQ(places, SomePlaces());
}

TEST(LocationSegments, WhatIdsHaveInCommonIsWrittenOnce) {
  Places places;
  for (int i = 0; i < 8; ++i)
    places.InsertUse(UseOf("login-0000017-" + std::to_string(1000 + i), kNow + minutes(i)));
  EXPECT_LT(Encoded(places).size(), 120U);
  ExpectRoundTrip(places);
}

TEST(LocationSegments, AnOrdinaryAccountIsSmall) {
  EXPECT_LE(Encoded(SomePlaces()).size(), 180U);
  EXPECT_LE(Encoded(SomeDevices()).size(), 110U);
  EXPECT_LE(Encoded(SomeNetworks()).size(), 60U);
}

template <class Segment>
void ExpectHarmless(const Segment& segment) {
  const std::string bytes = Encoded(segment);
  for (size_t size = 0; size < bytes.size(); ++size) {
    Segment read;
    EXPECT_FALSE(Read(std::string_view(bytes).substr(0, size), read)) << "cut to " << size;
  }
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    for (int flips = 0; flips <= i % 3; ++flips)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    Segment read;
    if (!Read(damaged, read)) continue;
    // What was accepted is a state we could have written.
    Segment again;
    ASSERT_TRUE(Read(Encoded(read), again));
    ASSERT_EQ(Encoded(again), Encoded(read));
    ASSERT_LE(read.known.size(), Segment::kKnownMax);
  }
  for (int i = 0; i < 20'000; ++i) {
    std::string noise(random() % 64, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    Segment read;
    if (!Read(noise, read)) continue;
    EXPECT_LE(read.HeapBytes(), size_t{20'000});
  }
}

TEST(LocationSegments, HostileBytesDoNoHarm) {
  ExpectHarmless(SomePlaces());
  ExpectHarmless(SomeDevices());
  ExpectHarmless(SomeNetworks());
  ExpectHarmless(ReleasedNetwork());
}

TEST(LocationSegments, EarlierVersionsOfDevicesAndNetworksAreRead) {
  const std::string devices = Encoded(SomeDevices());
  const std::string networks = Encoded(SomeNetworks());
  ByteReader device_reader(devices);
  ByteReader network_reader(networks);
  Devices read_devices;
  Networks read_networks;
  EXPECT_TRUE(Devices::Decode(device_reader, 1, read_devices));
  EXPECT_TRUE(Networks::Decode(network_reader, 1, read_networks));
  EXPECT_EQ(read_devices, SomeDevices());
  EXPECT_EQ(read_networks, SomeNetworks());
}

TEST(LocationSegments, UnknownVersionsAreRefused) {
  const std::string bytes = Encoded(SomeDevices());
  ByteReader reader(bytes);
  Devices devices;
  EXPECT_FALSE(Devices::Decode(reader, Devices::kVersion + 1, devices));
}

// A hostile account: a million strange devices, and the owner's are still there.
TEST(Pool, AMillionStrangersDoNotPushOutTheOwnersDevices) {
  Devices devices;
  for (int i = 0; i < 5; ++i) {
    AddBounded(devices.known, {.id = "mine-" + std::to_string(i), .tenure = KnownFor(60, 5)},
               Devices::kKnownMax, kNow);
  }
  for (int i = 0; i < 1'000'000; ++i) {
    const Timestamp at = kNow + std::chrono::seconds(i);
    AddBounded(devices.known, {.id = "strange", .tenure = NewTenure(Standing::kPending, at, "e")},
               Devices::kKnownMax, at);
  }
  EXPECT_EQ(devices.known.size(), 5 + kWaitingMax);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(devices.known[i].id, "mine-" + std::to_string(i));
  EXPECT_LE(devices.HeapBytes(), size_t{16'000});
}

TEST(Pool, OfKnownOnesTheLeastTrustedGoes) {
  Devices devices;
  for (size_t i = 0; i < Devices::kKnownMax - kWaitingMax; ++i) {
    AddBounded(devices.known, {.id = std::to_string(i), .tenure = KnownFor(60, i == 3 ? 0.1F : 5)},
               Devices::kKnownMax, kNow);
  }
  AddBounded(devices.known, {.id = "new", .tenure = NewTenure(Standing::kKnown, kNow, "")},
             Devices::kKnownMax, kNow);
  EXPECT_EQ(devices.known.size(), Devices::kKnownMax - kWaitingMax);
  for (const KnownDevice& device : devices.known) EXPECT_NE(device.id, "3");
}

TEST(Pool, ARefusalOutlivesWhatIsOnlyPending) {
  Devices devices;
  AddBounded(devices.known, {.id = "thief", .tenure = NewTenure(Standing::kRefused, kNow, "")},
             Devices::kKnownMax, kNow);
  for (int i = 0; i < 100; ++i) {
    const Timestamp at = kNow + minutes(i + 1);
    AddBounded(devices.known, {.id = "p", .tenure = NewTenure(Standing::kPending, at, "e")},
               Devices::kKnownMax, at);
  }
  EXPECT_EQ(devices.known.size(), kWaitingMax);
  EXPECT_EQ(devices.known[0].id, "thief");
}

// Late events move entries from one part of the list to the other, and either may then be too long.
TEST(Pool, TheWholeListIsBoundedHoweverItsPartsAreFilled) {
  for (const Standing standing : {Standing::kKnown, Standing::kPending}) {
    Devices devices;
    const size_t known = standing == Standing::kKnown ? Devices::kKnownMax - kWaitingMax - 1
                                                      : Devices::kKnownMax - kWaitingMax + 1;
    for (size_t i = 0; i < Devices::kKnownMax; ++i) {
      const Tenure tenure = i < known ? KnownFor(60, 5) : NewTenure(Standing::kPending, kNow, "e");
      devices.known.push_back({.id = std::to_string(i), .tenure = tenure});
    }
    AddBounded(devices.known, {.id = "new", .tenure = NewTenure(standing, kNow, "e")}, Devices::kKnownMax,
               kNow);
    EXPECT_EQ(devices.known.size(), Devices::kKnownMax);
    EXPECT_EQ(devices.known.back().id, "new");
    ExpectRoundTrip(devices);
  }
}

TEST(Pool, ForgetsWhatIsNotUsed) {
  Networks networks = SomeNetworks();
  EXPECT_FALSE(Forget(networks.known, kNow + hours(24 * 90)));
  EXPECT_TRUE(Forget(networks.known, kNow + hours(24 * 90) + minutes(1)));  // The pending one.
  EXPECT_EQ(networks.known.size(), 1U);
  EXPECT_TRUE(Forget(networks.known, kNow + hours(24 * 180)));
  EXPECT_TRUE(networks.known.empty());
}

// The account was silent: its own has not grown old, what waited and what was refused have.
TEST(Pool, ASilenceOfTheAccountAgesNothingOfItsOwn) {
  Networks networks = SomeNetworks();
  const hours silence(24 * 365);
  EXPECT_TRUE(Forget(networks.known, kNow + silence + hours(24 * 90), silence));  // The pending one.
  ASSERT_EQ(networks.known.size(), 1U);
  networks.known.push_back(networks.known.front());
  networks.known.back().tenure.standing = Standing::kRefused;
  EXPECT_TRUE(Forget(networks.known, kNow + silence, silence));
  ASSERT_EQ(networks.known.size(), 1U);
  EXPECT_EQ(networks.known.front().tenure.standing, Standing::kKnown);
  EXPECT_TRUE(Forget(networks.known, kNow + silence + hours(24 * 181), silence));
}

TEST(Trust, GrowsWithAgeAndUseAndFadesWithDisuse) {
  EXPECT_EQ(Trust(NewTenure(Standing::kKnown, kNow, ""), kNow), 0);  // Never by use alone.
  EXPECT_LT(Trust(KnownFor(1, 100), kNow), 0.05);
  EXPECT_GT(Trust(KnownFor(30, 20), kNow), 0.99);
  EXPECT_LT(Trust(KnownFor(30, 20), kNow + hours(24 * 150)), 0.25);
  Tenure refused = KnownFor(60, 20);
  refused.standing = Standing::kRefused;
  EXPECT_EQ(Trust(refused, kNow), 0);
}

TEST(Tenure, ManyUsesInOneSittingAreOne) {
  Tenure tenure = NewTenure(Standing::kKnown, kNow, "");
  for (int i = 1; i < 59; ++i) {
    EXPECT_FALSE(UseCounts(tenure, kNow + minutes(i), "e"));
    CountUse(tenure, kNow + minutes(i), "e");
  }
  EXPECT_EQ(tenure.uses, 1);
  CountUse(tenure, kNow + hours(24 * 30), "e");
  EXPECT_NEAR(tenure.uses, 1.5, 1e-6);
}

TEST(Tenure, ALateUseCountsAsWhatIsLeftOfIt) {
  Tenure in_order = NewTenure(Standing::kKnown, kNow, "");
  CountUse(in_order, kNow + hours(24), "e1");
  CountUse(in_order, kNow + hours(48), "e2");
  Tenure late = NewTenure(Standing::kKnown, kNow, "");
  CountUse(late, kNow + hours(48), "e2");
  CountUse(late, kNow + hours(24), "e1");
  EXPECT_NEAR(in_order.uses, late.uses, 1e-5);
  EXPECT_EQ(in_order.last_seen, late.last_seen);
}

TEST(Codec, PointsOutsideTheEarthAreBroughtBack) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(KeptPoint({.latitude = nan, .longitude = 1e300}), (GeoPoint{.latitude = 0, .longitude = 180}));
  EXPECT_EQ(KeptRadiusKm(nan), 0);
  EXPECT_EQ(KeptRadiusKm(-5), 0);
  EXPECT_EQ(KeptRadiusKm(1e300), 20'038);
}

TEST(Codec, CutsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("昆明", 4), "昆");
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("\x80\x80\x80", 2), "");
}

}  // namespace
}  // namespace tocsin::detectors
