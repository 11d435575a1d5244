// Why a record cannot become an event. Codes are part of the contract: append only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::schemas {

enum class RejectionCode : uint8_t {
  kNotJson,              // "not_json": not one JSON object.
  kNotUtf8,              // "not_utf8"
  kTooLarge,             // "too_large": beyond the size limit.
  kTooDeep,              // "too_deep": beyond the nesting limit.
  kDuplicateMember,      // "duplicate_member"
  kMissingMember,        // "missing_member"
  kWrongType,            // "wrong_type"
  kUnknownType,          // "unknown_type": no such event type.
  kNotInEnum,            // "not_in_enum"
  kOutOfRange,           // "out_of_range": length, number or time range.
  kBadTime,              // "bad_time"
  kBadAmount,            // "bad_amount"
  kBadCurrency,          // "bad_currency"
  kBadAddress,           // "bad_address": not an IP address.
  kBadCountry,           // "bad_country": not ISO 3166-1 alpha-2.
  kBadTimezone,          // "bad_timezone"
  kPlaceholderId,        // "placeholder_id": empty, null, unknown, n/a, -, zero UUID.
  kKeyMismatch,          // "key_mismatch": the record key is not the account id.
  kEmptyRecord,          // "empty_record": no value where one is required.
  kLate,                 // "late": beyond the retention horizon of its account.
  kBadLocale,            // "bad_locale": not shaped like a BCP 47 language tag.
  kConflictingMembers,   // "conflicting_members": each may stand, but not both; or one contradicts a header.
  kUnsupportedEnvelope,  // "unsupported_envelope": a CloudEvent of another version, or whose data is not
                         // JSON.
};

[[nodiscard]] std::string_view CodeName(RejectionCode code);

struct Rejection {
  RejectionCode code = RejectionCode::kNotJson;
  std::string field;   // JSON path without values: "device.platform", "contacts[2].address".
  std::string detail;  // Says what is expected; never the value.
};

}  // namespace tocsin::schemas
