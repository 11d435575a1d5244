// The configuration: closed, every problem at once and in its place, nothing taken for something else, no
// secret told.
#include "daemon/config/load_config.h"
#include "daemon/config/print_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "line:column key: text" of each error.
std::vector<std::string> Errors(const LoadedConfig& loaded) {
  std::vector<std::string> errors;
  for (const ConfigProblem& problem : loaded.problems) {
    if (problem.warning) continue;
    errors.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " + problem.key +
                     ": " + problem.text);
  }
  return errors;
}
std::vector<std::string> ErrorsOf(std::string_view yaml) { return Errors(ParseConfig(yaml, ".")); }

TEST(ConfigTest, WithoutRatesItIsSaidWhatCannotBeCompared) {
  const auto warned = [](std::string_view yaml) {
    const LoadedConfig loaded = ParseConfig(yaml, ".");
    EXPECT_THAT(Errors(loaded), IsEmpty());
    return std::ranges::any_of(loaded.problems, [](const ConfigProblem& problem) {
      return problem.warning && problem.key == "exchange_rates";
    });
  };
  EXPECT_TRUE(warned("version: 1\n"));
  EXPECT_FALSE(warned("exchange_rates:\n  - {from: CNY, to: SGD, rate: 0.19, as_of: 2026-03-01}\n"));
}

TEST(ConfigTest, WhoWritesToPeopleIsToldWhichTextsAreExamples) {
  const auto warned = [](const std::string& yaml) {
    const LoadedConfig loaded = ParseConfig(yaml, ".");
    EXPECT_THAT(Errors(loaded), IsEmpty());
    std::vector<std::string> keys;
    for (const ConfigProblem& problem : loaded.problems) {
      for (const std::string_view key : {"notices.brand", "support.app_path", "answers.base_url"}) {
        if (problem.warning && problem.key == key) keys.emplace_back(key);
      }
    }
    return keys;
  };
  const std::string mail =
      "delivery:\n  mail: {url: \"smtp://127.0.0.1:25\", from: alerts@example.com, tls: false}\n";
  EXPECT_THAT(warned("version: 1\n"), IsEmpty()) << "nothing is sent";
  EXPECT_THAT(warned(mail), ElementsAre("notices.brand", "support.app_path", "answers.base_url"));
  EXPECT_THAT(warned(mail + "notices: {brand: Nordpay}\nsupport: {phone: \"+65 6000 0000\"}\n"),
              ElementsAre("answers.base_url"));
}

TEST(ConfigTest, ATicketIsForgottenNoSoonerThanItsCaseEnds) {
  const auto warned = [](const std::string& more) {
    const LoadedConfig loaded =
        ParseConfig("delivery:\n  tickets: {system: zammad, url: \"https://desk.example.com\"" + more, ".");
    return std::ranges::any_of(loaded.problems, [](const ConfigProblem& problem) {
      return problem.warning && problem.key == "delivery.tickets.keep";
    });
  };
  EXPECT_FALSE(warned("}\n"));
  EXPECT_FALSE(warned(", keep: 14d}\n"));
  EXPECT_TRUE(warned(", keep: 13d}\n"));
  EXPECT_TRUE(warned("}\ncalm: {case_max: 31d}\n"));
}

struct Bad {
  const char* name;
  std::string yaml;
  std::string error;  // A part of the only error.
};
class BadConfigTest : public testing::TestWithParam<Bad> {};

