#include "schemas/codec/shapes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"

namespace tocsin::schemas::codec {
namespace {

constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In order, each with a space behind it: 249 of ISO 3166-1, and XK.
constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ "
    "BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR "
    "CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU "
    "ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ "
    "LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF "
    "PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
    "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR "
    "TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";
static_assert(kCountries.size() == 750);  // 250 of them, each with a space.

constexpr std::array<uint32_t, 26> kCountrySet = [] {
  std::array<uint32_t, 26> set{};
  for (size_t i = 0; i < kCountries.size(); i += 3) {
    set[static_cast<size_t>(kCountries[i] - 'A')] |= 1u << (kCountries[i + 1] - 'A');
  }
  return set;
}();

// As RFC 9562 writes it, and as programs do: without hyphens, in braces, as a URN.
bool IsZeroUuid(std::string_view id) {
  constexpr std::string_view kUrn = "urn:uuid:";
  constexpr std::string_view kDigits = "00000000000000000000000000000000";
  if (id.size() > kUrn.size() && EqualsIgnoringCase(id.substr(0, kUrn.size()), kUrn))
    id.remove_prefix(kUrn.size());
  if (id.size() > 2 && id.front() == '{' && id.back() == '}') id = id.substr(1, id.size() - 2);
  return id == kDigits || id == "00000000-0000-0000-0000-000000000000";
}

}  // namespace

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view FirstCodePoints(std::string_view text, size_t code_points) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && code_points-- == 0) break;
  }
  return text.substr(0, end);
}

bool IsPlaceholder(std::string_view id) {
  while (!id.empty() && id.front() == ' ') id.remove_prefix(1);
  while (!id.empty() && id.back() == ' ') id.remove_suffix(1);
  switch (id.size()) {
    case 0:
      return true;
    case 1:
      return id == "-";
    case 3:
      return EqualsIgnoringCase(id, "n/a");
    case 4:
      return EqualsIgnoringCase(id, "null");
    case 7:
      return EqualsIgnoringCase(id, "unknown");
    default:
      return IsZeroUuid(id);
  }
}

bool HasControlCharacter(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHighs = kOnes * 0x80;
  // A high bit for each byte below 0x20 or equal to 0x7f; exact for the lowest such byte, which is enough.
  const auto found = [](uint64_t word) {
    const uint64_t deleted = word ^ kOnes * 0x7f;
    return (((word - kOnes * 0x20) & ~word) | ((deleted - kOnes) & ~deleted)) & kHighs;
  };
  const char* at = text.data();
  size_t rest = text.size();
  uint64_t word = 0;
  for (; rest >= 8; rest -= 8, at += 8) {
    std::memcpy(&word, at, 8);
    if (found(word) != 0) return true;
  }
  word = kOnes * 0x20;
  if (rest > 0) std::memcpy(&word, at, rest);
  return found(word) != 0;
}

bool IsCountry(std::string_view code) {
  if (code.size() != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z') return false;
  return (kCountrySet[static_cast<size_t>(code[0] - 'A')] >> (code[1] - 'A') & 1) != 0;
}

bool IsLocale(std::string_view tag) {
  if (tag.size() > 35) return false;
  bool first = true;
  for (;;) {
    size_t size = 0;
    while (size < tag.size() && (IsLetter(tag[size]) || (!first && IsDigit(tag[size])))) ++size;
    // "x-private" and "i-klingon": a letter that says what kind of tag follows.
    const bool singleton =
        first && size == 1 && (AsciiLower(tag[0]) == 'x' || AsciiLower(tag[0]) == 'i') && tag.size() > 1;
    if (size > 8 || size < (first && !singleton ? 2u : 1u)) return false;
    if (size == tag.size()) return true;
    if (tag[size] != '-' && tag[size] != '_') return false;
    tag.remove_prefix(size + 1);
    first = false;
  }
}

bool IsZoneName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && IsLetter(name[0]) && std::ranges::all_of(name, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '/' || c == '_' || c == '+' || c == '-';
  });
}

bool IsTraceparent(std::string_view text) {
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-') return false;
  const auto hex = [&](size_t begin, size_t size, bool nonzero) {
    const std::string_view digits = text.substr(begin, size);
    const bool all_hex = std::all_of(digits.begin(), digits.end(),
                                     [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
    return all_hex && (!nonzero || digits.find_first_not_of('0') != std::string_view::npos);
  };
  return hex(3, 32, true) && hex(36, 16, true) && hex(53, 2, false);
}

}  // namespace tocsin::schemas::codec
