// A rent among coffees, and a thief's payments, through the whole line: how often they are found.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = 24h;
const Timestamp kBegin = *ParseRfc3339("2025-01-01T04:00:00Z");

std::string Event(std::string_view type, const std::string& id, Timestamp at, const std::string& rest) {
  return R"({"type":")" + std::string(type) + R"(","source":"test","event_id":")" + id +
         R"(","account_id":"account-1","occurred_at":")" + FormatRfc3339(at) + R"(",)" + rest + "}";
}

std::string TextOf(std::string_view json, std::string_view member) {
  const std::string name = "\"" + std::string(member) + "\":\"";
  const size_t begin = json.find(name);
  if (begin == std::string_view::npos) return {};
  const size_t from = begin + name.size();
  return std::string(json.substr(from, json.find('"', from) - from));
}

class Payer {
 public:
  void Pays(const std::string& id, Timestamp at, const std::string& amount, const std::string& whom) {
    line_.Run(Event("transaction", id, at,
                    R"("transaction_id":")" + id +
                        R"(","kind":"payment","direction":"out","status":"completed","amount":")" + amount +
                        R"(","currency":"SGD","counterparty":{"id":")" + whom + R"(","type":"merchant"})"));
  }
  void Coffee(int day) {
    const std::vector<std::string> prices = {"4.50", "5.00", "12.00", "30.00"};
    Pays("coffee" + std::to_string(day), kBegin + day * kDay, prices[static_cast<size_t>(day % 4)], "cafe");
  }
  // The answer to a finding; by default to the last one of an unusual amount.
  void Answer(const std::string& id, Timestamp at, const std::string& verdict, const std::string& by,
              std::string finding = {}) {
    if (finding.empty()) finding = found_.back();
    line_.Run(
        Event("feedback", id, at,
              R"("verdict":")" + verdict + R"(","by":")" + by + R"(","finding_id":")" + finding + R"(")"));
  }
  // The last one of the detector; "": none.
  [[nodiscard]] std::string FindingOf(std::string_view detector) const {
    std::string id;
    for (const schemas::OutRecord& record : line_.outputs()) {
      if (record.kind == schemas::OutputKind::kFinding && TextOf(record.value, "detector") == detector)
        id = TextOf(record.value, "finding_id");
    }
    return id;
  }
  // The ids of the findings of unusual amounts.
  const std::vector<std::string>& Found() {
    for (; read_ < line_.outputs().size(); ++read_) {
      const schemas::OutRecord& record = line_.outputs()[read_];
      if (record.kind != schemas::OutputKind::kFinding ||
          TextOf(record.value, "detector") != "unusual_amount")
        continue;
      const std::string id = TextOf(record.value, "finding_id");
      if (std::ranges::find(found_, id) == found_.end()) found_.push_back(id);
    }
    return found_;
  }
  void Restart() { line_.Restart(); }

 private:
  test::DetectionLine line_;
  size_t read_ = 0;
  std::vector<std::string> found_;
};

// Low, and medium: a case that is told holds it for longer.
TEST(PaymentsInQuarantineTest, ARentAmongCoffeesIsFoundOnce) {
  for (const std::string rent : {"56.00", "1800.00"}) {
    Payer payer;
    for (int day = 0; day < 200; ++day) {
      payer.Coffee(day);
      if (day >= 45 && day % 30 == 15)
        payer.Pays("rent" + std::to_string(day), kBegin + day * kDay + 1h, rent, "landlord");
      if (day % 10 == 8) payer.Restart();
    }
    EXPECT_EQ(payer.Found().size(), 1U) << rent;
  }
}

