#include "detectors/learning/learning.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/geo.h"
#include "detectors/learning/answer_quarantine.h"
#include "detectors/learning/learn_account.h"
#include "detectors/learning/learn_devices.h"
#include "detectors/learning/learn_habits.h"
#include "detectors/learning/learn_money.h"
#include "detectors/learning/learn_networks.h"
#include "detectors/learning/learn_payments.h"
#include "detectors/learning/learn_places.h"
#include "detectors/learning/learn_population.h"
#include "detectors/learning/learn_sessions.h"
#include "detectors/takeover_stages.h"
#include "detectors/use.h"

namespace tocsin::detectors {

const std::array<Setting<LearningConfig>, 3> LearningConfig::kSettings{{
    {.key = "logins_min",
     .member = &LearningConfig::logins_min,
     .min = 1,
     .max = 1000,
     .doc =
         "Successful logins, each at least an hour ago, after which an account's new devices, countries and "
         "networks are noticed."},
    {.key = "age_min",
     .member = &LearningConfig::age_min,
     .min = 0,
     .max = 31536000,
     .doc = "Time after an account's first event from which they are noticed as well, however few logins it "
            "had."},
    {.key = "quarantine",
     .member = &LearningConfig::quarantine,
     .min = 3600,
     .max = 7776000,
     .doc = "How long something new waits before it is learnt when nobody objects and no case that was told "
            "is open; after a case that was told and that nobody decided, from its end."},
}};

namespace {

// Something that the account was used with, or a use: without it everything is new.
bool HasHistory(const AccountState& state) {
  return state.sign_ins().successes > 0 || !state.devices().known.empty() || !state.places().known.empty() ||
         !state.networks().known.empty();
}

// Says nothing about who holds the account. Money does not while nothing of the account is known that it
// could be compared with; and that a combination is rare is no reason alone: each use of a second device
// would keep that device from ever being learnt, for which it is rare.
bool IsOwnersBusiness(const Claim& claim, bool past_learning) {
  switch (claim.family) {
    case schemas::Family::kLimit:
      return true;
    case schemas::Family::kMoney:
      return !past_learning || claim.detector == BalanceMismatch::kInfo.id;
    case schemas::Family::kRarity:
      return claim.severity == schemas::Severity::kLow;
    default:
      return false;
  }
}

bool Suspects(const Claim& claim, bool past_learning) {
  return claim.mode == schemas::Mode::kLive && claim.severity > schemas::Severity::kInfo &&
         !IsOwnersBusiness(claim, past_learning);
}

template <class Test>
bool AnySuspects(const DetectionResult& result, bool past_learning, Test test) {
  return std::ranges::any_of(result.verdicts, [&](const Verdict& verdict) {
    return verdict.speaks() && std::ranges::any_of(verdict.claims(), [&](const Claim& claim) {
             return Suspects(claim, past_learning) && test(claim);
           });
  });
}

bool IsCause(std::string_view event_id, const Claim& claim) {
  return std::ranges::find(claim.cause, event_id) != claim.cause.end();
}

// The payment that a run begins with: the first of too many. Null: the claim is of no run of payments.
const MoneyEntry* FirstOfRun(const Claim& claim, const MoneyHistory& money) {
  if (claim.run_gap == Millis{0} || claim.cause.empty()) return nullptr;
  const auto first = std::ranges::find_if(
      money.entries, [&](const MoneyEntry& entry) { return entry.event_id == claim.cause.front(); });
  return first == money.entries.end() ? nullptr : &*first;
}

// From when on the payments up to the claim's time were found with it; nullopt: only its causes were.
std::optional<Timestamp> SuspectsFrom(const Claim& claim, const MoneyHistory& money) {
  if (claim.suspects_from != kTimestampMax) return claim.suspects_from;
  const MoneyEntry* const first = FirstOfRun(claim, money);
  return first == nullptr ? std::nullopt : std::optional(first->at);
}

// What leads up to a run, or a chain, and only arrives late is no part of it.
bool IsUnderSuspicion(const schemas::Event& event, const DetectionResult& result, bool past_learning,
                      const AccountState& state) {
  return AnySuspects(result, past_learning, [&](const Claim& claim) {
    if (event.transaction() == nullptr || IsCause(event.event_id.view(), claim)) return true;
    const std::optional<Timestamp> from = SuspectsFrom(claim, state.money());
    return !from || *from <= event.occurred_at;
  });
}

// Whether the use, a login or a payment, was under suspicion itself.
bool WasSuspected(const Use& use, const AccountState& state) {
  const auto is_it = [&](const auto& kept) { return kept.event_id == use.event_id; };
  const std::vector<RecentSuccess>& logins = state.sign_ins().recent;
  const auto login = std::ranges::find_if(logins, is_it);
  if (login != logins.end()) return !login->counted;
  const auto& payments = state.money().entries;
  const auto payment = std::ranges::find_if(payments, is_it);
  return payment != payments.end() && state.money().FindSuspected(payment->transaction_key) != nullptr;
}

// Impossible travel is claimed of the first use after it, and which one that is depends on the order of
// arrival as well. What goes on there with the same device, minutes later, would have been claimed, had it
// arrived first: it teaches as little.
bool GoesOnAfterJump(const schemas::Event& event, const AccountState& state, const Context& context) {
  const std::vector<Use>& uses = state.places().uses;
  const auto jumped = [&](const Use& use) {
    return use.claimed_with_previous && use.at <= event.occurred_at && use.at > event.occurred_at - kSettled;
  };
  if (std::ranges::none_of(uses, jumped) || !WhyNotComparable(event).empty()) return false;
  const UseView now = UseOf(event, context);
  return std::ranges::any_of(uses, [&](const Use& use) {
    return jumped(use) && IsEarlier(ViewOf(use), now) && use.device_key == now.device_key &&
           DistanceKm(use.point, now.point) <= kSamePlaceKm && WasSuspected(use, state);
  });
}

// The payment that an answer to the claim is about may be named after another event: the first of its run,
// the login before it. Where that one had been found with an earlier one itself, after that.
struct Named {
  uint32_t found_with = 0;
  bool refused = false;
};
Named NameOf(const Claim& claim, const MoneyHistory& money) {
  if (claim.cause.empty()) return {};
  Named named{.found_with = CauseKey(claim.cause.front())};
  const auto first = std::ranges::find_if(
      money.entries, [&](const MoneyEntry& entry) { return entry.event_id == claim.cause.front(); });
  if (first != money.entries.end()) {
    if (const SuspectedPayment* const one = money.FindSuspected(first->transaction_key)) {
      named.refused = one->refused;
      if (one->found_with != 0) named.found_with = one->found_with;
    }
  }
  named.refused = named.refused || std::ranges::any_of(money.suspected, [&](const SuspectedPayment& one) {
                    return one.refused && one.found_with == named.found_with;
                  });
  return named;
}

// The payments that the claim is about: of what waits those that it shows to have been under suspicion are
// held, and those that are named after another event are noted with it. What is found with a payment that was
// refused is refused.
void HoldPayments(const schemas::Event& event, const Claim& claim, AccountState& state) {
  const std::optional<Timestamp> from = SuspectsFrom(claim, state.money());
  const Timestamp begin = from.value_or(kTimestampMax);
  const bool chain = claim.suspects_from != kTimestampMax;  // It asks for no other money.
  const bool is_own = event.transaction() != nullptr && (!from || *from <= event.occurred_at);
  const uint64_t own_key = is_own ? TransactionKey(event) : 0;
  const auto within = [&](const MoneyEntry& entry) {
    return begin <= entry.at && entry.at <= claim.occurred_at && (!chain || IsMoneyOut(entry));
  };
  const auto suspected = [&](const MoneyEntry& entry) {
    return entry.waits && (within(entry) || IsCause(entry.event_id, claim));
  };
  const auto unnamed = [&](const MoneyEntry& entry) {
    if (!entry.held || !(within(entry) || (is_own && entry.transaction_key == own_key))) return false;
    const SuspectedPayment* const one = state.money().FindSuspected(entry.transaction_key);
    return one != nullptr && one->found_with == 0 && !IsCause(entry.event_id, claim);
  };
  const auto& entries = state.money().entries;
  if (std::ranges::none_of(entries, [&](const auto& entry) { return suspected(entry) || unnamed(entry); }))
    return;
  const Named named = NameOf(claim, state.money());
  MoneyHistory& money = state.MutableMoney();
  for (MoneyEntry& entry : money.entries) {
    if (suspected(entry)) HoldPayment(entry, money);
    if (!unnamed(entry)) continue;
    SuspectedPayment& one = money.Suspected(entry.transaction_key);
    one.found_with = named.found_with;
    one.refused = named.refused;
    if (named.refused) entry.held = false;
  }
}

// A payment that has a finding of its own is named after itself, whatever it was found with besides: who says
// of another finding that it was they has not said it of this one.
void NameAfterItself(const Claim& claim, AccountState& state) {
  if (claim.cause.empty()) return;
  for (const MoneyEntry& entry : state.money().entries) {
    if (!entry.held || entry.event_id != claim.cause.front()) continue;
    const uint32_t key = CauseKey(claim.cause.front());
    const SuspectedPayment* const one = state.money().FindSuspected(entry.transaction_key);
    if (one == nullptr || one->refused || one->found_with == key) return;
    state.MutableMoney().Suspected(entry.transaction_key).found_with = key;
    return;
  }
}

// What was found is named anew, as by events that came late.
void ForgetNames(const Verdict& verdict, AccountState& state) {
  for (const Retraction& retraction : verdict.retractions()) {
    if (state.money().suspected.empty()) return;
    if (retraction.cause.empty()) continue;
    const uint32_t key = CauseKey(retraction.cause.front());
    const auto named = [key](const SuspectedPayment& one) { return one.found_with == key && !one.refused; };
    if (std::ranges::none_of(state.money().suspected, named)) continue;
    for (SuspectedPayment& one : state.MutableMoney().suspected) {
      if (named(one)) one.found_with = 0;
    }
  }
}

// Another event of its transaction was under suspicion, and nobody has said yet that it was the owner's.
bool IsHeld(const schemas::Event& event, const AccountState& state) {
  if (state.money().suspected.empty()) return false;
  const MoneyEntry* const entry = state.money().Find(TransactionKey(event));
  return entry != nullptr && entry->held;
}

// A late event may show that others were under suspicion: those that it is found with. What of them has not
// been learnt is not.
void SuspectEarlier(const schemas::Event& event, const DetectionResult& result, bool past_learning,
                    AccountState& state) {
  const auto logins = [&](const Claim& claim) {
    const auto suspected = [&](const RecentSuccess& success) {
      return success.counted && IsCause(success.event_id, claim);
    };
    if (std::ranges::none_of(state.sign_ins().recent, suspected)) return;
    SignIns& sign_ins = state.MutableSignIns();
    for (RecentSuccess& success : sign_ins.recent) {
      if (suspected(success)) sign_ins.Discount(success);
    }
  };
  for (const Verdict& verdict : result.verdicts) {
    if (!verdict.speaks()) continue;
    ForgetNames(verdict, state);
    for (const Claim& claim : verdict.claims()) {
      if (Suspects(claim, past_learning)) logins(claim);
      if (Suspects(claim, true)) HoldPayments(event, claim, state);
    }
  }
  if (state.money().suspected.empty()) return;
  for (const Verdict& verdict : result.verdicts) {
    if (!verdict.speaks()) continue;
    for (const Claim& claim : verdict.claims()) {
      if (Suspects(claim, true)) NameAfterItself(claim, state);
    }
  }
}

}  // namespace

bool IsSuspicious(const DetectionResult& result, bool past_learning) {
  return AnySuspects(result, past_learning, [](const Claim&) { return true; });
}

bool PastLearning(const AccountState& state, Timestamp at, const LearningConfig& config) {
  const SignIns& sign_ins = state.sign_ins();
  const auto logins_min = static_cast<uint32_t>(config.logins_min);
  if (sign_ins.successes >= logins_min && sign_ins.SuccessesUntil(at - kSitting) >= logins_min) return true;
  const Timestamp first_seen = state.profile().first_seen;
  if (first_seen == kTimestampMin || !HasHistory(state)) return false;
  return at - first_seen >= config.age_min;
}

void Learn(const schemas::Event& event, const DetectionResult& result, const Context& context,
           AccountState& state, Population& population) {
  const bool past_learning = PastLearning(state, event.occurred_at, context.learning);
  const bool found = IsUnderSuspicion(event, result, past_learning, state);
  const bool suspicious = found || GoesOnAfterJump(event, state, context);
  // What is unusual as money does not become usual, whoever spent it.
  const bool unusual = past_learning ? found : IsUnderSuspicion(event, result, true, state);
  LearnRecentEvents(event, state);
  LearnProfile(event, state);
  // These ask what is new in the event: before the segments that make it known.
  LearnSecurity(event, result, context, state);
  LearnSecurityLog(event, context, state);
  if (event.login() != nullptr || event.profile() != nullptr) LearnHours(state);
  LearnSignIns(event, suspicious, context, state);
  LearnFailures(event, state);
  if (event.feedback() != nullptr) AnswerQuarantine(event, context, state);
  LearnHabits(event, suspicious, context, state);
  LearnPlaces(event, result, suspicious, context, state);
  LearnNetworks(event, suspicious, context, state);
  LearnDevices(event, suspicious, context, state);
  LearnSessions(event, state);
  LearnPayees(event, state);
  LearnAttempts(event, state);
  LearnLedger(event, state);
  if (event.transaction() != nullptr) LearnMoney(event, unusual, context, state);
  SuspectEarlier(event, result, past_learning, state);
  // Nobody's first days say what is paid: an account for it is soon opened.
  const bool says_amounts =
      past_learning || event.occurred_at - state.profile().first_seen >= context.learning.age_min;
  const bool teaches =
      event.transaction() == nullptr ? !suspicious : !unusual && says_amounts && !IsHeld(event, state);
  if (teaches) LearnPopulation(event, state, population);
}

}  // namespace tocsin::detectors
