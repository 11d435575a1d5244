// Accounts that were opened a short time ago, in the sight of the detectors: what their owners do while
// everything about them is new.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detectors/device_trust.h"
#include "detectors/novelty.h"
#include "tests/support/money_events.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::Severity;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using Causes = std::vector<std::string>;

constexpr Millis kDay = std::chrono::hours(24);

// Used with the phone three times a day for `days`, until kNoon, and said to be opened `opened_before` it.
struct Opened {
  Millis opened_before;
  int days = 5;
};
void Live(AccountStory& story, const Opened& opened) {
  const Timestamp first = kNoon - opened.days * kDay;
  story.Run(test::ProfileOf("profile", first, {.opened_at = kNoon - opened.opened_before}));
  for (int use = 0; use < 3 * opened.days; ++use)
    story.Run(EventBuilder("use" + std::to_string(use), first + 1min + use * 8h));
}

EventBuilder OnPhone(const std::string& id, Millis after) { return {id, kNoon + after}; }
// On a line on which the phone was never used.
EventBuilder OnLaptop(const std::string& id, Millis after) {
  return EventBuilder(id, kNoon + after).With(test::kLaptop).Via(test::kOtherLine);
}
schemas::Event Payment(Millis after) {
  return EventBuilder("payment", kNoon + after).Paid("t-payment", {5'000, *Currency::Find("EUR")});
}

double TrustOfPhone(const AccountStory& story, Millis after) {
  return DeviceTrust(OnPhone("asked", after), story.state());
}

TEST(YoungAccount, TheDeviceThatOpenedItIsTrustedAtOnce) {
  AccountStory story;
  story.Run(test::ProfileOf("profile", kNoon, {.opened_at = kNoon}));
  EXPECT_EQ(TrustOfPhone(story, 1min), 0) << "nothing is known yet";
  story.Run(OnPhone("first", 1min));
  EXPECT_GT(TrustOfPhone(story, 2min), 0.6);
}

TEST(YoungAccount, ItsTrustGrowsByUseAndGoesByDisuse) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  const double trust = TrustOfPhone(story, 0s);
  EXPECT_GT(trust, 0.98);
  EXPECT_LT(TrustOfPhone(story, 170 * kDay), 0.2);
}

TEST(YoungAccount, WithoutItsOpeningInSightAgeIsAskedFor) {
  AccountStory told;
  AccountStory untold;
  Live(told, {.opened_before = 1000 * kDay});
  for (int use = 0; use < 15; ++use)
    untold.Run(EventBuilder("use" + std::to_string(use), kNoon - 5 * kDay + 1min + use * 8h));
  EXPECT_LT(TrustOfPhone(told, 0s), 0.2);
  EXPECT_EQ(TrustOfPhone(told, 0s), TrustOfPhone(untold, 0s));
}

TEST(YoungAccount, ADayAfterItsOpeningIsTheLast) {
  for (const auto& [after, trusted] : {std::pair{Millis(24h), true}, std::pair{Millis(24h + 1ms), false}}) {
    AccountStory story;
    story.Run(test::ProfileOf("profile", kNoon, {.opened_at = kNoon}));
    story.Run(OnPhone("first", after));
    EXPECT_EQ(TrustOfPhone(story, 25h) > 0.5, trusted);
  }
}

TEST(YoungAccount, TheSecondDeviceHasToEarnIt) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay, .days = 5});
  story.Run(OnPhone("phone", 0s));
  AccountStory second;
  second.Run(test::ProfileOf("profile", kNoon - 5 * kDay, {.opened_at = kNoon - 5 * kDay}));
  second.Run(EventBuilder("laptop", kNoon - 5 * kDay + 1min).With(test::kLaptop));
  for (int use = 0; use < 15; ++use)
    second.Run(EventBuilder("use" + std::to_string(use), kNoon - 5 * kDay + 2min + use * 8h));
  EXPECT_GT(TrustOfPhone(story, 1min), 0.5);
  EXPECT_LT(TrustOfPhone(second, 1min), 0.2);
}

TEST(YoungAccount, WhatTheOwnerRefusedIsNotTrusted) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  ASSERT_EQ(story.state().devices().known.size(), 1U);
  story.state().MutableDevices().known.front().tenure.standing = Standing::kRefused;
  EXPECT_EQ(TrustOf(story.state().devices().known.front(), kNoon, story.state()), 0);
}

// On the phone of the first day it is the owner with a second device; on the second device it may be anybody.
TEST(YoungAccount, APayeeAddedOnTheFirstPhoneAfterALaptopCameIsLow) {
  struct Added {
    Millis opened_before;
    EventBuilder event;
    Severity severity;
  };
  for (const Added& added : {Added{5 * kDay, OnPhone("payee", 1h), Severity::kLow},
                             Added{1000 * kDay, OnPhone("payee", 1h), Severity::kMedium},
                             Added{5 * kDay, OnLaptop("payee", 1h), Severity::kMedium}}) {
    AccountStory story;
    Live(story, {.opened_before = added.opened_before});
    story.Run(OnLaptop("laptop", 0s));
    EventBuilder event = added.event;
    story.Run(event.Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.Only("cooling_off").severity, added.severity);
  }
}

