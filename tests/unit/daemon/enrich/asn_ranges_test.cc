#include "daemon/enrich/asn_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <random>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

std::string TestData(const std::string& name) { return std::string(TOCSIN_TEST_DATA) + "/" + name; }

// "3320 Deutsche Telekom AG", "" when there is none.
std::string SystemOf(const AsnRanges& ranges, const IpAddress& address) {
  const std::optional<uint32_t> number = ranges.Find(address);
  if (!number) return "";
  const AsnRanges::System system = ranges.SystemAt(*number);
  return std::to_string(system.asn) + " " + std::string(system.organization);
}
std::string SystemOf(const AsnRanges& ranges, const char* address) {
  return SystemOf(ranges, *IpAddress::Parse(address));
}

std::shared_ptr<const AsnRanges> Parse(std::string_view csv) {
  const auto ranges = AsnRanges::FromCsv(csv, "test.csv");
  EXPECT_TRUE(ranges.ok()) << (ranges.ok() ? "" : ranges.error().ToString());
  return ranges.ok() ? *ranges : nullptr;
}

TEST(AsnRanges, BothFamiliesAndTheirEdges) {
  // 2001:db8::/32 as numbers; 2001:db9::/48 as text.
  const auto ranges = Parse(
      "16777216,16777471,13335,\"Cloudflare, Inc.\"\n"
      "1.0.4.0,1.0.7.255,38803,Gtelecom Pty Ltd\n"
      "42540766411282592856903984951653826560,42540766490510755371168322545197776895,64500,Example\n"
      "2001:db9::,2001:db9:0:ffff:ffff:ffff:ffff:ffff,64501,\"Say \"\"Ex\"\"\"\n");
  ASSERT_TRUE(ranges);
  EXPECT_EQ(SystemOf(*ranges, "0.255.255.255"), "");
  EXPECT_EQ(SystemOf(*ranges, "1.0.0.0"), "13335 Cloudflare, Inc.");
  EXPECT_EQ(SystemOf(*ranges, "::ffff:1.0.0.255"), "13335 Cloudflare, Inc.");
  EXPECT_EQ(SystemOf(*ranges, "1.0.1.0"), "");
  EXPECT_EQ(SystemOf(*ranges, "1.0.3.255"), "");
  EXPECT_EQ(SystemOf(*ranges, "1.0.4.0"), "38803 Gtelecom Pty Ltd");
  EXPECT_EQ(SystemOf(*ranges, "1.0.7.255"), "38803 Gtelecom Pty Ltd");
  EXPECT_EQ(SystemOf(*ranges, "1.0.8.0"), "");
  EXPECT_EQ(SystemOf(*ranges, "2001:db7:ffff::"), "");
  EXPECT_EQ(SystemOf(*ranges, "2001:db8::"), "64500 Example");
  EXPECT_EQ(SystemOf(*ranges, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), "64500 Example");
  EXPECT_EQ(SystemOf(*ranges, "2001:db9::1"), "64501 Say \"Ex\"");
  EXPECT_EQ(SystemOf(*ranges, "2001:db9:1::"), "");
}

TEST(AsnRanges, RangesAcrossSixteenBitsAndEndsOfTheSpace) {
  const auto ranges = Parse(
      "0.0.0.0,0.0.0.0,1,first\n"
      "10.0.255.255,10.3.0.0,2,across\n"
      "255.255.255.255,255.255.255.255,3,last\n");
  EXPECT_EQ(SystemOf(*ranges, "0.0.0.0"), "1 first");
  EXPECT_EQ(SystemOf(*ranges, "0.0.0.1"), "");
  EXPECT_EQ(SystemOf(*ranges, "10.0.255.254"), "");
  EXPECT_EQ(SystemOf(*ranges, "10.0.255.255"), "2 across");
  EXPECT_EQ(SystemOf(*ranges, "10.1.7.7"), "2 across");
  EXPECT_EQ(SystemOf(*ranges, "10.2.255.255"), "2 across");
  EXPECT_EQ(SystemOf(*ranges, "10.3.0.0"), "2 across");
  EXPECT_EQ(SystemOf(*ranges, "10.3.0.1"), "");
  EXPECT_EQ(SystemOf(*ranges, "255.255.255.254"), "");
  EXPECT_EQ(SystemOf(*ranges, "255.255.255.255"), "3 last");
}

