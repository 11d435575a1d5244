// A back office says of a payment that it was fraud, or that it was not: the finding that told of it hears
// it.
#include "daemon/detection/labelled_payment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detectors/state/transaction_key.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using alerts::Label;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class LabelledPaymentTest : public testing::Test {
 protected:
  void Pay(std::string_view transaction, std::string_view amount, int minute) {
    line_.Run(R"({"type":"transaction","event_id":"e-)" + std::string(transaction) +
              R"(","account_id":"ada","occurred_at":"2026-03-01T12:)" + std::to_string(minute) +
              R"(:00Z","kind":"payment","direction":"out","status":"completed","amount":")" +
              std::string(amount) + R"(","currency":"CNY","transaction_id":")" + std::string(transaction) +
              "\"}");
  }
  void Say(std::string_view verdict, std::string_view transaction, std::string_view day = "2026-03-02") {
    line_.Run(R"({"type":"feedback","event_id":"f-)" + std::string(transaction) +
              R"(","account_id":"ada","occurred_at":")" + std::string(day) + R"(T12:00:00Z","verdict":")" +
              std::string(verdict) + R"(","by":"system","transaction_id":")" + std::string(transaction) +
              "\"}");
  }
  [[nodiscard]] const alerts::CaseFile& Cases() const {
    return static_cast<const Account&>(*line_.states().at("ada")).cases;
  }
  [[nodiscard]] std::vector<Label> Labels() const {
    std::vector<Label> labels;
    for (const alerts::Case& one : Cases().cases()) {
      for (const alerts::CaseFinding& finding : one.findings) {
        if (finding.detector == "limit_breach") labels.push_back(finding.label);
      }
    }
    return labels;
  }

  test::DetectionLine line_{{.config = "limits:\n  - {name: single, max: CNY 1000.00}\n"}};
};

TEST_F(LabelledPaymentTest, TheFindingThatThePaymentCausedIsLabelled) {
  Pay("t1", "2000.00", 10);
  Pay("t2", "3000.00", 20);
  ASSERT_THAT(Labels(), testing::ElementsAre(Label::kNone, Label::kNone));
  Say("confirmed_fraud", "t1");
  EXPECT_THAT(Labels(), testing::UnorderedElementsAre(Label::kNone, Label::kRightByAnalyst));
  Say("false_positive", "t2");
  EXPECT_THAT(Labels(), testing::UnorderedElementsAre(Label::kRightByAnalyst, Label::kWrongByAnalyst));
}

// A bank's word comes a month later: the payment is no longer remembered, and the account has had another
// case.
TEST_F(LabelledPaymentTest, ALabelOfAMonthLaterReachesTheFinding) {
  Pay("t1", "2000.00", 10);
  for (const char* const day : {"03-09", "03-17", "03-25"}) {
    line_.Run(R"({"type":"transaction","event_id":"e-)" + std::string(day) +
              R"(","account_id":"ada","occurred_at":"2026-)" + day +
              R"(T12:00:00Z","kind":"payment","direction":"out","status":"completed","amount":"3000.00",)" +
              R"("currency":"CNY","transaction_id":"t-)" + day + "\"}");
  }
  const auto& account = static_cast<const Account&>(*line_.states().at("ada"));
  ASSERT_EQ(account.detection.money().Find(detectors::TransactionKeyOf("t1")), nullptr);
  ASSERT_THAT(Labels(), testing::ElementsAre(Label::kNone)) << "of the newest case";
  line_.Restart();
  Say("confirmed_fraud", "t1", "2026-03-31");
  const Precision& precision =
      static_cast<const PopulationState&>(*line_.states().at(std::string(PopulationState::kKey))).precision;
  EXPECT_EQ(precision.counts().find("limit_breach")->second.right, 1);
  EXPECT_EQ(precision.counts().find("limit_breach")->second.wrong, 0);
  EXPECT_THAT(line_.Unmatched(), testing::IsEmpty());
}

TEST_F(LabelledPaymentTest, WhatNoFindingToldOfIsCounted) {
  Pay("t1", "5.00", 10);
  Say("confirmed_fraud", "t1");
  Say("false_positive", "never-seen");
  EXPECT_THAT(line_.Unmatched(), testing::ElementsAre("system payment 2"));
}

// A finding of many payments is named after the one that made them too many.
TEST_F(LabelledPaymentTest, TheftWithinARunLabelsTheRunAndADenialDoesNot) {
  for (int i = 10; i < 30; ++i) Pay("t" + std::to_string(i), "5.00", i);
  const auto label = [&] {
    for (const alerts::CaseFinding& finding : Cases().cases().at(0).findings) {
      if (finding.detector == "velocity") return finding.label;
    }
    return Label::kRightByAnalyst;
  };
  ASSERT_EQ(label(), Label::kNone);
  Say("false_positive", "t28");
  EXPECT_EQ(label(), Label::kNone) << "one of twenty";
  Say("confirmed_fraud", "t27");
  EXPECT_EQ(label(), Label::kRightByAnalyst);
}

TEST_F(LabelledPaymentTest, FraudThatNobodyFoundIsToldAndLabelsNothing) {
  Pay("t1", "2000.00", 10);
  Pay("t3", "5.00", 20);
  Say("confirmed_fraud", "t3");
  Say("confirmed_fraud", "never-seen");
  EXPECT_THAT(Labels(), testing::ElementsAre(Label::kNone));
  EXPECT_THAT(line_.OutputTexts(), Contains(AllOf(testing::StartsWith("0 ada"), HasSubstr("user_reported"),
                                                  HasSubstr(R"("about":"transaction")")))
                                       .Times(2));
  EXPECT_THAT(line_.OutputTexts(), Not(Contains(HasSubstr("missing_member"))));
}

TEST_F(LabelledPaymentTest, WhatIsNamedAlreadyIsLeftAlone) {
  schemas::Feedback feedback;
  feedback.case_id = "c1";
  feedback.transaction_id = "t1";
  Pay("t1", "2000.00", 10);
  const auto& account = static_cast<const Account&>(*line_.states().at("ada"));
  NameSubject(account.detection.money(), account.cases, feedback);
  EXPECT_EQ(feedback.case_id, "c1");
  EXPECT_EQ(feedback.finding_id, "");
}

}  // namespace
}  // namespace tocsin::daemon
