#include "detectors/repeated_failure.h"

#include <string_view>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/refusals.h"

namespace tocsin::detectors {
namespace {

constexpr std::array<std::string_view, 6> kCodes = {
    "repeated_failure",             // No reason given.
    "repeated_failure_funds",       // kInsufficientFunds
    "repeated_failure_limit",       // kLimitExceeded
    "repeated_failure_instrument",  // kInvalidInstrument
    "repeated_failure_fraud",       // kSuspectedFraud
    "repeated_failure",             // kOther
};
constexpr std::array<std::string_view, 6> kNames = {
    "no_reason", "insufficient_funds", "limit_exceeded", "invalid_instrument", "suspected_fraud", "other"};

}  // namespace

const std::array<Setting<RepeatedFailure::Config>, 2> RepeatedFailure::Config::kSettings{{
    {.key = "failures_min",
     .member = &Config::failures_min,
     .min = 2,
     .max = 60,
     .unit = "transactions",
     .doc = "Transactions declined or failed in the window from which on support should know."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 86'400,
     .doc = "In which failures are counted."},
}};

Verdict RepeatedFailure::Evaluate(const schemas::Event& event, const AccountState& state,
                                  const Context& context) const {
  if (!IsRefused(event)) return ClearFor("declined_or_failed", context);
  const Attempt own = ReadAttempt(event);
  const Millis window = config_.window;
  const auto all = [](const Attempt& /*attempt*/) { return true; };
  const std::vector<Refusal> before = Refusals(state.attempts(), nullptr, all);
  const std::vector<Refusal> after = Refusals(state.attempts(), &own, all);
  const auto mark = [&](const std::vector<Refusal>& list) {
    std::vector<bool> over(list.size());
    for (size_t i = 0, begin = 0; i < list.size(); ++i) {
      begin = WindowBegin(list, i, window, begin);
      over[i] = i + 1 - begin >= static_cast<size_t>(config_.failures_min);
    }
    return over;
  };
  const auto make = [&](const std::vector<Refusal>& list, const Episode& episode) {
    const size_t begin = WindowBegin(list, episode.first, window, 0);
    std::array<int64_t, kCodes.size()> counts{};
    for (size_t i = begin; i <= episode.last; ++i) ++counts[static_cast<size_t>(list[i].attempt->reason)];
    const auto count = static_cast<int64_t>(episode.last + 1 - begin);
    const Millis span = list[episode.last].at - list[begin].at;
    // The most frequent one; of equals the first of the list.
    size_t most = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] > counts[most] || counts[most] == 0) most = i;
    }
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = 90;
    claim.weight = kInfo.weight;
    const std::string observed = span < window
                                     ? CountText(count, window)
                                     : CountText(count, std::chrono::ceil<std::chrono::hours>(span));
    claim.reasons.push_back({kCodes[most], observed, ""});
    claim.evidence = {{"failures", count}, {"failures_min", int64_t{config_.failures_min}}};
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] > 0) claim.evidence.push_back({kNames[i], counts[i]});
    }
    claim.evidence.push_back({"amount", FormatAmount(list[episode.last].attempt->amount)});
    claim.evidence.push_back({"currency", std::string(list[episode.last].attempt->amount.currency.code())});
    claim.evidence.push_back({"window_seconds", int64_t{config_.window.count()}});
    return claim;
  };
  if (context.measures != nullptr) {
    const auto recent = std::ranges::count_if(
        after, [&](const Refusal& one) { return one.at <= own.at && own.at - one.at < window; });
    context.Note("failures", int64_t{recent}, Needs::kAtLeast, int64_t{config_.failures_min});
  }
  Verdict verdict = Verdict::Clear();
  const Refusal* const changed = ChangedBy(after, own);
  if (changed == nullptr) return ClearFor(kNewsOfPayment, context);  // Another event has said it all.
  JudgeEpisodes(before, after, window, changed->at, "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