TEST(AsnRanges, AnyOrderAndTheNarrowerOfTwoHolds) {
  const auto ranges = Parse(
      "200,300,3,c\n"
      "100,1000,1,a\n"
      "250,260,4,d\n"
      "250,250,5,e\n"
      "900,1100,2,b\n");
  const std::map<uint32_t, std::string> wanted{{99, ""},     {100, "1 a"},  {199, "1 a"},  {200, "3 c"},
                                               {249, "3 c"}, {250, "5 e"},  {251, "4 d"},  {260, "4 d"},
                                               {261, "3 c"}, {300, "3 c"},  {301, "1 a"},  {899, "1 a"},
                                               {900, "2 b"}, {1000, "2 b"}, {1100, "2 b"}, {1101, ""}};
  for (const auto& [address, system] : wanted) {
    EXPECT_EQ(SystemOf(*ranges, IpAddress::FromV4(address)), system) << address;
  }
}

TEST(AsnRanges, SameAnswersAsALinearSearch) {
  std::mt19937 engine(42);
  const auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  std::string csv;
  struct Row {
    uint32_t first, last, asn;
  };
  std::vector<Row> rows;
  uint32_t at = 0;
  for (int i = 0; i < 500; ++i) {
    const uint32_t first = at + random() % 3 * 70'000;
    const uint32_t last = first + random() % 200'000;
    at = last + 1;
    rows.push_back({first, last, 1 + random() % 100});
    csv +=
        std::to_string(first) + "," + std::to_string(last) + "," + std::to_string(rows.back().asn) + ",x\n";
  }
  const auto ranges = Parse(csv);
  const auto linear = [&rows](uint32_t address) -> std::string {
    for (const Row& row : rows) {
      if (row.first <= address && address <= row.last) return std::to_string(row.asn) + " x";
    }
    return "";
  };
  for (int i = 0; i < 5000; ++i) {
    const Row& near = rows[random() % rows.size()];
    const uint32_t address = i % 3 == 0   ? random() % at
                             : i % 3 == 1 ? near.first - 1 + random() % 3
                                          : near.last - 1 + random() % 3;
    ASSERT_EQ(SystemOf(*ranges, IpAddress::FromV4(address)), linear(address)) << address;
  }
}

TEST(AsnRanges, RefusesTheLineThatIsWrong) {
  const std::string good = "1,2,3,x\n";
  for (const std::string& wrong : std::vector<std::string>{
           "1,2,3\n", "1,2\n", "1\n", ",,,\n", "2,1,3,x\n", "a,b,c,d\n", "-1,2,3,x\n", "1,2,-3,x\n",
           "1,2,4294967296,x\n", "1,2,3,\"x\n", "1,2,3,\"x\"y\n", "1,2,3,x,y\n", "1,2001:db8::,3,x\n",
           "1, 2,3,x\n", "1,2,3,\xff\xfe\n",
           "340282366920938463463374607431768211456,340282366920938463463374607431768211456,1,x\n",
           "99999999999999999999999999999999999999999999999999,1,1,x\n", std::string(5000, '1') + ",2,3,x\n",
           std::string("1,2,3,x\0y\xc0\n", 11)}) {
    const auto ranges = AsnRanges::FromCsv(good + wrong, "asn.csv");
    ASSERT_FALSE(ranges.ok()) << wrong.substr(0, 60);
    EXPECT_EQ(ranges.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(ranges.error().field, "asn.csv");
    EXPECT_THAT(ranges.error().detail, HasSubstr("line 2"));
  }
}

TEST(AsnRanges, RefusesAFileThatBreaksOff) {
  EXPECT_THAT(AsnRanges::FromCsv("1,2,3,x\n4,5,6,Exam", "asn.csv").error().detail, HasSubstr("not whole"));
  EXPECT_FALSE(AsnRanges::FromCsv("", "asn.csv").ok());
  EXPECT_FALSE(AsnRanges::FromCsv("\n\n", "asn.csv").ok());
}

TEST(AsnRanges, WindowsLinesColumnNamesAndUnannouncedRanges) {
  const auto ranges = Parse(
      "ip_range_start,ip_range_end,autonomous_system_number,autonomous_system_organization\r\n"
      "1,2,0,nobody\r\n3,4,7,seven\r\n");
  EXPECT_EQ(SystemOf(*ranges, IpAddress::FromV4(1)), "");
  EXPECT_EQ(SystemOf(*ranges, IpAddress::FromV4(3)), "7 seven");
}

TEST(AsnRanges, EqualNamesAreKeptOnce) {
  std::string csv;
  for (uint32_t i = 0; i < 1000; ++i)
    csv += std::to_string(i * 10) + "," + std::to_string(i * 10 + 5) + ",7,seven\n";
  EXPECT_EQ(Parse(csv)->system_count(), 1U);
  EXPECT_EQ(Parse(csv)->range_count(), 1000U);
}

class AsnRangesCache : public testing::Test {
 protected:
  std::shared_ptr<const AsnRanges> Load() {
    const auto ranges = AsnRanges::Load({csv_}, folder_ / "cache", &warnings_);
    EXPECT_TRUE(ranges.ok());
    return ranges.ok() ? *ranges : nullptr;
  }
  std::string CacheFile() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache"))
      return entry.path().string();
    return "";
  }
  TempDirectory folder_;
  std::string csv_ = folder_.Write("asn.csv", "1,2,3,three\n2001:db8::,2001:db8::1,4,four\n");
  std::vector<std::string> warnings_;
};

