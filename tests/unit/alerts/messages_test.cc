#include "alerts/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "alerts/city_names.h"
#include "alerts/localize.h"
#include "alerts/message_files.h"
#include "alerts/value_text.h"

namespace tocsin::alerts {
namespace {

// Names of the arguments of a sentence.
std::set<std::string> ArgumentsOf(std::string_view pattern) {
  std::set<std::string> names;
  int depth = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '}') --depth;
    if (pattern[i] != '{' || ++depth > 1) continue;
    names.insert(std::string(pattern.substr(i + 1, pattern.find_first_of(",}", i) - i - 1)));
  }
  return names;
}

TEST(MessagesTest, BothLanguagesSayTheSameThings) {
  const Messages& messages = Messages::Instance();
  for (const std::string_view key : messages.Keys()) {
    EXPECT_EQ(ArgumentsOf(messages.Pattern(Locale::kEn, key)),
              ArgumentsOf(messages.Pattern(Locale::kZhCn, key)))
        << key;
  }
}

TEST(MessagesTest, ChineseIsWrittenInChinese) {
  const Messages& messages = Messages::Instance();
  for (const std::string_view key : messages.Keys()) {
    const std::string& text = messages.Pattern(Locale::kZhCn, key);
    if (text.find(", plural,") != std::string::npos) continue;
    // Latin punctuation inside Chinese text reads like a machine.
    for (const char* mark : {", ", ". ", "; ", "! ", "? "}) {
      EXPECT_EQ(text.find(mark), std::string::npos) << key;
    }
  }
}

TEST(MessagesTest, ReasonsOfTheCatalogueHaveSentences) {
  for (const char* code : {"impossible_travel",
                           "new_country",
                           "new_country_rare",
                           "new_network",
                           "new_network_class",
                           "anonymous_vpn",
                           "anonymous_proxy",
                           "anonymous_tor",
                           "anonymous_relay",
                           "anonymous_hosting",
                           "new_region",
                           "concurrent_places",
                           "high_risk_country",
                           "high_risk_counterparty",
                           "device_emulator",
                           "device_rooted",
                           "device_two_systems",
                           "device_other_system",
                           "device_version_back",
                           "session_moved_device",
                           "session_moved_place",
                           "locale_mismatch",
                           "unusual_hour",
                           "dormant_device",
                           "dormant_money",
                           "new_device",
                           "new_device_same_model",
                           "new_device_refused",
                           "password_guessing",
                           "password_guessing_distributed",
                           "guessed_in",
                           "guessed_in_new_device",
                           "mfa_fatigue",
                           "mfa_fatigue_approved",
                           "second_factor_removed",
                           "second_factor_removed_device",
                           "second_factor_removed_reset",
                           "partial_success_device",
                           "partial_success_place",
                           "partial_success_repeated",
                           "sensitive_burst",
                           "cooling_off_payee",
                           "cooling_off_limit",
                           "cooling_off_contact",
                           "cooling_off_transfer",
                           "cooling_off_transfers",
                           "cooling_off_device",
                           "takeover_chain",
                           "takeover_chain_money",
                           "takeover_stage_device",
                           "takeover_stage_place",
                           "takeover_stage_guessed",
                           "takeover_stage_contact",
                           "takeover_stage_mfa",
                           "takeover_stage_notifications",
                           "takeover_stage_password",
                           "takeover_stage_limit",
                           "takeover_stage_payee",
                           "login_rare_place",
                           "login_rare_network",
                           "login_rare_device",
                           "login_rare_address",
                           "user_reported",
                           "confirmed_fraud",
                           "limit_breach",
                           "limit_breach_count",
                           "limit_approach",
                           "unusual_amount",
                           "unusual_amount_population",
                           "limit_probing",
                           "limit_probing_steps",
                           "limit_probing_reached",
                           "limit_raised_then_spent",
                           "structuring",
                           "velocity",
                           "velocity_sum",
                           "velocity_payees",
                           "new_payee_large",
                           "account_drain",
                           "account_drain_day",
                           "pass_through",
                           "card_testing",
                           "card_testing_cards",
                           "card_testing_ladder",
                           "repeated_failure",
                           "repeated_failure_funds",
                           "repeated_failure_limit",
                           "repeated_failure_instrument",
                           "repeated_failure_fraud",
                           "balance_mismatch",
                           "stuck_withdrawal",
                           "stuck_transfer"}) {
    EXPECT_TRUE(Messages::Instance().Has("reason." + std::string(code))) << code;
  }
}

