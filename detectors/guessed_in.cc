#include "detectors/guessed_in.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {

using Attempts = std::span<const FailedAttempt* const>;
using Config = GuessedIn::Config;

// What trust leaves of the weight: 1 without any, a fifth at full trust.
constexpr double kTrustDamping = 0.8;

enum class How : uint8_t { kNot, kAddress, kDevice, kStrangeDevice };

struct JudgedSuccess {
  const RecentSuccess* success = nullptr;
  How how = How::kNot;
  int failures = 0;
  Timestamp last_failure;
  size_t first = 0;  // Index of the success that the break-in began with.
};

// The attempts in [success - window, success].
Attempts Before(Attempts attempts, Timestamp success, Millis window) {
  const auto begin = std::partition_point(attempts.begin(), attempts.end(),
                                          [&](const FailedAttempt* a) { return success - a->at > window; });
  const auto end =
      std::partition_point(begin, attempts.end(), [&](const FailedAttempt* a) { return a->at <= success; });
  return {begin, end};
}

template <class Matches>
void CountMatching(Attempts attempts, How how, int at_least, Matches matches, JudgedSuccess& judged) {
  int count = 0;
  Timestamp last = kTimestampMin;
  for (const FailedAttempt* attempt : attempts) {
    if (!matches(*attempt)) continue;
    ++count;
    last = attempt->at;
  }
  if (count < at_least || count <= judged.failures) return;
  judged.how = how;
  judged.failures = count;
  judged.last_failure = last;
}

void JudgeOne(Attempts attempts, const Config& config, JudgedSuccess& judged) {
  const RecentSuccess& success = *judged.success;
  const Attempts near = Before(attempts, success.at, config.window);
  if (success.address_hash != 0) {
    CountMatching(
        near, How::kAddress, config.failures_min,
        [&](const FailedAttempt& a) { return a.address_hash == success.address_hash; }, judged);
  }
  if (success.device_id_hash != 0) {
    CountMatching(
        near, How::kDevice, config.failures_min,
        [&](const FailedAttempt& a) { return a.device_id_hash == success.device_id_hash; }, judged);
  }
  if (judged.how == How::kNot && success.strange_device) {
    CountMatching(
        Before(attempts, success.at, config.attack_window), How::kStrangeDevice, config.attack_failures_min,
        [](const FailedAttempt&) { return true; }, judged);
  }
}

// What makes a success a guess that was right, or kept it from being one.
void NoteFailures(const RecentSuccess& success, How how, Attempts attempts, const Config& config,
                  const Context& context) {
  const Attempts near = Before(attempts, success.at, config.window);
  const auto address = std::ranges::count_if(near, [&](const FailedAttempt* a) {
    return success.address_hash != 0 && a->address_hash == success.address_hash;
  });
  const auto device = std::ranges::count_if(near, [&](const FailedAttempt* a) {
    return success.device_id_hash != 0 && a->device_id_hash == success.device_id_hash;
  });
  context.Note("failures_of_its_source", int64_t{std::max(address, device)}, Needs::kAtLeast,
               int64_t{config.failures_min});
  const auto anywhere = std::ssize(Before(attempts, success.at, config.attack_window));
  context.Note("failures_anywhere", int64_t{anywhere}, Needs::kAtLeast, int64_t{config.attack_failures_min});
  if (anywhere >= config.attack_failures_min && how == How::kNot) NoteLack(context, "strange_device");
}

bool SameSource(const RecentSuccess& a, const RecentSuccess& b) {
  return (a.address_hash != 0 && a.address_hash == b.address_hash) ||
         (a.device_id_hash != 0 && a.device_id_hash == b.device_id_hash);
}

