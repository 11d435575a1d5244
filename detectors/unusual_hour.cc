#include "detectors/unusual_hour.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "detectors/local_hour.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 20;
constexpr int kHours = 24;
// An hour lends of itself to those beside it, in ninths.
constexpr std::array<int, 5> kKernel = {1, 2, 3, 2, 1};
// What was never seen is as likely as half a login spread over the day.
constexpr double kNeverSeen = 0.5;

double Likely(const HourCounts& hours, int hour) {
  int smooth = 0;
  for (int k = 0; k < static_cast<int>(kKernel.size()); ++k) {
    const auto bin = static_cast<size_t>((hour + k - 2 + kHours) % kHours);
    smooth += kKernel[static_cast<size_t>(k)] * int{hours.bins[bin]};
  }
  return smooth / 9.0 / HourCounts::kUnit + kNeverSeen / kHours;
}

double LikelyOfAll(const HourCounts& hours) {
  int sum = 0;
  for (const uint16_t bin : hours.bins) sum += int{bin};
  return static_cast<double>(sum) / HourCounts::kUnit + kNeverSeen;
}

// The share of the account's logins at hours as rare as `hour` or rarer.
double ShareAsRare(const HourCounts& hours, int hour) {
  std::array<double, kHours> likely{};
  for (int i = 0; i < kHours; ++i) likely[static_cast<size_t>(i)] = Likely(hours, i);
  // Equal hours are equally rare; their sums are rounded alike.
  constexpr double kEqual = 1 + 1e-9;
  double rare = 0;
  for (const double one : likely) rare += one <= likely[static_cast<size_t>(hour)] * kEqual ? one : 0;
  return rare / LikelyOfAll(hours);
}

}  // namespace

const std::array<Setting<UnusualHour::Config>, 2> UnusualHour::Config::kSettings{{
    {.key = "share_max",
     .member = &Config::share_max,
     .min = 0,
     .max = 0.5,
     .doc = "An hour is unusual when hours as rare as it hold less than this share of the account's logins."},
    {.key = "logins_min",
     .member = &Config::logins_min,
     .min = 5,
     .max = 1000,
     .unit = "logins",
     .doc = "Logins from which on hours are judged; those within one hour of a day are one."},
}};

Verdict UnusualHour::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  const LocalHour local = LocalHourOf(event.occurred_at, state.profile().OwnerAt(event.occurred_at));
  const HourCounts hours = HoursOn(local.day, state);
  if (hours.cells < static_cast<uint32_t>(config_.logins_min)) return Verdict::NotEvaluable(kLearning);
  const int hour = local.hour;
  if (context.measures != nullptr)
    context.Note("share", ShareAsRare(hours, hour), Needs::kLessThan, config_.share_max);
  // Nearly always the hour alone is enough.
  if (Likely(hours, hour) >= config_.share_max * LikelyOfAll(hours)) return Verdict::Clear();
  const double share = ShareAsRare(hours, hour);
  if (share >= config_.share_max) return Verdict::Clear();

  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02d:00", hour);
  Claim claim;
  claim.severity = kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = kInfo.weight;
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  claim.reasons.push_back({.code = "unusual_hour", .observed = text.data(), .usual = {}});
  claim.evidence = {{"local_hour", int64_t{hour}},
                    {"share", share},
                    {"share_max", config_.share_max},
                    {"logins_counted", int64_t{hours.cells}}};
  return Verdict::Alert(std::move(claim));
}

}  // namespace tocsin::detectors
