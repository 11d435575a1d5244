#include "detectors/dormant_reactivation.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

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
  if (waking.woke_at == kTimestampMin || silence < config_.silence || event.occurred_at < waking.woke_at ||
      event.occurred_at - waking.woke_at > config_.window)
    return Verdict::Clear();

  const auto complete = [&](Claim& claim) {
    claim.evidence.push_back({"silence_days", Days(silence).count()});
    claim.evidence.push_back({"silence_days_min", Days(config_.silence).count()});
  };
  Verdict verdict = Verdict::Clear();
  const NoveltyResult novelty = DeviceNovelty(event, state);
  const Tenure* const introduction = TenureAt(state.devices().known, novelty.index);
  if (!Unremarkable(event, state, context, novelty, introduction)) {
    Claim claim;
    claim.severity = schemas::Severity::kLow;
    claim.confidence = kConfidenceDevice;
    claim.weight = kInfo.weight;
    claim.reasons.push_back(
        {.code = "dormant_device", .observed = DeviceLabel(event.facts.device), .usual = DaysText(silence)});
    complete(claim);
    verdict = NoveltyAlert(event, novelty, introduction, std::move(claim));
  }
  if (auto claim = LargeMoney(event, state, context)) {
    claim->reasons.front().usual = DaysText(silence);
    complete(*claim);
    verdict.Add(*std::move(claim));
  }
  return verdict;
}

std::optional<Claim> DormantReactivation::LargeMoney(const schemas::Event& event, const AccountState& state,
                                                     const Context& context) const {
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr || transaction->direction != schemas::Direction::kOut) return std::nullopt;
  const Movement own = ReadMovement(event, {});
  if (!own.counted) return std::nullopt;
  // One payment is one finding: what was authorized is not claimed again when it completes.
  const MoneyEntry* const known = state.money().Find(own.transaction_key);
  const bool judged = known != nullptr && known->counted && known->amount.currency == own.amount.currency &&
                      known->amount.minor >= own.amount.minor;
  if (judged) return std::nullopt;

  const AmountHistogram* const histogram = state.money().Histogram(own.kind, own.amount.currency);
  const bool by_habit =
      histogram != nullptr && histogram->seen >= static_cast<uint32_t>(config_.payments_min);
  const int64_t usual = by_habit ? QuantileOf(*histogram, config_.quantile)
                                 : context.population.AmountQuantile(own.kind, state.profile().owner.tier,
                                                                     own.amount.currency, config_.quantile);
  if (usual < 0 || own.amount.minor <= usual) return std::nullopt;

  const auto text = [&](int64_t minor) { return FormatMoney({minor, own.amount.currency}); };
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