// In order of time. Allocates: only called when there are failures enough to matter.
std::vector<JudgedSuccess> JudgeAll(const std::vector<const RecentSuccess*>& successes, Attempts attempts,
                                    const Config& config) {
  std::vector<JudgedSuccess> judged(successes.size());
  for (size_t i = 0; i < successes.size(); ++i) {
    judged[i].success = successes[i];
    judged[i].first = i;
    JudgeOne(attempts, config, judged[i]);
    if (judged[i].how == How::kNot) continue;
    for (size_t j = i; j-- > 0;) {
      if (judged[j].how == How::kNot || successes[i]->at - successes[j]->at > config.window) continue;
      if (!SameSource(*successes[i], *successes[j])) continue;
      judged[i].first = judged[j].first;
      break;
    }
  }
  return judged;
}

bool BeginsBreakIn(const std::vector<JudgedSuccess>& judged, const RecentSuccess* success) {
  return std::any_of(judged.begin(), judged.end(), [&](const JudgedSuccess& j) {
    return j.success == success && j.how != How::kNot && judged[j.first].success == success;
  });
}

// Of the success that the break-in began with.
Claim MakeClaim(const JudgedSuccess& judged, const Config& config) {
  const bool strange = judged.how == How::kStrangeDevice;
  const Millis window = strange ? config.attack_window : config.window;
  const int threshold = strange ? config.attack_failures_min : config.failures_min;
  const double trust = strange ? 0 : judged.success->trust_percent / 100.0;
  const bool likely_owner = trust >= config.trust_max;

  Claim claim;
  claim.severity = likely_owner ? schemas::Severity::kLow : GuessedIn::kInfo.severity;
  claim.confidence = likely_owner ? 30 : 85;
  claim.weight = GuessedIn::kInfo.weight * (1 - kTrustDamping * trust);
  claim.cause = {judged.success->event_id};
  claim.occurred_at = judged.success->at;
  claim.reasons = {{.code = strange ? "guessed_in_new_device" : "guessed_in",
                    .observed = CountText(judged.failures, window),
                    .usual = BelowText(threshold, window)}};
  const auto seconds = [](Millis span) {
    return int64_t{std::chrono::duration_cast<std::chrono::seconds>(span).count()};
  };
  claim.evidence = {{"failures", int64_t{judged.failures}},
                    {"window_seconds", seconds(window)},
                    {"source", std::string(judged.how == How::kAddress  ? "address"
                                           : judged.how == How::kDevice ? "device"
                                                                        : "new_device")},
                    {"seconds_since_last_failure", seconds(judged.success->at - judged.last_failure)},
                    {"trust", trust}};
  return claim;
}

}  // namespace

const std::array<Setting<Config>, 5> Config::kSettings{{
    {.key = "failures_min",
     .member = &Config::failures_min,
     .min = 2,
     .max = 60,
     .doc = "Failed logins from one source after which a success from it is a guess that was right."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 21600,
     .doc = "How long before the success these failures count."},
    {.key = "attack_failures_min",
     .member = &Config::attack_failures_min,
     .min = 3,
     .max = 60,
     .doc =
         "Failed logins from anywhere after which a success on a strange device is a guess that was right."},
    {.key = "attack_window",
     .member = &Config::attack_window,
     .min = 60,
     .max = 21600,
     .doc = "How long before the success on a strange device these failures count."},
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc = "Trust of device and network from which the finding is of low severity: the owner who mistyped."},
}};

RecentSuccess ToRecentSuccess(const schemas::Event& event, const AccountState& state,
                              const Context& context) {
  RecentSuccess success;
  success.at = event.occurred_at;
  success.event_id = event.event_id.str();
  success.address_hash = AddressHash(event, context);
  success.device_id_hash = DeviceIdHash(event.facts.device);
  success.without_factor = event.login() != nullptr && event.login()->mfa == schemas::Mfa::kNoFactor;
  const NoveltyResult device = DeviceNovelty(event, state, context);
  success.strange_device =
      IsStrange(device, TenureAt(state.devices().known, device.index), event.occurred_at, context) &&
      PastLearning(event, state, context);
  // Trust needs an identity: what only looks like the owner's browser may be anybody's.
  if (device.novelty == Novelty::kKnown && success.device_id_hash != 0) {
    const NoveltyResult network = NetworkNovelty(event, state);
    if (network.novelty == Novelty::kKnown && network.index != NoveltyResult::kNone) {
      const double trust = std::min(Trust(state.devices().known[device.index].tenure, event.occurred_at),
                                    Trust(state.networks().known[network.index].tenure, event.occurred_at));
      success.trust_percent = static_cast<uint8_t>(std::lround(std::clamp(trust, 0.0, 1.0) * 100));
    }
  }
  return success;
}