// Whatever is missing, a sentence stays a sentence.
TEST(MessagesTest, SentencesAreGracefulWithoutValues) {
  for (const std::string_view key : Messages::Instance().Keys()) {
    if (!key.starts_with("reason.")) continue;
    for (const Locale locale : kLocales) {
      for (const char* observed : {"", "Tokyo, JP"}) {
        for (const char* usual : {"", "Berlin, DE"}) {
          const std::string text = ReasonSentence(locale, key.substr(7), observed, usual);
          EXPECT_TRUE(text.ends_with(locale == Locale::kEn ? "." : "。")) << text;
          EXPECT_THAT(text, testing::Not(testing::AnyOf(testing::HasSubstr("()"), testing::HasSubstr("（）"),
                                                        testing::HasSubstr("  "), testing::HasSubstr("["),
                                                        testing::HasSubstr("{"))))
              << key;
          EXPECT_THAT(text,
                      testing::Not(testing::AnyOf(testing::HasSubstr(": ."), testing::HasSubstr("：。"))))
              << key;
        }
      }
    }
  }
}

struct Value {
  const char* neutral;
  const char* en;
  const char* zh;
};
class ValueTest : public testing::TestWithParam<Value> {};

TEST_P(ValueTest, IsWrittenAsReadersWriteIt) {
  EXPECT_EQ(LocalizeValue(Locale::kEn, GetParam().neutral), GetParam().en);
  EXPECT_EQ(LocalizeValue(Locale::kZhCn, GetParam().neutral), GetParam().zh);
}

INSTANTIATE_TEST_SUITE_P(
    Values, ValueTest,
    testing::Values(Value{"Tokyo, JP", "Tokyo, Japan", "日本东京"},
                    Value{"Osaka, JP", "Osaka, Japan", "日本大阪"},  // No zone is named after it.
                    Value{"Guangzhou (Tianhe Qu), CN", "Guangzhou (Tianhe Qu), China", "中国广州"},
                    Value{"Xi'an, CN", "Xi'an, China", "中国西安"},
                    Value{"Suzhou, CN", "Suzhou, China", "中国 Suzhou"},  // There are two.
                    Value{"JP", "Japan", "日本"}, Value{"Singapore, SG", "Singapore", "新加坡"},
                    Value{"CNY 268000.00 in 24 h", "CNY 268,000.00 in 24 hours", "24 小时内 ¥268,000.00"},
                    Value{"JPY 1000 in 1 h", "JPY 1,000 in 1 hour", "1 小时内 JP¥1,000"},
                    Value{"USD 5000.00 in 2026-03", "USD 5,000.00 in March 2026", "2026年3月内 US$5,000.00"},
                    Value{"51 in 2026-03-01", "51 on 1 March 2026", "2026年3月1日 51 次"},
                    Value{"7 in 2026-W09", "7 in week 9 of 2026", "2026 年第 9 周内 7 次"},
                    Value{"12 in 10 min", "12 in 10 minutes", "10 分钟内 12 次"},
                    Value{"< 10 in 10 min", "fewer than 10 in 10 minutes", "10 分钟内少于 10 次"},
                    Value{"limit daily-out: CNY 200000.00", "limit “daily-out”: CNY 200,000.00",
                          "限额“daily-out”：¥200,000.00"},
                    Value{"limit a: b: 50", "limit “a: b”: 50", "限额“a: b”：50"},
                    Value{"5 h", "5 hours", "5 小时"}, Value{"0 min", "", ""},
                    Value{"Chrome on Windows", "Chrome on Windows", "Chrome（Windows）"},
                    Value{"AS4134 China Telecom", "AS4134 China Telecom", "AS4134 China Telecom"},
                    Value{"", "", ""}, Value{"CNY 1.234 in 24 h", "CNY 1.234 in 24 h", "CNY 1.234 in 24 h"},
                    Value{"12 in 99999999999999999999 h", "12 in 99999999999999999999 h",
                          "12 in 99999999999999999999 h"},
                    Value{"3 in 2026-13", "3 in 2026-13", "3 in 2026-13"}));

