#include "alerts/localize.h"

#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/timezone.h>
#include <unicode/tznames.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "alerts/city_names.h"
#include "base/check.h"

namespace tocsin::alerts {
namespace {

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

icu::Locale IcuLocale(Locale locale) {
  return locale == Locale::kZhCn ? icu::Locale("zh", "CN") : icu::Locale("en", "GB");
}

// What ICU knows of one locale, looked up once. A notice says a dozen dates and counts; ICU's own date and
// message formats take longer to say one than the rest of its sentence does.
struct Formatters {
  explicit Formatters(Locale locale)
      : icu_locale(IcuLocale(locale)),
        money(icu::number::NumberFormatter::withLocale(icu_locale)
                  .unitWidth(locale == Locale::kZhCn ? UNUM_UNIT_WIDTH_SHORT : UNUM_UNIT_WIDTH_ISO_CODE)),
        count(icu::number::NumberFormatter::withLocale(icu_locale)) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::DateFormatSymbols symbols(icu_locale, error);
    int32_t size = 0;
    const icu::UnicodeString* names = symbols.getMonths(size);
    for (int32_t i = 0; i < size; ++i) months.push_back(ToUtf8(names[i]));
    names = symbols.getWeekdays(size);  // From 1, Sunday.
    for (int32_t i = 1; i < size; ++i) weekdays.push_back(ToUtf8(names[i]));
    plurals.reset(icu::PluralRules::forLocale(icu_locale, error));
    CHECK(U_SUCCESS(error) && months.size() >= 12 && weekdays.size() == 7);
  }

  icu::Locale icu_locale;
  icu::number::LocalizedNumberFormatter money;
  icu::number::LocalizedNumberFormatter count;
  std::vector<std::string> months;
  std::vector<std::string> weekdays;
  std::unique_ptr<icu::PluralRules> plurals;
  // Names of countries as they were asked for: at most one for each two letters.
  mutable std::map<std::string, std::string, std::less<>> countries;
  // By country, the English names of its zones' cities and those of the locale.
  mutable std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> cities;
  // By packed code, at most one for each currency there is: a formatter that is used again is compiled by
  // ICU, which makes it ten times as fast as a new one.
  mutable std::map<uint16_t, icu::number::LocalizedNumberFormatter> currencies;

  [[nodiscard]] const icu::number::LocalizedNumberFormatter& Of(Currency currency) const {
    const auto known = currencies.find(currency.packed());
    if (known != currencies.end()) return known->second;
    UErrorCode error = U_ZERO_ERROR;
    const std::string code(currency.code());
    const icu::CurrencyUnit unit(FromUtf8(code).getTerminatedBuffer(), error);
    CHECK(U_SUCCESS(error));
    auto made = money.unit(unit).precision(icu::number::Precision::fixedFraction(currency.decimals()));
    return currencies.emplace(currency.packed(), std::move(made)).first->second;
  }
};

const Formatters& Of(Locale locale) {
  thread_local const Formatters english(Locale::kEn);
  thread_local const Formatters chinese(Locale::kZhCn);
  return locale == Locale::kZhCn ? chinese : english;
}

// In Chinese.
std::map<std::string, std::string, std::less<>> CitiesOf(const icu::Locale& locale,
                                                         std::string_view country) {
  std::map<std::string, std::string, std::less<>> cities;
  for (const CityInChinese& city : CitiesInChinese()) {
    if (city.country == country) cities.emplace(city.english, city.chinese);
  }
  UErrorCode error = U_ZERO_ERROR;
  const std::string region(country);
  const std::unique_ptr<icu::StringEnumeration> zones(icu::TimeZone::createTimeZoneIDEnumeration(
      UCAL_ZONE_TYPE_CANONICAL_LOCATION, region.c_str(), nullptr, error));
  const std::unique_ptr<icu::TimeZoneNames> english(
      icu::TimeZoneNames::createInstance(icu::Locale::getEnglish(), error));
  const std::unique_ptr<icu::TimeZoneNames> local(icu::TimeZoneNames::createInstance(locale, error));
  if (U_FAILURE(error)) return cities;
  while (const icu::UnicodeString* const zone = zones->snext(error)) {
    icu::UnicodeString from;
    icu::UnicodeString to;
    english->getExemplarLocationName(*zone, from);
    local->getExemplarLocationName(*zone, to);
    if (!from.isEmpty() && !to.isEmpty()) cities.emplace(ToUtf8(from), ToUtf8(to));
  }
  return cities;
}

std::string TwoDigits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string FormatLocal(Locale locale, Timestamp at, const TimeZone& zone, bool with_weekday) {
  const LocalTime local = zone.ToLocal(at);
  const std::string& weekday = Of(locale).weekdays[static_cast<size_t>(local.weekday)];
  const std::string day = FormatDay(locale, local.year, local.month, local.day);
  const std::string time = TwoDigits(local.hour) + ":" + TwoDigits(local.minute);
  const std::string offset = FormatUtcOffset(local.offset);
  if (locale == Locale::kZhCn)
    return day + (with_weekday ? " " + weekday : "") + " " + time + "（" + offset + "）";
  return (with_weekday ? weekday + ", " : "") + day + ", " + time + " (" + offset + ")";
}

// The text in braces behind `keyword` in "one {# hour} other {# hours}".
std::optional<std::string_view> Form(std::string_view forms, std::string_view keyword) {
  for (size_t at = forms.find(keyword); at != std::string_view::npos; at = forms.find(keyword, at + 1)) {
    const std::string_view rest = forms.substr(at + keyword.size());
    const size_t open = rest.find_first_not_of(' ');
    if (open == std::string_view::npos || rest[open] != '{') continue;
    const size_t close = rest.find('}', open);
    if (close != std::string_view::npos) return rest.substr(open + 1, close - open - 1);
  }
  return std::nullopt;
}

}  // namespace

