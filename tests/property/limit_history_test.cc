// The law of declared limits, event by event: each event, however late, repeated or given back, claims what
// the definition (tests/support/limit_stories.h) says of all events with it and did not say without it, and
// takes back the reverse. By the profile that holds at the event's own time: meanwhile the account moves to
// other zones, and its limits and its tier change.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "detectors/learning/learn_account.h"
#include "detectors/limit_approach.h"
#include "detectors/limit_breach.h"
#include "tests/support/limit_stories.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::limits::Claimed;
using test::limits::Reference;
using test::limits::Story;
using test::limits::Teller;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kStories = 40;  // Of each of the sixteen.
#else
constexpr uint64_t kStories = 250;
#endif

struct Answers {
  Claimed over;
  Claimed near;
};

// What is in `a` and not in `b`.
Claimed Without(const Claimed& a, const Claimed& b) {
  Claimed rest;
  std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
  return rest;
}

Claimed ClaimsOf(const Verdict& verdict) {
  Claimed claims;
  for (const Claim& claim : verdict.claims()) claims.emplace(claim.cause.at(0), claim.discriminator);
  return claims;
}
Claimed RetractionsOf(const Verdict& verdict) {
  Claimed gone;
  for (const Retraction& one : verdict.retractions()) gone.emplace(one.cause.at(0), one.discriminator);
  return gone;
}

class Life {
 public:
  explicit Life(uint64_t seed) : story_(Teller(seed).Tell()), random_(seed) {
    const auto by_time = [](const schemas::Event& event) { return event.occurred_at; };
    const auto [first, last] = std::ranges::minmax_element(story_.arrivals, {}, by_time);
    // Sums of windows that have left the list are those of the zone of then: a move makes them partial.
    moves_ = !story_.arrivals.empty() && last->occurred_at - first->occurred_at <= 6 * 24h;
    account_.limits = story_.limits;
    account_.state.MutableProfile().owner = story_.profile;
    owner_ = before_ = story_.profile;
  }

  // All of it. `claims`: how many there were.
  void Live(size_t& claims) {
    for (const schemas::Event& event : story_.arrivals) {
      if (OneIn(4)) Change();
      Judge(event, claims);
      if (testing::Test::HasFailure()) return;
      newest_ = std::max(newest_, event.occurred_at);
      if (OneIn(4)) Repeat();
      if (OneIn(16)) Reread();
    }
  }

 private:
  bool OneIn(uint64_t count) { return random_() % count == 0; }

  // Another profile holds from the newest event on, or, told late, between the last two.
  void Change() {
    static constexpr std::array kZones = {"UTC",           "Asia/Shanghai", "America/New_York",
                                          "Pacific/Apia",  "Europe/Berlin", "Australia/Lord_Howe",
                                          "Asia/Kathmandu"};
    schemas::AccountProfile next = owner_;
    if (moves_ && OneIn(2)) next.timezone = kZones[random_() % kZones.size()];
    if (OneIn(3)) next.tier = OneIn(2) ? "basic" : "gold";
    for (const Limit& limit : story_.limits.limits) {
      if (!limit.max || !OneIn(3)) continue;
      std::erase_if(next.limits, [&](const auto& own) { return own.name == limit.name; });
      if (OneIn(4)) continue;  // The general one holds again.
      next.limits.push_back(
          {limit.name, {100 * static_cast<int64_t>(random_() % 60), *Currency::Find("CNY")}});
    }
    const bool late = since_ != kTimestampMin && OneIn(4);
    const Timestamp at = late ? since_ - 1ms : newest_ + 1ms;
    if (late && at < before_since_) return;
    if (late) {
      before_ = next;
      before_since_ = at;
    } else {
      before_ = std::exchange(owner_, next);
      before_since_ = std::exchange(since_, at);
    }
    LearnProfile(test::ProfileOf("profile", at, std::move(next)), account_.state);
  }

  [[nodiscard]] Answers All(const schemas::AccountProfile& owner) const {
    Story story{.seed = story_.seed, .limits = story_.limits, .profile = owner, .arrivals = so_far_};
    Answers answers;
    Reference(story, answers.over, answers.near);
    return answers;
  }

  void Judge(const schemas::Event& event, size_t& claims) {
    const schemas::AccountProfile& owner = event.occurred_at < since_ ? before_ : owner_;
    const Answers before = All(owner);
    so_far_.push_back(event);
    const Answers after = All(owner);
    const Verdict over = LimitBreach({}).Evaluate(event, account_.state, account_.context());
    const Verdict near = LimitApproach({}).Evaluate(event, account_.state, account_.context());
    const std::string of = "seed " + std::to_string(story_.seed) + ", " + event.event_id.str();
    EXPECT_EQ(ClaimsOf(over), Without(after.over, before.over)) << of << " is over";
    EXPECT_EQ(RetractionsOf(over), Without(before.over, after.over)) << of << " ends being over";
    EXPECT_EQ(ClaimsOf(near), Without(after.near, before.near)) << of << " is near";
    EXPECT_EQ(RetractionsOf(near), Without(before.near, after.near)) << of << " ends being near";
    claims += over.claims().size() + near.claims().size();
    account_.Learn(event);
  }

  // An event that was there says nothing and teaches nothing, whatever holds by now.
  void Repeat() {
    const schemas::Event& event = so_far_[random_() % so_far_.size()];
    if (event.occurred_at < newest_ - 71h) return;
    const std::string of = "seed " + std::to_string(story_.seed) + ", again " + event.event_id.str();
    EXPECT_FALSE(LimitBreach({}).Evaluate(event, account_.state, account_.context()).speaks()) << of;
    EXPECT_FALSE(LimitApproach({}).Evaluate(event, account_.state, account_.context()).speaks()) << of;
    const MoneyHistory once = account_.state.money();
    account_.Learn(event);
    EXPECT_EQ(account_.state.money(), once) << of;
  }

  // As a restart does.
  void Reread() {
    std::string bytes;
    ByteWriter writer(bytes);
    account_.state.money().Encode(writer);
    ByteReader reader(bytes);
    MoneyHistory read;
    ASSERT_TRUE(MoneyHistory::Decode(reader, MoneyHistory::kVersion, read));
    account_.state.MutableMoney() = std::move(read);
  }

  Story story_;
  std::mt19937_64 random_;
  bool moves_ = false;
  test::MoneyAccount account_;
  schemas::AccountProfile owner_;   // Since `since_`.
  schemas::AccountProfile before_;  // Until then.
  Timestamp since_ = kTimestampMin;
  Timestamp before_since_ = kTimestampMin;
  Timestamp newest_ = kTimestampMin;
  std::vector<schemas::Event> so_far_;
};

class LimitHistoryTest : public testing::TestWithParam<uint64_t> {};

TEST_P(LimitHistoryTest, EachEventMakesTheDifferenceThatTheDefinitionGives) {
  size_t claims = 0;
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    Life(3'000'000 + GetParam() * 1000 + seed).Live(claims);
    if (HasFailure()) return;
  }
  // The lives are about something.
  EXPECT_GT(claims, 4 * kStories);
}

INSTANTIATE_TEST_SUITE_P(Lives, LimitHistoryTest, testing::Range<uint64_t>(0, 16));

}  // namespace
}  // namespace tocsin::detectors