struct ForOwner {
  const char* reason;
  const char* neutral;
  const char* en;
  const char* zh;
};
class OwnerValueTest : public testing::TestWithParam<ForOwner> {};

TEST_P(OwnerValueTest, HasNoWordOfAMachine) {
  const auto& [reason, neutral, en, zh] = GetParam();
  EXPECT_EQ(LocalizeValue(Locale::kEn, neutral, reason, Reader::kOwner), en);
  EXPECT_EQ(LocalizeValue(Locale::kZhCn, neutral, reason, Reader::kOwner), zh);
}

INSTANTIATE_TEST_SUITE_P(
    Values, OwnerValueTest,
    testing::Values(ForOwner{"new_network", "AS4134 China Telecom", "China Telecom", "China Telecom"},
                    ForOwner{"new_network", "AS4134", "", ""},
                    ForOwner{"", "ASUS 4134", "ASUS 4134", "ASUS 4134"},
                    ForOwner{"limit_breach", "limit daily-out: CNY 200000.00", "the limit is CNY 200,000.00",
                             "限额为 ¥200,000.00"},
                    ForOwner{"limit_breach_count", "limit a: b: 50", "the limit is 50 payments",
                             "限额为 50 笔"},
                    ForOwner{"locale_mismatch", "Asia/Tokyo", "Japan Time", "日本时间"},
                    ForOwner{"locale_mismatch", "America/New_York", "New York Time", "纽约时间"},
                    ForOwner{"locale_mismatch", "UTC+9", "UTC+9", "UTC+9"},
                    ForOwner{"locale_mismatch", "Asia/Nowhere", "Asia/Nowhere", "Asia/Nowhere"},
                    ForOwner{"takeover_stage_device", "143 h", "5 days", "5 天"},
                    ForOwner{"takeover_stage_device", "47 h", "47 hours", "47 小时"},
                    ForOwner{"cooling_off_device", "60 min", "1 hour", "1 小时"},
                    ForOwner{"takeover_chain", "3 in 100 h", "3 steps in 5 days", "5 天内 3 项"},
                    ForOwner{"guessed_in", "< 5 in 180 min", "fewer than 5 in 3 hours", "3 小时内少于 5 次"},
                    ForOwner{"guessed_in", "12 in 90 min", "12 in 90 minutes", "90 分钟内 12 次"}));

TEST(OwnerValueTest, ASentenceSurvivesANetworkWithoutAName) {
  EXPECT_EQ(ReasonSentence(Locale::kEn, "new_network", "AS64500", "AS4134 China Telecom", Reader::kOwner),
            "Used through a network that is new for this account (usually China Telecom).");
  EXPECT_EQ(ReasonSentence(Locale::kEn, "new_network", "AS64500", "AS4134", Reader::kAgent),
            "Used through a network that is new for this account: AS64500 (usually AS4134).");
  EXPECT_EQ(
      ReasonSentence(Locale::kEn, "password_guessing", "12 in 10 min", "< 10 in 10 min", Reader::kOwner),
      "Many failed sign-in attempts: 12 in 10 minutes.")
      << "a threshold is not what is usual";
  EXPECT_EQ(ReasonSentence(Locale::kEn, "some_code", "", "", Reader::kOwner), "Unusual activity.");
  EXPECT_EQ(ReasonSentence(Locale::kEn, "some_code", "", "", Reader::kAgent),
            "Unusual activity (some_code).");
}

