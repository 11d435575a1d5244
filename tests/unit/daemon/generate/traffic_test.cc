// Generated traffic: repeatable, in order, understood by the decoder, and labelled with what is really in it.
#include "daemon/generate/traffic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector_set.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon::generate {
namespace {

struct Made {
  std::string events;
  std::string labels;
};

Made Make(const TrafficOptions& options) {
  Made made;
  TrafficSinks sinks{.write =
                         [&](std::string_view text) {
                           made.events.append(text);
                           return true;
                         },
                     .write_label =
                         [&](std::string_view text) {
                           made.labels.append(text);
                           return true;
                         }};
  EXPECT_TRUE(GenerateTraffic(options, sinks));
  return made;
}

std::vector<AttackKind> AllKinds() {
  const auto kinds = ParseAttacks("all");
  EXPECT_TRUE(kinds);
  return *kinds;
}

TrafficOptions Small() { return {.accounts = 400, .days = 20, .seed = 5, .attacks = AllKinds()}; }
TrafficOptions HalfNew() {
  TrafficOptions options = Small();
  options.new_accounts = 0.5;
  return options;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    EXPECT_NE(end, std::string_view::npos) << "the last line has no end";
    if (end == std::string_view::npos) break;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view Between(std::string_view text, std::string_view before, char after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  const size_t end = text.find(after, begin + before.size());
  return text.substr(begin + before.size(), end - begin - before.size());
}

struct Read {
  std::string id;
  std::string account;
  Timestamp at;
  std::optional<Timestamp> opened_at;  // Of a profile.
};

// Every line through the decoder; what it refuses fails the test.
std::vector<Read> Decode(const std::string& events) {
  schemas::EventDecoder decoder({.check_key = false});
  std::vector<Read> all;
  schemas::Event event;
  for (const std::string_view line : Lines(events)) {
    schemas::Record record;
    record.topic = "test";
    record.value = line;
    const auto decoded = decoder.Decode(record, event);
    EXPECT_TRUE(decoded) << line;
    if (!decoded) return all;
    const schemas::AccountProfile* profile = event.profile();
    all.push_back({event.event_id.str(), event.account_id.str(), event.occurred_at,
                   profile == nullptr ? std::nullopt : profile->opened_at});
  }
  EXPECT_EQ(decoder.unknown_members(), 0U);
  return all;
}

TEST(Traffic, EqualOptionsGiveEqualBytes) {
  const Made one = Make(Small());
  const Made two = Make(Small());
  EXPECT_EQ(one.events, two.events);
  EXPECT_EQ(one.labels, two.labels);
  const Made new_one = Make(HalfNew());
  const Made new_two = Make(HalfNew());
  EXPECT_EQ(new_one.events, new_two.events);
  EXPECT_EQ(new_one.labels, new_two.labels);
  EXPECT_NE(new_one.events, one.events);
  TrafficOptions other = Small();
  other.seed = 6;
  EXPECT_NE(Make(other).events, one.events);
}

TEST(Traffic, EveryLineIsAnEventNearItsTurn) {
  const Made made = Make(Small());
  const std::vector<Read> all = Decode(made.events);
  // Three to four a day, and account, for 400 accounts and 20 days.
  EXPECT_GT(all.size(), 400U * 20 * 2);
  EXPECT_LT(all.size(), 400U * 20 * 5);

  Timestamp newest = kTimestampMin;
  size_t late = 0;
  std::map<std::string, int> seen;
  for (const Read& one : all) {
    // 15 minutes late at most, and once more 5 minutes after that.
    EXPECT_GE(one.at + std::chrono::minutes(20), newest) << one.id;
    late += one.at < newest ? 1U : 0U;
    newest = std::max(newest, one.at);
    ++seen[one.id];
  }
  EXPECT_GT(late, 0U);
  EXPECT_LT(late, all.size() / 50);
  const auto twice = std::count_if(seen.begin(), seen.end(), [](const auto& id) { return id.second == 2; });
  EXPECT_GT(twice, 0);
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& id) { return id.second <= 2; }));
}

