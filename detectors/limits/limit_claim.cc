#include "detectors/limits/limit_claim.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace tocsin::detectors {
namespace {

using schemas::Claim;
using schemas::Reason;
using schemas::Retraction;

struct Length {
  int64_t number;
  std::string_view unit;
};

Length LengthOf(Millis length) {
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(length).count();
  if (length % std::chrono::seconds(1) != Millis{0}) return {length.count(), "ms"};
  if (seconds % 3600 == 0) return {seconds / 3600, "h"};
  if (seconds % 60 == 0) return {seconds / 60, "m"};
  return {seconds, "s"};
}

std::string_view UnitName(CalendarUnit unit) {
  static constexpr std::array<std::string_view, 4> kNames = {"day", "week", "month", "year"};
  return kNames[static_cast<size_t>(unit)];
}

// The ISO week of a local day: the one that holds its Thursday.
std::string WeekName(const LocalTime& monday) {
  const std::chrono::sys_days thursday =
      std::chrono::sys_days{std::chrono::year{monday.year} / monday.month / monday.day} +
      std::chrono::days{3};
  const std::chrono::year year = std::chrono::year_month_day{thursday}.year();
  const int week = static_cast<int>((thursday - std::chrono::sys_days{year / 1 / 1}).count() / 7) + 1;
  std::array<char, 24> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-W%02d", static_cast<int>(year), week);
  return {text.data(), static_cast<size_t>(size)};
}

std::string CalendarName(CalendarUnit unit, const LocalTime& begin) {
  if (unit == CalendarUnit::kWeek) return WeekName(begin);
  std::array<char, 48> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", begin.year, begin.month, begin.day);
  const size_t wanted = unit == CalendarUnit::kDay ? 10 : unit == CalendarUnit::kMonth ? 7 : 4;
  return {text.data(), std::min(static_cast<size_t>(size), wanted)};
}

// " in 24 h", " in 2026-03", "".
std::string InWindow(const LimitLevel& level, const TimeZone& zone) {
  const Limit& limit = *level.limit;
  switch (limit.window) {
    case Limit::Window::kTransaction:
      break;
    case Limit::Window::kRolling: {
      const auto [number, unit] = LengthOf(limit.rolling);
      return " in " + std::to_string(number) + " " + std::string(unit == "m" ? "min" : unit);
    }
    case Limit::Window::kCalendar:
      return " in " + CalendarName(limit.unit, zone.ToLocal(level.begin));
  }
  return {};
}

Money InCurrency(const LimitLevel& level, int64_t minor) {
  return {.minor = minor, .currency = level.limit->max->currency};
}

}  // namespace

std::string WindowName(const Limit& limit) {
  switch (limit.window) {
    case Limit::Window::kTransaction:
      break;
    case Limit::Window::kRolling: {
      const auto [number, unit] = LengthOf(limit.rolling);
      return std::to_string(number) + std::string(unit);
    }
    case Limit::Window::kCalendar:
      return std::string(UnitName(limit.unit));
  }
  return "transaction";
}

Reason SumReason(std::string_view code, const LimitLevel& level, const TimeZone& zone) {
  return {.code = code,
          .observed = FormatMoney(InCurrency(level, level.sum_minor)) + InWindow(level, zone),
          .usual = "limit " + level.limit->name + ": " +
                   FormatMoney(InCurrency(level, *level.allowance.max_minor))};
}

Reason CountReason(std::string_view code, const LimitLevel& level, const TimeZone& zone) {
  return {.code = code,
          .observed = std::to_string(level.count) + InWindow(level, zone),
          .usual = "limit " + level.limit->name + ": " + std::to_string(*level.allowance.max_count)};
}

Claim LimitClaim(const LimitChange& change, const schemas::Event& event, const TimeZone& zone) {
  const LimitLevel& level = change.level;
  const Limit& limit = *level.limit;
  Claim claim;
  claim.confidence = 100;  // Arithmetic.
  claim.cause = {change.event_id};
  claim.discriminator = limit.name;
  claim.occurred_at = change.at;
  if (change.own) claim.transaction_id = event.transaction()->transaction_id;

  std::vector<schemas::Evidence>& evidence = claim.evidence;
  evidence.push_back({"limit", limit.name});
  evidence.push_back({"window", WindowName(limit)});
  evidence.push_back({"window_begin", FormatRfc3339(level.begin)});
  if (limit.window == Limit::Window::kCalendar) evidence.push_back({"timezone", zone.name()});
  if (limit.max && level.allowance.max_minor) {
    evidence.push_back({"currency", std::string(limit.max->currency.code())});
    evidence.push_back({"sum", FormatAmount(InCurrency(level, level.sum_minor))});
    evidence.push_back({"max", FormatAmount(InCurrency(level, *level.allowance.max_minor))});
  }
  evidence.push_back({"count", level.count});
  if (level.allowance.max_count) evidence.push_back({"max_count", *level.allowance.max_count});
  if (limit.warn_at > 0) evidence.push_back({"warn_at", limit.warn_at});
  evidence.push_back({"converted", level.converted});
  if (level.rate != nullptr) evidence.push_back({"rate_as_of", level.rate->as_of});
  if (level.unconverted > 0) evidence.push_back({"unconverted", level.unconverted});
  if (level.partial_window) evidence.push_back({"partial_window", int64_t{1}});
  return claim;
}

Retraction LimitRetraction(std::string_view detector, const LimitChange& change) {
  return {.detector = detector, .cause = {change.event_id}, .discriminator = change.level.limit->name};
}

}  // namespace tocsin::detectors
