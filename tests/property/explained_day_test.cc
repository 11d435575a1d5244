// Every answer of every detector about every event of generated days, and of the golden stories, is one that
// a support agent understands: it says what was missing, or what was found, in words and in numbers that
// agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time_zone.h"
#include "daemon/detection/observer.h"
#include "daemon/explain/explanation.h"
#include "tests/support/detection_line.h"
#include "tests/support/golden_lines.h"

namespace tocsin::daemon {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNumeric(char c) { return IsDigit(c) || c == '.' || c == ','; }

// One line, blanks single.
std::string Flat(const std::string& text) {
  std::string flat;
  for (const char c : text) {
    const char blank = c == '\n' ? ' ' : c;
    if (blank != ' ' || !flat.ends_with(' ')) flat += blank;
  }
  return flat;
}

void Erase(const std::string& what, std::string& text) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
    text.erase(at, what.size());
}

// An amount or a number at the beginning of a text, as a decimal without its point.
struct Number {
  std::string currency;
  long double value = 0;
};
std::optional<Number> NumberAt(std::string_view text) {
  Number number;
  if (text.size() > 4 && IsUpper(text[0]) && IsUpper(text[1]) && IsUpper(text[2]) && text[3] == ' ') {
    number.currency = text.substr(0, 3);
    text.remove_prefix(4);
  }
  const std::string digits(text.substr(0, 40));
  char* end = nullptr;
  number.value = std::strtold(digits.c_str(), &end);
  if (end == digits.c_str()) return std::nullopt;
  return number;
}

// What an agent must not see: kept by account.
void AddSecrets(const schemas::Event& event, std::set<std::string>& secrets) {
  constexpr size_t kTelling = 8;  // Shorter ones may be words.
  const auto add = [&](const std::string& secret) {
    if (secret.size() >= kTelling) secrets.insert(secret);
  };
  add(event.session_id);
  add(event.facts.device.id);
  add(event.user_agent);
  if (event.ip) secrets.insert(event.ip->ToString());
  if (event.transaction() != nullptr) add(event.transaction()->instrument.id);
  if (event.profile() == nullptr) return;
  for (const schemas::Contact& contact : event.profile()->contacts) add(contact.address);
}

class Auditor final : public DetectionObserver {
 public:
  // Of the rules: limits, and what detectors are set to.
  explicit Auditor(std::set<std::string> currencies) : rule_currencies_(std::move(currencies)) {}

  bool WantsStateBefore(const schemas::Event& /*event*/) override { return true; }
  void Saw(const Observed& observed) override {
    const Explanation explanation = Explain(observed, risk_);
    const bool late = observed.before->recent_events().newest > observed.event.occurred_at;
    event_ = explanation.account_id + " " + explanation.event_id;
    Account& account = accounts_[explanation.account_id];
    AddSecrets(observed.event, account.secrets);
    if (const std::string& model = observed.event.facts.device.model; !model.empty())
      account.models.insert(model);
    if (const auto* const transaction = observed.event.transaction())
      account.currencies.insert(std::string(transaction->amount.currency.code()));
    for (const ExplainedVerdict& verdict : explanation.verdicts) {
      ++answers[verdict.detector + " " + verdict.answer];
      Check(verdict, late);
    }
    account.zone = observed.before->profile().OwnerAt(observed.event.occurred_at).timezone;
    CheckText(Flat(ExplanationsText({&explanation, 1})), explanation, account);
  }

  std::map<std::string, int> answers;   // "new_country clear".
  std::map<std::string, int> mistakes;  // And how often.
  int shadows = 0;
  int compared = 0;  // Numbers that were read back.

  [[nodiscard]] std::string Mistakes() const {
    std::string text;
    for (const auto& [what, count] : mistakes)
      text += what + " (" + std::to_string(count) + " times, first " + first_.at(what) + ")\n";
    return text;
  }

 private:
  struct Account {
    std::set<std::string> secrets;
    std::set<std::string> models;  // As clients say them.
    std::set<std::string> currencies;
    std::string zone;
  };

  void Wrong(const std::string& what) {
    if (++mistakes[what] == 1) first_[what] = event_;
  }
  void Expect(bool holds, const std::string& what) {
    if (!holds) Wrong(what);
  }

  void CheckSentence(const std::string& sentence, const std::string& what) {
    Expect(sentence.size() > 10 && sentence.find(' ') != std::string::npos && sentence.ends_with('.'),
           what + ": no sentence: '" + sentence + "'");
  }