Verdict GuessedIn::Evaluate(const schemas::Event& event, const AccountState& state,
                            const Context& context) const {
  const bool success = event.IsSuccessfulUse();
  if (!success && !IsGuess(event)) return ClearFor("use_or_failed_attempt", context);
  const Failures& failures = state.failures();
  const size_t fewest = static_cast<size_t>(std::min(config_.failures_min, config_.attack_failures_min));
  const size_t attempts = failures.attempts.size() + (success ? 0 : 1);
  if (attempts < fewest) {
    context.Note("failures", static_cast<int64_t>(attempts), Needs::kAtLeast, static_cast<int64_t>(fewest));
    return Verdict::Clear();
  }

  std::vector<const RecentSuccess*> successes;
  successes.reserve(state.sign_ins().recent.size() + 1);
  for (const RecentSuccess& held : state.sign_ins().recent) successes.push_back(&held);
  const AttemptsWith before(failures);

  Verdict verdict = Verdict::Clear();
  if (success) {
    const RecentSuccess now = ToRecentSuccess(event, state, context);
    const std::vector<JudgedSuccess> old = JudgeAll(successes, before.all(), config_);
    const auto place = std::upper_bound(successes.begin(), successes.end(), &now,
                                        [](const RecentSuccess* a, const RecentSuccess* b) {
                                          return std::tie(a->at, a->event_id) < std::tie(b->at, b->event_id);
                                        });
    const auto index = static_cast<size_t>(place - successes.begin());
    successes.insert(place, &now);
    const std::vector<JudgedSuccess> judged = JudgeAll(successes, before.all(), config_);
    if (judged[index].how != How::kNot) verdict.Add(MakeClaim(judged[judged[index].first], config_));
    if (context.measures != nullptr) NoteFailures(now, judged[index].how, before.all(), config_, context);
    for (const JudgedSuccess& j : old) {
      if (BeginsBreakIn(old, j.success) && !BeginsBreakIn(judged, j.success)) {
        verdict.Retract({.detector = kInfo.id, .cause = {j.success->event_id}, .discriminator = ""});
      }
    }
    // Who was it? Neither the source of the failures nor a strange device, as far as anybody can tell.
    const bool unknown = now.address_hash == 0 && !event.facts.device.known();
    if (unknown && !verdict.speaks()) return Verdict::NotEvaluable(kNoAddress);
    return verdict;
  }

  if (successes.empty() || successes.back()->at < event.occurred_at) {
    return ClearFor("successes_after", context);
  }
  const FailedAttempt attempt = ToAttempt(event);
  const AttemptsWith after(failures, attempt);
  const std::vector<JudgedSuccess> old = JudgeAll(successes, before.all(), config_);
  const std::vector<JudgedSuccess> judged = JudgeAll(successes, after.all(), config_);
  bool next_noted = false;  // The first success after it.
  for (size_t i = 0; i < judged.size(); ++i) {
    const bool began = BeginsBreakIn(old, successes[i]);
    const bool begins = BeginsBreakIn(judged, successes[i]);
    if (begins && !began) verdict.Add(MakeClaim(judged[i], config_));
    if (began && !begins)
      verdict.Retract({.detector = kInfo.id, .cause = {successes[i]->event_id}, .discriminator = ""});
    if (context.measures == nullptr || next_noted || successes[i]->at < event.occurred_at) continue;
    next_noted = true;
    NoteFailures(*successes[i], judged[i].how, after.all(), config_, context);
  }
  // A break-in that it belongs to was there without it.
  if (!verdict.speaks()) NoteLack(context, "new_break_ins");
  return verdict;
}

}  // namespace tocsin::detectors
