// From the members of a document to an event: what contracts.md §2 says of each type.
#pragma once

#include "schemas/codec/fields.h"
#include "schemas/event.h"

namespace tocsin::schemas::codec {

// Bounds on texts, in code points, and on arrays. The JSON Schemas state the same ones; the differential test
// compares them.
inline constexpr size_t kIdMax =
    128;  // event_id, account_id, transaction_id, case_id, finding_id, notice_id, limits' names.
inline constexpr size_t kForeignIdMax =
    256;  // Ids of sessions, devices, counterparties, instruments and payees.
inline constexpr size_t kSourceMax = 512;  // A URI reference.
inline constexpr size_t kTenantMax = 128;
inline constexpr size_t kUserAgentMax = 1024;
inline constexpr size_t kNameMax =
    256;  // Names people give: of owners, devices, counterparties; models and versions.
inline constexpr size_t kTierMax = 64;
inline constexpr size_t kAddressMax = 2048;  // A mail address, phone number, push token or URL.
inline constexpr size_t kContactsMax = 16;
inline constexpr size_t kLimitsMax = 64;
inline constexpr size_t kCountriesMax = 64;

// Reads what all types have in common, `source` excepted when absent. False with the rejection made.
// REQUIRES: `event` is cleared.
[[nodiscard]] bool ReadCommon(const Fields& fields, Event& event);

// Reads the payload that event.payload holds. False with the rejection made.
// REQUIRES: `event` is cleared.
[[nodiscard]] bool ReadPayload(const Fields& fields, Event& event);

// How many present members of the outermost object an event of that type does not have.
[[nodiscard]] size_t CountForeignMembers(const Document& document, EventType type);

}  // namespace tocsin::schemas::codec
