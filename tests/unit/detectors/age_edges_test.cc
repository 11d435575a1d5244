// How long what the account has used stays its own, at the edge: 90 d of countries, networks and ways to
// hide, 180 d of classes of networks. They begin with the hour of the last use (uses are counted by hours of
// the clock), and the end is included.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "detectors/verdict.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;

constexpr auto kDay = 24h;

struct Age {
  const char* name;
  const char* detector;
  // What was used for a month, what is used since, and what is used when it ends.
  EventBuilder (*before)(std::string_view id, Timestamp at);
  EventBuilder (*since)(std::string_view id, Timestamp at);
  EventBuilder (*again)(std::string_view id, Timestamp at);
  int days;
  std::string_view at_the_end;  // The reason code of the claim, or "clear".
  std::string_view after_it;
};
std::ostream& operator<<(std::ostream& out, const Age& age) { return out << age.name; }

EventBuilder Home(std::string_view id, Timestamp at) { return {id, at}; }
EventBuilder Paris(std::string_view id, Timestamp at) { return EventBuilder(id, at).From(test::kParis); }
EventBuilder OtherLine(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).Via(test::kOtherLine);
}
EventBuilder Vpn(std::string_view id, Timestamp at) { return EventBuilder(id, at).Via(test::kVpn); }
EventBuilder OtherVpn(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).Via(
      {"45.33.36.5", 777, "Other Hidden", schemas::NetworkClass::kAnonymiser, schemas::Anonymiser::kVpn});
}
EventBuilder Mobile(std::string_view id, Timestamp at) { return EventBuilder(id, at).Via(test::kMobile); }

std::string_view AnswerAt(const Age& age, Timestamp at) {
  AccountStory story;
  for (int day = 30; day > 0; --day)
    story.Run(age.before("before" + std::to_string(day), kNoon - day * kDay));
  story.Run(age.before("last", kNoon + 30min));
  // Never silent, so that nothing is kept for longer because of a silence.
  for (int day = 1; day < age.days; ++day)
    story.Run(age.since("since" + std::to_string(day), kNoon + day * kDay));
  const Verdict verdict = story.Run(age.again("again", at)).Of(age.detector);
  if (verdict.clear()) return "clear";
  if (!verdict.alert()) return verdict.why();
  for (const std::string_view code : {age.at_the_end, age.after_it}) {
    if (verdict.claims().front().reasons.front().code == code) return code;
  }
  return "another reason";
}

class AgeTest : public testing::TestWithParam<Age> {};

TEST_P(AgeTest, EndsWithItsLastInstant) {
  const Age& age = GetParam();
  const Timestamp end = kNoon + age.days * kDay;
  EXPECT_EQ(AnswerAt(age, end), age.at_the_end);
  EXPECT_EQ(AnswerAt(age, end + 1ms), age.after_it);
}

INSTANTIATE_TEST_SUITE_P(
    Edges, AgeTest,
    testing::Values(Age{"Country", "new_country", Home, Paris, Home, 90, "clear", "new_country"},
                    Age{"Network", "new_network", Home, OtherLine, Home, 90, "clear", "new_network"},
                    Age{"WayToHide", "anonymous_network", Vpn, Home, Vpn, 90, "clear", "anonymous_vpn"},
                    Age{"WayToHideOfAnotherProvider", "anonymous_network", Vpn, Home, OtherVpn, 90, "clear",
                        "anonymous_vpn"},
                    // The system has been new for 90 days by then.
                    Age{"ClassOfNetwork", "new_network", Mobile, Home, Mobile, 180, "new_network",
                        "new_network_class"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::detectors
