#include "detectors/cooling_off.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/guessing.h"
#include "detectors/lacking.h"
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
  std::string_view code;       // Of its reason.
  std::optional<Money> money;  // That moved: of one transfer, or of `transfers` that are high-risk together.
  int64_t transfers = 0;
  bool unseen_device = false;  // It came from a device that the account has never been used with.
  bool trusted = false;
};

// Money on its way out that counts, of the account's memory or of the event itself.
struct Transfer {
  Timestamp at;
  uint64_t key = 0;
  std::string_view event_id;
  Money amount;
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

// Not the first device of the account, which is past learning at `at`, whenever the device came.
bool CountsAsNew(Timestamp first_seen, Timestamp at, const AccountState& state, const Context& context) {
  const bool later = std::ranges::any_of(state.devices().known, [&](const KnownDevice& known) {
    return known.tenure.standing != Standing::kPending && known.tenure.first_seen < first_seen;
  });
  return later && PastLearning(state, std::max(first_seen, at), context.learning);
}

Starts StartsOf(Timestamp at, const AccountState& state, const Context& context) {
  Starts starts;
  const std::vector<KnownDevice>& known = state.devices().known;
  for (size_t i = 0; i < known.size(); ++i) {
    if (CountsAsNew(known[i].tenure.first_seen, at, state, context))
      starts.emplace_back(known[i].tenure.first_seen, i);
  }
  return starts;
}

// The starts once the event's use of its device is learnt.
Starts StartsWith(const schemas::Event& event, const AccountState& state, const Context& context,
                  Starts starts) {
  const NoveltyResult novelty = DeviceNovelty(event, state, context);
  if (novelty.novelty == Novelty::kNotEvaluable || novelty.novelty == Novelty::kSimilar) return starts;
  const DeviceMatch match = MatchDevice(event, state, context);
  if (match.exact == kUnknown) {
    if (CountsAsNew(event.occurred_at, event.occurred_at, state, context))
      starts.emplace_back(event.occurred_at, kUnknown);
    return starts;
  }
  const Timestamp first = std::min(state.devices().known[match.exact].tenure.first_seen, event.occurred_at);
  std::erase_if(starts, [&](const auto& start) { return start.second == match.exact; });
  if (CountsAsNew(first, event.occurred_at, state, context)) starts.emplace_back(first, match.exact);
  return starts;
}

// The latest start whose period holds this time.
const std::pair<Timestamp, size_t>* Covering(Timestamp at, const Starts& starts, const Config& config) {
  const std::pair<Timestamp, size_t>* latest = nullptr;
  for (const auto& start : starts) {
    if (start.first > at || at - start.first > config.period) continue;
    if (latest == nullptr || start.first > latest->first) latest = &start;
  }
  return latest;
}

bool IsCovered(const Action& action, const Starts& starts, const Config& config) {
  return action.unseen_device || Covering(action.at, starts, config) != nullptr;
}

Claim MakeClaim(const Action& action, const Starts& starts, std::string_view device_of_event,
                const AccountState& state, const Config& config) {
  const auto* const start = Covering(action.at, starts, config);
  const Millis age = start == nullptr ? Millis(0) : action.at - start->first;
  Claim claim;
  claim.severity = action.trusted ? schemas::Severity::kLow : CoolingOff::kInfo.severity;
  claim.confidence = action.trusted ? 25 : 60;
  claim.weight = CoolingOff::kInfo.weight * (action.trusted ? kOwnerFactor : 1);
  claim.cause = {std::string(action.event_id)};
  claim.occurred_at = action.at;
  claim.reasons.push_back(
      {.code = action.code, .observed = action.money ? FormatMoney(*action.money) : "", .usual = ""});
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
  if (action.money) {
    claim.evidence.push_back({"amount", FormatMoney(*action.money)});
    claim.evidence.push_back({"transfers", action.transfers});
    claim.evidence.push_back({"check_amount", FormatMoney(config.check_amount)});
  }
  return claim;
}

// Changes the account remembers from the event on.
std::vector<Action> ChangesSince(Timestamp from, const AccountState& state) {
  std::vector<Action> actions;
  for (const SecurityEvent& held : state.security_log().events) {
    const std::string_view code = CodeOf(held.kind);
    if (code.empty() || held.at < from) continue;
    actions.push_back({.at = held.at, .event_id = held.event_id, .code = code, .trusted = held.trusted});
  }
  return actions;
}

// By time; `own` takes the place of what is remembered of its transaction.
std::vector<Transfer> TransfersFrom(Timestamp from, const AccountState& state, const Transfer* own) {
  std::vector<Transfer> transfers;
  const std::vector<MoneyEntry>& entries = state.money().entries;
  const auto add = [&](const MoneyEntry& entry) {
    transfers.push_back(
        {.at = entry.at, .key = entry.transaction_key, .event_id = entry.event_id, .amount = entry.amount});
  };
  for (auto entry = std::ranges::lower_bound(entries, from, {}, &MoneyEntry::at); entry != entries.end();
       ++entry) {
    const bool replaced = own != nullptr && entry->transaction_key == own->key;
    if (entry->counted && MovesMoneyAway(*entry) && !replaced) add(*entry);
  }
  if (own != nullptr) {
    const auto after = std::ranges::upper_bound(transfers, std::pair(own->at, own->key), {},
                                                [](const Transfer& t) { return std::pair(t.at, t.key); });
    transfers.insert(after, *own);
  }
  return transfers;
}

// Neither when the payment was made nor when it was known to be was any device within its period: the usual
// case, without a list.
bool IsUncovered(const schemas::Event& event, const AccountState& state, const Context& context,
                 const Config& config) {
  const Flows flows(event, state, context);
  const auto covers = [&](Timestamp start, Timestamp at) {
    return start <= at && at - start <= config.period;
  };
  const auto may_cover = [&](Timestamp start) {
    return covers(start, flows.movement().at) ||
           (flows.known() != nullptr && covers(start, flows.known()->at));
  };
  const std::vector<KnownDevice>& known = state.devices().known;
  const size_t own = MatchDevice(event, state, context).exact;
  const bool starts = own == kUnknown || event.occurred_at < known[own].tenure.first_seen;
  if (starts && may_cover(event.occurred_at)) return false;
  return std::ranges::none_of(known,
                              [&](const KnownDevice& device) { return may_cover(device.tenure.first_seen); });
}

// A check amount, or twice, four times, … as much, was reached by the step from `before` to `after`.
bool Crosses(int64_t before, int64_t after, int64_t check) {
  while (0 < check && check < before && check <= INT64_MAX / 2) check *= 2;
  return before <= check && check < after;
}

// What was too little for `one`, after `before` in the period.
void NoteTooLittle(int64_t minor, int64_t before, const Config& config, const Context& context) {
  if (context.measures == nullptr) return;
  const auto text = [&](int64_t amount) { return FormatMoney({amount, config.check_amount.currency}); };
  const int64_t check = config.check_amount.minor;
  int64_t next = check;
  while (0 < next && next < before && next <= INT64_MAX / 2) next *= 2;
  context.Note("amount", text(minor), Needs::kMoreThan, text(check));
  context.Note("sum_in_period", text(SaturatingAdd(before, minor)), Needs::kMoreThan, text(next));
}

// The high-risk ones of transfers in order: more than the check amount, or more together with what left in
// the period before, so that nobody goes below the amount by sending it in pieces. What cannot be converted
// is neither. Notes what `own` lacks to be one; null: of none.
std::vector<Action> HighRisk(const std::vector<Transfer>& transfers, const Starts& starts,
                             const Transfer* own, const Config& config, const Context& context) {
  struct Counted {
    const Transfer* transfer;
    int64_t minor;  // In the currency of the check amount.
  };
  __extension__ using Wide = __int128;
  std::vector<Counted> counted;
  size_t begin = 0;  // Of the window: what left within the period before.
  Wide left = 0;     // Of the window.
  Wide paid = 0;     // The same in whatever currencies it was paid in.
  size_t alike = 0;  // From here on all are of one currency.
  std::vector<Action> actions;
  for (const Transfer& one : transfers) {
    if (Covering(one.at, starts, config) == nullptr) continue;
    const auto minor = ConvertForSum(one.amount, config.check_amount.currency, context.limits);
    if (!minor) continue;
    for (; begin < counted.size() && one.at - counted[begin].transfer->at > config.period; ++begin) {
      left -= counted[begin].minor;
      paid -= counted[begin].transfer->amount.minor;
    }
    if (!counted.empty() && counted.back().transfer->amount.currency != one.amount.currency)
      alike = counted.size();
    counted.push_back({&one, *minor});
    const auto before = static_cast<int64_t>(std::min(left, Wide{INT64_MAX}));
    left += *minor;
    paid += one.amount.minor;
    const int64_t check = config.check_amount.minor;
    Action action{.at = one.at, .event_id = one.event_id, .trusted = one.trusted};
    if (*minor > check) {
      action.code = "cooling_off_transfer";
      action.money = one.amount;
      action.transfers = 1;
    } else if (Crosses(before, SaturatingAdd(before, *minor), check)) {
      const bool one_currency = alike <= begin;
      const Wide sum = std::min(one_currency ? paid : left, Wide{INT64_MAX});
      action.code = "cooling_off_transfers";
      action.money =
          Money{static_cast<int64_t>(sum), one_currency ? one.amount.currency : config.check_amount.currency};
      action.transfers = static_cast<int64_t>(counted.size() - begin);
    } else {
      if (own != nullptr && one.key == own->key) NoteTooLittle(*minor, before, config, context);
      continue;
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

// The answer about an action that is no finding: clear only where devices could have been compared.
Verdict QuietVerdict(const schemas::Event& event, const AccountState& state, const Context& context) {
  if (!event.facts.device.known() && state.devices().known.empty()) return Verdict::NotEvaluable(kNoDevice);
  if (!PastLearning(event, state, context)) return Verdict::NotEvaluable(kLearning);
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
     .doc = "Transfers and withdrawals of more than this, alone or together, are high-risk actions; other "
            "currencies are converted by the table of exchange rates."},
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
  if (!change_acts && !money_acts && !late) return ClearFor("high_risk_actions", context);
  if (!change_acts && !late && context.measures == nullptr && IsUncovered(event, state, context, config_))
    return QuietVerdict(event, state, context);

  const Starts before = StartsOf(at, state, context);
  const Starts after = used ? StartsWith(event, state, context, before) : before;
  const auto note_devices = [&](Timestamp acted) {
    const auto covering = std::ranges::count_if(after, [&](const auto& start) {
      return start.first <= acted && acted - start.first <= Millis(config_.period);
    });
    context.Note("new_devices_in_period", int64_t{covering}, Needs::kAtLeast, int64_t{1});
  };
  if (!change_acts && !money_acts) NoteLack(context, "high_risk_actions");
  Verdict verdict = Verdict::Clear();
  const Verdict quiet = QuietVerdict(event, state, context);

  // What a late use of a device says of the changes after it.
  const bool moves_starts = late && after != before;
  if (moves_starts) {
    for (const Action& action : ChangesSince(at, state)) {
      const bool was = IsCovered(action, before, config_);
      const bool is = IsCovered(action, after, config_);
      if (is && !was) verdict.Add(MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_));
      if (was && !is) verdict.Retract(Gone(action.event_id));
    }
  }

  if (change_acts) {
    // A use that happened later may have arrived before.
    if (context.measures != nullptr) note_devices(at);
    const size_t device = MatchDevice(event, state, context).exact;
    const bool unseen = device == kUnknown || state.devices().known[device].tenure.first_seen > at;
    const Action action{.at = at,
                        .event_id = logged->event_id,
                        .code = CodeOf(logged->kind),
                        .unseen_device = logged->strange_device && unseen,
                        .trusted = logged->trusted};
    if (action.unseen_device) NoteHas(context, "unseen_device");
    if (IsCovered(action, after, config_))
      verdict.Add(MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_));
  }

  // The events of one transaction are one transfer: the earliest of them is its cause.
  std::optional<Transfer> own;
  bool own_covered = false;
  Timestamp from = at;
  if (money_acts) {
    const Flows flows(event, state, context);
    const MoneyEntry* const known = flows.known();
    const Movement& merged = flows.movement();
    own = Transfer{.at = merged.at,
                   .key = merged.transaction_key,
                   .event_id = flows.event_id(),
                   .amount = merged.amount};
    own->trusted = own->event_id == event.event_id.view() && !event.facts.device.id.empty() &&
                   DeviceTrust(event, state, context) >= kTrustedFrom;
    if (context.measures != nullptr) note_devices(merged.at);
    from = std::min(at, merged.at);
    own_covered = Covering(own->at, after, config_) != nullptr;
    const bool was_covered = known != nullptr && Covering(known->at, before, config_) != nullptr;
    if (!own_covered && !was_covered && !moves_starts) own.reset();
  }
  if (own || moves_starts) {
    from -= Millis(config_.period);
    const auto was = HighRisk(TransfersFrom(from, state, nullptr), before, nullptr, config_, context);
    const Transfer* const added = own ? &*own : nullptr;
    const auto is = HighRisk(TransfersFrom(from, state, added), after, added, config_, context);
    const auto causes_of = [](const std::vector<Action>& actions) {
      std::vector<std::string_view> causes;
      causes.reserve(actions.size());
      for (const Action& action : actions) causes.push_back(action.event_id);
      std::ranges::sort(causes);
      return causes;
    };
    const std::vector<std::string_view> causes_before = causes_of(was);
    const std::vector<std::string_view> causes_after = causes_of(is);
    for (const Action& action : was) {
      if (!std::ranges::binary_search(causes_after, action.event_id)) verdict.Retract(Gone(action.event_id));
    }
    for (const Action& action : is) {
      if (std::ranges::binary_search(causes_before, action.event_id)) {
        if (own && action.event_id == own->event_id) NoteLack(context, kNotFoundBefore);
        continue;
      }
      Claim claim = MakeClaim(action, after, DeviceLabel(event.facts.device), state, config_);
      if (own && action.event_id == own->event_id) claim.transaction_id = transaction->transaction_id;
      verdict.Add(std::move(claim));
    }
  }
  if (verdict.speaks()) return verdict;
  if (own_covered && !ConvertForSum(own->amount, config_.check_amount.currency, context.limits))
    return Verdict::NotEvaluable(kNoRate);
  return change_acts || money_acts ? quiet : verdict;
}

}  // namespace tocsin::detectors
