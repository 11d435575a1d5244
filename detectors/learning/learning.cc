#include "detectors/learning/learning.h"

#include <algorithm>

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

}  // namespace

bool IsSuspicious(const DetectionResult& result, bool past_learning) {
  const auto counts = [past_learning](const Claim& claim) {
    return claim.mode == schemas::Mode::kLive && claim.severity > schemas::Severity::kInfo &&
           !IsOwnersBusiness(claim, past_learning);
  };
  return std::ranges::any_of(result.verdicts, [&](const Verdict& verdict) {
    return verdict.speaks() && std::ranges::any_of(verdict.claims(), counts);
  });
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
  const bool suspicious = IsSuspicious(result, past_learning);
  // What is unusual as money does not become usual, whoever spent it.
  const bool unusual = past_learning ? suspicious : IsSuspicious(result, true);
  LearnRecentEvents(event, state);
  LearnProfile(event, state);
  // These ask what is new in the event: before the segments that make it known.
  LearnSecurity(event, result, context, state);
  LearnSecurityLog(event, context, state);
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
  LearnPopulation(event, suspicious, state, population);
}

}  // namespace tocsin::detectors
