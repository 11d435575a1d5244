// Dates, amounts, countries and plurals as a reader of the locale expects them. The only file of alerts/ that
// knows ICU.
//
// Thread safety: any thread; each makes what it needs of ICU once, which takes some milliseconds, and keeps
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "alerts/messages.h"
#include "base/money.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tocsin::alerts {

// "Sunday, 1 March 2026, 12:05 (UTC+8)" / "2026年3月1日 星期日 12:05（UTC+8）".
[[nodiscard]] std::string FormatDateTime(Locale locale, Timestamp at, const TimeZone& zone);
// "1 March 2026, 12:05 (UTC+8)" / "2026年3月1日 12:05（UTC+8）".
[[nodiscard]] std::string FormatShortDateTime(Locale locale, Timestamp at, const TimeZone& zone);
// "1 Mar 12:05" / "3月1日12:05": where there is room for little, soon after.
[[nodiscard]] std::string FormatDayTime(Locale locale, Timestamp at, const TimeZone& zone);
// "1 March 2026" / "2026年3月1日"; "March 2026" / "2026年3月".
[[nodiscard]] std::string FormatDay(Locale locale, int year, int month, int day);
[[nodiscard]] std::string FormatMonth(Locale locale, int year, int month);
// "UTC", "UTC+8", "UTC-3:30".
[[nodiscard]] std::string FormatUtcOffset(std::chrono::minutes offset);

// "CNY 68,000.00" / "¥68,000.00", "US$5,000.00": unmistakable for a reader of the locale. "" without a
// currency.
[[nodiscard]] std::string FormatMoneyFor(Locale locale, const Money& money);
// "Asia/Tokyo": "Japan Time" / "日本时间"; nullopt for what names no zone.
[[nodiscard]] std::optional<std::string> ZoneName(Locale locale, std::string_view id);
// Name of an ISO 3166-1 alpha-2 country; the code itself when it has none.
[[nodiscard]] std::string CountryName(Locale locale, std::string_view code);
// A city as databases name it in English, in the language of the locale: nullopt when nobody keeps its name.
// Known are the cities that time zones are named after (CLDR), "Bangkok" in "TH" is "曼谷", and those of
// city_names.h. Of "Guangzhou (Tianhe Qu)", a part of a city, the city is said.
[[nodiscard]] std::optional<std::string> CityName(Locale locale, std::string_view city,
                                                  std::string_view country);
// One of the forms "one {# hour} other {# hours}" for `count` (decimal digits); # is the count, grouped by
// the locale.
[[nodiscard]] std::string FormatPlural(Locale locale, std::string_view forms, std::string_view count);

}  // namespace tocsin::alerts
