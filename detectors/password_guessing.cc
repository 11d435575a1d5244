#include "detectors/password_guessing.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "detectors/asked.h"
#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/novelty.h"

namespace tocsin::detectors {
namespace {

using Attempts = std::span<const FailedAttempt* const>;
using Config = PasswordGuessing::Config;

// The owner's own device with an old password in it looks like guessing; it is worth a line, not a night.
constexpr double kOwnDeviceFactor = 0.3;

enum class Form { kShort, kLong, kDistributed };

// A window with too many attempts in it: [begin, end) of the list.
struct Guessing {
  Form form = Form::kShort;
  size_t begin = 0;
  size_t end = 0;
};

// First attempt that is at most `window` older than attempt `last`.
size_t WindowBegin(Attempts attempts, size_t last, Millis window) {
  size_t begin = last;
  while (begin > 0 && attempts[last]->at - attempts[begin - 1]->at <= window) --begin;
  return begin;
}

// Judges the windows that end with attempt `last`. The distributed form says most, so it is asked first.
std::optional<Guessing> JudgeWindows(Attempts attempts, size_t last, const Config& config) {
  const size_t long_begin = WindowBegin(attempts, last, config.long_window);
  const size_t in_long = last + 1 - long_begin;
  if (in_long >= static_cast<size_t>(config.distributed_attempts)) {
    const Spread spread = SpreadOf(attempts.subspan(long_begin, in_long));
    if (spread.addresses >= config.distributed_addresses &&
        (spread.countries >= config.distributed_countries ||
         spread.networks >= config.distributed_networks)) {
      return Guessing{Form::kDistributed, long_begin, last + 1};
    }
  }
  const size_t short_begin = WindowBegin(attempts, last, config.short_window);
  if (last + 1 - short_begin >= static_cast<size_t>(config.short_attempts))
    return Guessing{Form::kShort, short_begin, last + 1};
  if (in_long >= static_cast<size_t>(config.long_attempts))
    return Guessing{Form::kLong, long_begin, last + 1};
  return std::nullopt;
}

// The most telling of all windows that attempt `index` lies in: for a late failure, windows end at later ones
// too.
std::optional<Guessing> JudgeAround(Attempts attempts, size_t index, const Config& config) {
  std::optional<Guessing> best;
  const auto longest = std::max(config.short_window, config.long_window);
  for (size_t last = index; last < attempts.size() && attempts[last]->at - attempts[index]->at <= longest;
       ++last) {
    const std::optional<Guessing> found = JudgeWindows(attempts, last, config);
    if (found && found->begin <= index && (!best || found->form > best->form || found->form == best->form))
      best = found;
  }
  return best;
}

bool AnyGuessing(Attempts run, const Config& config) {
  for (size_t last = 0; last < run.size(); ++last) {
    if (JudgeWindows(run, last, config)) return true;
  }
  return false;
}

std::string_view Scope(const Guessing& guessing, const Spread& spread, int threshold) {
  if (guessing.form == Form::kDistributed) return "distributed";
  if (spread.from_one_address >= threshold) return "address";
  return spread.from_one_network >= threshold ? "network" : "account";
}

int64_t Seconds(Millis span) { return std::chrono::duration_cast<std::chrono::seconds>(span).count(); }

Claim MakeClaim(Attempts attempts, std::pair<size_t, size_t> run, const Guessing& guessing, bool own_device,
                const Config& config) {
  const Spread spread = SpreadOf(attempts.subspan(guessing.begin, guessing.end - guessing.begin));
  const bool distributed = guessing.form == Form::kDistributed;
  const bool is_short = guessing.form == Form::kShort;
  const Millis window = is_short ? config.short_window : config.long_window;
  const int threshold = distributed ? config.distributed_attempts
                        : is_short  ? config.short_attempts
                                    : config.long_attempts;
  own_device = own_device && spread.one_device;

  int64_t in_run = 0;
  Timestamp run_end = attempts[run.first]->at;
  for (const FailedAttempt* attempt : attempts.subspan(run.first, run.second - run.first)) {
    in_run += 1 + int64_t{attempt->folded};
    run_end = std::max(run_end, attempt->end());
  }

  Claim claim;
  claim.severity = own_device ? schemas::Severity::kLow : PasswordGuessing::kInfo.severity;
  claim.confidence = own_device ? 30 : distributed ? 80 : 60;
  claim.weight = PasswordGuessing::kInfo.weight * (own_device ? kOwnDeviceFactor : 1);
  claim.cause = {attempts[run.first]->event_id};
  claim.occurred_at = attempts[guessing.end - 1]->at;
  claim.size = in_run;
  claim.reasons = {{.code = distributed ? "password_guessing_distributed" : "password_guessing",
                    .observed = CountText(spread.attempts, window),
                    .usual = BelowText(threshold, window)}};
  claim.evidence = {{"attempts", int64_t{spread.attempts}},
                    {"window_seconds", Seconds(window)},
                    {"scope", std::string(Scope(guessing, spread, threshold))},
                    {"addresses", int64_t{spread.addresses}},
                    {"networks", int64_t{spread.networks}},
                    {"countries", int64_t{spread.countries}},
                    {"attempts_from_one_address", int64_t{spread.from_one_address}},
                    {"attempts_from_one_network", int64_t{spread.from_one_network}},
                    {"own_device", int64_t{own_device ? 1 : 0}},
                    {"attempts_in_run", in_run},
                    {"run_seconds", Seconds(run_end - attempts[run.first]->at)}};
  return claim;
}

}  // namespace

const std::array<Setting<Config>, 8> Config::kSettings{{
    {.key = "short_attempts",
     .member = &Config::short_attempts,
     .min = 3,
     .max = 60,
     .doc = "Failed logins on one account within short_window that are guessing."},
    {.key = "short_window",
     .member = &Config::short_window,
     .min = 60,
     .max = 3600,
     .doc = "The window in which short_attempts are counted."},
    {.key = "long_attempts",
     .member = &Config::long_attempts,
     .min = 3,
     .max = 60,
     .doc = "Failed logins on one account within long_window that are guessing."},
    {.key = "long_window",
     .member = &Config::long_window,
     .min = 60,
     .max = 3600,
     .doc = "The window in which long_attempts and the distributed form are counted."},
    {.key = "distributed_attempts",
     .member = &Config::distributed_attempts,
     .min = 3,
     .max = 60,
     .doc =
         "Failed logins within long_window that are distributed guessing when they come from enough places."},
    {.key = "distributed_addresses",
     .member = &Config::distributed_addresses,
     .min = 2,
     .max = 60,
     .doc = "Different addresses that distributed guessing needs at least."},
    {.key = "distributed_countries",
     .member = &Config::distributed_countries,
     .min = 2,
     .max = 60,
     .doc = "Different countries that make it distributed; distributed_networks is the other way."},
    {.key = "distributed_networks",
     .member = &Config::distributed_networks,
     .min = 2,
     .max = 60,
     .doc = "Different autonomous systems that make it distributed; distributed_countries is the other way."},
}};

Verdict PasswordGuessing::Evaluate(const schemas::Event& event, const AccountState& state,
                                   const Context& context) const {
  if (!IsGuess(event)) return ClearFor("failed_attempt", context);
  const Failures& held = state.failures();
  const int fewest = std::min({config_.short_attempts, config_.long_attempts, config_.distributed_attempts});
  if (context.measures != nullptr) {
    const auto within = [&](Millis window) {
      return 1 + std::ranges::count_if(held.attempts, [&](const FailedAttempt& one) {
               return one.at <= event.occurred_at && event.occurred_at - one.at <= window;
             });
    };
    context.Note("failures_short", int64_t{within(config_.short_window)}, Needs::kAtLeast,
                 int64_t{config_.short_attempts});
    context.Note("failures_long", int64_t{within(config_.long_window)}, Needs::kAtLeast,
                 int64_t{config_.long_attempts});
  }
  if (held.attempts.size() + 1 < static_cast<size_t>(fewest)) return Verdict::Clear();

  const FailedAttempt attempt = ToAttempt(event);
  const AttemptsWith with(held, attempt);
  const Attempts all = with.all();
  std::optional<Guessing> guessing = JudgeAround(all, with.added(), config_);
  if (guessing && guessing->form == Form::kDistributed) NoteHas(context, "from_many_places");
  if (!guessing && with.added_is_newest()) return Verdict::Clear();

  const std::pair<size_t, size_t> run = RunAround(all, with.added());
  Verdict verdict = Verdict::Clear();
  if (!with.added_is_newest()) {
    // A late failure can put itself before a run, or join two: what was found of them under another cause is
    // the same guessing.
    const AttemptsWith without(held);
    const Attempts before = without.all();
    for (size_t begin = run.first; begin + 1 < run.second;) {
      const std::pair<size_t, size_t> old = RunAround(before, begin);
      const Attempts old_run = before.subspan(old.first, old.second - old.first);
      if (old_run.front() != all[run.first] && AnyGuessing(old_run, config_)) {
        verdict.Retract({.detector = kInfo.id, .cause = {old_run.front()->event_id}, .discriminator = ""});
      }
      begin = old.second;
    }
    if (!guessing && verdict.retractions().empty()) return verdict;
    for (size_t last = run.first; !guessing && last < run.second; ++last)
      guessing = JudgeWindows(all, last, config_);
  }
  const NoveltyResult device = DeviceNovelty(event, state, context);
  const bool own_device = attempt.device_id_hash != 0 && device.novelty == Novelty::kKnown;
  verdict.Add(MakeClaim(all, run, *guessing, own_device, config_));
  return verdict;
}

}  // namespace tocsin::detectors
