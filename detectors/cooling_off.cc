#include "detectors/cooling_off.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/learning/learning.h"
#include "detectors/limits/judge.h"
#include "detectors/novelty.h"
#include "detectors/payments/counterparty.h"
#include "detectors/security_events.h"

namespace tocsin::detectors {
namespace {

using Config = CoolingOff::Config;
using Kind = SecurityEventKind;

// What an action from a trusted device keeps of its weight.
constexpr double kOwnerFactor = 0.5;

// One high-risk action.
struct Action {
  Timestamp at;
  std::string_view event_id;
  std::string_view code;          // Of its reason.
  const Money* amount = nullptr;  // Of money.
  bool unseen_device = false;     // It came from a device that the account has never been used with.
  bool trusted = false;
};

// First uses of devices that were new to an account past learning.
using Starts = std::vector<std::pair<Timestamp, size_t>>;  // With the index in Devices::known, or kUnknown.
constexpr size_t kUnknown = NoveltyResult::kNone;

std::string_view CodeOf(Kind kind) {
  switch (kind) {
    case Kind::kPayeeAdded:
      return "cooling_off_payee";
    case Kind::kLimitRaised:
      return "cooling_off_limit";
    case Kind::kContactChanged:
      return "cooling_off_contact";
    default:
      return {};
  }
}

bool MovesMoneyAway(const Movement& movement) {
  return movement.direction == schemas::Direction::kOut && MovesToParty(movement.kind, movement.with_party);
}
bool MovesMoneyAway(const schemas::Transaction& transaction) {
  return transaction.direction == schemas::Direction::kOut &&
         MovesToParty(transaction.kind, IsParty(transaction.counterparty.type));
}

// nullopt: no rate.
std::optional<bool> AboveCheck(const Money& amount, const Config& config, const Context& context) {
  const auto converted = ConvertForSum(amount, config.check_amount.currency, context.limits);
  if (!converted) return std::nullopt;
  return *converted > config.check_amount.minor;
}

// Not the first device of the account.
bool CountsAsNew(Timestamp first_seen, const AccountState& state, const Context& context) {
  const bool later = std::ranges::any_of(state.devices().known, [&](const KnownDevice& known) {
    return known.tenure.standing != Standing::kPending && known.tenure.first_seen < first_seen;
  });
  return later && PastLearning(state, first_seen, context.learning);
}

Starts StartsOf(const AccountState& state, const Context& context) {
  Starts starts;
  const std::vector<KnownDevice>& known = state.devices().known;
  for (size_t i = 0; i < known.size(); ++i) {
    if (CountsAsNew(known[i].tenure.first_seen, state, context))
      starts.emplace_back(known[i].tenure.first_seen, i);
  }
  return starts;
}

// The starts once the event's use of its device is learnt.
Starts StartsWith(const schemas::Event& event, const AccountState& state, const Context& context,
                  Starts starts) {
  const NoveltyResult novelty = DeviceNovelty(event, state);
  if (novelty.novelty == Novelty::kNotEvaluable || novelty.novelty == Novelty::kSimilar) return starts;
  const DeviceMatch match = MatchDevice(event, state.devices());
  if (match.exact == kUnknown) {
    if (CountsAsNew(event.occurred_at, state, context)) starts.emplace_back(event.occurred_at, kUnknown);
    return starts;
  }
  const Timestamp first = std::min(state.devices().known[match.exact].tenure.first_seen, event.occurred_at);
  std::erase_if(starts, [&](const auto& start) { return start.second == match.exact; });
  if (CountsAsNew(first, state, context)) starts.emplace_back(first, match.exact);
  return starts;
}

// The latest start that the action falls in the period of.
const std::pair<Timestamp, size_t>* Covering(const Action& action, const Starts& starts,
                                             const Config& config) {
  const std::pair<Timestamp, size_t>* latest = nullptr;
  for (const auto& start : starts) {
    if (start.first > action.at || action.at - start.first > config.period) continue;
    if (latest == nullptr || start.first > latest->first) latest = &start;
  }
  return latest;
}

bool IsCovered(const Action& action, const Starts& starts, const Config& config) {
  return action.unseen_device || Covering(action, starts, config) != nullptr;
}

Claim MakeClaim(const Action& action, const Starts& starts, std::string_view device_of_event,
                const AccountState& state, const Config& config) {
  const auto* const start = Covering(action, starts, config);
  const Millis age = start == nullptr ? Millis(0) : action.at - start->first;
  Claim claim;
  claim.severity = action.trusted ? schemas::Severity::kLow : CoolingOff::kInfo.severity;
  claim.confidence = action.trusted ? 25 : 60;
  claim.weight = CoolingOff::kInfo.weight * (action.trusted ? kOwnerFactor : 1);
  claim.cause = {std::string(action.event_id)};
  claim.occurred_at = action.at;
  claim.reasons.push_back({.code = action.code,
                           .observed = action.amount == nullptr ? "" : FormatMoney(*action.amount),
                           .usual = ""});
  const bool known = start != nullptr && start->second != kUnknown;
  const auto minutes = std::chrono::floor<std::chrono::minutes>(age);
  claim.reasons.push_back(
      {.code = "cooling_off_device",
       .observed = known ? DeviceLabel(state.devices().known[start->second]) : std::string(device_of_event),
       .usual = minutes >= std::chrono::hours(1) ? SpanText(std::chrono::floor<std::chrono::hours>(age))
                                                 : SpanText(minutes)});
  claim.evidence = {{"device_age_minutes", int64_t{minutes.count()}},
                    {"period_hours", Hours(Millis(config.period)).count()},
                    {"unseen_device", int64_t{action.unseen_device ? 1 : 0}},
                    {"trusted_device", int64_t{action.trusted ? 1 : 0}}};
  if (action.amount != nullptr) {
    claim.evidence.push_back({"amount", FormatMoney(*action.amount)});
    claim.evidence.push_back({"check_amount", FormatMoney(config.check_amount)});
  }
  return claim;
}

// Actions the account remembers from the event on; the event's own transaction apart.
std::vector<Action> ActionsSince(const schemas::Event& event, const AccountState& state, const Config& config,
                                 const Context& context) {
  const Timestamp from = event.occurred_at;
  const uint64_t own_key = event.transaction() == nullptr ? 0 : TransactionKey(event);
  std::vector<Action> actions;
  for (const SecurityEvent& held : state.security_log().events) {
    const std::string_view code = CodeOf(held.kind);
    if (code.empty() || held.at < from) continue;
    actions.push_back({.at = held.at, .event_id = held.event_id, .code = code, .trusted = held.trusted});
  }
  for (const MoneyEntry& entry : state.money().entries) {
    if (!entry.counted || entry.at < from || !MovesMoneyAway(entry)) continue;
    if (event.transaction() != nullptr && entry.transaction_key == own_key) continue;
    if (!AboveCheck(entry.amount, config, context).value_or(false)) continue;
    actions.push_back({.at = entry.at,
                       .event_id = entry.event_id,
                       .code = "cooling_off_transfer",
                       .amount = &entry.amount});
  }
  return actions;
}

// The answer about an action that is no finding: clear only where devices could have been compared.
Verdict QuietVerdict(const schemas::Event& event, const AccountState& state, const Context& context) {
  if (!event.facts.device.known() && state.devices().known.empty()) return Verdict::NotEvaluable(kNoDevice);
  if (!PastLearning(state, event.occurred_at, context.learning)) return Verdict::NotEvaluable(kLearning);
  return Verdict::Clear();
}

Retraction Gone(std::string_view event_id) {
  return {.detector = CoolingOff::kInfo.id, .cause = {std::string(event_id)}, .discriminator = ""};
}

}  // namespace

const std::array<Setting<Config>, 2> Config::kSettings{{
    {.key = "period",
     .member = &Config::period,
     .min = 600,
     .max = 172800,
     .doc = "How long after the first use of a new device a high-risk action is a finding."},
    {.key = "check_amount",
     .member = &Config::check_amount,
     .doc = "Transfers and withdrawals of more than this are high-risk actions; other currencies are "
            "converted by the table of exchange rates."},
}};

Verdict CoolingOff::Evaluate(const schemas::Event& event, const AccountState& state,
                             const Context& context) const {
  const Timestamp at = event.occurred_at;
  const bool used = event.IsSuccessfulUse();
  const std::optional<SecurityEvent> logged =
      event.change() != nullptr ? SecurityEventOf(event, state, context) : std::nullopt;
  const schemas::Transaction* const transaction = event.transaction();
  const bool change_acts = logged && !CodeOf(logged->kind).empty();
  const bool money_acts = used && transaction != nullptr && MovesMoneyAway(*transaction);
  const bool late = used && at < state.recent_events().newest;
  if (!change_acts && !money_acts && !late) return Verdict::Clear();

  const Starts before = StartsOf(state, context);
  const Starts after = used ? StartsWith(event, state, context, before) : before;
  Verdict verdict = Verdict::Clear();
  const Verdict quiet = QuietVerdict(event, state, context);

  // What a late use of a device says of the actions after it.
  if (late && after != before) {
    for (const Action& action : ActionsSince(event, state, config_, context)) {
      const bool was = IsCovered(action, before, config_);
      const bool is = IsCovered(action, after, config_);
      if (is && !was) verdict.Add(MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_));
      if (was && !is) verdict.Retract(Gone(action.event_id));
    }
  }