  void Check(const ExplainedVerdict& verdict, bool late) {
    const std::string& id = verdict.detector;
    Expect(!verdict.title.empty() && verdict.title.find('_') == std::string::npos, id + ": no title");
    CheckSentence(verdict.words, id);
    bool met = false;
    bool missing = false;
    for (const detectors::Measure& measure : verdict.measures) {
      const std::optional<bool> is_met = detectors::IsMet(measure);
      Expect(is_met.has_value(), id + ": " + measure.name + " cannot be compared");
      met = met || is_met == true;
      missing = missing || is_met == false;
    }
    if (verdict.answer == "clear") Expect(missing, id + ": not found, and nothing said to be missing");
    if (verdict.answer == "alert") {
      Expect(!verdict.claims.empty(), id + ": an alert without a claim");
      // Of a late event the alert may be about what came after it.
      Expect(met || late, id + ": found, and no condition said to be met");
    } else {
      Expect(verdict.claims.empty(), id + ": claims without an alert");
    }
    if (verdict.answer == "not_evaluable") Expect(!verdict.why.empty(), id + ": no reason");
    for (const ExplainedClaim& claim : verdict.claims) {
      Expect(!claim.sentences.empty(), id + ": a claim without a sentence");
      for (const std::string& sentence : claim.sentences) CheckSentence(sentence, id);
      Expect(!claim.evidence.empty(), id + ": a claim without a number");
      if (!claim.shadow) continue;
      ++shadows;
      CheckSentence(claim.shadow_why, id + " in shadow");
    }
  }

  void CheckText(std::string text, const Explanation& explanation, const Account& account) {
    Erase("Event " + explanation.event_id + ":", text);
    Erase("account " + explanation.account_id + ",", text);
    for (const ExplainedVerdict& verdict : explanation.verdicts) {
      for (const ExplainedClaim& claim : verdict.claims) {
        std::string causes;
        for (const std::string& cause : claim.cause) causes += (causes.empty() ? "" : ", ") + cause;
        Erase("caused by " + causes + " ", text);
      }
    }
    for (const detectors::DetectorInfo& info : detectors::Catalogue())
      Expect(text.find(info.title) != std::string::npos, std::string(info.id) + " is not named in words");
    Expect(text.find_first_of("{}") == std::string::npos, "a placeholder is left");
    for (const std::string_view empty : {": ;", "= ,", "= ;", ": .", "()", "- -", ", ,", " .", "= would"})
      Expect(text.find(empty) == std::string::npos, "an empty part: '" + std::string(empty) + "'");
    for (const std::string& secret : account.secrets)
      Expect(text.find(secret) == std::string::npos, "a secret is told");
    CheckCodes(text, account);
    CheckComparisons(text);
    CheckMoney(text, account);
    CheckTimes(text, account);
  }

