// Verdicts of login_rarity: what is found, what only leans, what cannot be said.
#include "detectors/login_rarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr test::City kLagos{"Lagos", "Lagos", "NG", 6.45, 3.39};
constexpr test::NetworkOf kLagosLine{"102.88.192.5", 29465, "Lagos Mobile", schemas::NetworkClass::kMobile};

constexpr double kShare = 0.125;        // Of the score that counts, of a settled account …
constexpr double kShareLearning = 0.5;  // … and of one that is learning.

class LoginRarityTest : public testing::Test {
 protected:
  void Populate(int logins) {
    for (int i = 0; i < logins; ++i) {
      EventBuilder builder("p" + std::to_string(i), kNoon - 24h + 1s * i);
      if (i % 4 == 0) builder.Via(test::kMobile);
      if (i % 3 == 0) builder.With(test::kLaptop);
      story_.population().Learn(builder, "");
    }
  }
  void LiveAtHome() {
    for (int day = 30; day > 0; --day)
      story_.Run(EventBuilder("home" + std::to_string(day), kNoon - 24h * day));
  }
  [[nodiscard]] Verdict Judge(const schemas::Event& event, const LoginRarity::Config& config = {}) {
    const Context context{
        .population = story_.population(), .limits = story_.limits(), .learning = story_.learning()};
    return LoginRarity(config).Evaluate(event, story_.state(), context);
  }
  static EventBuilder Stranger() {
    return EventBuilder("strange", kNoon).From(kLagos).Via(kLagosLine).With(test::kStranger);
  }

  AccountStory story_;
};

TEST_F(LoginRarityTest, AStrangerIsFoundAndSaysWhy) {
  Populate(2000);
  LiveAtHome();
  const Verdict verdict = Judge(Stranger());
  ASSERT_TRUE(verdict.alert());
  const Claim& claim = verdict.claims().front();
  EXPECT_EQ(claim.severity, schemas::Severity::kLow);
  EXPECT_EQ(claim.weight, kShare * LoginRarity::Config{}.score_max);
  EXPECT_EQ(claim.cause, std::vector<std::string>{"strange"});
  std::vector<std::string> codes;
  for (const schemas::Reason& reason : claim.reasons) codes.emplace_back(reason.code);
  EXPECT_NE(std::ranges::find(codes, "login_rare_place"), codes.end());
  EXPECT_NE(std::ranges::find(codes, "login_rare_device"), codes.end());
  std::vector<std::string> evidence;
  for (const schemas::Evidence& held : claim.evidence) evidence.emplace_back(held.name);
  for (const char* name : {"score", "network_factor", "network_population_share", "network_account_share",
                           "device_factor", "device_population_share", "device_account_share"}) {
    EXPECT_NE(std::ranges::find(evidence, name), evidence.end()) << name;
  }
}

TEST_F(LoginRarityTest, TheOwnerAtHomeLeansTheRiskDown) {
  Populate(2000);
  LiveAtHome();
  const Verdict verdict = Judge(EventBuilder("home", kNoon));
  EXPECT_TRUE(verdict.clear());
  EXPECT_EQ(verdict.leaning(), kShare * LoginRarity::kScoreMin);
}

TEST_F(LoginRarityTest, ExactlyTheThresholdIsFound) {
  Populate(2000);
  LiveAtHome();
  const schemas::Event event = EventBuilder("e", kNoon).Via(test::kMobile).With(test::kLaptop);
  const double leaning = Judge(event, {.alert_at = 12, .score_max = 12}).leaning() / kShare;
  ASSERT_GT(leaning, 0.5);
  EXPECT_TRUE(Judge(event, {.alert_at = leaning}).alert());
  EXPECT_TRUE(Judge(event, {.alert_at = std::nextafter(leaning, 12.0)}).clear());
}

// Three days old, and somebody far away with another device: nobody but rarity can tell.
TEST_F(LoginRarityTest, AStrangerOnAYoungAccountIsToldTheOwner) {
  Populate(2000);
  for (int day = 3; day > 0; --day) story_.Run(EventBuilder("home" + std::to_string(day), kNoon - 24h * day));
  const Verdict verdict = Judge(Stranger());
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims().front().severity, schemas::Severity::kMedium);
  EXPECT_EQ(verdict.claims().front().weight, LoginRarity::Config{}.score_max);
  EXPECT_TRUE(Judge(Stranger(), {.alert_at = 12}).alert()) << "both factors are enough";
  // What is new in it waits: it is not the account's own after the next login.
  story_.Run(Stranger());
  ASSERT_EQ(story_.state().devices().known.size(), 2U);
  EXPECT_EQ(story_.state().devices().known[1].tenure.standing, Standing::kPending);
}

TEST_F(LoginRarityTest, TheOwnerOfAYoungAccountTravelsOrBuysATelephone) {
  Populate(2000);
  for (int day = 3; day > 0; --day) story_.Run(EventBuilder("home" + std::to_string(day), kNoon - 24h * day));
  const Verdict journey = Judge(EventBuilder("journey", kNoon).From(kLagos).Via(kLagosLine));
  const Verdict bought = Judge(EventBuilder("bought", kNoon).With(test::kStranger));
  for (const Verdict* verdict : {&journey, &bought}) {
    EXPECT_TRUE(verdict->clear() ||
                (verdict->alert() && verdict->claims().front().severity == schemas::Severity::kInfo));
  }
}

TEST_F(LoginRarityTest, ANewcomerFromNowhereIsNotedAndLearnt) {
  Populate(2000);
  const Verdict verdict = Judge(Stranger());
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims().front().severity, schemas::Severity::kInfo);
  EXPECT_EQ(verdict.claims().front().weight, kShareLearning * LoginRarity::Config{}.score_max);
  EXPECT_TRUE(Judge(EventBuilder("usual", kNoon)).clear());
}

TEST_F(LoginRarityTest, NothingIsSaidOfWhatIsNotKnown) {
  Populate(999);
  EXPECT_EQ(Judge(Stranger()).why(), "small_population");
  Populate(2000);
  EXPECT_EQ(Judge(EventBuilder("e", kNoon).Failed()).why(), kNotAUse);
  EXPECT_EQ(Judge(EventBuilder("e", kNoon).Nowhere().WithoutDevice()).why(), kNoAddress);
  EXPECT_EQ(Judge(EventBuilder("e", kNoon).Nowhere(schemas::Missing::kPrivate).WithoutDevice()).why(),
            kPrivateAddress);
  EXPECT_FALSE(Judge(EventBuilder("e", kNoon).Nowhere()).why() == kNoAddress);  // The device is left.
}

TEST_F(LoginRarityTest, ShadowDoesNotLean) {
  DetectorConfigs configs;
  std::get<Configured<LoginRarity>>(configs).options.mode = schemas::Mode::kShadow;
  Populate(2000);
  const Context context{
      .population = story_.population(), .limits = story_.limits(), .learning = story_.learning()};
  DetectionResult result;
  DetectorSet(configs).Evaluate(EventBuilder("e", kNoon), story_.state(), context, result);
  EXPECT_TRUE(result.Of("login_rarity").clear());
  EXPECT_EQ(result.Of("login_rarity").leaning(), 0);
  DetectorSet(DetectorConfigs{}).Evaluate(EventBuilder("e", kNoon), story_.state(), context, result);
  EXPECT_NE(result.Of("login_rarity").leaning(), 0);
}

}  // namespace
}  // namespace tocsin::detectors
