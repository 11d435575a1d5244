#include "detectors/second_factor_removed.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/security_events.h"
#include "detectors/takeover_stages.h"

namespace tocsin::detectors {
namespace {

using Config = SecondFactorRemoved::Config;
using Kind = SecurityEventKind;

// What a removal from a trusted device, without any sign of a stranger, keeps of its weight.
constexpr double kOwnerFactor = 0.5;

bool IsRemoval(const SecurityEvent& event) {
  return event.kind == Kind::kFactorRemoved || event.kind == Kind::kFactorsOff;
}

// Everything at one point of the account's history.
struct History {
  const SecurityEvents& events;
  const std::vector<StageSeen>& stages;
  std::optional<Timestamp> new_device;  // The event under judgement introduces one.
  Timestamp now;                        // The account's newest event time.
};

enum class Why : uint8_t { kNot, kStayedOff, kStrangeDevice, kNewDevice, kReset };

// A sign that a stranger may have done it.
Why Preceded(const SecurityEvent& removal, const History& history, const Config& config) {
  if (removal.strange_device) return Why::kStrangeDevice;
  const auto shortly_before = [&](Timestamp at) {
    return at <= removal.at && removal.at - at <= config.preceded_within;
  };
  if (history.new_device && shortly_before(*history.new_device)) return Why::kNewDevice;
  if (std::ranges::any_of(history.stages, [&](const StageSeen& seen) {
        return seen.stage == Stage::kNewDevice && shortly_before(seen.at);
      })) {
    return Why::kNewDevice;
  }
  if (std::ranges::any_of(history.events, [&](const SecurityEvent* e) {
        return e->kind == Kind::kPasswordReset && shortly_before(e->at);
      })) {
    return Why::kReset;
  }
  return Why::kNot;
}

// Another factor came in its place. One that was there before does not help when all of them are off.
bool Restored(const SecurityEvent& removal, const History& history, const Config& config) {
  return std::ranges::any_of(history.events, [&](const SecurityEvent* e) {
    if (e->kind != Kind::kFactorAdded && e->kind != Kind::kFactorsOn) return false;
    const Millis after = e->at - removal.at;
    const Millis before_max = removal.kind == Kind::kFactorsOff ? Millis(0) : Millis(config.restore_within);
    return after <= config.restore_within && -after <= before_max;
  });
}

Why Judge(const SecurityEvent& removal, const History& history, const Config& config) {
  if (const Why why = Preceded(removal, history, config); why != Why::kNot) return why;
  if (history.now - removal.at <= config.restore_within || Restored(removal, history, config))
    return Why::kNot;
  return Why::kStayedOff;
}

// What made a removal a finding at this event, or kept it from being one.
void NoteRemoval(const SecurityEvent& removal, Why was, Why why, const History& history, const Config& config,
                 const Context& context) {
  if (why == Why::kStrangeDevice) NoteHas(context, "strange_device");
  if (why == Why::kNewDevice) NoteHas(context, "after_new_device");
  if (why == Why::kReset) NoteHas(context, "after_reset");
  context.Note("hours_removed", Hours(history.now - removal.at).count(), Needs::kMoreThan,
               Hours(Millis(config.restore_within)).count());
  if (was != Why::kNot && why != Why::kNot) {
    NoteLack(context, kNotFoundBefore);
  } else if (why == Why::kNot && history.now - removal.at > config.restore_within) {
    NoteLack(context, "not_restored");
  }
}

std::string_view CodeOf(Why why) {
  switch (why) {
    case Why::kStrangeDevice:
    case Why::kNewDevice:
      return "second_factor_removed_device";
    case Why::kReset:
      return "second_factor_removed_reset";
    case Why::kNot:
    case Why::kStayedOff:
      break;
  }
  return "second_factor_removed";
}

Claim MakeClaim(const SecurityEvent& removal, Why why, Timestamp now, const Config& config) {
  const bool stayed_off = why == Why::kStayedOff;
  const bool owner = stayed_off && removal.trusted;
  Claim claim;
  claim.severity = owner ? schemas::Severity::kLow : SecondFactorRemoved::kInfo.severity;
  claim.confidence = owner ? 25 : stayed_off ? 40 : 70;
  claim.weight = SecondFactorRemoved::kInfo.weight * (owner ? kOwnerFactor : 1);
  claim.cause = {removal.event_id};
  claim.occurred_at = removal.at;
  claim.reasons = {{.code = CodeOf(why),
                    .observed = stayed_off ? SpanText(Millis(config.restore_within)) : "",
                    .usual = ""}};
  claim.evidence = {{"hours_since_removal", Hours(now - removal.at).count()},
                    {"restore_within_hours", Hours(Millis(config.restore_within)).count()},
                    {"all_factors_off", int64_t{removal.kind == Kind::kFactorsOff ? 1 : 0}},
                    {"strange_device", int64_t{removal.strange_device ? 1 : 0}},
                    {"after_new_device", int64_t{why == Why::kNewDevice ? 1 : 0}},
                    {"after_reset", int64_t{why == Why::kReset ? 1 : 0}},
                    {"own_device", int64_t{removal.trusted ? 1 : 0}}};
  return claim;
}

}  // namespace

const std::array<Setting<Config>, 2> Config::kSettings{{
    {.key = "restore_within",
     .member = &Config::restore_within,
     .min = 600,
     .max = 172800,
     .doc = "How long after a second factor was removed another must have been added or switched on."},
    {.key = "preceded_within",
     .member = &Config::preceded_within,
     .min = 0,
     .max = 172800,
     .doc = "A new device or a password reset this long before a removal makes it a finding at once."},
}};

Verdict SecondFactorRemoved::Evaluate(const schemas::Event& event, const AccountState& state,
                                      const Context& context) const {
  const SecurityLog& log = state.security_log();
  if (log.empty() && event.change() == nullptr) return ClearFor("factor_removed", context);
  const std::optional<SecurityEvent> added =
      IsSecurityEvent(event, state) ? SecurityEventOf(event, state, context) : std::nullopt;
  const auto removed_before = std::ranges::any_of(log.events, IsRemoval);
  if (!removed_before && !(added && IsRemoval(*added))) return ClearFor("factor_removed", context);

  const auto any = [](const SecurityEvent&) { return true; };
  const SecurityEvents held = Select(log, nullptr, any);
  const SecurityEvents all = Select(log, added ? &*added : nullptr, any);
  const std::vector<StageSeen>& stages = state.security().stages;
  const Timestamp newest = state.recent_events().newest;
  const bool new_device = StagesOf(event, state, context).Has(Stage::kNewDevice);
  const History before{.events = held, .stages = stages, .new_device = {}, .now = newest};
  const History after{.events = all,
                      .stages = stages,
                      .new_device = new_device ? std::optional(event.occurred_at) : std::nullopt,
                      .now = std::max(newest, event.occurred_at)};

  Verdict verdict = Verdict::Clear();
  for (const SecurityEvent* removal : all) {
    if (!IsRemoval(*removal)) continue;
    const bool known = !added || removal != &*added;
    const Why was = known ? Judge(*removal, before, config_) : Why::kNot;
    const Why is = Judge(*removal, after, config_);
    if (is != Why::kNot && was == Why::kNot) verdict.Add(MakeClaim(*removal, is, after.now, config_));
    if (is == Why::kNot && was != Why::kNot)
      verdict.Retract({.detector = kInfo.id, .cause = {removal->event_id}, .discriminator = ""});
    if (context.measures != nullptr) NoteRemoval(*removal, was, is, after, config_, context);
  }
  return verdict;
}

}  // namespace tocsin::detectors
