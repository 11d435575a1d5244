#include "detectors/security_events.h"

#include <algorithm>

#include "detectors/asked.h"
#include "detectors/device_trust.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {

using schemas::ChangeKind;
using schemas::FailureReason;
using Kind = SecurityEventKind;

std::optional<Kind> KindOf(const schemas::Login& login) {
  if (login.outcome != schemas::LoginOutcome::kFailure) return std::nullopt;
  switch (login.failure_reason) {
    case FailureReason::kMfaFailed:
      return Kind::kFactorFailed;
    case FailureReason::kMfaDenied:
      return Kind::kPromptDenied;
    case FailureReason::kMfaTimeout:
      return Kind::kPromptTimedOut;
    default:
      return std::nullopt;
  }
}

std::optional<Kind> KindOf(const schemas::AccountChange& change, const schemas::AccountProfile& owner) {
  switch (change.change) {
    case ChangeKind::kMfaDisabled:
      return Kind::kFactorsOff;
    case ChangeKind::kMfaMethodRemoved:
      return Kind::kFactorRemoved;
    case ChangeKind::kMfaMethodAdded:
      return Kind::kFactorAdded;
    case ChangeKind::kMfaEnabled:
      return Kind::kFactorsOn;
    case ChangeKind::kPasswordChanged:
      return Kind::kPasswordChanged;
    case ChangeKind::kPasswordReset:
      return Kind::kPasswordReset;
    case ChangeKind::kEmailChanged:
    case ChangeKind::kPhoneChanged:
      return Kind::kContactChanged;
    case ChangeKind::kNotificationsChanged:
      return Kind::kNotificationsChanged;
    case ChangeKind::kDeviceTrusted:
      return Kind::kDeviceTrusted;
    case ChangeKind::kDeviceRemoved:
      return Kind::kDeviceRemoved;
    case ChangeKind::kPayeeAdded:
      return Kind::kPayeeAdded;
    case ChangeKind::kLimitChanged:
      if (RaisesLimit(change, owner)) return Kind::kLimitRaised;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Kind> KindOf(const schemas::Event& event, const schemas::AccountProfile& owner) {
  if (event.login() != nullptr) return KindOf(*event.login());
  if (event.change() != nullptr) return KindOf(*event.change(), owner);
  return std::nullopt;
}

}  // namespace

std::optional<SecurityEvent> SecurityEventOf(const schemas::Event& event, const AccountState& state,
                                             const Context& context) {
  const std::optional<Kind> kind = KindOf(event, state.profile().OwnerAt(event.occurred_at));
  if (!kind) return std::nullopt;
  const Timestamp at = event.occurred_at;
  const bool past_learning = PastLearning(event, state, context);
  const NoveltyResult device = DeviceNovelty(event, state, context);
  const NoveltyResult country = CountryNovelty(event, state, context);
  return SecurityEvent{
      .at = at,
      .event_id = event.event_id.str(),
      .kind = *kind,
      .strange_device =
          past_learning && IsStrange(device, TenureAt(state.devices().known, device.index), at, context),
      .strange_place =
          past_learning && IsStrange(country, TenureAt(state.places().known, country.index), at, context),
      .trusted = (!event.facts.device.id.empty() && DeviceTrust(event, state, context) >= kTrustedFrom) ||
                 FillsTheList(event, state)};
}

bool IsSecurityEvent(const schemas::Event& event, const AccountState& state) {
  return KindOf(event, state.profile().OwnerAt(event.occurred_at)).has_value();
}

bool RaisesLimit(const schemas::AccountChange& change, const schemas::AccountProfile& owner) {
  if (!change.limit) return false;
  const schemas::ChangedLimit& limit = *change.limit;
  if (limit.previous_minor) return !limit.value_minor || *limit.value_minor > *limit.previous_minor;
  return limit.value_minor && std::ranges::any_of(owner.limits, [&](const schemas::ProfileLimit& known) {
           return known.name == limit.name && known.max.currency == limit.currency &&
                  *limit.value_minor > known.max.minor;
         });
}

bool IsPrompt(const SecurityEvent& event) {
  return event.kind == Kind::kPromptDenied || event.kind == Kind::kPromptTimedOut;
}

bool IsFactorFailure(const SecurityEvent& event) {
  return event.kind == Kind::kFactorFailed || IsPrompt(event);
}

bool IsChange(const SecurityEvent& event) { return !IsFactorFailure(event); }

std::vector<Run> RunsOf(const SecurityEvents& events, Millis gap) {
  std::vector<Run> runs;
  size_t begin = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (i + 1 < events.size() && events[i + 1]->at - events[i]->at <= gap) continue;
    runs.push_back(Run(events).subspan(begin, i + 1 - begin));
    begin = i + 1;
  }
  return runs;
}

Densest DensestWindow(Run run, Millis window) {
  Densest densest;
  size_t begin = 0;
  for (size_t end = 0; end < run.size(); ++end) {
    while (run[end]->at - run[begin]->at > window) ++begin;
    const int count = static_cast<int>(end - begin + 1);
    if (count >= densest.count) densest = {.count = count, .end = end};
  }
  return densest;
}

}  // namespace tocsin::detectors
