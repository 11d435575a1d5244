#include "detectors/dormant_reactivation.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "detectors/asked.h"
#include "detectors/learning/lesson.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidenceDevice = 50;
constexpr int kConfidenceMoney = 65;

// Upper edge of the bin that holds the quantile; −1 without payments.
int64_t QuantileOf(const AmountHistogram& histogram, double quantile) {
  double total = 0;
  for (const AmountHistogram::Bin& bin : histogram.bins) total += static_cast<double>(bin.count);
  double below = 0;
  for (const AmountHistogram::Bin& bin : histogram.bins) {
    below += static_cast<double>(bin.count);
    if (below < quantile * total) continue;
    const double edge = std::exp2((bin.index + 1) / 4.0);
    return edge >= 9e18 ? std::numeric_limits<int64_t>::max() : std::llround(std::ceil(edge)) - 1;
  }
  return -1;
}

std::string DaysText(Millis silence) {
  return std::to_string(std::chrono::duration_cast<std::chrono::days>(silence).count()) + " d";
}

// The event's transaction as it was known to count, or null.
// What the account, or else the population, usually pays at the most; -1: nobody knows.
struct Measure {
  int64_t usual_minor = -1;
  bool by_habit = false;
};
Measure MeasureOf(const Movement& own, const AccountState& state, const Context& context,
                  const DormantReactivation::Config& config) {
  const AmountHabit habit(state.money(), own.kind, own.amount.currency, own.at, HoldOf(context));
  const AmountHistogram* const histogram = habit.histogram();
  if (histogram != nullptr && histogram->seen >= static_cast<uint32_t>(config.payments_min))
    return {.usual_minor = QuantileOf(*histogram, config.quantile), .by_habit = true};
  return {.usual_minor = context.population.AmountQuantile(own.kind, state.profile().OwnerAt(own.at).tier,
                                                           own.amount.currency, config.quantile)};
}

const MoneyEntry* CountedBefore(const schemas::Event& event, const AccountState& state) {
  const MoneyEntry* const known = state.money().Find(TransactionKey(event));
  return known != nullptr && known->counted ? known : nullptr;
}

// The event, which arrived later, is the beginning of the transaction: what was found moves to it.
bool Begins(const MoneyEntry& known, const schemas::Event& event) {
  return FirstEventId(known, ReadMovement(event, {}), event.event_id.view()) != known.event_id;
}

// Retracts what was found while the account was taken for dormant since `before`, as far as `after`, with a
// use that arrived late, does not find it too. To retract what was never found does no harm.
void RetractWoken(const Waking& before, const Waking& after, const DormantReactivation::Config& config,
                  const AccountState& state, Verdict& verdict) {
  const auto watched = [&](const Waking& waking, Timestamp at) {
    return waking.woke_at != kTimestampMin && waking.woke_at - waking.slept_since >= config.silence &&
           at >= waking.woke_at && at - waking.woke_at <= config.window;
  };
  const auto retract = [&](Timestamp at, const std::string& event_id, const char* discriminator) {
    if (event_id.empty() || !watched(before, at) || watched(after, at)) return;
    verdict.Retract(
        {.detector = DormantReactivation::kInfo.id, .cause = {event_id}, .discriminator = discriminator});
  };
  for (const KnownDevice& device : state.devices().known)
    retract(device.tenure.first_seen, device.tenure.introduced_by, "");
  for (const MoneyEntry& entry : state.money().entries) {
    if (entry.direction == schemas::Direction::kOut) retract(entry.at, entry.event_id, "money");
  }
}

}  // namespace

const std::array<Setting<DormantReactivation::Config>, 4> DormantReactivation::Config::kSettings{{
    {.key = "silence",
     .member = &Config::silence,
     .min = 2592000,
     .max = 31536000,
     .doc = "Time without a successful use after which an account is dormant."},
    {.key = "window",
     .member = &Config::window,
     .min = 3600,
     .max = 2592000,
     .doc = "How long after its first use a dormant account is watched."},
    {.key = "quantile",
     .member = &Config::quantile,
     .min = 0.5,
     .max = 1,
     .doc = "Share of the account's payments of that kind and currency that are no surprise."},
    {.key = "payments_min",
     .member = &Config::payments_min,
     .min = 5,
     .max = 1000,
     .unit = "payments",
     .doc = "Own payments of that kind and currency from which on the account is its own measure; below it "
            "the population is."},
}};