  if (change_acts) {
    // A use that happened later may have arrived before.
    const size_t device = MatchDevice(event, state.devices()).exact;
    const bool unseen = device == kUnknown || state.devices().known[device].tenure.first_seen > at;
    const Action action{.at = at,
                        .event_id = logged->event_id,
                        .code = CodeOf(logged->kind),
                        .unseen_device = logged->strange_device && unseen,
                        .trusted = logged->trusted};
    if (IsCovered(action, after, config_))
      verdict.Add(MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_));
    return verdict.speaks() ? verdict : quiet;
  }
  if (!money_acts) return verdict;

  const Movement own = ReadMovement(event, state.profile().owner.country);
  const MoneyEntry* const known = state.money().Find(own.transaction_key);
  const Movement merged = known == nullptr ? own : Merge(*known, own);
  const std::string_view first =
      known == nullptr ? event.event_id.view() : FirstEventId(*known, own, event.event_id.view());
  const bool is_first = first == event.event_id.view();
  const Action action{
      .at = merged.at,
      .event_id = first,
      .code = "cooling_off_transfer",
      .amount = &merged.amount,
      .trusted = is_first && !event.facts.device.id.empty() && DeviceTrust(event, state) >= kTrustedFrom};
  const bool covered = IsCovered(action, after, config_);
  const std::optional<bool> above = AboveCheck(merged.amount, config_, context);
  if (covered && !above && verdict.clear() && verdict.retractions().empty())
    verdict = Verdict::NotEvaluable(kNoRate);
  const bool is = covered && above.value_or(false);

  // The events of one transaction are one action: the earliest of them is its cause.
  bool was = false;
  if (known != nullptr && known->counted) {
    const Action old{.at = known->at, .event_id = known->event_id, .amount = &known->amount};
    was = IsCovered(old, before, config_) && AboveCheck(known->amount, config_, context).value_or(false);
    if (was && (!is || known->event_id != first)) verdict.Retract(Gone(known->event_id));
    was = was && known->event_id == first;
  }
  if (is && !was) {
    Claim claim = MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_);
    claim.transaction_id = transaction->transaction_id;
    verdict.Add(std::move(claim));
  }
  return verdict.clear() && !verdict.speaks() ? quiet : verdict;
}

}  // namespace tocsin::detectors
