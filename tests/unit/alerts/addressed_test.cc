// Who is in an account does not choose the language in which its owner is warned.
#include "alerts/addressed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AddressedTest : public ::testing::Test {
 protected:
  AddressedTest() {
    s.owner.locale = "en";
    s.owner.timezone = "Asia/Hong_Kong";
  }

  void Turn(Timestamp at, const char* locale, const char* timezone) {
    schemas::AccountProfile profile = s.owner;
    profile.locale = locale;
    profile.timezone = timezone;
    s.TellProfile(at, profile);
  }
  schemas::Notice Grave(Timestamp at) {
    schemas::Claim travel = Travel();
    travel.reasons.front().code = codes_[told_++ % 3];
    return s.Decide(s.Login(at), {travel}).notices.at(0);
  }

  Scenario s;

 private:
  const char* codes_[3] = {"impossible_travel", "concurrent_places", "session_moved_place"};
  size_t told_ = 0;
};

TEST_F(AddressedTest, WhatIsGraveIsToldAsBeforeForThreeDays) {
  Turn(kNoon, "zh-CN", "Asia/Tokyo");
  const schemas::Notice first = Grave(kNoon + 1h);
  EXPECT_EQ(first.locale, "en");
  EXPECT_THAT(first.text, HasSubstr("1 March 2026, 21:00 (UTC+8)"));
  EXPECT_EQ(Grave(kNoon + 72h).locale, "en");
}

TEST_F(AddressedTest, AfterThatItIsTheOwners) {
  Turn(kNoon, "zh-CN", "Asia/Tokyo");
  const schemas::Notice later = Grave(kNoon + 72h + 1ms);
  EXPECT_EQ(later.locale, "zh-CN");
  EXPECT_THAT(later.text, HasSubstr("UTC+9"));
  EXPECT_FALSE(s.file.addressed_before());
}

TEST_F(AddressedTest, WhatIsNotGraveIsToldAsTheOwnerWishes) {
  Turn(kNoon, "zh-CN", "Asia/Tokyo");
  EXPECT_EQ(s.Decide(s.Login(kNoon + 1h), {NewDevice()}).notices.at(0).locale, "zh-CN");
}

TEST_F(AddressedTest, APossibleTakeoverIsGraveWhateverItsSeverity) {
  Turn(kNoon, "zh-CN", "Asia/Tokyo");
  const schemas::Claim chain =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, schemas::Severity::kMedium, 1);
  EXPECT_EQ(s.Decide(s.Login(kNoon + 1h), {chain}).notices.at(0).locale, "en");
}

TEST_F(AddressedTest, WhoChangesItTwiceDoesNotMakeItTheirs) {
  Turn(kNoon, "zh-CN", "Asia/Tokyo");
  Turn(kNoon + 48h, "zh-CN", "Asia/Seoul");
  EXPECT_THAT(Grave(kNoon + 100h).text, AllOf(HasSubstr("Hello"), HasSubstr("6 March 2026, 00:00 (UTC+8)")));
}

TEST_F(AddressedTest, AProfileThatChangesNeitherChangesNothing) {
  schemas::AccountProfile profile = s.owner;
  profile.tier = "gold";
  s.TellProfile(kNoon, profile);
  EXPECT_FALSE(s.file.addressed_before());
  Turn(kNoon + 1h, "en", "Asia/Tokyo");
  EXPECT_EQ(s.file.addressed_before()->timezone, "Asia/Hong_Kong");
}

TEST_F(AddressedTest, WhoChangesTheNameIsNotGreetedByIt) {
  schemas::AccountProfile profile = s.owner;
  profile.display_name = "Mallory";
  s.TellProfile(kNoon, profile);
  const schemas::Notice grave = Grave(kNoon + 1h);
  EXPECT_THAT(grave.text, HasSubstr("Hello Li Wei,"));
  EXPECT_THAT(grave.html, ::testing::Not(HasSubstr("Mallory")));
  EXPECT_THAT(s.Decide(s.Login(kNoon + 2h), {NewDevice()}).notices.at(0).text, HasSubstr("Hello,\n"))
      << "nothing grave: the name is in doubt";
  profile.display_name = "Mallory the Second";
  s.TellProfile(kNoon + 71h, profile);
  EXPECT_THAT(Grave(kNoon + 100h).text, HasSubstr("Hello Li Wei,"));
  EXPECT_THAT(Grave(kNoon + 71h + 72h + 1ms).text, HasSubstr("Hello Mallory the Second,"));
}

TEST_F(AddressedTest, ANameWhereNoneWasIsInDoubt) {
  s.owner.display_name.clear();
  schemas::AccountProfile profile = s.owner;
  profile.display_name = "Mallory";
  s.TellProfile(kNoon, profile);
  EXPECT_THAT(Grave(kNoon + 1h).text, HasSubstr("Hello,\n"));
}

TEST_F(AddressedTest, ADigestOfSomethingGraveToo) {
  const std::vector<schemas::Contact> contacts = std::exchange(s.owner.contacts, {});
  EXPECT_THAT(s.Decide(s.Login(kNoon), {Travel()}).notices, IsEmpty());
  s.owner.contacts = contacts;
  Turn(kNoon + 1min, "zh-CN", "Asia/Tokyo");
  ASSERT_THAT(s.decision.notices, ::testing::SizeIs(1));
  EXPECT_EQ(s.decision.notices[0].locale, "en");
}

}  // namespace
}  // namespace tocsin::alerts::testing
