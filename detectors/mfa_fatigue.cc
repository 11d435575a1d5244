#include "detectors/mfa_fatigue.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "detectors/guessed_in.h"
#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/security_events.h"

namespace tocsin::detectors {
namespace {

using Config = MfaFatigue::Config;

constexpr Millis kRunGap = std::chrono::hours(1);
// The owner without a signal is worth a line, not a night.
constexpr double kOwnerFactor = 0.3;

// A success that may be the approved prompt.
bool MayEnd(const RecentSuccess& success) {
  return !success.without_factor && success.trust_percent < 100 * kTrustedFrom;
}

// The run up to the time.
Run Until(Run run, Timestamp at) {
  const auto end =
      std::partition_point(run.begin(), run.end(), [at](const SecurityEvent* e) { return e->at <= at; });
  return run.first(static_cast<size_t>(end - run.begin()));
}

bool IsFatigue(Run run, const Config& config) {
  return DensestWindow(run, config.window).count >= config.prompts_min;
}

bool Ends(const RecentSuccess& success, Run run, const Config& config) {
  if (!MayEnd(success)) return false;
  const Run before = Until(run, success.at);
  return !before.empty() && success.at - before.back()->at <= config.window && IsFatigue(before, config);
}

Claim MakeClaim(Run run, const RecentSuccess* ended_by, const Config& config) {
  const Run counted = ended_by != nullptr ? Until(run, ended_by->at) : run;
  const Densest densest = DensestWindow(counted, config.window);
  const Run window = counted.subspan(densest.end + 1 - static_cast<size_t>(densest.count),
                                     static_cast<size_t>(densest.count));
  const bool owner =
      ended_by == nullptr && std::ranges::all_of(window, [](const SecurityEvent* e) { return e->trusted; });
  const auto denied = std::ranges::count_if(
      window, [](const SecurityEvent* e) { return e->kind == SecurityEventKind::kPromptDenied; });

  Claim claim;
  claim.severity = ended_by != nullptr ? schemas::Severity::kCritical
                   : owner             ? schemas::Severity::kLow
                                       : MfaFatigue::kInfo.severity;
  claim.confidence = ended_by != nullptr ? 85 : owner ? 30 : 70;
  claim.weight =
      ended_by != nullptr ? config.approved_weight : MfaFatigue::kInfo.weight * (owner ? kOwnerFactor : 1);
  claim.cause = {run.front()->event_id};
  claim.occurred_at = ended_by != nullptr ? ended_by->at : window.back()->at;
  claim.reasons = {{.code = ended_by != nullptr ? "mfa_fatigue_approved" : "mfa_fatigue",
                    .observed = CountText(densest.count, config.window),
                    .usual = BelowText(config.prompts_min, config.window)}};
  claim.evidence = {
      {"prompts", int64_t{densest.count}},
      {"prompts_denied", int64_t{denied}},
      {"window_seconds", int64_t{config.window.count()}},
      {"prompts_in_run", static_cast<int64_t>(run.size())},
      {"approved", int64_t{ended_by != nullptr ? 1 : 0}},
      {"own_device", int64_t{owner ? 1 : 0}},
  };
  if (ended_by != nullptr) {
    claim.evidence.push_back(
        {"seconds_to_success",
         int64_t{
             std::chrono::duration_cast<std::chrono::seconds>(ended_by->at - counted.back()->at).count()}});
  }
  return claim;
}

const RecentSuccess* EndOf(Run run, const std::vector<RecentSuccess>& successes, const Config& config) {
  const auto ends = [&](const RecentSuccess& s) { return Ends(s, run, config); };
  const auto found = std::ranges::find_if(successes, ends);
  return found == successes.end() ? nullptr : &*found;
}

}  // namespace

const std::array<Setting<Config>, 3> Config::kSettings{{
    {.key = "prompts_min",
     .member = &Config::prompts_min,
     .min = 2,
     .max = 30,
     .doc = "Prompts for the second factor, denied or not answered within window, that are fatigue."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 3600,
     .doc = "The window in which prompts are counted; also how soon after the last of them a success is the "
            "approved prompt."},
    {.key = "approved_weight",
     .member = &Config::approved_weight,
     .min = 0,
     .max = 8,
     .doc = "Log-odds of a run of prompts that a success ended."},
}};

Verdict MfaFatigue::Evaluate(const schemas::Event& event, const AccountState& state,
                             const Context& context) const {
  const SecurityLog& log = state.security_log();
  if (context.measures != nullptr) {
    const SecurityEvents prompts = Select(log, nullptr, IsPrompt);
    const auto recent = std::ranges::count_if(prompts, [&](const SecurityEvent* prompt) {
      return prompt->at <= event.occurred_at && event.occurred_at - prompt->at <= config_.window;
    });
    const std::optional<SecurityEvent> own = SecurityEventOf(event, state, context);
    context.Note("prompts", int64_t{recent + (own && IsPrompt(*own) ? 1 : 0)}, Needs::kAtLeast,
                 int64_t{config_.prompts_min});
  }
  if (log.events.size() + 1 < static_cast<size_t>(config_.prompts_min)) return Verdict::Clear();
  const std::vector<RecentSuccess>& successes = state.sign_ins().recent;

  if (event.IsSuccessfulUse()) {
    const RecentSuccess success = ToRecentSuccess(event, state, context);
    if (!MayEnd(success)) return ClearFor("factor_on_untrusted_device", context);
    const SecurityEvents prompts = Select(log, nullptr, IsPrompt);
    for (const Run run : RunsOf(prompts, kRunGap)) {
      if (!Ends(success, run, config_) || EndOf(run, successes, config_) != nullptr) continue;
      return Verdict::Alert(MakeClaim(run, &success, config_));
    }
    return ClearFor("ends_a_run_of_prompts", context);
  }

  const std::optional<SecurityEvent> added = SecurityEventOf(event, state, context);
  if (!added || !IsPrompt(*added)) return ClearFor("prompt_or_success", context);
  const SecurityEvents after = Select(log, &*added, IsPrompt);
  const SecurityEvents before = Select(log, nullptr, IsPrompt);
  Verdict verdict = Verdict::Clear();
  for (const Run run : RunsOf(after, kRunGap)) {
    if (std::ranges::find(run, &*added) == run.end()) continue;
    if (IsFatigue(run, config_)) verdict.Add(MakeClaim(run, EndOf(run, successes, config_), config_));
    for (const Run old : RunsOf(before, kRunGap)) {
      const bool joined = std::ranges::find(run, old.front()) != run.end() && old.front() != run.front();
      if (joined && IsFatigue(old, config_))
        verdict.Retract({.detector = kInfo.id, .cause = {old.front()->event_id}, .discriminator = ""});
    }
  }
  return verdict;
}

}  // namespace tocsin::detectors
