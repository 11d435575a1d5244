#include "daemon/enrich/network_class.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace tocsin::daemon {
namespace {

using schemas::Anonymiser;
using schemas::NetworkClass;

struct Known {
  const char* name;
  uint32_t asn;
  const char* organization;
  NetworkClass network_class;
  Anonymiser anonymiser = Anonymiser::kNone;
};

class NetworkClassTest : public testing::TestWithParam<Known> {};

TEST_P(NetworkClassTest, IsTold) {
  const NetworkVerdict verdict = ClassOfSystem(GetParam().asn, GetParam().organization);
  EXPECT_EQ(verdict.network_class, GetParam().network_class) << verdict.evidence;
  EXPECT_EQ(verdict.anonymiser, GetParam().anonymiser);
  EXPECT_EQ(verdict.known(), !verdict.evidence.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Systems, NetworkClassTest,
    testing::Values(
        Known{"Comcast", 7922, "Comcast Cable Communications, LLC", NetworkClass::kResidential},
        Known{"TMobileUsa", 21928, "T-Mobile USA, Inc.", NetworkClass::kMobile},
        Known{"Starlink", 14593, "Space Exploration Technologies Corporation", NetworkClass::kSatellite},
        Known{"Amazon", 16509, "Amazon.com, Inc.", NetworkClass::kHosting},
        Known{"ChinaMobile", 9808, "China Mobile", NetworkClass::kMobile},
        Known{"M247", 9009, "M247 Europe SRL", NetworkClass::kAnonymiser, Anonymiser::kVpn},
        Known{"TorOperator", 60729, "Stiftung Erneuerbare Freiheit", NetworkClass::kAnonymiser,
              Anonymiser::kTor},
        Known{"Relay", 36183, "Akamai Technologies, Inc.", NetworkClass::kAnonymiser, Anonymiser::kRelay},
        Known{"TableBeforeName", 7018, "Example Hosting", NetworkClass::kResidential}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, NetworkClassTest,
    testing::Values(Known{"Hosting", 0, "Example Web-Hosting GmbH", NetworkClass::kHosting},
                    Known{"HostingAtTheEnd", 0, "ExampleHosting Ltd", NetworkClass::kHosting},
                    Known{"Cloud", 0, "EXAMPLE CLOUD COMPUTING", NetworkClass::kHosting},
                    Known{"DataCenter", 0, "Tokyo Data-Center Inc", NetworkClass::kHosting},
                    Known{"Vps", 0, "cheap.vps.example", NetworkClass::kHosting},
                    Known{"HostingBeforeMobile", 0, "Mobile Cloud Servers", NetworkClass::kHosting},
                    Known{"Vpn", 0, "ExampleVPN S.A.", NetworkClass::kAnonymiser, Anonymiser::kVpn},
                    Known{"University", 0, "Universitaet Beispiel", NetworkClass::kBusiness},
                    Known{"UniversityCable", 0, "University Cable Network", NetworkClass::kBusiness},
                    Known{"Mobile", 0, "Example Mobile Communications", NetworkClass::kMobile},
                    Known{"Telecom", 0, "Example Telecom", NetworkClass::kResidential},
                    Known{"Fibre", 0, "Fiberlink Example", NetworkClass::kResidential},
                    Known{"Carrier", 0, "Airtel Example Limited", NetworkClass::kMobile},
                    Known{"TMobile", 0, "T-Mobile Example", NetworkClass::kMobile},
                    Known{"Government", 0, "U.S. Department of Examples", NetworkClass::kBusiness},
                    Known{"Satellite", 0, "Example Satellite Services", NetworkClass::kSatellite},
                    Known{"OnlyPartOfAWord", 0, "Clouseau Fashion", NetworkClass::kUnknown},
                    Known{"NothingKnown", 0, "Example AG", NetworkClass::kUnknown},
                    Known{"Empty", 0, "", NetworkClass::kUnknown},
                    Known{"OnlySigns", 0, " -- ., ", NetworkClass::kUnknown},
                    Known{"NotAscii", 0, "\xe4\xb8\xad\xe5\x9b\xbd Telecom", NetworkClass::kResidential}),
    [](const auto& tested) { return tested.param.name; });

// The page of test addresses (tests/support/README.md) promises a class for each system.
TEST(NetworkClass, TestSystemsHaveTheClassThatTheirPagePromises) {
  const std::map<std::string, NetworkClass> classes{
      {"mobile", NetworkClass::kMobile},         {"residential", NetworkClass::kResidential},
      {"business", NetworkClass::kBusiness},     {"hosting", NetworkClass::kHosting},
      {"anonymiser", NetworkClass::kAnonymiser}, {"satellite", NetworkClass::kSatellite}};
  std::ifstream file(std::string(TOCSIN_TEST_DATA) + "/systems.tsv");
  std::string asn, name, organization;
  int count = 0;
  while (std::getline(file, asn, '\t') && std::getline(file, name, '\t') &&
         std::getline(file, organization)) {
    ASSERT_TRUE(classes.contains(name)) << name;
    EXPECT_EQ(ClassOfSystem(static_cast<uint32_t>(std::stoul(asn)), organization).network_class,
              classes.at(name))
        << asn << " " << organization;
    ++count;
  }
  EXPECT_GT(count, 100);
}

// Elsewhere "satellite" is one system. A provider has several, others have theirs, and of those that no table
// knows the name tells.
TEST(NetworkClass, SatelliteLinesAreOneClassWhoeverProvidesThem) {
  for (const uint32_t asn : {800U, 6621U, 7155U, 14593U, 22351U, 27277U, 31515U, 40306U, 40311U}) {
    const NetworkVerdict verdict = ClassOfSystem(asn, "Example AG");
    EXPECT_EQ(verdict.network_class, NetworkClass::kSatellite) << asn;
    EXPECT_EQ(verdict.anonymiser, Anonymiser::kNone) << asn;
  }
  for (const char* const name : {"Example Satellite Services", "EXAMPLE-SATELLITES LTD",
                                 "Red Satelital Ejemplo", "Primer Satelit d.o.o.", "Example VSAT Networks"})
    EXPECT_EQ(ClassOfSystem(64512, name).network_class, NetworkClass::kSatellite) << name;
  EXPECT_FALSE(ClassOfSystem(64512, "Example AG").known());
}

TEST(NetworkClass, LongNamesAreCut) {
  EXPECT_FALSE(ClassOfName(std::string(100'000, 'a') + " hosting").known());
  EXPECT_TRUE(ClassOfName("hosting " + std::string(100'000, 'a')).known());
}

TEST(NetworkClass, FlagsTheWorstFirst) {
  EXPECT_EQ(ClassOfFlags({.tor = true, .vpn = true, .hosting = true}).anonymiser, Anonymiser::kTor);
  EXPECT_EQ(ClassOfFlags({.vpn = true, .hosting = true}).anonymiser, Anonymiser::kVpn);
  EXPECT_EQ(ClassOfFlags({.residential_proxy = true}).anonymiser, Anonymiser::kProxy);
  EXPECT_EQ(ClassOfFlags({.hosting = true}).network_class, NetworkClass::kHosting);
  EXPECT_EQ(ClassOfFlags({.anonymous = true}).network_class, NetworkClass::kAnonymiser);
  EXPECT_FALSE(ClassOfFlags({}).known());
}

TEST(NetworkClass, EveryListHasANameAndAVerdict) {
  for (int kind = 0; kind < kListKinds; ++kind) {
    const auto list = static_cast<ListKind>(kind);
    EXPECT_EQ(ClassOfList(list).evidence, "list:" + std::string(NameOf(list)));
    EXPECT_TRUE(ClassOfList(list).known());
  }
}

}  // namespace
}  // namespace tocsin::daemon