TEST(ValueTest, HostileTextIsCleaned) {
  EXPECT_EQ(LocalizeValue(Locale::kEn, "http://evil.example.com/login"), "http evil example com/login");
  EXPECT_EQ(LocalizeValue(Locale::kEn, "a\u202Eb\nc"), "a b c");
}

TEST(CityNamesTest, EachIsOneCityInChinese) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const CityInChinese& city : CitiesInChinese()) {
    EXPECT_TRUE(seen.emplace(city.country, city.english).second) << city.english;
    EXPECT_EQ(CityName(Locale::kZhCn, city.english, city.country), city.chinese);
    EXPECT_TRUE(std::ranges::none_of(city.chinese, [](unsigned char c) { return c < 0x80; })) << city.english;
    EXPECT_EQ(CityName(Locale::kEn, city.english, city.country), std::nullopt);
  }
}

TEST(LocaleTest, TheNearestByLanguage) {
  EXPECT_EQ(NearestLocale("zh-Hant-TW", Locale::kEn), Locale::kZhCn);
  EXPECT_EQ(NearestLocale("ZH_cn", Locale::kEn), Locale::kZhCn);
  EXPECT_EQ(NearestLocale("en-GB", Locale::kZhCn), Locale::kEn);
  EXPECT_EQ(NearestLocale("fr", Locale::kZhCn), Locale::kZhCn);
  EXPECT_EQ(NearestLocale("", Locale::kEn), Locale::kEn);
  EXPECT_EQ(NearestLocale("zha", Locale::kEn), Locale::kEn);
}

TEST(LocalizeTest, TimesInTheOwnersZone) {
  const Timestamp at = *ParseRfc3339("2026-03-01T04:05:06Z");
  EXPECT_EQ(FormatDateTime(Locale::kEn, at, *TimeZone::Find("Asia/Shanghai")),
            "Sunday, 1 March 2026, 12:05 (UTC+8)");
  EXPECT_EQ(FormatDateTime(Locale::kZhCn, at, *TimeZone::Find("Asia/Shanghai")),
            "2026年3月1日 星期日 12:05（UTC+8）");
  EXPECT_EQ(FormatShortDateTime(Locale::kEn, at, *TimeZone::Find("America/St_Johns")),
            "1 March 2026, 00:35 (UTC-3:30)");
  EXPECT_EQ(FormatShortDateTime(Locale::kEn, at, TimeZone()), "1 March 2026, 04:05 (UTC)");
  EXPECT_EQ(FormatUtcOffset(std::chrono::minutes(-5)), "UTC-0:05");
}

TEST(LocalizeTest, MoneyIsExactAndUnmistakable) {
  const auto money = [](int64_t minor, const char* code) { return Money{minor, *Currency::Find(code)}; };
  EXPECT_EQ(FormatMoneyFor(Locale::kEn, money(kMoneyMinorMax, "CNY")), "CNY 90,071,992,547,409.91");
  EXPECT_EQ(FormatMoneyFor(Locale::kZhCn, money(1234567, "KWD")), "KWD 1,234.567");
  EXPECT_EQ(FormatMoneyFor(Locale::kZhCn, money(0, "JPY")), "JP¥0");
  EXPECT_EQ(FormatMoneyFor(Locale::kEn, Money{}), "");
}

TEST(MessageFilesTest, RefusesWhatIsNoCatalogue) {
  for (const char* json :
       {"", "[]", "{\"a\": 1}", "{\"a\": \"\"}", "{\"a\": \"x\", \"a\": \"y\"}", "{\"a\": \"x\""}) {
    EXPECT_FALSE(ParseMessages(json)) << json;
  }
  EXPECT_TRUE(ParseMessages("{\"a\": \"x\"}"));
}

}  // namespace
}  // namespace tocsin::alerts
