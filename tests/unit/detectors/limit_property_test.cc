// The law of declared limits: whatever the order in which events arrive (within the lateness horizon), the
// claims that are made and not retracted are those that the definition (tests/support/limit_stories.h) gives
// for the set of all events.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "base/hash.h"
#include "detectors/limit_approach.h"
#include "detectors/limit_breach.h"
#include "tests/support/limit_stories.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionStatus;
using test::limits::Claimed;
using test::limits::Follow;
using test::limits::Reference;
using test::limits::Story;
using test::limits::Teller;

MoneyHistory Reread(const MoneyHistory& money) {
  std::string bytes;
  ByteWriter writer(bytes);
  money.Encode(writer);
  ByteReader reader(bytes);
  MoneyHistory read;
  EXPECT_TRUE(MoneyHistory::Decode(reader, MoneyHistory::kVersion, read) && reader.AtEnd());
  EXPECT_EQ(read, money);
  return read;
}

class LimitLaw : public testing::TestWithParam<uint64_t> {};

TEST_P(LimitLaw, ClaimsAreThoseOfTheDefinition) {
  constexpr uint64_t kStories = 250;
  size_t claims = 0;
  for (uint64_t seed = GetParam() * kStories; seed < (GetParam() + 1) * kStories; ++seed) {
    const Story story = Teller(seed).Tell();
    test::MoneyAccount account{.limits = story.limits};
    account.state.MutableProfile().owner = story.profile;
    Claimed over;
    Claimed near;
    for (const schemas::Event& event : story.arrivals) {
      Follow(LimitBreach({}).Evaluate(event, account.state, account.context()), story, over);
      Follow(LimitApproach({}).Evaluate(event, account.state, account.context()), story, near);
      if (HasFatalFailure()) return;
      account.Learn(event);
      // The same event again changes nothing.
      const MoneyHistory once = account.state.money();
      account.Learn(event);
      ASSERT_EQ(account.state.money(), once) << "seed " << seed;
    }
    account.state.MutableMoney() = Reread(account.state.money());
    Claimed over_wanted;
    Claimed near_wanted;
    Reference(story, over_wanted, near_wanted);
    ASSERT_EQ(over, over_wanted) << "seed " << seed;
    ASSERT_EQ(near, near_wanted) << "seed " << seed;
    claims += over.size() + near.size();
  }
  // The stories are about something.
  EXPECT_GT(claims, 4 * kStories);
}

INSTANTIATE_TEST_SUITE_P(Stories, LimitLaw, testing::Range<uint64_t>(0, 16));

// In the middle of its life the account moves to another zone, its limits are raised and lowered, its tier
// changes: what holds when a transaction comes is what it is judged by, over all that came before.
class ChangingLife {
 public:
  explicit ChangingLife(uint64_t seed) : story_(Teller(seed).Tell()), random_(seed) {
    // Of each transaction its first completion, in order and as far back as single transactions are kept.
    std::set<std::string> seen;
    std::erase_if(story_.arrivals, [&](const schemas::Event& event) {
      const auto& tx = *event.transaction();
      return tx.status != TransactionStatus::kCompleted || !seen.insert(tx.transaction_id).second;
    });
    std::ranges::sort(story_.arrivals, {}, [](const schemas::Event& event) {
      return std::pair(event.occurred_at, Hash64(event.transaction()->transaction_id));
    });
    std::erase_if(story_.arrivals, [&](const schemas::Event& event) {
      return event.occurred_at > story_.arrivals.front().occurred_at + 6 * 24h;
    });
  }
  Story& story() { return story_; }
  schemas::AccountProfile Next(schemas::AccountProfile profile) {
    static constexpr std::array kZones = {"UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia"};
    if (random_() % 3 == 0) profile.timezone = kZones[random_() % kZones.size()];
    if (random_() % 3 == 0) profile.tier = random_() % 2 == 0 ? "basic" : "gold";
    for (const Limit& limit : story_.limits.limits) {
      if (!limit.max || random_() % 3 != 0) continue;
      std::erase_if(profile.limits, [&](const auto& own) { return own.name == limit.name; });
      if (random_() % 4 == 0) continue;  // The general one holds again.
      const int64_t minor = 100 * static_cast<int64_t>(random_() % 60);
      profile.limits.push_back({limit.name, {minor, *Currency::Find("CNY")}});
    }
    return profile;
  }
  bool Changes() { return random_() % 3 == 0; }

 private:
  Story story_;
  std::mt19937_64 random_;
};

TEST(LimitLawTest, WhatHoldsAtTheMomentDecides) {
  size_t claims = 0;
  for (uint64_t seed = 2'000'000; seed < 2'000'400; ++seed) {
    ChangingLife life(seed);
    const Story& story = life.story();
    test::MoneyAccount account{.limits = story.limits};
    account.state.MutableProfile().owner = story.profile;
    Story so_far = story;
    so_far.arrivals.clear();
    for (const schemas::Event& event : story.arrivals) {
      if (life.Changes()) account.state.MutableProfile().owner = life.Next(account.state.profile().owner);
      so_far.profile = account.state.profile().owner;
      so_far.arrivals.push_back(event);
      Claimed over;
      Claimed near;
      Follow(LimitBreach({}).Evaluate(event, account.state, account.context()), story, over);
      Follow(LimitApproach({}).Evaluate(event, account.state, account.context()), story, near);
      if (HasFatalFailure()) return;
      account.Learn(event);
      Claimed over_wanted;
      Claimed near_wanted;
      Reference(so_far, over_wanted, near_wanted);
      const auto of_another = [&](const auto& claimed) { return claimed.first != event.event_id.view(); };
      std::erase_if(over_wanted, of_another);
      std::erase_if(near_wanted, of_another);
      ASSERT_EQ(over, over_wanted) << "seed " << seed;
      ASSERT_EQ(near, near_wanted) << "seed " << seed;
      claims += over.size() + near.size();
    }
  }
  EXPECT_GT(claims, 1000U);
}

// Any permutation within the horizon, not only delays.
TEST(LimitLawTest, AnyOrderWithinTheHorizon) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Story story = Teller(1'000'000 + seed).Tell();
    std::erase_if(story.arrivals, [&](const schemas::Event& event) {
      return event.occurred_at > story.arrivals.front().occurred_at + 72h ||
             event.occurred_at < story.arrivals.front().occurred_at;
    });
    Claimed over_wanted;
    Claimed near_wanted;
    Reference(story, over_wanted, near_wanted);
    std::mt19937_64 random(seed);
    for (int order = 0; order < 5; ++order) {
      std::ranges::shuffle(story.arrivals, random);
      test::MoneyAccount account{.limits = story.limits};
      account.state.MutableProfile().owner = story.profile;
      Claimed over;
      Claimed near;
      for (const schemas::Event& event : story.arrivals) {
        Follow(LimitBreach({}).Evaluate(event, account.state, account.context()), story, over);
        Follow(LimitApproach({}).Evaluate(event, account.state, account.context()), story, near);
        if (HasFatalFailure()) return;
        account.Learn(event);
      }
      ASSERT_EQ(over, over_wanted) << "seed " << story.seed << " order " << order;
      ASSERT_EQ(near, near_wanted) << "seed " << story.seed << " order " << order;
    }
  }
}

}  // namespace
}  // namespace tocsin::detectors