struct Answered {
  const char* verdict;
  const char* by;
  size_t found;
};
// Two rents within two days: the case of the first one is still open.
TEST(PaymentsInQuarantineTest, AnAnswerDecidesAtOnce) {
  for (const auto& [verdict, by, found] :
       {Answered{"me", "owner", 1}, Answered{"false_positive", "analyst", 1}, Answered{"not_me", "owner", 2},
        Answered{"confirmed_fraud", "analyst", 2}}) {
    Payer payer;
    for (int day = 0; day < 50; ++day) {
      payer.Coffee(day);
      if (day == 45) {
        payer.Pays("rent", kBegin + day * kDay + 1h, "1800.00", "landlord");
        ASSERT_EQ(payer.Found().size(), 1U);
        payer.Answer("answer", kBegin + day * kDay + 2h, verdict, by);
      }
      if (day == 47) payer.Pays("again", kBegin + day * kDay + 1h, "1800.00", "landlord");
    }
    EXPECT_EQ(payer.Found().size(), found) << verdict;
  }
}

// Of two payments of a thief one is answered.
TEST(PaymentsInQuarantineTest, WhereOneWasNotTheOwnersTheOthersAreNotLearnt) {
  for (const auto& [verdict, by] : {std::pair("not_me", "owner"), std::pair("confirmed_fraud", "analyst")}) {
    Payer payer;
    for (int day = 0; day < 76; ++day) {
      payer.Coffee(day);
      const Timestamp noon = kBegin + day * kDay;
      if (day == 45) {
        payer.Pays("theft1", noon + 1h, "1800.00", "x");
        const std::string first = payer.Found().back();
        payer.Pays("theft2", noon + 90min, "1700.00", "x");
        ASSERT_EQ(payer.Found().size(), 2U);
        payer.Answer("answer", noon + 2h, verdict, by, first);
      }
      if (day == 75) payer.Pays("theft3", noon + 1h, "1700.00", "x");
    }
    EXPECT_EQ(payer.Found().size(), 3U) << verdict;
  }
}

// A case ended by itself, and another one is open: an event from between the two knows of neither.
TEST(PaymentsInQuarantineTest, ALateEventTeachesNothingWhileACaseIsOpen) {
  Payer payer;
  for (int day = 0; day < 45; ++day) payer.Coffee(day);
  const Timestamp begin = kBegin + 45 * kDay;
  payer.Pays("theft1", begin, "1800.00", "x");
  for (int day = 46; day < 55; ++day) payer.Coffee(day);
  payer.Pays("theft2", begin + 9 * kDay + 12h, "900.00", "y");
  payer.Pays("coffee", begin + 10 * kDay + 22h, "5.00", "cafe");
  payer.Pays("late", begin + 9 * kDay + 10h, "5.00", "cafe");
  payer.Pays("theft3", begin + 11 * kDay, "1800.00", "x");
  EXPECT_EQ(payer.Found().size(), 3U);
}

// The owner's own hurry, and a thief in the middle of it.
TEST(PaymentsInQuarantineTest, NobodyConfirmsAPaymentThatTheyWereNotAskedAbout) {
  Payer payer;
  for (int day = 0; day < 46; ++day) payer.Coffee(day);
  const Timestamp noon = kBegin + 45 * kDay + 1h;
  for (int i = 0; i < 30; ++i) payer.Pays("small" + std::to_string(i), noon + i * 1min, "5.00", "cafe");
  payer.Pays("theft1", noon + 31min, "1800.00", "x");
  ASSERT_EQ(payer.Found().size(), 1U);
  const std::string hurry = payer.FindingOf("velocity");
  ASSERT_NE(hurry, "");
  payer.Answer("answer", noon + 40min, "me", "owner", hurry);
  payer.Pays("theft2", noon + 3h, "1800.00", "x");
  EXPECT_EQ(payer.Found().size(), 2U);
}

// Poisoning: nobody decides anything, and the case that ends by itself is followed by another one.
TEST(PaymentsInQuarantineTest, AMonthOfDailyPaymentsTeachesNothing) {
  Payer payer;
  for (int day = 0; day < 90; ++day) {
    payer.Coffee(day);
    if (day < 45) continue;
    payer.Pays("theft" + std::to_string(day), kBegin + day * kDay + 1h, "1800.00", "shop");
    ASSERT_EQ(payer.Found().size(), static_cast<size_t>(day - 44)) << day;
  }
}

}  // namespace
}  // namespace tocsin::daemon