  // No word in snake_case but the detector's id after its title, what the event and its device are called,
  // and a zone's name.
  void CheckCodes(std::string text, const Account& account) {
    for (const detectors::DetectorInfo& info : detectors::Catalogue())
      Erase(std::string(info.title) + " (" + std::string(info.id) + ")", text);
    for (const std::string& model : account.models) Erase(model, text);
    for (size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at + 1)) {
      const size_t from = text.rfind(' ', at) + 1;
      const std::string word = text.substr(from, text.find(' ', at) - from);
      Expect(word.find('/') != std::string::npos && word.find('_') > word.find('/'),
             "a code is told: " + word);
    }
  }

  // "= 12, at least 10", and "would be found" after what is not so.
  void CheckComparisons(const std::string& text) {
    for (const std::string needs : {"more than", "at least", "less than"}) {
      const std::string between = ", " + needs + " ";
      for (size_t at = text.find(between); at != std::string::npos; at = text.find(between, at + 1)) {
        const size_t begin = text.rfind(" = ", at);
        if (begin == std::string::npos) continue;
        const auto value = NumberAt(std::string_view(text).substr(begin + 3, at - begin - 3));
        const size_t bound = at + between.size();
        const auto threshold = NumberAt(std::string_view(text).substr(bound));
        if (!value || !threshold) continue;  // No comparison: words.
        ++compared;
        const std::string said = text.substr(begin, std::min<size_t>(90, text.size() - begin));
        Expect(value->currency == threshold->currency, "amounts of two currencies are compared: " + said);
        const bool met = needs == "more than"  ? value->value > threshold->value
                         : needs == "at least" ? value->value >= threshold->value
                                               : value->value < threshold->value;
        const size_t rest = text.find_first_of(" ;", bound + (threshold->currency.empty() ? 0 : 4));
        const bool told_missing = rest != std::string::npos && text.compare(rest, 15, " would be found") == 0;
        Expect(met != told_missing, "the numbers disagree: " + said);
      }
    }
  }

  // Amounts have the digits of their currency, which is one of the account's or of the rules.
  void CheckMoney(const std::string& text, const Account& account) {
    for (size_t at = 0; at + 5 < text.size(); ++at) {
      if (!IsUpper(text[at]) || (at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0))
        continue;
      const std::string code = text.substr(at, 3);
      const auto currency = Currency::Find(code);
      if (!currency || text[at + 3] != ' ' || !IsDigit(text[at + 4])) continue;
      size_t end = at + 4;
      while (end < text.size() && IsNumeric(text[end])) ++end;
      std::string amount = text.substr(at + 4, end - at - 4);
      while (amount.ends_with(',') || amount.ends_with('.')) amount.pop_back();
      const size_t point = amount.rfind('.');
      const size_t digits = point == std::string::npos ? 0 : amount.size() - point - 1;
      Expect(digits == static_cast<size_t>(currency->decimals()), "digits of " + code);
      Expect(account.currencies.contains(code) || rule_currencies_.contains(code),
             "a currency that is not the account's");
    }
  }

  // None in UTC for machines; each with the offset that the account's zone has then.
  void CheckTimes(const std::string& text, const Account& account) {
    const TimeZone zone = TimeZone::Find(account.zone).value_or(TimeZone{});
    Expect(text.find(", times in " + zone.name() + " ") != std::string::npos, "the zone is not told");
    size_t times = 0;
    for (size_t at = text.find(" (UTC"); at != std::string::npos; at = text.find(" (UTC", at + 1)) {
      int year = 0;
      int month = 0;
      int day = 0;
      int hour = 0;
      int minute = 0;
      int second = 0;
      if (at < 19 || std::sscanf(text.c_str() + at - 19, "%4d-%2d-%2d %2d:%2d:%2d", &year, &month, &day,
                                 &hour, &minute, &second) != 6) {
        continue;
      }
      ++times;
      int offset_hours = 0;
      int offset_minutes = 0;
      std::sscanf(text.c_str() + at + 5, "%d:%d", &offset_hours, &offset_minutes);
      const int offset = 60 * offset_hours + (offset_hours < 0 ? -offset_minutes : offset_minutes);
      const Timestamp told =
          TimeZone{}.FromLocal(year, month, day, hour, minute) - std::chrono::minutes(offset);
      Expect(zone.ToLocal(told).offset.count() == offset,
             "not in the account's zone: " + text.substr(at - 19, 40));
    }
    Expect(times > 0, "no time is told");
    for (size_t at = text.find('T'); at != std::string::npos; at = text.find('T', at + 1)) {
      const bool machines = at > 0 && IsDigit(text[at - 1]) && at + 3 < text.size() &&
                            IsDigit(text[at + 1]) && IsDigit(text[at + 2]) && text[at + 3] == ':';
      Expect(!machines, "a time for machines");
    }
  }

  const alerts::RiskConfig risk_;
  const std::set<std::string> rule_currencies_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, std::string> first_;
  std::string event_;
};

TEST(ExplainedDayTest, EveryAnswerIsUnderstood) {
  Auditor auditor({"SGD"});
  test::DetectionLine line({.config = test::TextOfFile("tests/quality/rules.yaml"), .observer = &auditor});
  line.RunAll(test::GeneratedLines(90, 21, 5));
  EXPECT_EQ(auditor.Mistakes(), "");
  EXPECT_GT(auditor.compared, 8'000);
  EXPECT_GT(auditor.answers["login_rarity alert"], 0);
}

TEST(ExplainedDayTest, EveryDetectorsStoriesAreUnderstood) {
  Auditor auditor({"SGD", "EUR"});
  test::DetectionLine line({.config = test::kGoldenConfig, .observer = &auditor});
  line.RunAll(test::GoldenLines(test::Stories::kAll));
  EXPECT_EQ(auditor.Mistakes(), "");
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    if (info.id == "login_rarity") continue;  // The stories are too few for a population: see the day.
    for (const std::string answer : {" alert", " clear"})
      EXPECT_GT(auditor.answers[std::string(info.id) + answer], 0) << info.id << answer;
  }
}

TEST(ExplainedDayTest, FindingsInShadowAreUnderstood) {
  std::string config = test::kGoldenConfig;
  const std::string countries = "detectors: {high_risk_country: {countries: 'RU, NG, US, BR'}}";
  std::string shadow = "detectors:\n";
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    shadow += "  " + std::string(info.id) + ": {mode: shadow" +
              (info.id == "high_risk_country" ? ", countries: 'RU, NG, US, BR'" : "") + "}\n";
  }
  ASSERT_TRUE(config.starts_with(countries));
  config.replace(0, countries.size() + 1, shadow);
  Auditor auditor({"SGD", "EUR"});
  test::DetectionLine line({.config = config, .observer = &auditor});
  line.RunAll(test::GoldenLines());
  EXPECT_EQ(auditor.Mistakes(), "");
  EXPECT_GT(auditor.shadows, static_cast<int>(detectors::kDetectorCount));
}

}  // namespace
}  // namespace tocsin::daemon
