// Mistakes that YAML, or a careless reader, would let pass: each is refused where it stands, with its remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/load_config.h"
#include "daemon/config/open_quote.h"
#include "daemon/config/print_config.h"
#include "daemon/config/yaml_node.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// "line:column key: text" of each error.
std::vector<std::string> ErrorsOf(std::string_view yaml, const std::string& directory = ".") {
  std::vector<std::string> errors;
  for (const ConfigProblem& problem : ParseConfig(yaml, directory).problems) {
    if (problem.warning) continue;
    errors.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " + problem.key +
                     ": " + problem.text);
  }
  return errors;
}

struct Quote {
  const char* name;
  std::string yaml;
  std::string place;  // Where it opens.
};
class ForgottenQuoteTest : public testing::TestWithParam<Quote> {};

TEST_P(ForgottenQuoteTest, IsRefusedWhereItOpens) {
  const auto refused =
      ElementsAre(StartsWith(GetParam().place + " : the quote that opens here is not closed"));
  EXPECT_THAT(ErrorsOf(GetParam().yaml), refused);
  std::string lines;
  for (const char c : GetParam().yaml) lines.append(c == '\n' ? "\r" : "").push_back(c);
  EXPECT_THAT(ErrorsOf(lines), refused) << "with CRLF";
}

