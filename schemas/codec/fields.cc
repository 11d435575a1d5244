#include "schemas/codec/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/hash.h"
#include "base/past_time.h"
#include "base/time_zone.h"
#include "schemas/codec/json_token.h"
#include "schemas/codec/shapes.h"

namespace tocsin::schemas::codec {
namespace {

constexpr int64_t kOffsetMinutesMax = 23 * 60 + 59;
// In March 1973; as seconds it is the year 5138. What is less is no time in milliseconds, but one in seconds.
constexpr int64_t kMillisMin = 100'000'000'000;

// The integer a JSON number is, however it is written ("1e3", "5.0"); nullopt when it is none or beyond 2^53.
std::optional<int64_t> ExactInteger(std::string_view literal) {
  int64_t integer = 0;
  const char* const end = literal.data() + literal.size();
  const auto plain = std::from_chars(literal.data(), end, integer);
  if (plain.ec == std::errc() && plain.ptr == end) return integer;
  // No integer asked for here is near 2^53, so a double tells exactly.
  double number = 0;
  const auto parsed = std::from_chars(literal.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number != std::floor(number)) return std::nullopt;
  if (std::abs(number) > 9007199254740992.0) return std::nullopt;
  return static_cast<int64_t>(number);
}

}  // namespace

bool KnownZones::Contains(std::string_view name) {
  if (name.empty()) return false;
  Asked& asked = names_[Hash64(name) % names_.size()];
  if (asked.name == name) return asked.known;
  const bool known = TimeZone::Find(name).has_value();
  if (!known && !IsZoneName(name)) return false;
  asked = {std::string(name), known};
  return known;
}

std::string PathOf(Field field) {
  const MemberInfo& info = InfoOf(field.member);
  if (field.element < 0) return std::string(info.path);
  std::string path(InfoOf(field.list).path);
  path += '[';
  path += std::to_string(field.element);
  path += ']';
  if (field.member != field.list) {
    path += '.';
    path += info.path;
  }
  return path;
}

const std::vector<Element>& Fields::ElementsOf(Member list) const {
  switch (list) {
    case Member::kContacts:
      return document_.contacts;
    case Member::kLimits:
      return document_.limits;
    default:
      CHECK(list == Member::kTravelCountries);
      return document_.countries;
  }
}

Field Fields::At(Member list, size_t element, Member member) const {
  const Element& held = ElementsOf(list)[element];
  const auto index = static_cast<int32_t>(element);
  if (member == list) return {&held.self, member, list, index};
  const size_t at = Index(member) - Index(FirstOf(InfoOf(list).elements));
  return {&held.members[at], member, list, index};
}

bool Fields::Reject(Field field, RejectionCode code, std::string_view detail) const {
  rejection_ = {code, PathOf(field), std::string(detail)};
  return false;
}

bool Fields::IsString(Field field) const {
  if (field.slot->kind == Slot::Kind::kString) return true;
  if (field.slot->kind == Slot::Kind::kHalfCharacter)
    return Reject(field, RejectionCode::kNotUtf8, "a surrogate without its pair");
  return Reject(field, RejectionCode::kWrongType, "expected a string");
}

bool Fields::FitsIn(Field field, size_t code_points_max) const {
  const std::string_view text = field.slot->text;
  if (text.size() <= code_points_max || CountCodePoints(text) <= code_points_max) return true;
  return Reject(field, RejectionCode::kOutOfRange,
                "longer than " + std::to_string(code_points_max) + " characters");
}

bool Fields::Text(Field field, size_t code_points_max, std::string& out) const {
  if (field.absent()) return true;
  if (!IsString(field) || !FitsIn(field, code_points_max)) return false;
  out = field.slot->text;
  return true;
}

bool Fields::IsId(Field field, size_t code_points_max) const {
  if (!IsString(field) || !FitsIn(field, code_points_max)) return false;
  const std::string_view text = field.slot->text;
  if (HasControlCharacter(text))
    return Reject(field, RejectionCode::kOutOfRange, "contains a control character");
  return true;
}

bool Fields::Id(Field field, size_t code_points_max, std::string& out) const {
  if (field.absent()) return true;
  if (!IsId(field, code_points_max)) return false;
  out = field.slot->text;
  return true;
}

bool Fields::OptionalIdentity(Member member, size_t code_points_max, std::string& out) const {
  if (!Id(At(member), code_points_max, out)) return false;
  if (IsPlaceholder(out)) out.clear();
  return true;
}

bool Fields::RequiredId(Field field, size_t code_points_max, std::string& out) const {
  if (!Require(field) || !Id(field, code_points_max, out)) return false;
  return !out.empty() || Reject(field, RejectionCode::kOutOfRange, "empty");
}

bool Fields::Identity(Member member, size_t code_points_max, std::string_view& out) const {
  const Field field = At(member);
  // null is how some platforms write "unknown".
  if (field.absent() && document_.seen[Index(member)]) {
    return Reject(field, RejectionCode::kPlaceholderId, "null instead of an id");
  }
  if (!Require(field)) return false;
  if (field.slot->kind == Slot::Kind::kString && IsPlaceholder(field.slot->text)) {
    return Reject(field, RejectionCode::kPlaceholderId, "a placeholder instead of an id");
  }
  if (!IsId(field, code_points_max)) return false;
  out = field.slot->text;
  return true;
}

bool Fields::Flag(Field field, bool& out) const {
  if (field.absent()) return true;
  const Slot::Kind kind = field.slot->kind;
  if (kind != Slot::Kind::kTrue && kind != Slot::Kind::kFalse) {
    return Reject(field, RejectionCode::kWrongType, "expected true or false");
  }
  out = kind == Slot::Kind::kTrue;
  return true;
}

bool Fields::Time(Field field, std::optional<Timestamp>& out) const {
  if (field.absent()) return true;
  if (field.slot->kind == Slot::Kind::kString) {
    out = ParseRfc3339(field.slot->text);
    return out || Reject(field, RejectionCode::kBadTime, "not RFC 3339 with an offset, from 1970 to 9999");
  }
  if (field.slot->kind != Slot::Kind::kNumber) {
    return Reject(field, RejectionCode::kWrongType, "expected RFC 3339 or integer milliseconds since 1970");
  }
  const std::optional<int64_t> millis = ExactInteger(field.slot->text);
  if (!millis || *millis < 0 || *millis > ToMillis(kTimestampMax)) {
    return Reject(field, RejectionCode::kBadTime, "not integer milliseconds from 1973 to 9999");
  }
  if (*millis < kMillisMin) {
    return Reject(field, RejectionCode::kBadTime,
                  "milliseconds since 1970, not seconds: 100000000000 (1973) at the least; write an earlier "
                  "time as RFC 3339");
  }
  out = FromMillis(*millis);
  return true;
}

bool Fields::PastTime(Field field, std::optional<Timestamp>& out) const {
  if (field.absent() || field.slot->kind != Slot::Kind::kString) return Time(field, out);
  out = ParsePastTime(field.slot->text);
  if (!out) return Reject(field, RejectionCode::kBadTime, "not RFC 3339 with an offset, from 1800 to 9999");
  return true;
}

bool Fields::Country(Field field, std::string& out) const {
  if (field.absent()) return true;
  if (!IsString(field)) return false;
  if (!IsCountry(field.slot->text)) {
    return Reject(field, RejectionCode::kBadCountry, "not an ISO 3166-1 alpha-2 code in upper case");
  }
  out = field.slot->text;
  return true;
}

bool Fields::Locale(Member member, std::string& out) const {
  const Field field = At(member);
  if (field.absent()) return true;
  if (!IsString(field)) return false;
  if (!IsLocale(field.slot->text))
    return Reject(field, RejectionCode::kBadLocale, "not a BCP 47 language tag");
  out = field.slot->text;
  std::replace(out.begin(), out.end(), '_', '-');
  return true;
}

bool Fields::Timezone(Member member, std::string& out) const {
  const Field field = At(member);
  if (field.absent()) return true;
  constexpr std::string_view kExpected = "neither the name of a time zone nor an offset below a day";
  if (field.slot->kind == Slot::Kind::kNumber) {
    const std::optional<int64_t> minutes = ExactInteger(field.slot->text);
    if (!minutes || *minutes < -kOffsetMinutesMax || *minutes > kOffsetMinutesMax) {
      return Reject(field, RejectionCode::kBadTimezone, kExpected);
    }
    out = std::to_string(*minutes);
    return true;
  }
  if (!IsString(field)) return false;
  const std::string_view name = field.slot->text;
  if (zones_.Contains(name)) {
    out = name;
    return true;
  }
  if (!IsZoneName(name)) return Reject(field, RejectionCode::kBadTimezone, kExpected);
  ++zones_.unknown;
  return true;
}

bool Fields::CurrencyCode(Field field, Currency& out) const {
  if (field.absent()) return true;
  if (!IsString(field)) return false;
  const std::optional<Currency> currency = Currency::Find(field.slot->text);
  if (!currency) return Reject(field, RejectionCode::kBadCurrency, "not an ISO 4217 code in upper case");
  out = *currency;
  return true;
}

bool Fields::Amount(Field field, Currency currency, bool negative_allowed,
                    std::optional<int64_t>& out_minor) const {
  if (field.absent()) return true;
  const Slot::Kind kind = field.slot->kind;
  if (kind != Slot::Kind::kString && kind != Slot::Kind::kNumber) {
    return Reject(field, RejectionCode::kWrongType, "expected a decimal number, as a number or a string");
  }
  Result<int64_t> minor = ParseMinor(field.slot->text, currency);
  if (!minor) return Reject(field, RejectionCode::kBadAmount, minor.error().detail);
  // Programs write -0.0 for nothing; in a text nobody means it.
  const bool negative = kind == Slot::Kind::kString ? field.slot->text.front() == '-' : *minor < 0;
  if (!negative_allowed && negative) return Reject(field, RejectionCode::kBadAmount, "negative");
  out_minor = *minor;
  return true;
}

bool Fields::IsObject(Field field) const {
  return field.absent() || field.slot->kind == Slot::Kind::kObject ||
         Reject(field, RejectionCode::kWrongType, "expected an object");
}

bool Fields::IsArray(Member member, size_t elements_min, size_t elements_max) const {
  const Field field = At(member);
  if (field.absent()) return true;
  if (field.slot->kind != Slot::Kind::kArray)
    return Reject(field, RejectionCode::kWrongType, "expected an array");
  const size_t size = ElementsOf(member).size();
  if (size >= elements_min && size <= elements_max) return true;
  return Reject(
      field, RejectionCode::kOutOfRange,
      "expected " + std::to_string(elements_min) + " to " + std::to_string(elements_max) + " elements");
}

}  // namespace tocsin::schemas::codec
