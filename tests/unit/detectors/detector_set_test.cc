#include "detectors/detector_set.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Mode;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);

schemas::Event Report() {
  return EventBuilder("answer", kNoon).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kOwner);
}

TEST(CatalogueTest, SaysAllThatIsKnownOfADetector) {
  std::set<std::string_view> ids;
  for (const DetectorInfo& info : Catalogue()) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    EXPECT_EQ(info.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << info.id;
    EXPECT_FALSE(info.title.empty()) << info.id;
    EXPECT_GE(info.weight, 0) << info.id;
    EXPECT_NE(info.events, 0) << info.id;
  }
}

TEST(DetectorSetTest, ClaimsSayWhoMakesThem) {
  AccountStory story;
  const Verdict& verdict = story.Run(Report()).Of("user_reported");
  ASSERT_TRUE(verdict.alert());
  const Claim& claim = verdict.claims().front();
  EXPECT_EQ(claim.detector, "user_reported");
  EXPECT_EQ(claim.family, schemas::Family::kReport);
  EXPECT_EQ(claim.mode, Mode::kLive);
  EXPECT_EQ(claim.weight, 6.0) << "as the catalogue says";
}

TEST(DetectorSetTest, AConfiguredWeightScalesWhatTheDetectorComputed) {
  const auto weight_with = [](double weight) {
    DetectorConfigs configs;
    std::get<Configured<PasswordGuessing>>(configs).options.weight = weight;
    AccountStory story(configs);
    for (int day = 0; day < 6; ++day)
      story.Run(EventBuilder("d" + std::to_string(day), kNoon - 240h + day * 24h));
    for (int i = 0; i < 10; ++i)
      story.Run(EventBuilder("f" + std::to_string(i), kNoon + i * 1s).Failed());  // The owner's phone.
    return story.Only("password_guessing").weight;
  };
  const double by_default = weight_with(PasswordGuessing::kInfo.weight);
  EXPECT_GT(by_default, 0);
  EXPECT_LT(by_default, PasswordGuessing::kInfo.weight);
  EXPECT_DOUBLE_EQ(weight_with(2 * PasswordGuessing::kInfo.weight), 2 * by_default);
}

// 0 is said by somebody who wants a finding for the record: it is not the absence of a number.
TEST(DetectorSetTest, AWeightOfZeroIsZero) {
  AccountStory story;
  for (const auto& [name, weight] : {std::pair<const char*, std::optional<double>>{"plain", std::nullopt},
                                     {"for-the-record", 0.0},
                                     {"grave", 10.0}}) {
    Limit& limit = story.limits().limits.emplace_back();
    limit.name = name;
    limit.max = *ParseMoney("CNY 1.00");
    limit.weight = weight;
  }
  const schemas::Event payment = EventBuilder("p", kNoon).Paid("t", *ParseMoney("CNY 5.00"));
  const std::vector<Claim> claims = story.Run(payment).Of("limit_breach").claims();
  ASSERT_EQ(claims.size(), 3U);
  EXPECT_EQ(claims[0].weight, LimitBreach::kInfo.weight);
  EXPECT_EQ(claims[1].weight, 0);
  EXPECT_EQ(claims[2].weight, 10);
}

TEST(DetectorSetTest, DisabledIsSaidSo) {
  DetectorConfigs configs;
  std::get<Configured<UserReported>>(configs).options.enabled = false;
  AccountStory story(configs);
  const DetectionResult& result = story.Run(Report());
  EXPECT_EQ(result.Of("user_reported").why(), kDisabled);
  EXPECT_FALSE(result.AnyAlert());
}

TEST(DetectorSetTest, ShadowClaimsAreMarked) {
  DetectorConfigs configs;
  std::get<Configured<UserReported>>(configs).options.mode = Mode::kShadow;
  AccountStory story(configs);
  EXPECT_EQ(story.Run(Report()).Of("user_reported").claims().front().mode, Mode::kShadow);
}

TEST(DetectorSetTest, EveryVerdictIsOfThisEvent) {
  AccountStory story;
  EXPECT_TRUE(story.Run(Report()).AnyAlert());
  const DetectionResult& result = story.Run(EventBuilder("login", kNoon + 1s));
  EXPECT_EQ(result.Of("user_reported").why(), kOtherEvent);
  EXPECT_FALSE(result.AnyAlert());
}

TEST(DetectorSetTest, AProfileIsOnlyJudgedByThoseWhoLookAtProfiles) {
  AccountStory story;
  schemas::Event event = EventBuilder("profile", kNoon);
  event.type = schemas::EventType::kAccountProfile;
  event.payload = schemas::AccountProfile{};
  const DetectionResult& result = story.Run(event);
  int others = 0;
  for (size_t i = 0; i < kDetectorCount; ++i) {
    if ((Catalogue()[i].events & kProfiles) != 0) continue;
    EXPECT_EQ(result.verdicts[i].why(), kOtherEvent) << Catalogue()[i].id;
    ++others;
  }
  EXPECT_GT(others, 20);
  EXPECT_FALSE(result.AnyAlert());
}

}  // namespace
}  // namespace tocsin::detectors
