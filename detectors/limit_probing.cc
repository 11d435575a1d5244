#include "detectors/limit_probing.h"

#include <vector>

#include "detectors/guessing.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/refusals.h"

namespace tocsin::detectors {
namespace {

bool OverLimit(const Attempt& attempt) { return attempt.reason == schemas::DeclineReason::kLimitExceeded; }

// A payment this small is no step towards the declined one.
constexpr int64_t kStepPart = 4;

// Payments that lead up to the refused one, each larger than the one before.
int StepsTo(const Attempt& refused, const std::vector<Flow>& flows, Millis window) {
  int steps = 0;
  int64_t next = refused.amount.minor;
  for (auto flow = flows.rbegin(); flow != flows.rend(); ++flow) {
    const Movement& paid = *flow->movement;
    if (flow->at >= refused.at || paid.kind != refused.kind ||
        paid.amount.currency != refused.amount.currency) {
      continue;
    }
    if (refused.at - flow->at >= window || paid.amount.minor >= next ||
        paid.amount.minor < refused.amount.minor / kStepPart) {
      break;
    }
    next = paid.amount.minor;
    ++steps;
  }
  return steps;
}

}  // namespace

const std::array<Setting<LimitProbing::Config>, 3> LimitProbing::Config::kSettings{{
    {.key = "declines_min",
     .member = &Config::declines_min,
     .min = 2,
     .max = 50,
     .unit = "payments",
     .doc = "Payments declined for exceeding a limit, in the window, from which on it is being probed."},
    {.key = "steps_min",
     .member = &Config::steps_min,
     .min = 2,
     .max = 50,
     .unit = "payments",
     .doc = "Payments, each larger than the one before, that lead up to a declined one and make it a probe."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 86'400,
     .doc = "In which declined payments are counted."},
}};

Verdict LimitProbing::Evaluate(const schemas::Event& event, const AccountState& state,
                               const Context& context) const {
  const bool refused = IsRefused(event);
  const bool probes =
      refused && event.transaction()->decline_reason == schemas::DeclineReason::kLimitExceeded;
  if (!probes && (refused || std::ranges::none_of(state.attempts().list, OverLimit))) return Verdict::Clear();

  const Attempt own = probes ? ReadAttempt(event) : Attempt{};
  const Flows flows(event, state);
  if (!probes && !flows.Changes()) return Verdict::Clear();
  const Millis window = config_.window;
  const auto out = [](const Movement& m) { return m.direction == schemas::Direction::kOut; };
  const std::vector<Flow> flows_before = flows.Before(kTimestampMin, out);
  const std::vector<Flow> flows_after = flows.After(kTimestampMin, out);
  const std::vector<Refusal> before = Refusals(state.attempts(), nullptr, OverLimit);
  const std::vector<Refusal> after = Refusals(state.attempts(), probes ? &own : nullptr, OverLimit);

  // The two lists of refusals are told apart by their address.
  const auto flows_of = [&](const std::vector<Refusal>& list) -> const std::vector<Flow>& {
    return &list == &before ? flows_before : flows_after;
  };
  const auto mark = [&](const std::vector<Refusal>& list) {
    std::vector<bool> over(list.size());
    for (size_t i = 0, begin = 0; i < list.size(); ++i) {
      begin = WindowBegin(list, i, window, begin);
      over[i] = i + 1 - begin >= static_cast<size_t>(config_.declines_min) ||
                StepsTo(*list[i].attempt, flows_of(list), window) >= config_.steps_min;
    }
    return over;
  };
  const auto make = [&](const std::vector<Refusal>& list, const Episode& episode) {
    const Attempt& last = *list[episode.last].attempt;
    size_t begin = 0;
    begin = WindowBegin(list, episode.last, window, begin);
    const auto declines = static_cast<int64_t>(episode.last + 1 - begin);
    const int64_t steps = StepsTo(last, flows_of(list), window);
    const std::string amount = FormatMoney(last.amount);
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = declines >= config_.declines_min ? 60 : 50;
    claim.weight = kInfo.weight;
    if (declines >= config_.declines_min) {
      claim.reasons.push_back(
          {"limit_probing", CountText(declines, window), BelowText(config_.declines_min, window)});
    }
    if (steps >= config_.steps_min) claim.reasons.push_back({"limit_probing_steps", amount, ""});
    if (claim.reasons.empty()) claim.reasons.push_back({"limit_probing", CountText(declines, window), ""});
    claim.evidence = {{"declines", declines},
                      {"declines_min", int64_t{config_.declines_min}},
                      {"steps", steps},
                      {"steps_min", int64_t{config_.steps_min}},
                      {"window_seconds", int64_t{config_.window.count()}},
                      {"amount", FormatAmount(last.amount)},
                      {"currency", std::string(last.amount.currency.code())}};
    return claim;
  };
  if (context.measures != nullptr && probes) {
    const auto recent = std::ranges::count_if(
        after, [&](const Refusal& one) { return one.at <= own.at && own.at - one.at < window; });
    context.Note("declines", int64_t{recent}, Needs::kAtLeast, int64_t{config_.declines_min});
    context.Note("steps", int64_t{StepsTo(own, flows_after, window)}, Needs::kAtLeast,
                 int64_t{config_.steps_min});
  }
  Verdict verdict = Verdict::Clear();
  JudgeEpisodes(before, after, window, probes ? own.at : flows.at(), "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
