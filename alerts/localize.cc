#include "alerts/localize.h"

#include <unicode/locid.h>
#include <unicode/msgfmt.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>

#include <cstdlib>
#include <memory>
#include <utility>

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

// Formatters of one locale. ICU's date formats keep a calendar inside, so each thread has its own.
struct Formatters {
  explicit Formatters(Locale locale)
      : icu_locale(IcuLocale(locale)),
        long_time(Make(locale == Locale::kZhCn ? "yyyy年M月d日 EEEE HH:mm" : "EEEE, d MMMM yyyy, HH:mm")),
        short_time(Make(locale == Locale::kZhCn ? "yyyy年M月d日 HH:mm" : "d MMMM yyyy, HH:mm")),
        day(Make(locale == Locale::kZhCn ? "yyyy年M月d日" : "d MMMM yyyy")),
        month(Make(locale == Locale::kZhCn ? "yyyy年M月" : "MMMM yyyy")),
        money(icu::number::NumberFormatter::withLocale(icu_locale)
                  .unitWidth(locale == Locale::kZhCn ? UNUM_UNIT_WIDTH_SHORT : UNUM_UNIT_WIDTH_ISO_CODE)) {}

  // Local times are formatted as if they were UTC: our own zones decide what is local.
  [[nodiscard]] std::unique_ptr<icu::SimpleDateFormat> Make(std::string_view pattern) const {
    UErrorCode error = U_ZERO_ERROR;
    auto format = std::make_unique<icu::SimpleDateFormat>(FromUtf8(pattern), icu_locale, error);
    CHECK(U_SUCCESS(error));
    format->adoptTimeZone(icu::TimeZone::getGMT()->clone());
    return format;
  }

  icu::Locale icu_locale;
  std::unique_ptr<icu::SimpleDateFormat> long_time;
  std::unique_ptr<icu::SimpleDateFormat> short_time;
  std::unique_ptr<icu::SimpleDateFormat> day;
  std::unique_ptr<icu::SimpleDateFormat> month;
  icu::number::LocalizedNumberFormatter money;
};

const Formatters& Of(Locale locale) {
  thread_local const Formatters english(Locale::kEn);
  thread_local const Formatters chinese(Locale::kZhCn);
  return locale == Locale::kZhCn ? chinese : english;
}

std::string Format(const icu::SimpleDateFormat& format, int64_t local_millis) {
  icu::UnicodeString text;
  format.format(static_cast<UDate>(local_millis), text);
  return ToUtf8(text);
}

std::string FormatLocal(Locale locale, const icu::SimpleDateFormat& format, Timestamp at,
                        const TimeZone& zone) {
  const std::chrono::minutes offset = zone.ToLocal(at).offset;
  std::string text = Format(format, ToMillis(at + offset));
  text += locale == Locale::kZhCn ? "（" : " (";
  text += FormatUtcOffset(offset);
  text += locale == Locale::kZhCn ? "）" : ")";
  return text;
}

int64_t MillisOf(int year, int month, int day) {
  const std::chrono::sys_days date{std::chrono::year{year} / month / day};
  return int64_t{date.time_since_epoch().count()} * 86'400'000;
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
  return FormatLocal(locale, *Of(locale).long_time, at, zone);
}

std::string FormatShortDateTime(Locale locale, Timestamp at, const TimeZone& zone) {
  return FormatLocal(locale, *Of(locale).short_time, at, zone);
}

std::string FormatDay(Locale locale, int year, int month, int day) {
  return Format(*Of(locale).day, MillisOf(year, month, day));
}

std::string FormatMonth(Locale locale, int year, int month) {
  return Format(*Of(locale).month, MillisOf(year, month, 1));
}

std::string FormatMoneyFor(Locale locale, const Money& money) {
  if (money.currency.none()) return {};
  UErrorCode error = U_ZERO_ERROR;
  const std::string code(money.currency.code());
  const icu::CurrencyUnit unit(FromUtf8(code).getTerminatedBuffer(), error);
  const std::string amount = FormatAmount(money);
  const int decimals = money.currency.decimals();
  const icu::number::FormattedNumber formatted =
      Of(locale)
          .money.unit(unit)
          .precision(icu::number::Precision::fixedFraction(decimals))
          .formatDecimal(amount, error);
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
  const std::string country(code);
  const icu::Locale place("", country.c_str());
  icu::UnicodeString name;
  place.getDisplayCountry(Of(locale).icu_locale, name);
  const std::string text = ToUtf8(name);
  return text.empty() ? country : text;
}

std::string FormatPlural(Locale locale, std::string_view forms, std::string_view count) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString pattern = FromUtf8("{0, plural," + std::string(forms) + "}");
  const icu::MessageFormat format(pattern, Of(locale).icu_locale, error);
  const icu::Formattable arguments[] = {
      static_cast<int64_t>(std::strtoll(std::string(count).c_str(), nullptr, 10))};
  icu::UnicodeString text;
  icu::FieldPosition ignored(icu::FieldPosition::DONT_CARE);
  format.format(arguments, 1, text, ignored, error);
  CHECK(U_SUCCESS(error));
  return ToUtf8(text);
}

}  // namespace tocsin::alerts