// The accounts that an attack of this kind is labelled with.
std::set<std::string> AttackedBy(std::string_view kind, const Made& made) {
  std::set<std::string> accounts;
  for (const std::string_view label : Lines(made.labels)) {
    if (Between(label, R"("attack":")", '"') == kind)
      accounts.emplace(Between(label, R"("account_id":")", '"'));
  }
  return accounts;
}

// Owner's and thief's money in the order in which it moved: each balance follows from the one before it, but
// where the ledger is labelled as wrong.
class BalanceTest : public testing::TestWithParam<double> {};

TEST_P(BalanceTest, FollowsFromTheOneBefore) {
  struct Told {
    Timestamp at;
    int64_t moves;
    int64_t left;
  };
  std::map<std::string, std::vector<Told>> accounts;
  std::set<std::string> seen;
  schemas::EventDecoder decoder({.check_key = false});
  schemas::Event event;
  std::set<std::string> opened;
  TrafficOptions options = Small();
  options.new_accounts = GetParam();
  const Made made = Make(options);
  for (const std::string_view line : Lines(made.events)) {
    schemas::Record record;
    record.topic = "test";
    record.value = line;
    ASSERT_TRUE(decoder.Decode(record, event)) << line;
    if (event.profile() != nullptr && event.profile()->opened_at == event.occurred_at)
      opened.insert(event.account_id.str());
    const schemas::Transaction* transaction = event.transaction();
    if (transaction == nullptr || !transaction->balance_after_minor) continue;
    if (!seen.insert(event.event_id.str()).second) continue;
    const bool in = transaction->direction == schemas::Direction::kIn;
    const int64_t minor = in ? transaction->amount.minor : -transaction->amount.minor;
    int64_t moves = 0;
    if (transaction->status == schemas::TransactionStatus::kReversed) moves = -minor;
    if (transaction->status == schemas::TransactionStatus::kAuthorized ||
        transaction->status == schemas::TransactionStatus::kCompleted) {
      moves = minor;
    }
    accounts[event.account_id.str()].push_back({event.occurred_at, moves, *transaction->balance_after_minor});
  }
  size_t followed = 0;
  std::set<std::string> wrong;
  for (auto& [account, all] : accounts) {
    std::stable_sort(all.begin(), all.end(), [](const Told& a, const Told& b) { return a.at < b.at; });
    if (opened.contains(account)) {
      EXPECT_EQ(all.front().left, all.front().moves) << account << " is empty when it is opened";
    }
    for (size_t i = 1; i < all.size(); ++i, ++followed) {
      if (all[i].left != all[i - 1].left + all[i].moves) wrong.insert(account);
    }
  }
  EXPECT_GT(followed, 1000U);
  EXPECT_FALSE(wrong.empty());
  EXPECT_EQ(wrong, AttackedBy("balance_mismatch", made));
}
INSTANTIATE_TEST_SUITE_P(NewAccounts, BalanceTest, testing::Values(0, 0.5),
                         [](const auto& tested) { return tested.param > 0 ? "Half" : "None"; });

TEST(Traffic, LabelsNameEventsOfTheirAccountWithinTheirTime) {
  const Made made = Make(Small());
  std::map<std::string, Read, std::less<>> by_id;
  for (Read& one : Decode(made.events)) by_id[one.id] = one;
  std::set<std::string_view> kinds;
  std::set<std::string_view> attacked;
  for (const std::string_view label : Lines(made.labels)) {
    const std::string_view account = Between(label, R"("account_id":")", '"');
    kinds.insert(Between(label, R"("attack":")", '"'));
    EXPECT_TRUE(attacked.insert(account).second) << account << " is attacked twice";
    const auto from = ParseRfc3339(Between(label, R"("from":")", '"'));
    const auto until = ParseRfc3339(Between(label, R"("until":")", '"'));
    ASSERT_TRUE(from && until) << label;
    std::string_view ids = Between(label, R"("event_ids":[)", ']');
    ASSERT_FALSE(ids.empty()) << label;
    while (!ids.empty()) {
      const std::string_view id = Between(ids, "\"", '"');
      const auto found = by_id.find(id);
      ASSERT_NE(found, by_id.end()) << id;
      EXPECT_EQ(found->second.account, account);
      EXPECT_GE(found->second.at, *from);
      EXPECT_LE(found->second.at, *until);
      ids.remove_prefix(std::min(ids.size(), id.size() + 3));
    }
  }
  // All but the one that needs a hundred days.
  EXPECT_EQ(kinds.size(), AttackCatalogue().size() - 1);
}

TEST(Traffic, AttacksBeginWhenOwnersAreKnown) {
  const TrafficOptions options = Small();
  const Made made = Make(options);
  for (const std::string_view label : Lines(made.labels)) {
    const auto from = ParseRfc3339(Between(label, R"("from":")", '"'));
    ASSERT_TRUE(from);
    EXPECT_GE(*from, options.start + std::chrono::hours(24 * 10));
    EXPECT_LT(*from, options.start + std::chrono::hours(24) * options.days);
  }
}

// By account: when it was opened in the traffic; those that were there before have none.
std::map<std::string, Timestamp> OpenedIn(const std::vector<Read>& all, const TrafficOptions& options) {
  std::map<std::string, Timestamp> opened;
  for (const Read& one : all) {
    if (one.opened_at >= options.start) opened[one.account] = *one.opened_at;
  }
  return opened;
}

TEST(Traffic, NewAccountsBeginWithTheirOpening) {
  TrafficOptions options = HalfNew();
  options.attacks.clear();
  const std::vector<Read> all = Decode(Make(options).events);
  const std::map<std::string, Timestamp> opened = OpenedIn(all, options);
  EXPECT_GT(opened.size(), 160U);
  EXPECT_LT(opened.size(), 240U);
  std::map<std::string, Read> first;
  for (const Read& one : all) {
    const auto [at, is_new] = first.emplace(one.account, one);
    if (!is_new && one.at < at->second.at) at->second = one;
  }
  EXPECT_EQ(first.size(), options.accounts);
  std::set<int> days;
  for (const auto& [account, one] : first) {
    const auto found = opened.find(account);
    if (found == opened.end()) {
      EXPECT_LT(one.at, options.start + std::chrono::minutes(1));
      continue;
    }
    EXPECT_TRUE(one.opened_at) << account << " has a life before its profile";
    EXPECT_EQ(one.at, found->second) << account;
    days.insert(static_cast<int>((one.at - options.start) / std::chrono::hours(24)));
  }
  EXPECT_EQ(days.size(), static_cast<size_t>(options.days)) << "some are opened on each day";
}

// What comes late or twice is by lot over all of the events.
TEST(Traffic, WhoWasThereBeforeLivesAsWithoutNewAccounts) {
  TrafficOptions options = HalfNew();
  options.attacks.clear();
  const Made with = Make(options);
  const std::map<std::string, Timestamp> opened = OpenedIn(Decode(with.events), options);
  options.new_accounts = 0;
  const Made without = Make(options);
  const auto of_old_ones = [&](const Made& made) {
    std::set<std::string_view> lines;
    for (const std::string_view line : Lines(made.events)) {
      if (!opened.contains(std::string(Between(line, R"("account_id":")", '"')))) lines.insert(line);
    }
    return lines;
  };
  EXPECT_GT(of_old_ones(with).size(), 1000U);
  EXPECT_EQ(of_old_ones(with), of_old_ones(without));
}

TEST(Traffic, NewAccountsAreAttackedFromTheDayAfterTheirOpening) {
  for (const double share : {0.5, 1.0}) {
    TrafficOptions options = HalfNew();
    options.new_accounts = share;
    const Made made = Make(options);
    const std::map<std::string, Timestamp> opened = OpenedIn(Decode(made.events), options);
    std::set<std::string> attacked;
    std::set<std::string_view> kinds;
    int young = 0;
    int old = 0;
    for (const std::string_view label : Lines(made.labels)) {
      const std::string account(Between(label, R"("account_id":")", '"'));
      EXPECT_TRUE(attacked.insert(account).second) << account << " is attacked twice";
      kinds.insert(Between(label, R"("attack":")", '"'));
      const auto found = opened.find(account);
      const auto from = ParseRfc3339(Between(label, R"("from":")", '"'));
      ASSERT_TRUE(from);
      ++(found == opened.end() ? old : young);
      if (found == opened.end()) continue;
      EXPECT_GT(*from, found->second);
      EXPECT_GE(std::chrono::floor<std::chrono::days>(*from),
                std::chrono::floor<std::chrono::days>(found->second) + std::chrono::days(1));
    }
    EXPECT_EQ(kinds.size(), AttackCatalogue().size() - 1) << "all but the one that needs a hundred days";
    EXPECT_GT(young, 10);
    EXPECT_EQ(old > 10, share < 1);
  }
}

// It needs an owner who came for a while, and left.
TEST(Traffic, AnAccountThatIsNewIsNotDormant) {
  TrafficOptions options{
      .accounts = 40, .days = 110, .seed = 3, .attacks = *ParseAttacks("dormant_reactivation")};
  options.new_accounts = 0.5;
  const Made made = Make(options);
  const std::map<std::string, Timestamp> opened = OpenedIn(Decode(made.events), options);
  const std::set<std::string> dormant = AttackedBy("dormant_reactivation", made);
  EXPECT_FALSE(dormant.empty());
  for (const std::string& account : dormant) EXPECT_FALSE(opened.contains(account)) << account;
}

TEST(Traffic, ADormantOwnerIsSilentForNinetyDays) {
  const auto kinds = ParseAttacks("dormant_reactivation");
  ASSERT_TRUE(kinds);
  const TrafficOptions options{.accounts = 10, .days = 110, .seed = 3, .attacks = *kinds};
  const Made made = Make(options);
  const std::vector<std::string_view> labels = Lines(made.labels);
  ASSERT_FALSE(labels.empty());
  const std::string_view account = Between(labels[0], R"("account_id":")", '"');
  const auto from = ParseRfc3339(Between(labels[0], R"("from":")", '"'));
  ASSERT_TRUE(from);
  Timestamp last = kTimestampMin;
  for (const Read& one : Decode(made.events)) {
    if (one.account == account && one.at < *from) last = std::max(last, one.at);
  }
  EXPECT_GE(*from - last, std::chrono::hours(24 * 90));
}

TEST(Traffic, OneAccountOnOneDayIsEnough) {
  const Made made = Make({.accounts = 1, .days = 1, .seed = 1, .attacks = AllKinds()});
  EXPECT_GE(Decode(made.events).size(), 1U);
}

TEST(Traffic, StopsWhenTheReaderIsGone) {
  int writes = 0;
  TrafficSinks sinks{.write = [&](std::string_view) { return ++writes < 2; },
                     .write_label = [](std::string_view) { return true; }};
  EXPECT_FALSE(GenerateTraffic(Small(), sinks));
  EXPECT_EQ(writes, 2);
}

TEST(ParseAttacks, NamesAllNoneAndUnknown) {
  EXPECT_EQ(ParseAttacks("all")->size(), AttackCatalogue().size());
  EXPECT_TRUE(ParseAttacks("none")->empty());
  EXPECT_EQ(*ParseAttacks("takeover,limit_breach,takeover"),
            (std::vector{AttackKind::kTakeover, AttackKind::kLimitBreach}));
  const auto unknown = ParseAttacks("takeover,flood");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().field, "flood");
  EXPECT_FALSE(ParseAttacks("takeover,"));
}

// Whoever switches a detector on can see what it is for: those without a kind of their own speak of another.
TEST(AttackCatalogue, HasSomethingForEveryDetector) {
  const std::map<std::string_view, std::string_view> shown_by = {{"takeover_chain", "takeover"},
                                                                 {"login_rarity", "targeted_login"}};
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    const auto other = shown_by.find(info.id);
    const std::string_view kind = other == shown_by.end() ? info.id : other->second;
    EXPECT_TRUE(ParseAttacks(kind)) << info.id;
  }
}

TEST(AttackCatalogue, IsInTheOrderOfItsKinds) {
  for (size_t i = 0; i < AttackCatalogue().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(AttackCatalogue()[i].kind), i) << AttackCatalogue()[i].name;
  }
}

TEST(World, PeopleLiveWhereTheyCanBeOnline) {
  const World world;
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const int city = world.PickHome(random);
    EXPECT_FALSE(world.currency(city).none()) << world.city(city).name;
    const Network& network = world.PickNetwork(random, city, NetworkKind::kResidential);
    EXPECT_EQ(network.city, city);
    const uint32_t address = World::PickAddress(random, network);
    const bool inside =
        std::any_of(network.prefixes.begin(), network.prefixes.end(), [&](const Prefix& prefix) {
          return address >> (32U - prefix.length) == prefix.first >> (32U - prefix.length);
        });
    EXPECT_TRUE(inside) << world.city(city).name;
  }
}

}  // namespace
}  // namespace tocsin::daemon::generate