INSTANTIATE_TEST_SUITE_P(
    Quotes, ForgottenQuoteTest,
    testing::Values(Quote{"Double", "notices:\n  brand: \"Acme Pay\nlimits: []\nno_such_key: 1\n", "2:10"},
                    Quote{"Single", "notices:\n  brand: 'Acme Pay\nlimits: []\nno_such_key: 1\n", "2:10"},
                    Quote{"WithoutALastLineBreak", "notices:\n  brand: 'Acme Pay\nlimits: []", "2:10"},
                    Quote{"BeforeAComment", "notices:\n  brand: \"Acme Pay\n# The end.\n", "2:10"},
                    Quote{"BeforeBlankLines", "notices:\n  brand: \"Acme Pay\n\n   \n\n", "2:10"},
                    Quote{"BeforeALastLineOfBlanks", "notices:\n  brand: \"Acme Pay\n   ", "2:10"},
                    Quote{"ClosedByTheNextThatOpens",
                          "notices:\n  brand: \"Acme\nsupport: {name: \"X\", phone: \"1\"}\n", "2:10"},
                    Quote{"OfTheEntryAbove", "notices:\n  brand: \"Acme\n  default_locale: \"en\"\n", "2:10"},
                    Quote{"ThatMakesGoodYaml", "notices:\n  brand: \"Acme\n  default_locale: en \"\n",
                          "2:10"},
                    Quote{"InAListOfRecords", "limits:\n  - name: \"a\n    window: \"day\"\n", "2:11"},
                    Quote{"InAFlow", "limits:\n  - {name: \"a, window: day}\n  - {name: \"b\"}\n", "2:12"},
                    Quote{"BehindAnApostrophe",
                          "notices:\n  brand: don't\n  default_locale: 'e''n\nlog: local\n", "3:19"},
                    Quote{"BehindAComment", "notices: # don't \"\n  brand: \"Acme\nlog: local\n", "2:10"},
                    Quote{"ClosedByAnEscape", "notices:\n  brand: \"Acme\\\"\nlog: local\n", "2:10"},
                    Quote{"OfAName", "\"log: local\nstate_dir: x\n", "1:1"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ForgottenQuoteTest, ATextThatIsFoldedBelowItsEntryIsOne) {
  const auto text = [](std::string_view yaml) {
    const auto parsed = ParseYaml(yaml);
    return parsed ? FlowYaml(*parsed) : parsed.error().text;
  };
  EXPECT_EQ(text("a: \"x\n  y\"\nb: 1\n"), "{a: \"x y\", b: 1}");
  EXPECT_EQ(text("a:\n  b: 'x\n\n    y'\n"), "{a: {b: \"x\\ny\"}}");
  EXPECT_EQ(text("- \"x\n  y\"\n- 2\n"), "[\"x y\", 2]");
  EXPECT_EQ(text("a: ''\nb: \"\"\n"), "{a: \"\", b: \"\"}");
  EXPECT_EQ(text("a: it's\nb: 'it''s'\n"), "{a: \"it's\", b: \"it's\"}");
  // As formatters write it, with a line of blanks, within braces, and behind the mark that some editors set.
  EXPECT_EQ(text("a:\n  b:\n    \"x\n    y\"\n"), "{a: {b: \"x y\"}}");
  EXPECT_EQ(text("a: \"x\n\t\n  y\"\n"), "{a: \"x\\ny\"}");
  EXPECT_EQ(text("- {a: \"x\n  \", b: 1}\n"), "[{a: \"x \", b: 1}]");
  EXPECT_EQ(text("a: {\n  b: \"x\n  y\"\n}\n"), "{a: {b: \"x y\"}}");
  EXPECT_EQ(text("\xef\xbb\xbf"
                 "a: 1\nb: [\"x\", 'y']\nc: \"z\"\n"),
            "{a: 1, b: [\"x\", \"y\"], c: \"z\"}");
}

TEST(ForgottenQuoteTest, WhatABlockOfTextHoldsIsNoQuote) {
  EXPECT_THAT(ErrorsOf("notices:\n  brand: |\n    Say 'hello to\n\tbad: tab\n"),
              ElementsAre(Not(HasSubstr("the quote that opens here"))));
}

TEST(ForgottenQuoteTest, ABlockOfTextAtTheEndKeepsItsLineBreaks) {
  const auto text = [](std::string_view yaml) { return FlowYaml(*ParseYaml(yaml)); };
  for (const std::string block : {"a: |\n  x\n", "a: |+\n  x\n\n\n", "a: >\n  x\n  y\n", "a: |-\n  x\n\n"}) {
    std::string alone = text(block);
    std::string before = text(block + "b: 1\n");
    EXPECT_EQ(alone.substr(0, alone.size() - 1) + ", b: 1}", before) << block;
  }
  EXPECT_EQ(text("a: |"), "{a: \"\"}");
  EXPECT_EQ(text("a: |+\n  x\n\n"), "{a: \"x\\n\\n\"}");
  EXPECT_EQ(text("# nothing\n"), "null");
}

TEST(ForgottenQuoteTest, NoCutOfAFileIsReadBeyondItsEnd) {
  const std::string yaml = "\"a\": 'it''s'\nb: \"x\\\"\n  y\" # don't\nc: [\"1\", '2\n  3']\n";
  for (size_t at = 0; at < yaml.size(); ++at) {
    for (const std::string& cut : {yaml.substr(0, at), yaml.substr(at)}) {
      for (size_t from = 0; from < cut.size(); ++from) {
        const size_t next = NextQuote(cut, from);
        if (next == std::string::npos) continue;
        ASSERT_LT(next, cut.size());
        static_cast<void>(IsForgotten(cut, next));
      }
      static_cast<void>(ParseConfig(cut, "."));
    }
  }
}

TEST(CalendarTest, HoursCountForNothingWhileItIsAlwaysOpen) {
  for (const char* days : {"monday: 09:00-18:00", "holidays: [2026-10-01]", "working_days: [2026-10-10]",
                           "sunday: closed", "always_open: true, monday: 09:00-18:00"}) {
    EXPECT_THAT(ErrorsOf(std::string("support: {calendar: {timezone: UTC, ") + days + "}}\n"),
                ElementsAre(AllOf(HasSubstr(" support.calendar: is always open"),
                                  EndsWith("write always_open: false"))))
        << days;
  }
  for (const char* good : {"timezone: UTC", "always_open: true", "always_open: false, monday: 09:00-18:00"}) {
    EXPECT_THAT(ErrorsOf(std::string("support: {calendar: {") + good + "}}\n"), IsEmpty()) << good;
  }
}

TEST(ExchangeRatesTest, AnExponentIsTheSameDecimal) {
  const auto rate = [](const std::string& written) {
    const LoadedConfig loaded = ParseConfig(
        "exchange_rates: [{from: VND, to: SGD, rate: " + written + ", as_of: 2026-03-01}]\n", ".");
    EXPECT_TRUE(loaded.valid()) << written;
    const auto& rates = loaded.config.rules.limits.rates;
    return rates.empty() ? std::pair(int64_t{0}, 0) : std::pair(rates[0].mantissa, rates[0].scale);
  };
  EXPECT_EQ(rate("0.0000527"), std::pair(int64_t{527}, 7));
  for (const char* same : {"5.27e-05", "5.27E-5", "527e-7", "0.527e-4", "'5.27e-05'"})
    EXPECT_EQ(rate(same), rate("0.0000527")) << same;
  for (const char* same : {"2.5e+07", "2.5e7", "25000000e0"}) EXPECT_EQ(rate(same), rate("25000000")) << same;
  EXPECT_EQ(rate("1e-18"), std::pair(int64_t{1}, 18));
  for (const char* bad : {"5e", "e5", "5e-", "5e+", "5e+-5", "5e--5", "5e5.0", "1e-19", "1e15", "1e999",
                          "-1e2", "0e0", "1.2.3", "1234567890123456", "[1]", "0x10"}) {
    EXPECT_THAT(ErrorsOf("exchange_rates: [{from: VND, to: SGD, rate: " + std::string(bad) +
                         ", as_of: 2026-03-01}]\n"),
                ElementsAre(HasSubstr("exchange_rates[0].rate: must be a positive decimal number")))
        << bad;
  }
}

TEST(ExchangeRatesTest, APairHasOneRow) {
  const auto errors = [](const std::string& second) {
    return ErrorsOf(
        "exchange_rates:\n  - {from: CNY, to: SGD, rate: 0.19, as_of: 2026-03-01}\n"
        "  - {from: USD, to: CNY, rate: 7.12, as_of: 2026-03-01}\n  - {" +
        second + ", rate: 7.1, as_of: 2026-03-02}\n");
  };
  for (const char* again : {"from: USD, to: CNY", "from: CNY, to: USD"}) {
    EXPECT_THAT(errors(again),
                ElementsAre(StartsWith("4:5 exchange_rates[2]: is there twice: exchange_rates[1] is of")));
  }
  EXPECT_THAT(errors("from: USD, to: SGD"), IsEmpty());
  EXPECT_THAT(errors("from: USD, to: USD"),
              ElementsAre(StartsWith("4:21 exchange_rates[2].to: is the currency of from")));
}

TEST(ExchangeRatesTest, AreOfADay) {
  for (const char* day : {"tomorrow", "2026-13-45", "2026-02-30", "20260301", "2026-03-01T00:00:00Z", "''"}) {
    EXPECT_THAT(
        ErrorsOf(std::string("exchange_rates: [{from: USD, to: CNY, rate: 7.12, as_of: ") + day + "}]\n"),
        ElementsAre(EndsWith("exchange_rates[0].as_of: must be a date as 2026-10-01")))
        << day;
  }
}

TEST(NoValueTest, IsRefusedWhateverTheKeyHolds) {
  for (const char* key :
       {"policy", "limits", "exchange_rates", "overrides", "notices", "kafka", "detectors"}) {
    EXPECT_THAT(ErrorsOf(std::string(key) + ":\n"),
                ElementsAre(HasSubstr(std::string(key) + ": has no value; remove the key")));
  }
  EXPECT_THAT(ErrorsOf("support: {calendar: }\n"), ElementsAre(HasSubstr("support.calendar: has no value")));
  EXPECT_THAT(ErrorsOf("detectors: {new_device: }\n"),
              ElementsAre(HasSubstr("detectors.new_device: has no value")));
  EXPECT_THAT(ErrorsOf("delivery: {webhooks: ~}\n"),
              ElementsAre(HasSubstr("delivery.webhooks: has no value")));
  EXPECT_THAT(ErrorsOf("limits: [{name: a, max: SGD 1.00, tenant: }]\n"),
              ElementsAre(HasSubstr("limits[0].tenant: has no value")));
  EXPECT_THAT(ErrorsOf("limits: [{name: , max: SGD 1.00}]\n"), ElementsAre(HasSubstr("limits[0].name: ")));
  // The default file has some: of secrets, which are no list and no map of records.
  EXPECT_THAT(ErrorsOf("kafka: {properties: , security: {password: }}\n"), IsEmpty());
  // What is refused leaves the built-in policy.
  EXPECT_FALSE(ParseConfig("policy:\n", ".").config.rules.alerts.policy.empty());
}

TEST(EmptyPathTest, IsRefused) {
  const TempDirectory directory;
  EXPECT_THAT(ErrorsOf("state_dir: \"\"\n"), ElementsAre(StartsWith("1:12 state_dir: is empty")));
  EXPECT_THAT(ErrorsOf("geoip: {city: ['']}\n"), ElementsAre(HasSubstr("geoip.city: is empty")));
  EXPECT_THAT(ErrorsOf("geoip: {lists: {vpn: ''}}\n"), ElementsAre(HasSubstr("geoip.lists.vpn: is empty")));
  EXPECT_THAT(ErrorsOf("http: {admin_token: {file: ''}}\n", directory.path()),
              ElementsAre(HasSubstr("http.admin_token: the path is empty")));
  EXPECT_THAT(ErrorsOf("local: {outputs: ''}\ngeoip: {anonymity: '', city: []}\n"), IsEmpty());
}

TEST(RangeTest, IsNamedOfWhatIsNoNumberOfIt) {
  EXPECT_THAT(ErrorsOf("local: {partitions: 99999999999999999999}\n"),
              ElementsAre(HasSubstr("must be a whole number (1 to 256), default 4")));
  EXPECT_THAT(ErrorsOf("local: {retention_mb: -99999999999999999999}\n"),
              ElementsAre(HasSubstr("must be a whole number (0 to 1048576 MiB)")));
  EXPECT_THAT(ErrorsOf("answers: {ttl: soon}\n"), ElementsAre(HasSubstr("or 7d (1h to 30d)")));
  EXPECT_THAT(ErrorsOf("detectors: {new_device: {weight: 1e999}}\n"),
              ElementsAre(HasSubstr("must be a number (0 to 10")));
}

TEST(BrokersTest, AreHostAndPort) {
  for (const char* bad : {"foo bar,,:9092", "kafka:0", "kafka:99999", "kafka:x", "ka fka:9092", "kafka: 9092",
                          ":9092", " ", " , "}) {
    EXPECT_THAT(ErrorsOf(std::string("kafka: {brokers: '") + bad + "'}\n"),
                ElementsAre(HasSubstr("kafka.brokers: must be host:port")))
        << bad;
  }
  for (const char* good : {"kafka:9092", "a.example.com:9092,b:9093", "a:9092, b:9093", "[::1]:9092", "[::1]",
                           "kafka", "kafka:9092,", "a:9092,,b:9092", "PLAINTEXT://a:9092,SSL://b"}) {
    EXPECT_THAT(ErrorsOf(std::string("kafka: {brokers: '") + good + "'}\n"), IsEmpty()) << good;
  }
}

TEST(EmptyFileTest, IsWarnedOfWhereAProcessBeginsAndRefusedUnderOne) {
  const TempDirectory directory;
  const auto told = [&](const std::string& text, EmptyFile empty) {
    directory.Write("tocsin.yaml", text);
    std::vector<std::string> found;
    const Result<LoadedConfig> loaded = LoadConfig(directory / "tocsin.yaml", empty);
    for (const ConfigProblem& problem : loaded->problems) {
      if (problem.key.empty()) found.push_back((problem.warning ? "warning: " : "error: ") + problem.text);
    }
    return found;
  };
  for (const char* nothing : {"", "\n\n", "# limits: []\n", "---\n", "~\n"}) {
    EXPECT_THAT(told(nothing, EmptyFile::kWarnedOf),
                ElementsAre(AllOf(StartsWith("warning: holds no key"), EndsWith("write version: 1"))))
        << nothing;
    EXPECT_THAT(told(nothing, EmptyFile::kRefused), ElementsAre(StartsWith("error: holds no key")))
        << nothing;
  }
  for (const char* something : {"version: 1\n", "{}\n", "log: local\n"})
    EXPECT_THAT(told(something, EmptyFile::kRefused), IsEmpty()) << something;
  const Result<LoadedConfig> built_in = LoadConfig("");
  EXPECT_TRUE(std::ranges::none_of(built_in->problems, [](const ConfigProblem& one) {
    return one.key.empty();
  })) << "the built-in defaults are no file";
}

TEST(DefaultFileTest, SaysOfEachListWhetherItIsLive) {
  const std::string yaml = DefaultConfigYaml();
  const auto comment_above = [&](const std::string& key) {
    const size_t at = yaml.find("\n" + key + ":");
    EXPECT_NE(at, std::string::npos) << key;
    return yaml.substr(yaml.rfind('\n', at - 1) + 1, at - yaml.rfind('\n', at - 1) - 1);
  };
  for (const char* key : {"policy", "limits", "exchange_rates", "overrides", "  calendar"})
    EXPECT_THAT(comment_above(key), EndsWith(" (live)")) << key;
  for (const char* key : {"  webhooks", "  previous_keys", "  retry_waits"})
    EXPECT_THAT(comment_above(key), Not(HasSubstr("(live)"))) << key;
}

}  // namespace
}  // namespace tocsin::daemon