std::string FormatUtcOffset(std::chrono::minutes offset) {
  const auto minutes = static_cast<int>(offset.count());
  if (minutes == 0) return "UTC";
  const int size = std::abs(minutes);
  std::string text = minutes < 0 ? "UTC-" : "UTC+";
  text += std::to_string(size / 60);
  if (size % 60 != 0)
    text += size % 60 < 10 ? ":0" + std::to_string(size % 60) : ":" + std::to_string(size % 60);
  return text;
}

std::string FormatDateTime(Locale locale, Timestamp at, const TimeZone& zone) {
  return FormatLocal(locale, at, zone, true);
}

std::string FormatShortDateTime(Locale locale, Timestamp at, const TimeZone& zone) {
  return FormatLocal(locale, at, zone, false);
}

std::string FormatDayTime(Locale locale, Timestamp at, const TimeZone& zone) {
  const LocalTime local = zone.ToLocal(at);
  const std::string time = TwoDigits(local.hour) + ":" + TwoDigits(local.minute);
  const std::string day = std::to_string(local.day);
  if (locale == Locale::kZhCn) return std::to_string(local.month) + "月" + day + "日" + time;
  return day + " " + Of(locale).months[static_cast<size_t>(local.month) - 1].substr(0, 3) + " " + time;
}

std::string FormatDay(Locale locale, int year, int month, int day) {
  const std::string number = std::to_string(day);
  if (locale == Locale::kZhCn) return FormatMonth(locale, year, month) + number + "日";
  return number + " " + FormatMonth(locale, year, month);
}

std::string FormatMonth(Locale locale, int year, int month) {
  CHECK(month >= 1 && month <= 12);
  if (locale == Locale::kZhCn) return std::to_string(year) + "年" + std::to_string(month) + "月";
  return Of(locale).months[static_cast<size_t>(month) - 1] + " " + std::to_string(year);
}

std::string FormatMoneyFor(Locale locale, const Money& money) {
  if (money.currency.none()) return {};
  UErrorCode error = U_ZERO_ERROR;
  const std::string amount = FormatAmount(money);
  const icu::number::FormattedNumber formatted = Of(locale).Of(money.currency).formatDecimal(amount, error);
  const std::string text = ToUtf8(formatted.toString(error));
  if (U_FAILURE(error)) return FormatMoney(money);
  // ICU ties code and amount by a no-break space, which some phones show as a box.
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\xC2\xA0") == 0) {
      out += ' ';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string CountryName(Locale locale, std::string_view code) {
  const Formatters& formatters = Of(locale);
  const bool known_form =
      code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z';
  if (!known_form) return std::string(code);
  if (const auto known = formatters.countries.find(code); known != formatters.countries.end())
    return known->second;
  const std::string country(code);
  icu::UnicodeString name;
  icu::Locale("", country.c_str()).getDisplayCountry(formatters.icu_locale, name);
  std::string text = ToUtf8(name);
  if (text.empty()) text = country;
  formatters.countries.emplace(country, text);
  return text;
}

std::optional<std::string> CityName(Locale locale, std::string_view city, std::string_view country) {
  if (locale == Locale::kEn) return std::nullopt;
  const Formatters& formatters = Of(locale);
  auto known = formatters.cities.find(country);
  if (known == formatters.cities.end()) {
    known = formatters.cities.emplace(std::string(country), CitiesOf(formatters.icu_locale, country)).first;
  }
  auto name = known->second.find(city);
  // "Guangzhou (Tianhe Qu)": a part of the city.
  if (name == known->second.end()) name = known->second.find(city.substr(0, city.find(" (")));
  return name == known->second.end() ? std::nullopt : std::optional(name->second);
}

std::optional<std::string> ZoneName(Locale locale, std::string_view id) {
  if (id.find('/') == std::string_view::npos) return std::nullopt;
  const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(FromUtf8(id)));
  if (zone == nullptr || *zone == icu::TimeZone::getUnknown()) return std::nullopt;
  icu::UnicodeString name;
  zone->getDisplayName(false, icu::TimeZone::GENERIC_LOCATION, Of(locale).icu_locale, name);
  return ToUtf8(name);
}

std::string FormatPlural(Locale locale, std::string_view forms, std::string_view count) {
  const Formatters& formatters = Of(locale);
  const int64_t number = std::strtoll(std::string(count).c_str(), nullptr, 10);
  const std::string keyword =
      ToUtf8(formatters.plurals->select(static_cast<int32_t>(std::min<int64_t>(number, INT32_MAX))));
  std::optional<std::string_view> form = Form(forms, keyword);
  if (!form) form = Form(forms, "other");
  CHECK(form.has_value());
  UErrorCode error = U_ZERO_ERROR;
  const std::string written = number < 1000
                                  ? std::to_string(number)
                                  : ToUtf8(formatters.count.formatInt(number, error).toString(error));
  std::string text;
  for (const char c : *form) c == '#' ? text += written : text += c;
  return text;
}

}  // namespace tocsin::alerts
