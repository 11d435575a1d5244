// A finding in shadow says why it counts for nothing: by the configuration, by an analyst's word about this
// account, or by what people said of the detector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "alerts/alerts_config.h"
#include "daemon/explain/explanation.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Reader final : public DetectionObserver {
 public:
  bool WantsStateBefore(const schemas::Event& event) override { return event.login() != nullptr; }
  void Saw(const Observed& observed) override {
    if (observed.before == nullptr) return;
    const Explanation explanation = Explain(observed, risk_);
    text = ExplanationsText({&explanation, 1});
    why = "";
    for (const ExplainedVerdict& verdict : explanation.verdicts) {
      for (const ExplainedClaim& claim : verdict.claims) {
        if (verdict.detector == "new_device") why = claim.shadow_why;
        case_id = observed.cases.cases().empty() ? "" : observed.cases.cases().front().case_id;
      }
    }
  }
  std::string why;  // Of new_device in the last login.
  std::string text;
  std::string case_id;

 private:
  const alerts::RiskConfig risk_;
};

std::string Login(std::string_view account, int day, std::string_view device) {
  const std::string number = (day < 10 ? "0" : "") + std::to_string(day);
  return R"({"type":"login","event_id":"e)" + number + R"(","account_id":")" + std::string(account) +
         R"(","occurred_at":"2026-01-)" + number + R"(T08:00:00Z","ip":"139.12.16.10","device":{"id":")" +
         std::string(device) + R"(","platform":"ios","model":"iPhone 14"},"outcome":"success"})";
}

void Settle(test::DetectionLine& line, std::string_view account) {
  for (int day = 1; day <= 8; ++day) line.Run(Login(account, day, "phone-1"));
}

void Say(test::DetectionLine& line, std::string_view account, std::string_view verdict, std::string_view by,
         std::string_view case_id) {
  line.Run(R"({"type":"feedback","event_id":"f","account_id":")" + std::string(account) +
           R"(","occurred_at":"2026-01-20T09:00:00Z","verdict":")" + std::string(verdict) + R"(","by":")" +
           std::string(by) + R"(","case_id":")" + std::string(case_id) + "\"}");
}

TEST(ExplainShadowTest, ByTheConfiguration) {
  Reader reader;
  test::DetectionLine line({.config = "detectors: {new_device: {mode: shadow}}", .observer = &reader});
  Settle(line, "ada");
  line.Run(Login("ada", 20, "laptop-9"));
  EXPECT_EQ(reader.why, "The detector's mode is shadow in the configuration.");
  EXPECT_THAT(reader.text, HasSubstr("why in shadow: The detector's mode"));
}

TEST(ExplainShadowTest, ByAnAnalystsWord) {
  Reader reader;
  test::DetectionLine line({.observer = &reader});
  Settle(line, "ada");
  line.Run(Login("ada", 20, "laptop-9"));
  EXPECT_THAT(reader.why, IsEmpty());
  const std::string case_id = reader.case_id;
  Say(line, "ada", "false_positive", "analyst", case_id);
  line.Run(Login("ada", 22, "tablet-7"));
  EXPECT_THAT(reader.why, HasSubstr("In case " + case_id + " an analyst"));
  EXPECT_THAT(reader.why, HasSubstr("until 2026-01-27 09:00:00 (UTC)."));
}

TEST(ExplainShadowTest, ByItsMeasuredPrecision) {
  Reader reader;
  test::DetectionLine line(
      {.config = "detectors: {new_device: {precision_floor: 0.2}}", .observer = &reader});
  for (int i = 0; i < 31; ++i) {
    const std::string account = "account-" + std::to_string(i);
    Settle(line, account);
    line.Run(Login(account, 20, "laptop-9"));
    if (i < 30) Say(line, account, i == 0 ? "not_me" : "me", "owner", reader.case_id);
  }
  EXPECT_THAT(reader.why, HasSubstr("Of 30 findings that people have judged 1 were right: 0.03, below the "
                                    "precision_floor of 0.20."));
  EXPECT_THAT(reader.why, HasSubstr("on 2026-01-20 09:00:00 (UTC);"));
}

// Nobody is kept from it by calm who has no address.
TEST(ExplainNoticesTest, ANoticeWithNobodyToWriteToIsNotHeldBack) {
  Reader reader;
  test::DetectionLine line({.observer = &reader});
  Settle(line, "ada");
  line.Run(Login("ada", 20, "laptop-9"));
  EXPECT_THAT(reader.text,
              HasSubstr("notices with nobody to write to, the owner has no verified contact: 1"));
  EXPECT_THAT(reader.text, Not(HasSubstr("to stay calm")));
}

}  // namespace
}  // namespace tocsin::daemon
