// Every kind of attack of the generator is found by the detector it is there for, on every account it hits.
#include "daemon/generate/attacks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/detection/observer.h"
#include "daemon/generate/population.h"
#include "daemon/generate/traffic.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon::generate {
namespace {

enum class Whom : uint8_t {
  kAll,
  kEntered,     // Where the password was right: the others saw a mistyped one or two.
  kWithDevice,  // Where the platform gives devices an id: else the stranger's is the owner's, for all we see.
  kNone,
};

struct Shown {
  std::vector<std::string_view> by;  // One of them on each account, and each of them on some.
  Whom whom = Whom::kAll;
};

// Kinds that are not named after a detector; the others are found by the one of their name.
const std::map<std::string_view, Shown>& ShownBy() {
  static const std::map<std::string_view, Shown> shown = {
      {"takeover", {{"takeover_chain"}}},
      {"phishing", {{"takeover_chain"}}},
      {"mule_payee", {{"takeover_chain"}}},
      {"distributed_guessing", {{"password_guessing"}}},
      {"device_shared", {{"new_device"}}},
      {"naive_login", {{"new_device"}}},
      {"vpn_login", {{"new_device"}}},
      // Seen from many accounts they would be plain; each account by itself knows of those that succeed.
      {"password_spraying", {{"new_device"}, Whom::kEntered}},
      {"credential_stuffing", {{"new_device"}, Whom::kEntered}},
      {"targeted_login", {{"new_device"}, Whom::kWithDevice}},
      // Nothing but the address tells the login from the owner's: only what comes after it can.
      {"very_targeted_login", {{}, Whom::kNone}},
      // Many countries have one city here: then from another country.
      {"new_region", {{"new_region", "new_country"}}},
  };
  return shown;
}

Shown ShownOf(std::string_view kind) {
  const auto found = ShownBy().find(kind);
  return found == ShownBy().end() ? Shown{{kind}} : found->second;
}

// Limits that accounts have of their own, the countries of the listed strangers, and rates for all currencies
// here, by what people spend in each.
std::string Configuration() {
  std::string text =
      "detectors: {high_risk_country: {countries: 'RU, NG'}}\n"
      "limits:\n"
      "  - {name: single-transfer, kinds: [transfer], direction: out, max: SGD 2500.00}\n"
      "  - {name: daily-out, direction: out, window: day, max: SGD 5000.00, warn_at: 0.8}\n"
      "exchange_rates:\n";
  const auto typical = [](Currency currency) {
    return std::strtod(FormatAmount({TypicalPayment(currency), currency}).c_str(), nullptr);
  };
  const double base = typical(*Currency::Find("SGD"));
  std::set<std::string_view> seen = {"SGD"};
  for (const City& city : Cities()) {
    if (!seen.insert(city.currency).second) continue;
    std::array<char, 80> row{};
    std::snprintf(row.data(), row.size(), "  - {from: SGD, to: %s, rate: %g, as_of: 2026-01-01}\n",
                  std::string(city.currency).c_str(), typical(*Currency::Find(city.currency)) / base);
    text += row.data();
  }
  return text;
}

struct Attack {
  std::string kind;
  std::string account;
  std::set<std::string, std::less<>> events;
  bool entered = false;
  bool tells_device = false;
  std::set<std::string_view> found_by;
};

std::string_view Between(std::string_view text, std::string_view before, char after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  const size_t end = text.find(after, begin + before.size());
  return text.substr(begin + before.size(), end - begin - before.size());
}

Attack Read(std::string_view label) {
  Attack attack;
  attack.kind = Between(label, R"("attack":")", '"');
  attack.account = Between(label, R"("account_id":")", '"');
  std::stringstream ids{std::string(Between(label, R"("event_ids":[)", ']'))};
  for (std::string id; std::getline(ids, id, ',');) attack.events.insert(id.substr(1, id.size() - 2));
  return attack;
}

// Which detectors speak at an event of an attack, or of one: what is stuck is seen the day after, and a chain
// may begin with the owner's own payee.
class Reader final : public DetectionObserver {
 public:
  explicit Reader(std::map<std::string, Attack, std::less<>>& attacks) : attacks_(attacks) {}
  bool WantsStateBefore(const schemas::Event& /*event*/) override { return false; }
  void Saw(const Observed& observed) override {
    const auto found = attacks_.find(observed.event.account_id.view());
    if (found == attacks_.end()) return;
    Attack& attack = found->second;
    const auto is_its = [&](const std::string& id) { return attack.events.contains(id); };
    const bool at_one = is_its(observed.event.event_id.str());
    if (at_one && observed.event.IsSuccessfulUse()) {
      attack.entered = true;
      attack.tells_device = attack.tells_device || !observed.event.facts.device.id.empty();
    }
    for (const schemas::Claim& claim : observed.claims) {
      if (at_one || std::ranges::any_of(claim.cause, is_its)) attack.found_by.insert(claim.detector);
    }
  }

