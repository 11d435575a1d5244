#include "base/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace tocsin {
namespace {

IpAddress Ip(std::string_view text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(IpAddress());
}

struct Canonical {
  const char* text;
  const char* canonical;
};

TEST(ParseGood, HasOneCanonicalForm) {
  const Canonical kTable[] = {
      Canonical{"0.0.0.0", "0.0.0.0"}, Canonical{"192.0.2.1", "192.0.2.1"},
      Canonical{"255.255.255.255", "255.255.255.255"}, Canonical{"::ffff:192.0.2.1", "192.0.2.1"},
      Canonical{"::ffff:c000:201", "192.0.2.1"}, Canonical{"0:0:0:0:0:FFFF:192.0.2.1", "192.0.2.1"},
      Canonical{"::", "::"}, Canonical{"::1", "::1"}, Canonical{"1::", "1::"},
      Canonical{"0:0:0:0:0:0:0:0", "::"}, Canonical{"2001:DB8::A", "2001:db8::a"},
      Canonical{"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      // RFC 5952 §4.2: one group is not shortened; the longest run is, the first of equals.
      Canonical{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      Canonical{"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      Canonical{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      Canonical{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, Canonical{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      Canonical{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"}, Canonical{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      Canonical{"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"},
      Canonical{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"}, Canonical{"::192.0.2.1", "::c000:201"},
      Canonical{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      Canonical{"1:0:0:2::", "1:0:0:2::"}, Canonical{"0:0:1::", "0:0:1::"}};
  for (const Canonical& tested : kTable) {
    SCOPED_TRACE(tested.text);
    EXPECT_EQ(Ip(tested.text).ToString(), tested.canonical);
    EXPECT_EQ(Ip(tested.canonical), Ip(tested.text));
  }
}

TEST(ParseBad, IsRefused) {
  const char* const kTable[] = {
      "",
      " ",
      "1",
      "1.2.3",
      "1.2.3.",
      ".1.2.3",
      "1.2.3.4.",
      "1.2.3.4.5",
      "1..2.3",
      "256.1.1.1",
      "1.2.3.256",
      "1.2.3.1000",
      "01.2.3.4",
      "1.2.3.04",
      "00.0.0.0",
      "0x7f.0.0.1",
      "127.1",
      "2130706433",
      " 1.2.3.4",
      "1.2.3.4 ",
      "1.2.3.4/24",
      "1.2.3.4:80",
      "1,2,3,4",
      "+1.2.3.4",
      "1.2.3.-4",
      "a.b.c.d",
      "1.2.3.4\n",
      ":",
      ":::",
      "::1::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "1:2:3:4::5:6:7:8",
      ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:",
      "1:",
      "12345::",
      "g::",
      "fe80::1%eth0",
      "[::1]",
      "::1/128",
      "::ffff:192.0.2",
      "::ffff:192.0.2.256",
      "::ffff:192.0.2.1:1",
      "192.0.2.1::",
      "1:2:3:4:5:6:7:192.0.2.1",
      "::192.0.2.1.1",
      "::.1.2.3",
      "::1.2.3.04",
      "::ffff:1.2.3.4 ",
      "::-1",
      "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0",
      "00000000000000000000000000000000000000000000000000000000000001:2:3:4:5:6:7:8",
      "localhost"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_EQ(IpAddress::Parse(tested), std::nullopt);
  }
}

TEST(ParseTest, NulInside) { EXPECT_EQ(IpAddress::Parse(std::string_view("1.2.3.4\0", 8)), std::nullopt); }

// The C library is the oracle for both directions.
TEST(ParseTest, AgreesWithTheCLibraryOnChangedTexts) {
  const char* const seeds[] = {"192.0.2.1", "2001:db8::1",   "::ffff:192.0.2.1",           "1:2:3:4:5:6:7:8",
                               "::",        "fe80::1:0:0:1", "1:2:3:4:5:6:255.255.255.255"};
  std::mt19937_64 random(8);
  size_t good = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seeds[random() % std::size(seeds)];
    for (uint64_t changes = random() % 4; changes > 0; --changes) {
      const char c = "0123459aFg:.::.. "[random() % 17];
      switch (const size_t at = random() % (text.size() + 1); random() % 3) {
        case 0:
          text.insert(at, 1, c);
          break;
        case 1:
          if (at < text.size()) text[at] = c;
          break;
        default:
          if (at < text.size()) text.erase(at, 1);
      }
    }
    std::array<uint8_t, 16> want{};
    in_addr v4{};
    const bool is_v4 = inet_pton(AF_INET, text.c_str(), &v4) == 1;
    const bool is_v6 = !is_v4 && inet_pton(AF_INET6, text.c_str(), want.data()) == 1;
    const std::optional<IpAddress> got = IpAddress::Parse(text);
    ASSERT_EQ(got.has_value(), is_v4 || is_v6) << text;
    if (is_v4) {
      ASSERT_EQ(*got, IpAddress::FromV4(ntohl(v4.s_addr))) << text;
    }
    if (is_v6) {
      ASSERT_EQ(got->bytes(), want) << text;
    }
    good += got.has_value() ? 1 : 0;
  }
  EXPECT_GT(good, 20'000U);
}

TEST(ToStringTest, AgreesWithTheCLibrary) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 50'000; ++i) {
    std::array<uint8_t, 16> bytes{};
    // Many zero groups, so that every kind of gap comes up; the first is not zero, where the C library writes
    // a quad.
    const uint64_t zeros = random();
    for (size_t group = 0; group < 8; ++group) {
      if (group > 0 && (zeros >> group & 1) != 0) continue;
      const uint64_t value = random() >> random() % 16;
      bytes[2 * group] = static_cast<uint8_t>(value >> 8);
      bytes[2 * group + 1] = static_cast<uint8_t>(value | 1);
    }
    const IpAddress address = IpAddress::FromBytes(bytes);
    char want[INET6_ADDRSTRLEN];
    ASSERT_NE(inet_ntop(AF_INET6, bytes.data(), want, sizeof want), nullptr);
    ASSERT_EQ(address.ToString(), want);
    ASSERT_EQ(Ip(address.ToString()), address);
  }
}

TEST(VersionTest, MappedAddressesAreIpv4) {
  EXPECT_TRUE(Ip("192.0.2.1").is_v4());
  EXPECT_EQ(Ip("192.0.2.1").v4(), 0xC0000201U);
  EXPECT_EQ(IpAddress::FromV4(0xC0000201U), Ip("192.0.2.1"));
  EXPECT_FALSE(Ip("::192.0.2.1").is_v4());
  EXPECT_FALSE(Ip("1::ffff:192.0.2.1").is_v4());
  EXPECT_FALSE(IpAddress().is_v4());
  EXPECT_EQ(IpAddress().ToString(), "::");
}

TEST(VersionDeathTest, NoIpv4InIpv6) {
  EXPECT_DEATH(static_cast<void>(Ip("2001:db8::1").v4()), "CHECK failed");
}

TEST(PublicTest, IsPublic) {
  const char* const kTable[] = {
      "1.0.0.0",         "8.8.8.8",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
      "100.128.0.0",     "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",
      "172.15.255.255",  "172.32.0.0",      "191.255.255.255", "192.0.1.0",       "192.0.3.0",
      "192.88.98.255",   "192.88.100.0",    "192.167.255.255", "192.169.0.0",     "198.17.255.255",
      "198.20.0.0",      "198.51.99.255",   "198.51.101.0",    "203.0.112.255",   "203.0.114.0",
      "223.255.255.255", "::ffff:8.8.8.8",  "2000::",          "2001:200::",      "2001:4860:4860::8888",
      "2001:db7:ffff::", "2001:db9::",      "2400:cb00::1",    "2a00::1",         "3ffe:ffff::",
      "3fff:1000::",     "2002:808:808::1", "64:ff9b::8.8.8.8"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_TRUE(Ip(tested).IsPublic());
  }
}

TEST(SpecialTest, IsNotPublic) {
  const char* const kTable[] = {"0.0.0.0",
                                "0.255.255.255",
                                "10.0.0.0",
                                "10.255.255.255",
                                "100.64.0.0",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.255",
                                "169.254.0.0",
                                "169.254.255.255",
                                "172.16.0.0",
                                "172.31.255.255",
                                "192.0.0.0",
                                "192.0.0.9",
                                "192.0.0.255",
                                "192.0.2.0",
                                "192.0.2.255",
                                "192.88.99.1",
                                "192.168.0.0",
                                "192.168.255.255",
                                "198.18.0.0",
                                "198.19.255.255",
                                "198.51.100.0",
                                "198.51.100.255",
                                "203.0.113.0",
                                "203.0.113.255",
                                "224.0.0.0",
                                "239.255.255.255",
                                "240.0.0.0",
                                "255.255.255.255",
                                "::ffff:10.0.0.1",
                                "::",
                                "::1",
                                "::8.8.8.8",
                                "100::1",
                                "100:0:0:1::1",
                                "64:ff9b:1::808:808",
                                "64:ff9b::1:808:808",
                                "64:ff9b::10.0.0.1",
                                "1fff:ffff::",
                                "2001::1",
                                "2001:0:808:808::f7f7:f7f7",
                                "2001:1::1",
                                "2001:2::1",
                                "2001:10::1",
                                "2001:20::1",
                                "2001:30::1",
                                "2001:1ff:ffff::",
                                "2001:db8::",
                                "2001:db8:ffff::1",
                                "2002:a00:1::1",
                                "2002:c000:201::1",
                                "3fff::1",
                                "3fff:fff:ffff::",
                                "4000::1",
                                "5f00::1",
                                "fc00::1",
                                "fdff::1",
                                "fe80::1",
                                "febf::1",
                                "fec0::1",
                                "ff00::1",
                                "ff02::1",
                                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_FALSE(Ip(tested).IsPublic());
  }
}

TEST(ToMaskedTest, HidesTheHost) {
  EXPECT_EQ(Ip("203.0.113.77").ToMasked(), "203.0.113.*");
  EXPECT_EQ(Ip("::ffff:203.0.113.77").ToMasked(), "203.0.113.*");
  EXPECT_EQ(Ip("2001:db8:1:2:3:4:5:6").ToMasked(), "2001:db8:1::*");
  EXPECT_EQ(Ip("2001:db8::6").ToMasked(), "2001:db8::*");
  EXPECT_EQ(Ip("::1").ToMasked(), "::*");
  EXPECT_EQ(Ip("1:0:1:2::").ToMasked(), "1:0:1::*");
}

TEST(PrefixTest, IsTheNetwork) {
  EXPECT_EQ(Ip("203.0.113.77").Prefix(), Ip("203.0.113.0"));
  EXPECT_EQ(Ip("2001:db8:1:2:3:4:5:6").Prefix(), Ip("2001:db8:1:2::"));
  EXPECT_EQ(Ip("203.0.113.77").Prefix().Prefix(), Ip("203.0.113.0"));
  EXPECT_TRUE(Ip("203.0.113.77").Prefix().is_v4());
}

TEST(OrderTest, Ipv4SortsByNumber) {
  EXPECT_LT(Ip("9.255.255.255"), Ip("10.0.0.0"));
  EXPECT_LT(Ip("10.0.0.0"), Ip("2001:db8::"));
}

}  // namespace
}  // namespace tocsin
