#include "alerts/sms.h"

#include <unicode/unistr.h>

namespace tocsin::alerts {
namespace {

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

}  // namespace

std::optional<size_t> GsmLength(std::string_view text) {
  constexpr std::u16string_view kTwice = u"^{}\\[~]|\u20AC";
  constexpr std::u16string_view kBeyondAscii =
      u"\u00A3\u00A5\u00E8\u00E9\u00F9\u00EC\u00F2\u00C7\u00D8\u00F8\u00C5\u00E5\u0394\u03A6\u0393\u039B"
      u"\u03A9\u03A0"
      u"\u03A8\u03A3\u0398\u039E\u00C6\u00E6\u00DF\u00C9\u00A4\u00A1\u00C4\u00D6\u00D1\u00DC\u00A7\u00BF"
      u"\u00E4\u00F6"
      u"\u00F1\u00FC\u00E0";
  const icu::UnicodeString units = FromUtf8(text);
  size_t length = 0;
  for (int32_t i = 0; i < units.length(); ++i) {
    const char16_t unit = units[i];
    const bool twice = kTwice.find(unit) != std::u16string_view::npos;
    const bool plain = unit == u'\n' || (unit >= u' ' && unit < 0x7f && unit != u'`');
    if (!twice && !plain && kBeyondAscii.find(unit) == std::u16string_view::npos) return std::nullopt;
    length += twice ? 2 : 1;
  }
  return length;
}

size_t Ucs2Length(std::string_view text) { return static_cast<size_t>(FromUtf8(text).length()); }

}  // namespace tocsin::alerts
