// Bounds on texts, in code points, and on arrays. The JSON Schemas state the same ones; the differential test
// compares them.
#pragma once

#include <cstddef>

namespace tocsin::schemas::codec {

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

}  // namespace tocsin::schemas::codec
