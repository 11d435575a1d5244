// Rows of settings_test.cc: places and networks.
#include <string>
#include <string_view>

#include "tests/support/setting_rows.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::kStranger;
using test::Settle;
using namespace std::chrono_literals;

constexpr test::City kLagos{"Lagos", "Lagos", "NG", 6.45, 3.39};
constexpr test::NetworkOf kLagosLine{"102.88.192.5", 29465, "Lagos Mobile", schemas::NetworkClass::kMobile};

EventBuilder AtNoon() { return {"now", kNoon}; }

// From Berlin to Tokyo, 8870 km between the circles, in nine hours.
void TokyoAfterNineHours(AccountStory& story) {
  story.Run(EventBuilder("first", kNoon));
  story.Run(EventBuilder("second", kNoon + 9h).Via(test::kOtherLine).From(test::kTokyo).With(kStranger));
}
// From Berlin to Munich, 454 km between the circles.
void MunichAfter(AccountStory& story, Millis gap) {
  story.Run(EventBuilder("first", kNoon));
  story.Run(EventBuilder("second", kNoon + gap).Via(test::kOtherLine).From(test::kMunich).With(kStranger));
}
void MunichAtOnce(AccountStory& story) { MunichAfter(story, 0ms); }
void MunichAfterTwentyMinutes(AccountStory& story) { MunichAfter(story, 20min); }

// A stranger from a country of one in a hundred.
void StrangerFromTokyo(AccountStory& story, int of_two_thousand) {
  for (int i = 0; i < 2000; ++i) {
    const EventBuilder login("p" + std::to_string(i), kNoon - 24h);
    story.population().Learn(i < of_two_thousand ? EventBuilder(login).From(test::kTokyo) : login, "");
  }
  Settle(story);
  story.Run(AtNoon().From(test::kTokyo).With(kStranger));
}
void FromACommonCountry(AccountStory& story) { StrangerFromTokyo(story, 20); }
void FromACountryOfNobody(AccountStory& story) { StrangerFromTokyo(story, 0); }
void TheOwnersPhoneInTokyo(AccountStory& story) {
  Settle(story);
  story.Run(AtNoon().From(test::kTokyo));
}

void AStrangerInMunich(AccountStory& story) {
  Settle(story);
  story.Run(AtNoon().From(test::kMunich).With(kStranger));
}
void TheOwnersPhoneInMunich(AccountStory& story) {
  Settle(story);
  story.Run(AtNoon().From(test::kMunich));
}
void AStrangerOnAnotherLine(AccountStory& story) {
  Settle(story);
  story.Run(AtNoon().Via(test::kOtherLine).With(kStranger));
}
void AStrangerThroughTor(AccountStory& story) {
  Settle(story);
  story.Run(AtNoon().Via(test::kTor).With(kStranger));
}

schemas::Event InSession(std::string_view session, const EventBuilder& builder) {
  schemas::Event event = builder;
  event.session_id = session;
  return event;
}
// Berlin and Munich at a distance of 14 minutes.
void TwoSessions(AccountStory& story) {
  story.Run(InSession("s-1", AtNoon()));
  story.Run(InSession(
      "s-2", EventBuilder("then", kNoon + 14min).Via(test::kOtherLine).From(test::kMunich).With(kStranger)));
}
void TwoSessionsOfTheOwner(AccountStory& story) {
  for (int day = 60; day > 0; --day) {
    story.Run(EventBuilder("phone" + std::to_string(day), kNoon - 24h * day));
    story.Run(EventBuilder("laptop" + std::to_string(day), kNoon - 24h * day + 1h).With(test::kLaptop));
  }
  story.Run(InSession("s-1", AtNoon()));
  story.Run(InSession(
      "s-2",
      EventBuilder("then", kNoon + 14min).Via(test::kOtherLine).From(test::kMunich).With(test::kLaptop)));
}

void ALoginFromJapan(AccountStory& story) { story.Run(AtNoon().From(test::kTokyo)); }
void AResidentAtHome(AccountStory& story) {
  story.Run(test::ProfileOf("profile", kNoon - 1h, {.country = "DE"}));
  story.Run(AtNoon());
}

// Among two thousand logins of others, an account that is settled.
void InAPopulation(AccountStory& story, const EventBuilder& login) {
  for (int i = 0; i < 2000; ++i) {
    EventBuilder other("p" + std::to_string(i), kNoon - 24h + 1s * i);
    if (i % 4 == 0) other.Via(test::kMobile);
    if (i % 3 == 0) other.With(test::kLaptop);
    story.population().Learn(other, "");
  }
  Settle(story);
  story.Run(login);
}
void AStrangerFromLagos(AccountStory& story) {
  InAPopulation(story, AtNoon().From(kLagos).Via(kLagosLine).With(kStranger));
}
void AStrangerNextDoor(AccountStory& story) { InAPopulation(story, AtNoon().With(kStranger)); }

}  // namespace

std::vector<test::SettingRow> LocationSettings() {
  return {
      {"impossible_travel.speed_kmh_max", 970.0, "high 3.50", 980.0, "", TokyoAfterNineHours},
      {"impossible_travel.distance_km_min", 450.0, "high 3.50", 460.0, "", MunichAtOnce},
      {"impossible_travel.slack", 10min, "high 3.50", 11min, "", MunichAfterTwentyMinutes},
      {"new_country.rare_share", 0.005, "medium 2.00", 0.02, "medium 2.70", FromACommonCountry},
      {"new_country.rare_weight", 0.7, "medium 2.70", 0.8, "medium 2.80", FromACountryOfNobody},
      {"new_country.trust_max", 1.0, "medium 1.00", 0.3, "low 1.00", TheOwnersPhoneInTokyo},
      {"new_region.distance_km_min", 450.0, "low 0.80", 460.0, "", AStrangerInMunich},
      {"new_region.trust_max", 1.0, "low 0.40", 0.3, "info 0.40", TheOwnersPhoneInMunich},
      {"new_network.number_weight", 0.3, "info 0.30", 0.5, "info 0.50", AStrangerOnAnotherLine},
      {"anonymous_network.tor_weight", 2.0, "medium 2.00", 3.0, "medium 3.00", AStrangerThroughTor},
      {"concurrent_places.window", 14min, "medium 2.00", 13min, "", TwoSessions},
      {"concurrent_places.distance_km_min", 450.0, "medium 2.00", 460.0, "", TwoSessions},
      {"concurrent_places.trust_max", 1.0, "medium 1.00", 0.5, "low 1.00", TwoSessionsOfTheOwner},
      {"high_risk_country.countries", "FR, JP", "low 1.00", "FR", "", ALoginFromJapan},
      {"high_risk_country.residents",
       true,
       "low 1.00",
       false,
       "",
       AResidentAtHome,
       {{"high_risk_country.countries", "DE"}}},
      {"login_rarity.alert_at", 3.0, "low 0.50", 6.0, "", AStrangerNextDoor},
      {"login_rarity.score_max", 4.0, "low 0.50", 3.6, "low 0.45", AStrangerFromLagos},
      {"login_rarity.population_min", 1000, "low 0.50", 5000, "", AStrangerFromLagos},
  };
}

}  // namespace tocsin::detectors
