#include "schemas/rejection.h"

namespace tocsin::schemas {

std::string_view CodeName(RejectionCode code) {
  using enum RejectionCode;
  switch (code) {
    case kNotJson:
      return "not_json";
    case kNotUtf8:
      return "not_utf8";
    case kTooLarge:
      return "too_large";
    case kTooDeep:
      return "too_deep";
    case kDuplicateMember:
      return "duplicate_member";
    case kMissingMember:
      return "missing_member";
    case kWrongType:
      return "wrong_type";
    case kUnknownType:
      return "unknown_type";
    case kNotInEnum:
      return "not_in_enum";
    case kOutOfRange:
      return "out_of_range";
    case kBadTime:
      return "bad_time";
    case kBadAmount:
      return "bad_amount";
    case kBadCurrency:
      return "bad_currency";
    case kBadAddress:
      return "bad_address";
    case kBadCountry:
      return "bad_country";
    case kBadTimezone:
      return "bad_timezone";
    case kPlaceholderId:
      return "placeholder_id";
    case kKeyMismatch:
      return "key_mismatch";
    case kEmptyRecord:
      return "empty_record";
    case kLate:
      return "late";
    case kBadLocale:
      return "bad_locale";
    case kConflictingMembers:
      return "conflicting_members";
    case kUnsupportedEnvelope:
      return "unsupported_envelope";
  }
  return "unknown";
}

}  // namespace tocsin::schemas
