#include "daemon/enrich/user_agent.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "base/text.h"
#include "daemon/enrich/literal_finder.h"
#include "daemon/enrich/user_agent_cache.h"

namespace tocsin::daemon {
namespace {

struct Agent {
  const char* name;
  const char* text;
  UserAgentInfo info;
};

class UserAgentTest : public testing::TestWithParam<Agent> {};

TEST_P(UserAgentTest, IsRead) {
  const UserAgentInfo info = UserAgentParser::Default()->Parse(GetParam().text);
  const UserAgentInfo& wanted = GetParam().info;
  EXPECT_EQ(info.browser_family, wanted.browser_family);
  EXPECT_EQ(info.browser_major, wanted.browser_major);
  EXPECT_EQ(info.os_family, wanted.os_family);
  EXPECT_EQ(info.os_major, wanted.os_major);
  EXPECT_EQ(info.device_brand, wanted.device_brand);
  EXPECT_EQ(info.device_model, wanted.device_model);
}

INSTANTIATE_TEST_SUITE_P(
    Browsers, UserAgentTest,
    testing::Values(
        Agent{"ChromeOnWindows",
              "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
              "Chrome/124.0.0.0 Safari/537.36",
              {"Chrome", "Windows", "", "", 124, 10}},
        Agent{"EdgeOnWindows",
              "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
              "Chrome/124.0.0.0 Safari/537.36 "
              "Edg/124.0.2478.51",
              {"Edge", "Windows", "", "", 124, 10}},
        Agent{"FirefoxOnUbuntu",
              "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
              {"Firefox", "Ubuntu", "", "", 125, 0}},
        Agent{"SafariOnMac",
              "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
              "Version/17.4 "
              "Safari/605.1.15",
              {"Safari", "macOS", "", "Apple", 17, 10}},
        Agent{"SafariOnIphone",
              "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
              "Gecko) "
              "Version/17.4.1 Mobile/15E148 Safari/604.1",
              {"Mobile Safari", "iOS", "iPhone", "Apple", 17, 17}},
        Agent{"ChromeOnSamsung",
              "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
              "Chrome/124.0.6367.82 Mobile "
              "Safari/537.36",
              {"Chrome Mobile", "Android", "SM-S918B", "Samsung", 124, 14}},
        Agent{"ChromeThatHidesTheModel",
              "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
              "Mobile Safari/537.36",
              {"Chrome Mobile", "Android", "", "", 124, 10}},
        Agent{"SamsungBrowser",
              "Mozilla/5.0 (Linux; Android 13; SM-A536E) AppleWebKit/537.36 (KHTML, like Gecko) "
              "SamsungBrowser/24.0 "
              "Chrome/117.0.0.0 Mobile Safari/537.36",
              {"Samsung Internet", "Android", "SM-A536E", "Samsung", 24, 13}},
        Agent{"WeChat",
              "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
              "Gecko) Mobile/15E148 "
              "MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/zh_CN",
              {"WeChat", "iOS", "iPhone", "Apple", 8, 16}},
        Agent{
            "Alipay",
            "Mozilla/5.0 (Linux; U; Android 13; zh-CN; M2101K6G Build/TKQ1.221013.002) AppleWebKit/537.36 "
            "(KHTML, like "
            "Gecko) Version/4.0 Chrome/100.0.4896.58 UCBS/5.12.3.0 Mobile Safari/537.36 NebulaSDK/1.8.100112 "
            "AlipayClient/10.5.26.8100",
            {"Alipay", "Android", "", "", 10, 13}},
        Agent{"HarmonyOs",
              "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 "
              "Safari/537.36 "
              "ArkWeb/4.1.6.1 Mobile",
              {"ArkWeb", "HarmonyOS", "", "", 4, 5}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    AppsAndTools, UserAgentTest,
    testing::Values(Agent{"App",
                          "PayApp/5.2 (iPhone; iOS 17.4; Scale/3.00)",
                          {"PayApp", "iOS", "iPhone", "Apple", 5, 17}},
                    Agent{"Okhttp", "okhttp/4.9.3", {"okhttp", "", "", "", 4, 0}},
                    Agent{"Curl", "curl/8.5.0", {"curl", "", "", "", 8, 0}},
                    Agent{"PythonRequests", "python-requests/2.31.0", {"Python Requests", "", "", "", 2, 0}},
                    Agent{"Nothing", "", {}}, Agent{"Words", "hello there", {}},
                    Agent{"OnlyMozilla", "Mozilla/5.0", {}}),
    [](const auto& tested) { return tested.param.name; });

TEST(UserAgentParser, EveryExpressionIsUsed) {
  EXPECT_GT(UserAgentParser::Default()->rule_count(), 1000U);
  EXPECT_EQ(UserAgentParser::Default()->skipped_count(), 0U);
}

TEST(UserAgentParser, LeavesOutWhatRe2CannotCompile) {
  const auto parser = UserAgentParser::FromYaml(
      "user_agent_parsers:\n"
      "  - regex: '(Ghost)(?=/)'\n"
      "  - regex: '(Ghost)/(\\d+)'\n"
      "    family_replacement: 'The $1'\n"
      "os_parsers:\n"
      "  - regex: 'OS\\.(\\d+)'\n"
      "    os_replacement: 'Example'\n"
      "    os_v1_replacement: '$1'\n"
      "device_parsers:\n"
      "  - regex: 'dev (\\w+)'\n"
      "    regex_flag: 'i'\n"
      "    device_replacement: 'D $1'\n"
      "    brand_replacement: 'B'\n"
      "    model_replacement: ' $1 $9'\n");
  ASSERT_TRUE(parser.ok());
  EXPECT_EQ((*parser)->skipped_count(), 1U);
  EXPECT_EQ((*parser)->rule_count(), 3U);
  const UserAgentInfo info = (*parser)->Parse("Ghost/7 OS.3 DEV phone");
  EXPECT_EQ(info, (UserAgentInfo{"The Ghost", "Example", "phone", "B", 7, 3}));
}

TEST(UserAgentParser, RefusesRulesThatAreNone) {
  EXPECT_FALSE(UserAgentParser::FromYaml("").ok());
  EXPECT_FALSE(UserAgentParser::FromYaml("a: [").ok());
  EXPECT_FALSE(UserAgentParser::FromYaml("user_agent_parsers: 7").ok());
}

// Texts made to be slow or to break out: each must be read in a few milliseconds and give short, clean
// values.
TEST(UserAgentParser, HostileTexts) {
  const auto parser = UserAgentParser::Default();
  std::vector<std::string> texts{
      std::string(1024, 'A'),
      std::string(1'000'000, '/'),
      "Mozilla/5.0 (Linux; Android 14; " + std::string(900, 'x') + ") Chrome/124",
      std::string(300, '(') + "Android" + std::string(300, ';'),
      "iPhone OS 99999999999999999999999999999999999999",
      "Chrome/" + std::string(500, '9'),
      std::string("Mozilla\0/5.0 Chrome/12\0\r\nX: y", 29),
      "\xff\xfe\xc0\x80 Chrome/12 \xed\xa0\x80",
      std::string("App/1 \xe2\x80\xae") + "evil",
  };
  std::string repeated;
  while (repeated.size() < 1000) repeated += "Android;iPhone;Chrome/;Opera/;MSIE ;CFNetwork;HbbTV/;";
  texts.push_back(repeated);
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string text(1024, ' ');
    for (char& c : text) c = static_cast<char>(random());
    texts.push_back(text);
    // Pieces of real ones in any order reach more expressions than noise does.
    std::string pieces;
    const std::vector<std::string> words{
        "Mozilla/5.0", "Android 9",  "Build/", "SM-",        "Chrome/1",     "Mobile",
        "(",           ")",          "; ",     "iPad",       "CFNetwork/",   "Windows NT",
        "Opera Mini/", "UCBrowser/", "Nokia",  "BlackBerry", "HbbTV/1.1.1 ("};
    while (pieces.size() < 1000) pieces += words[random() % words.size()];
    texts.push_back(pieces);
  }
  for (const std::string& text : texts) {
    const std::clock_t begin = std::clock();  // Of the processor: the machine may have much else to do.
    const UserAgentInfo info = parser->Parse(text);
    EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC);
    for (const std::string* value :
         {&info.browser_family, &info.os_family, &info.device_model, &info.device_brand}) {
      EXPECT_LE(value->size(), 64U);
      EXPECT_TRUE(IsUtf8(*value));
    }
    EXPECT_LE(info.browser_major, 99'999);
    EXPECT_LE(info.os_major, 99'999);
  }
}

TEST(UserAgentCache, AnswersAsTheParserDoes) {
  UserAgentCache cache(UserAgentParser::Default(), 8);
  const std::string chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/";
  for (int round = 0; round < 3; ++round) {
    for (int version = 100; version < 150; ++version) {
      const std::string text = chrome + std::to_string(version) + ".0 Safari/537.36";
      EXPECT_EQ(cache.Find(text).browser_major, version);
      EXPECT_EQ(cache.Find(text).browser_major, version);
    }
  }
  EXPECT_EQ(cache.hits() + cache.misses(), 300U);
  EXPECT_GE(cache.hits(), 150U);
}

TEST(UserAgentCache, KeepsWhatIsUsed) {
  UserAgentCache cache(UserAgentParser::Default(), 4);  // One set.
  for (int i = 0; i < 100; ++i) {
    cache.Find("curl/8");
    cache.Find("other/" + std::to_string(i));
  }
  EXPECT_EQ(cache.misses(), 101U);
}

TEST(UserAgentCache, LongTextsAreCutAsTheParserCutsThem) {
  UserAgentCache cache(UserAgentParser::Default(), 8);
  const std::string base = "curl/8 " + std::string(UserAgentParser::kBytesMax, 'x');
  EXPECT_EQ(cache.Find(base + "a").browser_family, "curl");
  EXPECT_EQ(cache.Find(base + "b").browser_family, "curl");
  EXPECT_EQ(cache.hits(), 1U);
}

TEST(LiteralFinder, FindsEachOnceAndInOrder) {
  const LiteralFinder finder({"android", "ab", "and", "droid", "xyz", "roid 1"});
  std::vector<int> found;
  finder.Find("android 14 and android", found);
  EXPECT_EQ(found, (std::vector<int>{0, 1, 2, 3, 5}));  // "ab" is too short to be looked for.
  finder.Find("", found);
  EXPECT_EQ(found, (std::vector<int>{1}));
  finder.Find("xy", found);
  EXPECT_EQ(found, (std::vector<int>{1}));
  finder.Find("xyz", found);
  EXPECT_EQ(found, (std::vector<int>{1, 4}));
}

}  // namespace
}  // namespace tocsin::daemon