TEST(YoungAccount, AJourneyWithTheFirstPhoneIsLow) {
  for (const auto& [opened_before, severity] :
       {std::pair{5 * kDay, Severity::kLow}, std::pair{1000 * kDay, Severity::kMedium}}) {
    AccountStory story;
    Live(story, {.opened_before = opened_before});
    story.Run(OnPhone("tokyo", 24h).From(test::kTokyo).Via(test::kOtherLine));
    EXPECT_EQ(story.Only("new_country").severity, severity);
  }
  AccountStory stranger;
  Live(stranger, {.opened_before = 5 * kDay});
  stranger.Run(OnLaptop("tokyo", 24h).From(test::kTokyo).Via(test::kOtherLine));
  EXPECT_EQ(stranger.Only("new_country").severity, Severity::kMedium);
}

TEST(YoungAccount, ToSetItUpIsALowBurst) {
  for (const auto& [opened_at, severity] :
       {std::pair{kNoon, Severity::kLow}, std::pair{kNoon - 1000 * kDay, Severity::kMedium}}) {
    AccountStory story;
    story.Run(test::ProfileOf("profile", kNoon, {.opened_at = opened_at}));
    story.Run(OnPhone("login", 1min));
    story.Run(OnPhone("method", 2min).Changed(ChangeKind::kMfaMethodAdded));
    story.Run(OnPhone("payee-1", 3min).Changed(ChangeKind::kPayeeAdded));
    story.Run(OnPhone("payee-2", 4min).Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.Only("sensitive_burst").severity, severity);
  }
}

TEST(YoungAccount, TheFirstPayeesAreNoStepOfATakeover) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  story.Run(OnPhone("payee", 0s).Changed(ChangeKind::kPayeeAdded));
  EXPECT_TRUE(story.state().security().stages.empty());
  story.Run(OnLaptop("laptop", 1h));
  story.Run(Payment(2h));
  EXPECT_TRUE(story.ActiveCauses("takeover_chain").empty());
}

TEST(YoungAccount, APayeeAddedOnTheNewDeviceIsAStep) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  story.Run(OnLaptop("laptop", 0s));
  story.Run(OnLaptop("payee", 1h).Changed(ChangeKind::kPayeeAdded));
  story.Run(Payment(2h));
  EXPECT_EQ(story.ActiveCauses("takeover_chain"), Causes{"laptop"});
  EXPECT_EQ(story.Only("takeover_chain").severity, Severity::kHigh);
}

TEST(YoungAccount, ALaptopOnThePhonesLineFillsTheListToo) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  story.Run(OnLaptop("laptop", 0s).Via(test::kHomeLine));
  story.Run(OnLaptop("payee", 1h).Via(test::kHomeLine).Changed(ChangeKind::kPayeeAdded));
  story.Run(Payment(2h));
  EXPECT_TRUE(story.ActiveCauses("takeover_chain").empty());
  EXPECT_EQ(story.Only("cooling_off").severity, Severity::kLow);
}

// The thief's own telephone cannot make the line so within the sitting, nor can a device that came later.
TEST(YoungAccount, TheLineIsThePhonesAfterAnHour) {
  for (const auto& [after, steps] : {std::pair{Millis(1h - 1ms), 2U}, std::pair{Millis(1h), 1U}}) {
    AccountStory story;
    Live(story, {.opened_before = 5 * kDay});
    story.Run(OnPhone("phone", 0s).Via(test::kOtherLine));
    story.Run(OnLaptop("laptop", 1min));
    story.Run(OnLaptop("payee", after).Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.state().security().stages.size(), steps);
  }
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  story.Run(OnLaptop("laptop", 0s));
  story.Run(OnLaptop("payee", 2h).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.state().security().stages.size(), 2U);
}

TEST(YoungAccount, AfterAMonthAPayeeIsAStep) {
  for (const auto& [opened_before, steps] : {std::pair{30 * kDay - 1ms, 0U}, std::pair{30 * kDay, 1U}}) {
    AccountStory story;
    Live(story, {.opened_before = opened_before, .days = 30});
    story.Run(OnPhone("payee", 0s).Changed(ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.state().security().stages.size(), steps);
  }
}

TEST(YoungAccount, APayeeOfWhichNothingIsSaidIsAStep) {
  AccountStory story;
  Live(story, {.opened_before = 5 * kDay});
  story.Run(OnLaptop("payee", 0s).Changed(ChangeKind::kPayeeAdded).WithoutDevice());
  EXPECT_EQ(story.state().security().stages.size(), 1U);
}

}  // namespace
}  // namespace tocsin::detectors