TEST_F(AsnRangesCache, ConvertsOnce) {
  EXPECT_EQ(SystemOf(*Load(), "2001:db8::1"), "4 four");
  const std::string first = ReadFile(CacheFile());
  const auto written = std::filesystem::last_write_time(CacheFile());
  EXPECT_EQ(SystemOf(*Load(), "2001:db8::1"), "4 four");
  EXPECT_EQ(SystemOf(*Load(), IpAddress::FromV4(2)), "3 three");
  EXPECT_EQ(std::filesystem::last_write_time(CacheFile()), written);
  EXPECT_EQ(ReadFile(CacheFile()), first);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(AsnRangesCache, ANewSourceReplacesIt) {
  Load();
  folder_.Replace("asn.csv", "1,2,5,five\n");
  EXPECT_EQ(SystemOf(*Load(), IpAddress::FromV4(2)), "5 five");
  EXPECT_EQ(SystemOf(*Load(), IpAddress::FromV4(2)), "5 five");
}

TEST_F(AsnRangesCache, ABrokenOneIsMadeAnew) {
  Load();
  const std::string whole = ReadFile(CacheFile());
  for (size_t size = 0; size < whole.size(); ++size) {
    folder_.Write("cache/" + std::filesystem::path(CacheFile()).filename().string(), whole.substr(0, size));
    ASSERT_EQ(SystemOf(*Load(), "2001:db8::1"), "4 four") << size;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    folder_.Write("cache/" + std::filesystem::path(CacheFile()).filename().string(), broken);
    ASSERT_EQ(SystemOf(*Load(), "2001:db8::1"), "4 four") << at;
  }
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(AsnRangesCache, AFolderThatCannotBeWrittenIsAWarning) {
  folder_.Write("blocked", "a file where the folder should be");
  const auto ranges = AsnRanges::Load({csv_}, folder_ / "blocked", &warnings_);
  ASSERT_TRUE(ranges.ok());
  EXPECT_EQ(SystemOf(**ranges, IpAddress::FromV4(2)), "3 three");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_THAT(warnings_.front(), HasSubstr("at every start"));
}

TEST(AsnRangesFiles, AbsentFileIsAnError) {
  std::vector<std::string> warnings;
  EXPECT_EQ(AsnRanges::Load({"absent.csv"}, "", &warnings).error().code, ErrorCode::kNotFound);
}

TEST(AsnRangesFiles, TestDataOfBothFamilies) {
  std::vector<std::string> warnings;
  const auto ranges =
      AsnRanges::Load({TestData("asn-ipv4-num.csv"), TestData("asn-ipv6-num.csv")}, "", &warnings);
  ASSERT_TRUE(ranges.ok());
  EXPECT_EQ(SystemOf(**ranges, "139.12.16.10"), "3320 Deutsche Telekom AG");
  EXPECT_EQ(SystemOf(**ranges, "2003:1c0::1"), "3320 Deutsche Telekom AG");
}

}  // namespace
}  // namespace tocsin::daemon
