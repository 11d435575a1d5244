#include "daemon/enrich/address_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace tocsin::daemon {
namespace {

std::optional<ListKind> KindOf(const AddressLists& lists, const char* address) {
  ListKind kind{};
  if (!lists.Find(*IpAddress::Parse(address), kind)) return std::nullopt;
  return kind;
}

AddressLists Lists(ListKind kind, std::string_view text) {
  AddressLists lists;
  EXPECT_TRUE(lists.Add(kind, text, "list").ok()) << text;
  lists.Finish();
  return lists;
}

TEST(AddressLists, MatchesByPrefixNotByText) {
  const AddressLists lists = Lists(ListKind::kVpn, "10.1.0.0/22\n2001:db8:0:40::/58\n");
  EXPECT_FALSE(KindOf(lists, "10.0.255.255"));
  EXPECT_EQ(KindOf(lists, "10.1.0.0"), ListKind::kVpn);
  EXPECT_EQ(KindOf(lists, "10.1.3.255"), ListKind::kVpn);
  EXPECT_FALSE(KindOf(lists, "10.1.4.0"));
  EXPECT_FALSE(KindOf(lists, "2001:db8:0:3f:ffff:ffff:ffff:ffff"));
  EXPECT_EQ(KindOf(lists, "2001:db8:0:40::"), ListKind::kVpn);
  EXPECT_EQ(KindOf(lists, "2001:db8:0:7f:ffff:ffff:ffff:ffff"), ListKind::kVpn);
  EXPECT_FALSE(KindOf(lists, "2001:db8:0:80::"));
}

TEST(AddressLists, SingleAddressesAndMappedOnes) {
  const AddressLists lists =
      Lists(ListKind::kTor, "192.0.2.7\n::ffff:192.0.2.9\n2001:db8::1/128\n192.0.2.255/32");
  EXPECT_EQ(KindOf(lists, "192.0.2.7"), ListKind::kTor);
  EXPECT_EQ(KindOf(lists, "::ffff:192.0.2.7"), ListKind::kTor);
  EXPECT_EQ(KindOf(lists, "192.0.2.9"), ListKind::kTor);
  EXPECT_EQ(KindOf(lists, "192.0.2.255"), ListKind::kTor);
  EXPECT_EQ(KindOf(lists, "2001:db8::1"), ListKind::kTor);
  EXPECT_FALSE(KindOf(lists, "192.0.2.8"));
  EXPECT_FALSE(KindOf(lists, "2001:db8::2"));
}

TEST(AddressLists, EndsOfTheAddressSpace) {
  const AddressLists lists =
      Lists(ListKind::kHosting, "255.255.255.255\nffff:ffff:ffff:ffff:ffff:ffff:ffff:0/112\n0.0.0.0/8\n");
  EXPECT_EQ(KindOf(lists, "255.255.255.255"), ListKind::kHosting);
  EXPECT_EQ(KindOf(lists, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ListKind::kHosting);
  EXPECT_EQ(KindOf(lists, "0.0.0.0"), ListKind::kHosting);
  EXPECT_FALSE(KindOf(lists, "::"));
}

TEST(AddressLists, CommentsColumnsAndWindowsLines) {
  const AddressLists lists = Lists(
      ListKind::kRelay, "# exits\r\n\r\n  192.0.2.0/31,DE,DE-BE,Berlin,\r\n; old\n198.51.100.1 # one\n\n");
  EXPECT_EQ(KindOf(lists, "192.0.2.1"), ListKind::kRelay);
  EXPECT_EQ(KindOf(lists, "198.51.100.1"), ListKind::kRelay);
  EXPECT_FALSE(KindOf(lists, "192.0.2.2"));
}

TEST(AddressLists, BitsBehindThePrefixDoNotCount) {
  EXPECT_EQ(KindOf(Lists(ListKind::kVpn, "192.0.2.77/24"), "192.0.2.1"), ListKind::kVpn);
}

TEST(AddressLists, OverlapsAndTheOrderOfKinds) {
  AddressLists lists;
  ASSERT_TRUE(lists.Add(ListKind::kBusiness, "10.0.0.0/8\n10.1.0.0/16", "business").ok());
  ASSERT_TRUE(lists.Add(ListKind::kVpn, "10.1.0.0/16\n10.1.2.0/24", "vpn").ok());
  ASSERT_TRUE(lists.Add(ListKind::kTor, "10.1.2.3", "tor").ok());
  lists.Finish();
  EXPECT_EQ(KindOf(lists, "10.0.0.1"), ListKind::kBusiness);
  EXPECT_EQ(KindOf(lists, "10.1.0.0"), ListKind::kVpn);
  EXPECT_EQ(KindOf(lists, "10.1.2.3"), ListKind::kTor);
  EXPECT_EQ(KindOf(lists, "10.1.2.4"), ListKind::kVpn);
  EXPECT_EQ(KindOf(lists, "10.1.255.255"), ListKind::kVpn);
  EXPECT_EQ(KindOf(lists, "10.2.0.0"), ListKind::kBusiness);
  EXPECT_EQ(KindOf(lists, "10.255.255.255"), ListKind::kBusiness);
  EXPECT_FALSE(KindOf(lists, "11.0.0.0"));
}

TEST(AddressLists, NamesTheLineThatIsWrongAndAddsNothing) {
  for (const char* wrong : {"192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2/24", "0.0.0.0/0", "::/0",
                            "vpn.example.com", "2001:db8::/129", "192.0.2.0/24x", "192.0.2.0/4294967297"}) {
    AddressLists lists;
    const Result<Done> added =
        lists.Add(ListKind::kVpn, "192.0.2.0/24\n" + std::string(wrong) + "\n", "vpn.txt");
    ASSERT_FALSE(added.ok()) << wrong;
    EXPECT_EQ(added.error().field, "vpn.txt");
    EXPECT_THAT(added.error().detail, testing::HasSubstr("line 2"));
    lists.Finish();
    EXPECT_TRUE(lists.empty()) << wrong;
  }
}

}  // namespace
}  // namespace tocsin::daemon