 private:
  std::map<std::string, Attack, std::less<>>& attacks_;  // By account.
};

// What was attacked in this traffic, and what spoke of it.
std::vector<Attack> Judged(const TrafficOptions& options) {
  std::map<std::string, Attack, std::less<>> attacks;
  std::stringstream events;
  const TrafficSinks sinks{.write =
                               [&](std::string_view text) {
                                 events << text;
                                 return true;
                               },
                           .write_label =
                               [&](std::string_view label) {
                                 Attack attack = Read(label);
                                 attacks.emplace(attack.account, std::move(attack));
                                 return true;
                               }};
  EXPECT_TRUE(GenerateTraffic(options, sinks));
  Reader reader(attacks);
  test::DetectionLine line({.config = Configuration(), .observer = &reader});
  for (std::string event; std::getline(events, event);) line.Run(event);
  std::vector<Attack> all;
  for (auto& [account, attack] : attacks) all.push_back(std::move(attack));
  return all;
}

bool Counts(const Attack& attack, Whom whom) {
  switch (whom) {
    case Whom::kAll:
      return true;
    case Whom::kEntered:
      return attack.entered;
    case Whom::kWithDevice:
      return attack.tells_device;
    case Whom::kNone:
      return false;
  }
  return false;
}

std::string Joined(const auto& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text.empty() ? "nothing" : text;
}

TEST(AttacksFound, EachKindHasADetectorThatItIsFor) {
  const auto is_detector = [](std::string_view name) {
    return std::ranges::any_of(detectors::Catalogue(), [&](const auto& info) { return info.id == name; });
  };
  for (const AttackInfo& info : AttackCatalogue()) {
    for (const std::string_view detector : ShownOf(info.name).by)
      EXPECT_TRUE(is_detector(detector)) << info.name << " is to be found by " << detector;
  }
  for (const auto& [kind, shown] : ShownBy()) EXPECT_TRUE(ParseAttacks(kind)) << kind;
}

TEST(AttacksFound, EachKindOnEachOfItsAccounts) {
  std::vector<Attack> attacks;
  // With the second seed a stranger finds no other city in the owner's country.
  for (const uint64_t seed : {100, 102}) {
    std::ranges::move(Judged({.accounts = 180, .days = 28, .seed = seed, .attacks = *ParseAttacks("all")}),
                      std::back_inserter(attacks));
  }
  // The one that takes 90 days of silence first.
  std::ranges::move(
      Judged({.accounts = 8, .days = 106, .seed = 7, .attacks = *ParseAttacks("dormant_reactivation")}),
      std::back_inserter(attacks));

  std::map<std::string_view, std::set<std::string_view>> found_by;
  std::map<std::string_view, int> counted;
  for (const Attack& attack : attacks) {
    const Shown shown = ShownOf(attack.kind);
    if (!Counts(attack, shown.whom)) continue;
    ++counted[attack.kind];
    bool found = false;
    for (const std::string_view detector : shown.by) {
      if (!attack.found_by.contains(detector)) continue;
      found_by[attack.kind].insert(detector);
      found = true;
    }
    EXPECT_TRUE(found) << attack.kind << " on " << attack.account << " is missed by " << Joined(shown.by)
                       << "; found by " << Joined(attack.found_by);
  }
  for (const AttackInfo& info : AttackCatalogue()) {
    const Shown shown = ShownOf(info.name);
    if (shown.whom == Whom::kNone) continue;
    EXPECT_GT(counted[info.name], 0) << info.name << " does not occur";
    EXPECT_EQ(found_by[info.name].size(), shown.by.size())
        << info.name << ": " << Joined(found_by[info.name]);
  }
}

}  // namespace
}  // namespace tocsin::daemon::generate
