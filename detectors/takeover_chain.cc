#include "detectors/takeover_chain.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/takeover_stages.h"

namespace tocsin::detectors {
namespace {

using Config = TakeoverChain::Config;

constexpr Millis kChainMax = std::chrono::hours(144);
// What a chain from nothing but the owner's own devices keeps of its weight.
constexpr double kOwnerFactor = 0.5;

// A kind of step, counted once however often it was taken.
struct Kind {
  std::string_view reason;
  std::string_view age_name;  // Of the evidence.
  std::string_view points_name;
  double Config::*points;
  bool stranger;  // A sign of somebody else.
};
constexpr std::array<Kind, 9> kKinds{{
    {"takeover_stage_device", "new_device_age_hours", "new_device_points", &Config::points_device, true},
    {"takeover_stage_place", "new_place_age_hours", "new_place_points", &Config::points_place, true},
    {"takeover_stage_guessed", "guessed_in_age_hours", "guessed_in_points", &Config::points_guessed, true},
    {"takeover_stage_contact", "contact_age_hours", "contact_points", &Config::points_contact, false},
    {"takeover_stage_mfa", "mfa_off_age_hours", "mfa_off_points", &Config::points_mfa, false},
    {"takeover_stage_notifications", "notifications_age_hours", "notifications_points",
     &Config::points_notifications, false},
    {"takeover_stage_password", "password_age_hours", "password_points", &Config::points_password, false},
    {"takeover_stage_limit", "limit_raised_age_hours", "limit_raised_points", &Config::points_limit, false},
    {"takeover_stage_payee", "payee_added_age_hours", "payee_added_points", &Config::points_payee, false},
}};
constexpr size_t kMoney = kKinds.size();

constexpr size_t kMark = kMoney + 1;

// Index into kKinds, or kMoney, or kMark.
size_t KindOf(Stage stage) {
  switch (stage) {
    case Stage::kNewDevice:
      return 0;
    case Stage::kNewCountry:
    case Stage::kAnonymousNetwork:
      return 1;
    case Stage::kGuessedIn:
      return 2;
    case Stage::kContactChanged:
      return 3;
    case Stage::kMfaOff:
      return 4;
    case Stage::kNotificationsOff:
      return 5;
    case Stage::kPasswordChanged:
      return 6;
    case Stage::kLimitRaised:
      return 7;
    case Stage::kPayeeAdded:
      return 8;
    case Stage::kMoneyOut:
      return kMoney;
    case Stage::kReported:
    case Stage::kUnfrozen:
      return kMark;
  }
  return kMark;
}

using Kinds = uint32_t;  // Bit n: kKinds[n].

struct Chain {
  size_t first = 0;  // Its earliest and its latest step.
  size_t last = 0;
  Timestamp since;  // From here on money that left made it one, or went on with it.
};

// The kinds in [begin, end), money out apart.
Kinds KindsIn(const std::vector<StageSeen>& stages, size_t begin, size_t end) {
  Kinds kinds = 0;
  for (size_t i = begin; i < end; ++i) {
    if (const size_t kind = KindOf(stages[i].stage); kind < kMoney) kinds |= Kinds{1} << kind;
  }
  return kinds;
}

// Follows the steps in their order and tells where the owner has the account back: it was reported, and then
// it was unfrozen, or the password was renewed on the account's own device by somebody who is no stranger in
// anything else. The first such change after a report, at most kChainMax later.
class Recoveries {
 public:
  explicit Recoveries(const std::vector<StageSeen>& stages) : stages_(stages) {}

  // Goes to step `index`, which is the next one.
  bool IsOne(size_t index) {
    const StageSeen& seen = stages_[index];
    if (seen.stage == Stage::kReported) reported_ = seen.at;
    const bool taken_back =
        seen.stage == Stage::kUnfrozen || (seen.stage == Stage::kPasswordChanged && IsOwners(index));
    if (!taken_back || !reported_ || seen.at - *reported_ > kChainMax) return false;
    reported_.reset();
    return true;
  }

