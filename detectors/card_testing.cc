#include "detectors/card_testing.h"

#include <tuple>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/refusals.h"

namespace tocsin::detectors {
namespace {

using schemas::DeclineReason;
using schemas::TransactionKind;

// With a card, or with nobody says what, and not for a reason of the owner's own.
bool MayTest(const Attempt& attempt) {
  if (attempt.kind != TransactionKind::kPayment && attempt.kind != TransactionKind::kTopUp) return false;
  if (attempt.reason == DeclineReason::kLimitExceeded) return false;
  switch (attempt.instrument_type) {
    case schemas::InstrumentType::kCard:
      return true;
    case schemas::InstrumentType::kNone:
      return attempt.reason != DeclineReason::kInsufficientFunds;
    case schemas::InstrumentType::kBalance:
    case schemas::InstrumentType::kBankAccount:
      break;
  }
  return false;
}

// Within so long a payment is declined, and then failed.
constexpr Millis kOneTry = std::chrono::minutes(2);

// Events of one transaction that tell of one try: with the same card; or, where one does not name it, two of
// them at once. A payment may be tried with another card under its id, and with as many that nobody names.
bool OfOneTry(const Refusal& refusal, const Attempt& one) {
  if (!OfOneTransaction(refusal, one)) return false;
  const uint32_t card = refusal.attempt->instrument;
  if (card != 0 && one.instrument != 0) return card == one.instrument;
  return refusal.events < 2 && one.at - refusal.at <= kOneTry;
}

// Of a card without a name, refused as a card is: nobody knows that it was the same one, and whoever tries
// cards for one amount leaves nothing else to tell them apart by. What failed for no reason that is told, or
// with nobody says what, may be a line that was down.
bool MayBeAnother(const Attempt& attempt) {
  if (attempt.instrument != 0) return false;
  switch (attempt.reason) {
    case DeclineReason::kInvalidInstrument:
    case DeclineReason::kSuspectedFraud:
      return true;
    case DeclineReason::kNone:
    case DeclineReason::kOther:
      return attempt.instrument_type == schemas::InstrumentType::kCard;
    case DeclineReason::kInsufficientFunds:
    case DeclineReason::kLimitExceeded:
      break;
  }
  return false;
}

struct Trial {
  int64_t attempts = 0;     // In the window.
  int64_t different = 0;    // By card or amount, or for all that is known.
  int64_t instruments = 0;  // Known ones.
  int64_t ladder = 0;       // Longest run of growing amounts that ends the window.
};

Trial TrialOf(const std::vector<Refusal>& list, size_t begin, size_t end) {
  Trial trial{.attempts = static_cast<int64_t>(end - begin)};
  const auto what = [](const Attempt& a) {
    return std::tuple(a.instrument, a.amount.minor, a.amount.currency);
  };
  for (size_t i = begin; i < end; ++i) {
    const Attempt& one = *list[i].attempt;
    bool same = false;
    bool same_instrument = one.instrument == 0;
    for (size_t j = begin; j < i; ++j) {
      same = same || what(*list[j].attempt) == what(one);
      same_instrument = same_instrument || list[j].attempt->instrument == one.instrument;
    }
    trial.different += same && !MayBeAnother(one) ? 0 : 1;
    trial.instruments += same_instrument ? 0 : 1;
  }
  trial.ladder = 1;
  for (size_t i = end - 1; i > begin; --i) {
    const Money& amount = list[i].attempt->amount;
    const Money& previous = list[i - 1].attempt->amount;
    if (amount.currency != previous.currency || amount.minor <= previous.minor) break;
    ++trial.ladder;
  }
  return trial;
}

}  // namespace

const std::array<Setting<CardTesting::Config>, 4> CardTesting::Config::kSettings{{
    {.key = "declines_min",
     .member = &Config::declines_min,
     .min = 3,
     .max = 60,
     .unit = "attempts",
     .doc = "Declined attempts that differ in card or amount, or of cards that are not named, in the window, "
            "from which on cards are tested."},
    {.key = "instruments_min",
     .member = &Config::instruments_min,
     .min = 2,
     .max = 60,
     .unit = "cards",
     .doc = "Different cards declined in the window from which on cards are tested."},
    {.key = "ladder_min",
     .member = &Config::ladder_min,
     .min = 3,
     .max = 60,
     .unit = "attempts",
     .doc = "Declined attempts in a row, each of a larger amount, from which on cards are tested."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 86'400,
     .doc = "In which declined attempts are counted."},
}};

Verdict CardTesting::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  if (!IsRefused(event)) return ClearFor("declined_or_failed", context);
  const Attempt own = ReadAttempt(event);
  if (!MayTest(own)) return ClearFor("may_test_a_card", context);
  const Millis window = config_.window;
  const std::vector<Refusal> before = Refusals(state.attempts(), nullptr, MayTest, OfOneTry);
  const std::vector<Refusal> after = Refusals(state.attempts(), &own, MayTest, OfOneTry);
  const Refusal* const changed = ChangedBy(after, own);
  if (changed == nullptr) return ClearFor(kNewsOfPayment, context);  // Another event has said it all.
  const auto tests = [&](const Trial& trial) {
    return trial.different >= config_.declines_min || trial.instruments >= config_.instruments_min ||
           trial.ladder >= config_.ladder_min;
  };
  const auto mark = [&](const std::vector<Refusal>& list) {
    std::vector<bool> over(list.size());
    for (size_t i = 0, begin = 0; i < list.size(); ++i) {
      begin = WindowBegin(list, i, window, begin);
      over[i] = tests(TrialOf(list, begin, i + 1));
    }
    return over;
  };
  const auto make = [&](const std::vector<Refusal>& list, const Episode& episode) {
    // The window in which it was plainest.
    Trial most;
    for (size_t i = episode.first; i <= episode.last; ++i) {
      const Trial trial = TrialOf(list, WindowBegin(list, i, window, 0), i + 1);
      if (trial.different >= most.different && tests(trial)) most = trial;
    }
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = most.instruments >= config_.instruments_min ? 75 : 60;
    claim.weight = kInfo.weight;
    if (most.instruments >= config_.instruments_min)
      claim.reasons.push_back({"card_testing_cards", CountText(most.instruments, window), ""});
    if (most.different >= config_.declines_min) {
      claim.reasons.push_back(
          {"card_testing", CountText(most.different, window), BelowText(config_.declines_min, window)});
    }
    if (most.ladder >= config_.ladder_min)
      claim.reasons.push_back({"card_testing_ladder", CountText(most.ladder, window), ""});
    claim.evidence = {{"attempts", most.attempts},
                      {"different_attempts", most.different},
                      {"declines_min", int64_t{config_.declines_min}},
                      {"instruments", most.instruments},
                      {"instruments_min", int64_t{config_.instruments_min}},
                      {"ladder", most.ladder},
                      {"ladder_min", int64_t{config_.ladder_min}},
                      {"window_seconds", int64_t{config_.window.count()}}};
    return claim;
  };
  for (size_t i = 0; context.measures != nullptr && i < after.size(); ++i) {
    if (after[i].at != changed->at) continue;
    const Trial trial = TrialOf(after, WindowBegin(after, i, window, 0), i + 1);
    context.Note("different_attempts", trial.different, Needs::kAtLeast, int64_t{config_.declines_min});
    context.Note("instruments", trial.instruments, Needs::kAtLeast, int64_t{config_.instruments_min});
    context.Note("ladder", trial.ladder, Needs::kAtLeast, int64_t{config_.ladder_min});
  }
  Verdict verdict = Verdict::Clear();
  JudgeEpisodes(before, after, window, changed->at, "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