TEST_P(BadConfigTest, IsOneErrorInItsPlace) {
  EXPECT_THAT(ErrorsOf(GetParam().yaml), ElementsAre(HasSubstr(GetParam().error)));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadConfigTest,
    testing::Values(
        Bad{"UnknownKey", "lgo: local\n", "1:1 lgo: is not a known key; did you mean log?"},
        Bad{"UnknownSection", "detectorz: {}\n",
            "1:1 detectorz: is not a known key; did you mean detectors?"},
        Bad{"UnknownInnerKey", "http:\n  metrics_listn: x\n",
            "2:3 http.metrics_listn: is not a known key; did you mean http.metrics_listen?"},
        Bad{"Twice", "log: local\nlog: kafka\n", "2:1 log: is there twice"},
        Bad{"Anchor", "log: &a local\nstate_dir: *a\n", "1:6 : anchors and aliases are not supported"},
        Bad{"MergeOfNothing", "<<: *a\n", "is not YAML"},
        Bad{"TwoDocuments", "log: local\n---\nlog: kafka\n", "a second document begins here"},
        Bad{"TwoDocumentsOneEmpty", "---\n---\n", "a second document begins here"},
        // The YAML library finds empty documents here without end.
        Bad{"NothingBeginsWithAComma", ",imits:\n", "1:1 : is not YAML: nothing begins with"},
        Bad{"NorDoesALaterLine", "log: local\n---\n] x\n", "is not YAML"},
        Bad{"UnknownProfile", "profiles: [mas-srf, psd3]\n",
            "1:21 profiles[1]: \"psd3\" is no profile; there are mas-srf, psd2-art18, npci-p2p"},
        Bad{"OverrideForNobody", "overrides:\n  - {detectors: {new_device: {weight: 1}}}\n",
            "2:5 overrides[0]: is for nobody"},
        Bad{"OverrideOfNothing", "overrides:\n  - {tenant: eu}\n", "an override needs detectors"},
        Bad{"OverrideOfAnUnknownKey", "overrides:\n  - {tenant: eu, detectors: {new_device: {wieght: 1}}}\n",
            "overrides[0].detectors.new_device.wieght: is not a known key; did you mean "
            "detectors.new_device.weight?"},
        Bad{"OverrideOfACountry",
            "overrides:\n  - {tenant: eu, detectors: {high_risk_country: {countries: 'KP, XX'}}}\n",
            "2:5 overrides[0].detectors.high_risk_country.countries: must be ISO"},
        Bad{"OverrideOfTiersThatAreNoTexts",
            "overrides:\n  - {tiers: [{a: b}, c], detectors: {new_device: {weight: 1}}}\n",
            "2:14 overrides[0].tiers: must be a list of texts"},
        Bad{"OverrideOutOfRange", "overrides:\n  - {tenant: eu, detectors: {new_device: {weight: 11}}}\n",
            "overrides[0].detectors.new_device.weight: "},
        Bad{"Tag", "log: !!str local\n", "tags are not supported"},
        Bad{"ListForAMap", "- log\n", "must be a map of keys and values"},
        Bad{"TextForAMap", "http: 17\n", "1:7 http: must be a map of keys and values"},
        Bad{"MapForText", "state_dir: {a: b}\n", "1:12 state_dir: must be text"},
        Bad{"NoValue", "state_dir:\n", "has no value; remove the key to get its default"},
        Bad{"Unfinished", "http: {\n", "is not YAML"},
        Bad{"TabIndented", "http:\n\tmetrics_listen: x\n", "is not YAML"},
        Bad{"NotUtf8", "log: \xff\n", "is not UTF-8"},
        Bad{"ZeroByte", std::string("log: local\n\0", 12), "has a zero byte"},
        Bad{"OtherVersion", "version: 2\n", "must be 1"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, BadConfigTest,
    testing::Values(
        Bad{"BelowRange", "detectors: {impossible_travel: {speed_kmh_max: 9}}\n",
            "1:48 detectors.impossible_travel.speed_kmh_max: below 100 (100 to 5000"},
        Bad{"AboveRange", "local: {partitions: 257}\n",
            "local.partitions: above the greatest value (1 to 256)"},
        Bad{"TextForANumber", "local: {partitions: four}\n", "must be a whole number"},
        Bad{"QuotedNumber", "local: {partitions: '4'}\n", "must be a whole number"},
        Bad{"FractionForAWholeNumber", "local: {partitions: 4.5}\n", "must be a whole number"},
        Bad{"Octal", "local: {retention_mb: 010}\n", "without a leading zero"},
        Bad{"NegativeOctal", "local: {retention_mb: -010}\n", "without a leading zero"},
        Bad{"Hexadecimal", "local: {retention_mb: 0x10}\n", "must be a whole number"},
        Bad{"TooLargeForAnyNumber", "local: {retention_mb: 99999999999999999999}\n",
            "must be a whole number"},
        Bad{"TooLargeForAnyReal", "detectors: {new_device: {weight: 1e999}}\n", "must be a number"},
        Bad{"NoCountry", "detectors: {high_risk_country: {countries: 'NG, XX'}}\n", "\"XX\" is none"},
        Bad{"NotANumber", "detectors: {new_device: {weight: .nan}}\n", "must be a number"},
        Bad{"Nan", "detectors: {new_device: {weight: nan}}\n", "must be a number"},
        Bad{"NoForFalse", "detectors: {new_device: {enabled: no}}\n", "must be true or false"},
        Bad{"QuotedTrue", "detectors: {new_device: {enabled: 'true'}}\n", "must be true or false"},
        Bad{"UnknownChoice", "log: pulsar\n", "must be one of local, kafka"},
        Bad{"TimeWithoutUnit", "answers: {ttl: 7200}\n", "must be a time with its unit"},
        Bad{"TimeInMilliseconds", "answers: {ttl: 7200ms}\n", "must be a time with its unit"},
        Bad{"NegativeTime", "answers: {ttl: -2h}\n", "must be a time with its unit"},
        Bad{"TimeOutOfRange", "answers: {ttl: 59m}\n", "below 1h (1h to 30d)"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Sections, BadConfigTest,
    testing::Values(
        Bad{"LimitWithoutMax", "limits:\n  - name: a\n    window: 24h\n", "limits[0].max: a limit needs max"},
        Bad{"LimitOfTwoDays", "limits:\n  - {name: a, window: 48h, max: CNY 5.00}\n",
            "limits[0].window: must be day, week"},
        Bad{"LimitWithFractionOfAFen", "limits:\n  - {name: a, max: CNY 5.001}\n",
            "must be a currency and an amount"},
        Bad{"LimitWithUnknownKey", "limits:\n  - {name: a, max: CNY 5.00, windw: day}\n",
            "limits[0].windw: is not a known key; did you mean window?"},
        Bad{"LimitCountsOneTransaction", "limits:\n  - {name: a, max_count: 3}\n",
            "limits[0].max_count: needs a window"},
        Bad{"LimitWhoseBreachLowersTheRisk", "limits:\n  - {name: a, max: CNY 5.00, weight: -7}\n",
            "limits[0].weight: must be a number from 0 to 10 (log-odds)"},
        Bad{"LimitThatDecidesAlone", "limits:\n  - name: a\n    max: CNY 5.00\n    weight: 10.01\n",
            "4:13 limits[0].weight: must be a number from 0 to 10"},
        Bad{"LimitNamedTwice", "limits:\n  - {name: a, max: CNY 5.00}\n  - {name: a, max: CNY 6.00}\n",
            "limits[1].name: is there twice"},
        Bad{"LimitsAsAMap", "limits: {name: a}\n", "limits: must be a list"},
        Bad{"RateOfNothing", "exchange_rates:\n  - {from: USD, to: XXQ, rate: 7.12, as_of: 2026-03-01}\n",
            "must be an ISO 4217 currency"},
        Bad{"PolicyForNoDetector", "policy:\n  - {detector: nobody, notice: true}\n",
            "policy[0].detector: there is no such detector"},
        Bad{"PolicyWithoutAnswer", "policy:\n  - {risk_min: 0.5}\n", "policy[0]: answers nothing"},
        Bad{"PolicyRiskInPercent", "policy:\n  - {risk_min: 50, notice: true}\n",
            "policy[0].risk_min: must be a number from 0 to 1"},
        Bad{"CalendarNeverOpen", "support: {calendar: {always_open: false}}\n", "is never open"},
        Bad{"CalendarBackwards", "support: {calendar: {monday: 18:00-09:00}}\n",
            "must be hours as 09:00-18:00"},
        Bad{"CalendarOf25Hours", "support: {calendar: {monday: 09:00-25:00}}\n",
            "must be hours as 09:00-18:00"},
        Bad{"CalendarZone", "support: {calendar: {timezone: Asia/Nowhere}}\n", "is not a time zone"},
        Bad{"CalendarDay", "support: {calendar: {holidays: [2026-02-30]}}\n",
            "must be a date as 2026-10-01"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Together, BadConfigTest,
    testing::Values(Bad{"ListenWithoutAPort", "http: {metrics_listen: x}\n",
                        "1:24 http.metrics_listen: must be an address and a port"},
                    Bad{"ListenAtNoPort", "http: {admin_listen: '127.0.0.1:99999'}\n",
                        "1:22 http.admin_listen: must be an address and a port"},
                    Bad{"ListenWithoutAnAddress", "http: {events_listen: ':8700'}\n",
                        "1:23 http.events_listen: must be an address and a port"},
                    Bad{"EventsFromAnywhere", "log: local\nhttp:\n  events_listen: 0.0.0.0:8700\n",
                        "2:1 http.events_token: must be given"},
                    Bad{"EventsFromANameThatBeginsLikeLoopback",
                        "http: {events_listen: '127.example.com:8700'}\n",
                        "1:1 http.events_token: must be given"},
                    Bad{"TwoServersAtOnePlace", "http:\n  events_listen: 127.0.0.1:9464\n",
                        "2:18 http.events_listen: is where http.metrics_listen is"},
                    Bad{"BodiesThatNeverFit", "http: {pending_mb_max: 7}\n",
                        "1:24 http.pending_mb_max: must not be below http.body_mb_max (8)"},
                    Bad{"AnswersWithoutAKey", "state_dir: x\nanswers: {base_url: 'https://a.example.com'}\n",
                        "2:1 answers.key: at least 32 bytes"},
                    Bad{"NoneAmongActions", "policy:\n  - {notice: true}\n  - {actions: [freeze, none]}\n",
                        "3:15 policy[1].actions: none stands alone"},
                    Bad{"DeliveryToAnothersTopic",
                        "log: kafka\ndelivery:\n  changelog_topic: tocsin.changelog\n  mail: {url: "
                        "'smtps://mail.example.com', from: security@example.com}\n",
                        "3:20 delivery.changelog_topic: must be a topic of its own"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ConfigTest, WhatIsUnfitTogetherIsAllToldInFileOrder) {
  EXPECT_THAT(
      ErrorsOf("log: kafka\nhttp: {metrics_listen: x}\nkafka:\n  properties:\n    acks: 1\n    no.such: 1\n"
               "  group: ''\n  security: {username: u}\n"),
      ElementsAre(HasSubstr("2:24 http.metrics_listen"), HasSubstr("5:11 kafka.properties.acks"),
                  HasSubstr("6:14 kafka.properties.no.such"), HasSubstr("7:10 kafka.group"),
                  HasSubstr("8:3 kafka.security.mechanism")));
}

TEST(ConfigTest, AKeyThatIsWrongWhereItStandsIsToldOnce) {
  EXPECT_THAT(ErrorsOf("http:\n  events_listen: 0.0.0.0:8700\n  events_token: {file: none}\n"),
              ElementsAre(HasSubstr("http.events_token: none cannot be read")));
}

TEST(ConfigTest, AKeyThatIsThereTwiceHidesNoOtherMistake) {
  EXPECT_THAT(ErrorsOf("log: kafka\nlgo: x\nlog: local\npolicy:\n  - {risk_min: 0.5, risk_min: 0.6, notice: "
                       "true, nobody: 1}\n"
                       "local: {partitions: 0}\n"),
              ElementsAre(HasSubstr("2:1 lgo: is not a known key"), HasSubstr("3:1 log: is there twice"),
                          HasSubstr("5:21 policy[0].risk_min: is there twice"), HasSubstr("policy[0].nobody"),
                          HasSubstr("6:21 local.partitions: below")));
  EXPECT_EQ(ParseConfig("state_dir: a\nstate_dir: b\n", ".").config.state_dir, "a");
  // Of a hostile file a hundred.
  std::string many = "a: 1\n";
  for (int i = 0; i < 5'000; ++i) many += "a: 1\n";
  EXPECT_EQ(ErrorsOf(many).size(), 101);
}

TEST(ConfigTest, AnUnknownNameIsComparedWithThoseThatCouldStandThere) {
  const auto error = [](std::string_view yaml) { return ErrorsOf(yaml).front(); };
  EXPECT_THAT(error("detectors: {new_contry: {enabled: true}}\n"),
              EndsWith("did you mean detectors.new_country?"));
  const std::string severity = error("detectors: {new_device: {severity: high}}\n");
  EXPECT_THAT(severity, HasSubstr("detectors.new_device.severity: is not a known key; there are "));
  EXPECT_THAT(severity, HasSubstr("mode"));
  EXPECT_THAT(error("support: {calendar: {zone: Mars/Olympus}}\n"), HasSubstr("there are "));
  EXPECT_THAT(error("kafka: {nonsense: 1}\n"), EndsWith("is not a known key"));  // Too many to list.
}

TEST(ConfigTest, AProblemOfTheWholeFileHasNoKey) {
  EXPECT_EQ((ConfigProblem{1, 1, "", "is not YAML", false}.Sentence()), "is not YAML");
  EXPECT_EQ((ConfigProblem{1, 1, "log", "is odd", false}.Sentence()), "log: is odd");
}

TEST(ConfigTest, AServerThatIsNotServedIsInNobodysWay) {
  EXPECT_THAT(ErrorsOf("log: kafka\nhttp: {events_listen: '0.0.0.0:9464', pending_mb_max: 1}\n"), IsEmpty());
  EXPECT_THAT(ErrorsOf("http: {metrics_listen: '127.0.0.1:0', events_listen: '127.0.0.1:0'}\n"), IsEmpty());
  EXPECT_THAT(ErrorsOf("http: {events_listen: '[::1]:8700'}\n"), IsEmpty());
}

TEST(ConfigTest, NamesWithoutEndTakeNoMemory) {
  const std::string name(200'000, 'a');
  std::string yaml = "policy:\n  - " + name + ": [";
  for (int i = 0; i < 40'000; ++i) yaml += "a,";
  const LoadedConfig loaded = ParseConfig(yaml + "a]\n", ".");
  EXPECT_LT(loaded.places.size(), 100U);
}

TEST(ConfigTest, SeveralErrorsAreAllToldInFileOrder) {
  EXPECT_THAT(ErrorsOf("lgo: local\nlocal:\n  partitions: 0\nhttp:\n  body_mb_max: x\n"),
              ElementsAre(HasSubstr("1:1 lgo"), HasSubstr("3:15 local.partitions"),
                          HasSubstr("5:16 http.body_mb_max")));
}

TEST(ConfigTest, AnErrorKeepsTheDefault) {
  EXPECT_EQ(ParseConfig("local: {partitions: 0}", ".").config.local.partitions, 4);
}

TEST(ConfigTest, DeepNestingIsRefusedWhateverItsForm) {
  const auto repeat = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  for (const std::string_view one : {"[", "{a: ", "- ", "? ", "- ? ", "[{", "!", "&a "}) {
    EXPECT_THAT(ErrorsOf(repeat(one, 100'000)), ElementsAre(HasSubstr(""))) << one;
  }
  std::string stairs;
  for (int i = 0; i < 1000; ++i) stairs += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(ErrorsOf(stairs), ElementsAre(HasSubstr("nests too deep")));
  EXPECT_THAT(ErrorsOf(repeat("#", (1 << 20) + 1)), ElementsAre(HasSubstr("larger than 1 MiB")));
}

TEST(ConfigTest, EveryPrefixAndEveryCutOfTheDefaultFileIsReadWithoutHarm) {
  const std::string yaml = DefaultConfigYaml();
  for (size_t at = 0; at < yaml.size(); at += 997) {
    const LoadedConfig prefix = ParseConfig(yaml.substr(0, at), ".");
    const LoadedConfig rest = ParseConfig(yaml.substr(at), ".");
    EXPECT_FALSE(prefix.config.state_dir.empty() && rest.config.state_dir.empty());
  }
}

TEST(ConfigTest, TheDefaultFileIsTheDefaults) {
  const LoadedConfig written = ParseConfig(DefaultConfigYaml(), ".");
  const LoadedConfig empty = ParseConfig("", ".");
  EXPECT_THAT(Errors(written), IsEmpty());
  EXPECT_THAT(Errors(empty), IsEmpty());
  EXPECT_EQ(written.config.rules_hash, empty.config.rules_hash);
  EXPECT_EQ(written.config.http.metrics_listen, empty.config.http.metrics_listen);
  EXPECT_EQ(written.config.decode.bytes_max, empty.config.decode.bytes_max);
  EXPECT_EQ(written.config.rules.alerts.policy.size(), empty.config.rules.alerts.policy.size());
}

TEST(ConfigTest, TheHashIsOfWhatDecidesVerdictsAndTexts) {
  const std::string defaults = ParseConfig("", ".").config.rules_hash;
  const auto hash = [](std::string_view yaml) {
    const LoadedConfig loaded = ParseConfig(yaml, ".");
    EXPECT_THAT(Errors(loaded), IsEmpty()) << yaml;
    return loaded.config.rules_hash;
  };
  for (const char* same : {"# nothing\n", "http: {body_mb_max: 9}",
                           "detectors: {new_device: {enabled: true}}", "local: {partitions: 8}"}) {
    EXPECT_EQ(hash(same), defaults) << same;
  }
  std::vector<std::string> seen = {defaults};
  for (const char* other :
       {"detectors: {new_device: {enabled: false}}", "detectors: {new_device: {mode: shadow}}", "policy: []",
        "policy: [{notice: true}]", "policy: [{notice: true, tiers: [gold]}]",
        "policy: [{notice: true, tiers: [gold, basic]}]", "limits: [{name: a, max: CNY 5.00}]",
        "limits: [{name: a, max: CNY 5.00, tiers: [gold]}]", "limits: [{name: a, max: CNY 5.00, tenant: eu}]",
        "limits: [{name: a, max: CNY 5.00, kinds: [payment]}]",
        "exchange_rates: [{from: USD, to: CNY, rate: 7.12, as_of: 2026-03-01}]",
        "support: {calendar: {always_open: false, monday: 09:00-18:00}}",
        "support: {calendar: {always_open: false, monday: 09:00-18:00, holidays: [2026-10-05]}}"}) {
    const std::string made = hash(other);
    EXPECT_THAT(seen, Not(testing::Contains(made))) << other;
    seen.push_back(made);
  }
}

TEST(ConfigTest, SectionsAreReadAsTheyAreWritten) {
  const LoadedConfig loaded = ParseConfig(
      "limits:\n"
      "  - {name: daily, direction: out, window: day, max: CNY 200000.00, warn_at: 0.8, kinds: [transfer, "
      "payment]}\n"
      "  - {name: often, window: 1h, max_count: 5, weight: 0}\n"
      "exchange_rates:\n  - {from: USD, to: CNY, rate: 7.12, as_of: 2026-03-01}\n"
      "policy:\n  - {family: money, severity_min: high, ticket: none, actions: [hold_transaction]}\n"
      "support:\n  calendar: {always_open: false, timezone: Asia/Shanghai, monday: 09:00-18:00, holidays: "
      "[2026-10-01]}\n",
      ".");
  ASSERT_THAT(Errors(loaded), IsEmpty());
  const RulesConfig& rules = loaded.config.rules;
  ASSERT_EQ(rules.limits.limits.size(), 2U);
  EXPECT_EQ(rules.limits.limits[0].max->minor, 20'000'000);
  EXPECT_EQ(rules.limits.limits[0].kinds.size(), 2U);
  EXPECT_EQ(rules.limits.limits[1].rolling, std::chrono::hours(1));
  EXPECT_EQ(rules.limits.limits[1].max_count, 5);
  EXPECT_EQ(rules.limits.limits[0].weight, std::nullopt);
  EXPECT_EQ(rules.limits.limits[1].weight, 0);
  ASSERT_EQ(rules.limits.rates.size(), 1U);
  EXPECT_EQ(rules.limits.rates[0].mantissa, 712);
  EXPECT_EQ(rules.limits.rates[0].scale, 2);
  ASSERT_EQ(rules.alerts.policy.size(), 1U);
  EXPECT_TRUE(rules.alerts.policy[0].no_ticket);
  EXPECT_EQ(rules.alerts.support.calendar.hours[1], std::pair(540, 1080));
}

TEST(ConfigTest, OverridesAreOnTopOfAllElseWhereverItStands) {
  const LoadedConfig loaded = ParseConfig(
      "overrides: [{tiers: [business], detectors: {new_device: {weight: 3}}}]\n"
      "detectors: {new_device: {refused_weight: 5}}\n",
      ".");
  ASSERT_THAT(Errors(loaded), IsEmpty());
  const RulesConfig& rules = loaded.config.rules;
  using NewDevice = detectors::Configured<detectors::NewDevice>;
  ASSERT_EQ(rules.overrides.size(), 1U);
  EXPECT_EQ(std::get<NewDevice>(rules.overrides[0].detectors).options.weight, 3);
  EXPECT_EQ(std::get<NewDevice>(rules.overrides[0].detectors).config.refused_weight, 5);
  EXPECT_EQ(std::get<NewDevice>(rules.detectors).options.weight, detectors::NewDevice::kInfo.weight);

  const Rules made(rules, {});
  EXPECT_NE(&made.DetectorsFor("", "business"), &made.detectors);
  EXPECT_EQ(&made.DetectorsFor("eu", "basic"), &made.detectors);
}

TEST(ConfigTest, PathsAreRelativeToTheFile) {
  const LoadedConfig loaded =
      ParseConfig("state_dir: ../state\ngeoip: {city: [a.mmdb, /b.mmdb]}\n", "/etc/tocsin");
  EXPECT_EQ(loaded.config.state_dir, "/etc/state");
  EXPECT_THAT(loaded.config.databases.city, ElementsAre("/etc/tocsin/a.mmdb", "/b.mmdb"));
}

TEST(ConfigTest, SecretsComeFromFilesAndAreNeverTold) {
  const TempDirectory directory;
  std::ofstream(directory / "token") << "hunter2-of-the-file\r\n";
  std::ofstream(directory / "empty") << "\n";
  std::ofstream(directory / "large") << std::string(70'000, 'x');
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600),
            0);  // Nobody writes: reading it would wait for ever.

  EXPECT_EQ(ParseConfig("http: {events_token: {file: token}}", directory.path()).config.http.events_token,
            "hunter2-of-the-file");
  for (const char* bad :
       {"http: {events_token: hunter2}", "http: {events_token: {file: none}}",
        "http: {events_token: {file: empty}}", "http: {events_token: {file: large}}",
        "http: {events_token: {file: .}}", "http: {events_token: {file: pipe}}",
        "http: {events_token: {fle: hunter2}}", "answers: {key: hunter2}",
        "kafka: {properties: {sasl.password: hunter2}}", "kafka: {properties: {ssl.key.pem: hunter2}}"}) {
    const std::vector<std::string> errors = Errors(ParseConfig(bad, directory.path()));
    EXPECT_THAT(errors, ElementsAre(Not(HasSubstr("hunter2")))) << bad;
  }
  // Why it cannot be read, and no default that is none.
  EXPECT_THAT(Errors(ParseConfig("http: {events_token: {file: none}}", directory.path())),
              ElementsAre(EndsWith("none cannot be read: No such file or directory")));
}

TEST(ConfigTest, AFileThatIsNoFileIsNotTheDefaults) {
  const TempDirectory directory;
  EXPECT_FALSE(LoadConfig(directory.path()));
  EXPECT_THAT(LoadConfig(directory / "none.yaml").error().ToString(), HasSubstr("No such file"));
  EXPECT_TRUE(LoadConfig(""));
}

}  // namespace
}  // namespace tocsin::daemon