Verdict DormantReactivation::Evaluate(const schemas::Event& event, const AccountState& state,
                                      const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  const Sessions& sessions = state.sessions();
  if (sessions.last_use == kTimestampMin) return Verdict::NotEvaluable(kLearning);
  const Waking waking = sessions.WakingWith(event.occurred_at);
  const Millis silence = waking.woke_at - waking.slept_since;
  const bool awake = waking.woke_at == kTimestampMin || event.occurred_at < waking.woke_at;
  context.Note("silence_days", awake ? 0.0 : Days(silence).count(), Needs::kAtLeast,
               Days(config_.silence).count());
  Verdict verdict = Verdict::Clear();
  if (event.occurred_at <= sessions.last_use && waking != sessions.waking)
    RetractWoken(sessions.waking, waking, config_, state, verdict);
  if (awake || silence < config_.silence) return verdict;
  if (event.occurred_at - waking.woke_at > config_.window) {
    context.Note("hours_since_waking", Hours(event.occurred_at - waking.woke_at).count(), Needs::kLessThan,
                 Hours(Millis(config_.window)).count());
    return verdict;
  }

  const auto complete = [&](Claim& claim) {
    claim.evidence.push_back({"silence_days", Days(silence).count()});
    claim.evidence.push_back({"silence_days_min", Days(config_.silence).count()});
  };
  const NoveltyResult novelty = DeviceNovelty(event, state, context);
  const Tenure* const introduction = TenureAt(state.devices().known, novelty.index);
  const std::optional<Verdict> device =
      Unremarkable(event, state, context, novelty, introduction, kForgottenAfter);
  if (!device) {
    Claim claim;
    claim.severity = schemas::Severity::kLow;
    claim.confidence = kConfidenceDevice;
    claim.weight = kInfo.weight;
    claim.reasons.push_back(
        {.code = "dormant_device", .observed = DeviceLabel(event.facts.device), .usual = DaysText(silence)});
    complete(claim);
    Verdict alert = NoveltyAlert(event, novelty, introduction, std::move(claim));
    for (schemas::Retraction& gone : verdict.retractions()) alert.Retract(std::move(gone));
    verdict = std::move(alert);
  }
  if (auto claim = LargeMoney(event, state, context)) {
    claim->reasons.front().usual = DaysText(silence);
    complete(*claim);
    verdict.Add(*std::move(claim));
    const MoneyEntry* const known = CountedBefore(event, state);
    if (known != nullptr && Begins(*known, event))
      verdict.Retract({.detector = kInfo.id, .cause = {known->event_id}, .discriminator = "money"});
  }
  if (verdict.speaks()) return verdict;
  if (device && !device->clear()) return *device;
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr || transaction->direction != schemas::Direction::kOut) return verdict;
  const Movement own = ReadMovement(event, {});
  if (own.counted && MeasureOf(own, state, context, config_).usual_minor < 0)
    return Verdict::NotEvaluable(kLearning);
  return verdict;
}

std::optional<Claim> DormantReactivation::LargeMoney(const schemas::Event& event, const AccountState& state,
                                                     const Context& context) const {
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr || transaction->direction != schemas::Direction::kOut) return std::nullopt;
  Movement own = ReadMovement(event, {});
  if (!own.counted) return std::nullopt;
  const MoneyEntry* const known = CountedBefore(event, state);
  const bool begins = known != nullptr && Begins(*known, event);
  if (begins) own = Merge(*known, own);
  // One payment is one finding: what was authorized is not claimed again when it completes.
  const bool judged = known != nullptr && !begins && known->amount.currency == own.amount.currency &&
                      known->amount.minor >= own.amount.minor;
  if (judged) {
    context.Note("not_judged_before", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return std::nullopt;
  }

  const auto [usual, by_habit] = MeasureOf(own, state, context, config_);
  if (usual < 0) return std::nullopt;
  const auto text = [&](int64_t minor) { return FormatMoney({minor, own.amount.currency}); };
  if (own.amount.minor <= usual) {
    if (context.measures != nullptr)
      context.Note("amount", text(own.amount.minor), Needs::kMoreThan, text(usual));
    return std::nullopt;
  }

  Claim claim;
  claim.severity = kInfo.severity;
  claim.confidence = kConfidenceMoney;
  claim.weight = kInfo.weight;
  claim.cause = {event.event_id.str()};
  claim.discriminator = "money";
  claim.occurred_at = event.occurred_at;
  claim.transaction_id = transaction->transaction_id;
  claim.reasons.push_back({.code = "dormant_money", .observed = text(own.amount.minor), .usual = {}});
  claim.evidence = {{"amount", text(own.amount.minor)},
                    {"amount_usual", text(usual)},
                    {"quantile", config_.quantile},
                    {"measure", std::string(by_habit ? "account" : "population")}};
  return claim;
}

}  // namespace tocsin::detectors
