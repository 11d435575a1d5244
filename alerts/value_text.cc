#include "alerts/value_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "alerts/localize.h"
#include "base/money.h"
#include "base/text.h"

namespace tocsin::alerts {
namespace {

constexpr size_t kValueMax = 120;

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<int> Number(std::string_view text) {
  int value = 0;
  if (!AllDigits(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsCountryCode(std::string_view code) {
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z';
}

// How a length is said in words: exactly as it was measured, or as people would. Then an age is what has gone
// by of it ("5 days ago"), and a window is not smaller than it was.
enum class Say : uint8_t { kExactly, kAsAge, kAsWindow };

// "24 h": a length of time. Nothing for a length of zero: "0 min ago" says less than no answer.
std::optional<std::string> Length(Locale locale, std::string_view text, Say say) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::optional<int> count = Number(text.substr(0, space));
  std::string_view unit = text.substr(space + 1);
  if (!count) return std::nullopt;
  if (say != Say::kExactly && unit == "min" && *count >= 60 && *count % 60 == 0) {
    *count /= 60;
    unit = "h";
  }
  if (say != Say::kExactly && unit == "h" && *count >= 48) {
    *count = (*count + (say == Say::kAsWindow ? 23 : 0)) / 24;
    unit = "d";
  }
  struct Row {
    std::string_view unit;
    MessageKey key;
  };
  static constexpr Row kRows[] = {
      {"s", "value.seconds"}, {"min", "value.minutes"}, {"h", "value.hours"}, {"d", "value.days"}};
  const auto* const row = std::ranges::find(kRows, unit, &Row::unit);
  if (row == std::end(kRows)) return std::nullopt;
  if (*count == 0) return std::string();
  return Messages::Instance().Text(locale, row->key, {{"count", std::to_string(*count)}});
}

// "2026-03-01", "2026-03", "2026-W09", "2026": a calendar window.
struct Window {
  std::string text;
  bool is_day = false;
};
std::optional<Window> CalendarWindow(Locale locale, std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  const std::optional<int> year = Number(text.substr(0, 4));
  if (!year || *year < 1970) return std::nullopt;
  if (text.size() == 4) return Window{std::string(text) + (locale == Locale::kZhCn ? " 年" : "")};
  if (text[4] != '-') return std::nullopt;
  if (text.size() == 8 && text[5] == 'W') {
    const std::optional<int> week = Number(text.substr(6));
    if (!week) return std::nullopt;
    return Window{Messages::Instance().Text(locale, "value.week",
                                            {{"week", std::to_string(*week)}, {"year", text.substr(0, 4)}})};
  }
  const std::optional<int> month = text.size() >= 7 ? Number(text.substr(5, 2)) : std::nullopt;
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  if (text.size() == 7) return Window{FormatMonth(locale, *year, *month)};
  const std::optional<int> day = text.size() == 10 && text[7] == '-' ? Number(text.substr(8)) : std::nullopt;
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  return Window{FormatDay(locale, *year, *month, *day), true};
}

std::optional<std::string> Amount(Locale locale, std::string_view text) {
  const Result<Money> money = ParseMoney(text);
  if (!money) return std::nullopt;
  return FormatMoneyFor(locale, *money);
}

// What a reason counts: "count.payments". Chinese has a measure word for each.
MessageKey MeasureOf(std::string_view reason) {
  struct Row {
    std::string_view reason;
    MessageKey measure;
  };
  static constexpr Row kRows[] = {
      {"velocity_payees", "count.payees"},     {"velocity", "count.payments"},
      {"structuring", "count.payments"},       {"limit_breach_count", "count.payments"},
      {"limit_approach", "count.payments"},    {"takeover_chain", "count.steps"},
      {"takeover_chain_money", "count.steps"}, {"sensitive_burst", "count.changes"},
      {"card_testing_cards", "count.cards"}};
  const auto* const row = std::ranges::find(kRows, reason, &Row::reason);
  return row == std::end(kRows) ? MessageKey("count.times") : row->measure;
}

// "X in W", X a count or an amount, maybe behind "< ".
std::optional<std::string> InWindow(Locale locale, std::string_view text, std::string_view reason,
                                    Reader reader) {
  const Messages& messages = Messages::Instance();
  const bool below = text.starts_with("< ");
  if (below) text.remove_prefix(2);
  const size_t in = text.find(" in ");
  if (in == std::string_view::npos) return std::nullopt;
  const std::string_view what = text.substr(0, in);
  const std::string_view within = text.substr(in + 4);
  const std::optional<std::string> amount = Amount(locale, what);
  if (!amount && !AllDigits(what)) return std::nullopt;
  const std::string count =
      amount ? std::string() : messages.Text(locale, MeasureOf(reason), {{"count", what}});

  std::optional<Window> window;
  const Say say = reader == Reader::kOwner ? Say::kAsWindow : Say::kExactly;
  if (const std::optional<std::string> length = Length(locale, within, say)) {
    if (length->empty()) return amount ? *amount : count;
    window = Window{*length};
  } else {
    window = CalendarWindow(locale, within);
  }
  if (!window) return std::nullopt;
  if (amount) {
    return messages.Text(locale,
                         window->is_day ? MessageKey("value.amount_on") : MessageKey("value.amount_in"),
                         {{"amount", *amount}, {"window", window->text}, {"date", window->text}});
  }
  if (below)
    return messages.Text(locale, "value.below_count_in", {{"count", count}, {"window", window->text}});
  return messages.Text(locale, window->is_day ? MessageKey("value.count_on") : MessageKey("value.count_in"),
                       {{"count", count}, {"window", window->text}, {"date", window->text}});
}

// "limit daily-out: CNY 200000.00". Its name is the operator's.
std::optional<std::string> LimitText(Locale locale, std::string_view text, std::string_view reason,
                                     Reader reader) {
  constexpr std::string_view kLimit = "limit ";
  const size_t colon = text.rfind(": ");
  if (!text.starts_with(kLimit) || colon == std::string_view::npos || colon <= kLimit.size())
    return std::nullopt;
  const Messages& messages = Messages::Instance();
  const std::string_view held = text.substr(colon + 2);
  std::string value = Amount(locale, held).value_or(std::string(held));
  if (reader == Reader::kAgent)
    return messages.Text(locale, "value.limit",
                         {{"name", text.substr(kLimit.size(), colon - kLimit.size())}, {"value", value}});
  if (AllDigits(held)) value = messages.Text(locale, MeasureOf(reason), {{"count", held}});
  return messages.Text(locale, "value.limit.owner", {{"value", value}});
}

// "AS4134 China Telecom", "AS4134": the name of the network, which may be none.
std::optional<std::string> NetworkName(std::string_view text) {
  const size_t space = std::min(text.find(' '), text.size());
  if (!text.starts_with("AS") || !AllDigits(text.substr(2, space - 2))) return std::nullopt;
  return std::string(text.substr(std::min(space + 1, text.size())));
}

}  // namespace

std::string LocalizePlace(Locale locale, std::string_view place) {
  if (IsCountryCode(place)) return CountryName(locale, place);
  if (place.size() < 5 || place.substr(place.size() - 4, 2) != ", " ||
      !IsCountryCode(place.substr(place.size() - 2))) {
    return std::string(place);
  }
  const std::string_view city = place.substr(0, place.size() - 4);
  const std::string_view code = place.substr(place.size() - 2);
  // "Singapore, Singapore" is one place.
  if (CountryName(Locale::kEn, code).starts_with(city)) return CountryName(locale, code);
  const Messages& messages = Messages::Instance();
  const std::string country = CountryName(locale, code);
  if (const auto name = CityName(locale, city, code))
    return messages.Text(locale, "value.place.named", {{"city", *name}, {"country", country}});
  return messages.Text(locale, "value.place", {{"city", city}, {"country", country}});
}

std::string LocalizeDevice(Locale locale, std::string_view device) {
  constexpr std::string_view kOn = " on ";
  const size_t on = device.rfind(kOn);
  if (on == std::string_view::npos || on == 0) return std::string(device);
  return Messages::Instance().Text(
      locale, "value.device", {{"device", device.substr(0, on)}, {"system", device.substr(on + kOn.size())}});
}

std::string LocalizeValue(Locale locale, std::string_view value, std::string_view reason, Reader reader) {
  const std::string clean = CleanText(value, kValueMax);
  const bool owner = reader == Reader::kOwner;
  if (auto text = LimitText(locale, clean, reason, reader)) return *text;
  if (auto text = InWindow(locale, clean, reason, reader)) return *text;
  if (auto text = Amount(locale, clean)) return *text;
  if (auto text = Length(locale, clean, owner ? Say::kAsAge : Say::kExactly)) return *text;
  if (owner) {
    if (auto text = NetworkName(clean)) return *text;
    if (reason == "locale_mismatch") {
      if (auto text = ZoneName(locale, clean)) return *text;
    }
  }
  return clean.find(" on ") == std::string::npos ? LocalizePlace(locale, clean)
                                                 : LocalizeDevice(locale, clean);
}

std::string ReasonSentence(Locale locale, std::string_view code, std::string_view observed,
                           std::string_view usual, Reader reader) {
  const Messages& messages = Messages::Instance();
  std::string key = "reason." + std::string(code);
  if (!messages.Has(key)) key = "reason.other";
  if (const std::string own = key + ".owner"; reader == Reader::kOwner && messages.Has(own)) key = own;
  // A threshold of ours is not what is usual for the owner, unless it was learnt from them.
  const bool threshold = usual.starts_with("< ") && !code.starts_with("velocity");
  if (reader == Reader::kOwner && threshold) usual = {};
  return messages.Text(locale, MessageKey::Of(key),
                       {{"observed", LocalizeValue(locale, observed, code, reader)},
                        {"usual", LocalizeValue(locale, usual, code, reader)},
                        {"code", reader == Reader::kOwner ? std::string() : CleanText(code)}});
}

}  // namespace tocsin::alerts