 private:
  [[nodiscard]] bool IsOwners(size_t index) const {
    const StageSeen& seen = stages_[index];
    return seen.own_device && std::ranges::none_of(stages_, [&](const StageSeen& s) {
             return s.event_id == seen.event_id && KindOf(s.stage) < kMoney &&
                    kKinds[KindOf(s.stage)].stranger;
           });
  }

  const std::vector<StageSeen>& stages_;
  std::optional<Timestamp> reported_;
};

// So many kinds of steps make a chain when money leaves after them.
int KindsBeforeMoney(const Config& config) { return std::min(config.kinds_with_money_min, config.kinds_min); }

// All chains, in order of their first steps. None reaches over a recovery, and what was done to recover is no
// step. One that has come to its full length does not keep its steps for itself: the next is judged as if it
// were the first, so that a long takeover is seen as often as a short one.
std::vector<Chain> FindChains(const std::vector<StageSeen>& stages, const Config& config) {
  std::vector<Chain> chains;
  Recoveries recoveries(stages);
  size_t floor = 0;  // What comes before it ended when the owner had the account back.
  for (size_t i = 0; i < stages.size(); ++i) {
    if (recoveries.IsOne(i)) {
      while (floor < stages.size() && stages[floor].at <= stages[i].at) ++floor;
    }
    if (i < floor || !IsStep(stages[i].stage)) continue;
    if (!chains.empty() && chains.back().first >= floor) {
      Chain& open = chains.back();
      if (stages[i].at - stages[open.last].at <= kStageWindow &&
          stages[i].at - stages[open.first].at <= kChainMax) {
        open.last = i;
        continue;
      }
    }
    size_t begin = i;
    while (begin > floor && stages[i].at - stages[begin - 1].at <= kStageWindow) --begin;
    // Steps of the same instant have no order: those with the money count as seen before it.
    size_t end = i + 1;
    while (end < stages.size() && stages[end].at == stages[i].at) ++end;
    const int kinds = std::popcount(KindsIn(stages, begin, end));
    const bool money = stages[i].stage == Stage::kMoneyOut;
    if (kinds < (money ? KindsBeforeMoney(config) : config.kinds_min)) continue;
    // A payment before the first step is no part of it.
    while (begin < i && KindOf(stages[begin].stage) >= kMoney) ++begin;
    // Of the money that left by then not each payment is a step that is kept: the steps before it say when.
    size_t enough = begin;
    while (std::popcount(KindsIn(stages, begin, enough + 1)) < KindsBeforeMoney(config)) ++enough;
    chains.push_back({.first = begin, .last = i, .since = stages[enough].at});
  }
  return chains;
}

// How many kinds there are within kStageWindow before `at`, since the owner last had the account back.
int KindsUntil(const std::vector<StageSeen>& stages, Timestamp at) {
  Recoveries recoveries(stages);
  size_t begin = 0;
  size_t end = 0;
  for (; end < stages.size() && stages[end].at <= at; ++end) {
    if (recoveries.IsOne(end)) begin = end + 1;
  }
  while (begin < end && at - stages[begin].at > kStageWindow) ++begin;
  return std::popcount(KindsIn(stages, begin, end));
}

// Money left when the chain had enough steps behind it: what was paid after its first step, and before the
// others, is the owner's coffee. Steps of the same instant count as seen before it.
bool MoneyLeft(const std::vector<StageSeen>& stages, const Chain& chain, const Config& config) {
  size_t begin = chain.first;
  for (size_t i = chain.first; i <= chain.last; ++i) {
    if (stages[i].stage != Stage::kMoneyOut) continue;
    while (stages[i].at - stages[begin].at > kStageWindow) ++begin;
    size_t end = i + 1;
    while (end < stages.size() && stages[end].at == stages[i].at) ++end;
    if (std::popcount(KindsIn(stages, begin, end)) >= KindsBeforeMoney(config)) return true;
  }
  return false;
}

bool Holds(const std::vector<StageSeen>& stages, const std::vector<Chain>& chains, const std::string& first) {
  return std::any_of(chains.begin(), chains.end(),
                     [&](const Chain& c) { return stages[c.first].event_id == first; });
}

std::string AgeText(Millis age) {
  using std::chrono::hours;
  using std::chrono::minutes;
  if (age >= hours(1)) return std::to_string(age / hours(1)) + " h";
  return std::to_string(age / minutes(1)) + " min";
}

Claim MakeClaim(const std::vector<StageSeen>& stages, const Chain& chain, const Config& config) {
  const Timestamp now = stages[chain.last].at;
  std::array<Timestamp, kKinds.size()> newest{};
  Kinds kinds = 0;
  const bool money = MoneyLeft(stages, chain, config);
  bool own_device = true;
  for (size_t i = chain.first; i <= chain.last; ++i) {
    const size_t kind = KindOf(stages[i].stage);
    if (kind >= kMoney) continue;
    own_device = own_device && stages[i].own_device;
    newest[kind] = stages[i].at;
    kinds |= Kinds{1} << kind;
  }
  const int count = std::popcount(kinds);

  const Millis length = now - stages[chain.first].at;
  // A longer chain is not held against the window of its beginning.
  std::string usual;
  if (length <= kStageWindow) {
    usual = "< " + std::to_string(money ? config.kinds_with_money_min : config.kinds_min) + " in " +
            SpanText(kStageWindow);
  }
  Claim claim;
  claim.reasons.push_back({.code = money ? "takeover_chain_money" : "takeover_chain",
                           .observed = std::to_string(count) + " in " + AgeText(length),
                           .usual = std::move(usual)});
  double points = 0;
  bool stranger = false;
  for (size_t kind = 0; kind < kKinds.size(); ++kind) {
    if ((kinds >> kind & 1) == 0) continue;
    const Millis age = now - newest[kind];
    const double worth = config.*kKinds[kind].points * Decay(age, config.half_life);
    points += worth;
    stranger = stranger || kKinds[kind].stranger;
    claim.reasons.push_back({.code = kKinds[kind].reason, .observed = AgeText(age), .usual = ""});
    claim.evidence.push_back({kKinds[kind].age_name, Hours(age).count()});
    claim.evidence.push_back({kKinds[kind].points_name, worth});
  }
  const double factor = money ? 1 + config.money_factor * count : 1;
  claim.evidence.push_back({"kinds", int64_t{count}});
  claim.evidence.push_back({"money_out", int64_t{money ? 1 : 0}});
  claim.evidence.push_back({"money_factor", factor});
  claim.evidence.push_back({"sign_of_stranger", int64_t{stranger ? 1 : 0}});
  // What the events do not say speaks for nobody.
  const bool owner = own_device && !stranger;
  claim.evidence.push_back({"own_device", int64_t{owner ? 1 : 0}});

  const bool critical = count + (money ? 1 : 0) >= config.kinds_critical;
  const int severity =
      static_cast<int>(critical ? schemas::Severity::kCritical : TakeoverChain::kInfo.severity);
  claim.severity = static_cast<schemas::Severity>(owner ? severity - 1 : severity);
  claim.confidence = std::min(95, (stranger ? 50 : 30) + 10 * (count + (money ? 1 : 0)));
  claim.weight = TakeoverChain::kInfo.weight * points * factor * (owner ? kOwnerFactor : 1);
  claim.suspects_from = chain.since;
  claim.cause = {stages[chain.first].event_id};
  claim.occurred_at = now;
  return claim;
}

}  // namespace

#define POINTS(name, what)                                     \
  {                                                            \
    .key = #name, .member = &Config::name, .min = 0, .max = 5, \
    .doc = "Log-odds of " what " as a step, before it ages."   \
  }

const std::array<Setting<Config>, 14> Config::kSettings{{
    {.key = "kinds_with_money_min",
     .member = &Config::kinds_with_money_min,
     .min = 1,
     .max = 9,
     .doc = "Kinds of steps within 72 h that are a chain when money leaves after them."},
    {.key = "kinds_min",
     .member = &Config::kinds_min,
     .min = 2,
     .max = 9,
     .doc = "Kinds of steps within 72 h that are a chain without money leaving."},
    {.key = "kinds_critical",
     .member = &Config::kinds_critical,
     .min = 2,
     .max = 10,
     .doc = "Kinds of steps, money out included, from which a chain is critical."},
    {.key = "half_life",
     .member = &Config::half_life,
     .min = 3600,
     .max = 864000,
     .doc = "Age at which a step is worth half."},
    {.key = "money_factor",
     .member = &Config::money_factor,
     .min = 0,
     .max = 2,
     .doc = "Money out multiplies the weight of a chain by one plus this for each kind of step."},
    POINTS(points_password, "a changed or reset password"),
    POINTS(points_device, "a new device"),
    POINTS(points_place, "a new country or an anonymous network"),
    POINTS(points_contact, "a changed e-mail address or phone number"),
    POINTS(points_notifications, "changed notifications"),
    POINTS(points_mfa, "a second factor taken off"),
    POINTS(points_limit, "a raised limit"),
    POINTS(points_payee, "an added payee"),
    POINTS(points_guessed, "a guessed password"),
}};

#undef POINTS

Verdict TakeoverChain::Evaluate(const schemas::Event& event, const AccountState& state,
                                const Context& context) const {
  const StageList added = StagesOf(event, state, context);
  if (context.measures != nullptr) {
    Security with = state.security();
    if (!added.empty()) AddStages(event, added, state, with);
    const bool money = IsMoneyOut(event);
    context.Note(money ? "steps_before_money" : "steps", int64_t{KindsUntil(with.stages, event.occurred_at)},
                 Needs::kAtLeast, int64_t{money ? KindsBeforeMoney(config_) : config_.kinds_min});
  }
  if (added.empty()) {
    const std::string_view why = WhyNoNovelty(event, state, context);
    return why.empty() ? ClearFor("new_step", context) : Verdict::NotEvaluable(why);
  }

  Security after = state.security();
  AddStages(event, added, state, after);
  const std::vector<Chain> chains = FindChains(after.stages, config_);
  const std::vector<StageSeen>& held = state.security().stages;
  const std::vector<Chain> chains_before = FindChains(held, config_);
  // What ended before the event is as it was, also where the steps that it began with are forgotten by now.
  const auto ended = [&](const std::vector<StageSeen>& stages, const Chain& chain) {
    return stages[chain.last].at < event.occurred_at;
  };

  Verdict verdict = Verdict::Clear();
  for (const Chain& chain : chains) {
    if (ended(after.stages, chain)) continue;
    const StageSeen& first = after.stages[chain.first];
    const bool holds_event =
        first.at <= event.occurred_at && event.occurred_at <= after.stages[chain.last].at;
    if (!holds_event && Holds(held, chains_before, first.event_id)) continue;
    if (context.measures != nullptr) {
      if (Holds(held, chains_before, first.event_id)) NoteHas(context, "goes_on_with_a_chain");
      if (MoneyLeft(after.stages, chain, config_)) NoteHas(context, "money_left_after_steps");
    }
    Claim claim = MakeClaim(after.stages, chain, config_);
    if (holds_event && IsMoneyOut(event)) claim.transaction_id = event.transaction()->transaction_id;
    verdict.Add(std::move(claim));
  }
  for (const Chain& chain : chains_before) {
    if (ended(held, chain)) continue;
    const std::string& first = held[chain.first].event_id;
    if (!Holds(after.stages, chains, first))
      verdict.Retract({.detector = kInfo.id, .cause = {first}, .discriminator = ""});
  }
  return verdict;
}

}  // namespace tocsin::detectors
