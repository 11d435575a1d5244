#include "detectors/sensitive_burst.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/security_events.h"

namespace tocsin::detectors {
namespace {

using Config = SensitiveBurst::Config;

// What a burst from a trusted device keeps of its weight.
constexpr double kOwnerFactor = 0.5;

// Switching the second factor on takes nothing down, and the method that does it is counted by itself.
bool IsCounted(const SecurityEvent& event) {
  return IsChange(event) && event.kind != SecurityEventKind::kFactorsOn;
}

// One action that takes the last method away is often published twice: as the method and as the factor that
// is off.
constexpr Millis kOneAction = std::chrono::minutes(1);

// The counted changes, without the factors that are off by the method that went.
SecurityEvents Counted(const SecurityLog& log, const SecurityEvent* added) {
  SecurityEvents counted = Select(log, added, IsCounted);
  const SecurityEvents removed = Select(
      log, added, [](const SecurityEvent& event) { return event.kind == SecurityEventKind::kFactorRemoved; });
  std::erase_if(counted, [&](const SecurityEvent* off) {
    return off->kind == SecurityEventKind::kFactorsOff &&
           std::ranges::any_of(removed, [&](const SecurityEvent* method) {
             return AbsDifference(method->at, off->at) <= kOneAction;
           });
  });
  return counted;
}

bool IsBurst(Run run, const Config& config) {
  return DensestWindow(run, config.window).count >= config.changes_min;
}

Claim MakeClaim(Run run, const Config& config) {
  const Densest densest = DensestWindow(run, config.window);
  const Run window =
      run.subspan(densest.end + 1 - static_cast<size_t>(densest.count), static_cast<size_t>(densest.count));
  const bool owner = std::ranges::all_of(run, [](const SecurityEvent* e) { return e->trusted; });
  const bool stranger = std::ranges::any_of(run, [](const SecurityEvent* e) { return e->strange_device; });

  Claim claim;
  claim.severity = owner ? schemas::Severity::kLow : SensitiveBurst::kInfo.severity;
  claim.confidence = owner ? 25 : stranger ? 70 : 50;
  claim.weight = SensitiveBurst::kInfo.weight * (owner ? kOwnerFactor : 1);
  claim.cause = {run.front()->event_id};
  claim.occurred_at = window.back()->at;
  claim.reasons = {{.code = "sensitive_burst",
                    .observed = CountText(densest.count, config.window),
                    .usual = BelowText(config.changes_min, config.window)}};
  claim.evidence = {{"changes", int64_t{densest.count}},
                    {"window_seconds", int64_t{config.window.count()}},
                    {"changes_in_run", static_cast<int64_t>(run.size())},
                    {"own_device", int64_t{owner ? 1 : 0}},
                    {"strange_device", int64_t{stranger ? 1 : 0}}};
  return claim;
}

}  // namespace

const std::array<Setting<Config>, 2> Config::kSettings{{
    {.key = "changes_min",
     .member = &Config::changes_min,
     .min = 2,
     .max = 30,
     .doc = "Changes around the account's defences within window that are a burst."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 3600,
     .doc = "The window in which changes are counted."},
}};

Verdict SensitiveBurst::Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const {
  const SecurityLog& log = state.security_log();
  if (context.measures != nullptr) {
    const std::optional<SecurityEvent> own = SecurityEventOf(event, state, context);
    const SecurityEvents counted = Counted(log, own && IsCounted(*own) ? &*own : nullptr);
    const auto recent = std::ranges::count_if(counted, [&](const SecurityEvent* one) {
      return one->at <= event.occurred_at && event.occurred_at - one->at <= config_.window;
    });
    context.Note("changes", int64_t{recent}, Needs::kAtLeast, int64_t{config_.changes_min});
  }
  if (log.events.size() + 1 < static_cast<size_t>(config_.changes_min)) return Verdict::Clear();
  const std::optional<SecurityEvent> added = SecurityEventOf(event, state, context);
  if (!added || !IsCounted(*added)) return Verdict::Clear();

  const SecurityEvents after = Counted(log, &*added);
  const SecurityEvents before = Counted(log, nullptr);
  Verdict verdict = Verdict::Clear();
  std::vector<const SecurityEvent*> bursts;  // The earliest change of each.
  for (const Run run : RunsOf(after, config_.window)) {
    if (!IsBurst(run, config_)) continue;
    bursts.push_back(run.front());
    if (std::ranges::find(run, &*added) != run.end()) verdict.Add(MakeClaim(run, config_));
  }
  for (const Run old : RunsOf(before, config_.window)) {
    if (IsBurst(old, config_) && std::ranges::find(bursts, old.front()) == bursts.end())
      verdict.Retract({.detector = kInfo.id, .cause = {old.front()->event_id}, .discriminator = ""});
  }
  return verdict;
}

}  // namespace tocsin::detectors
