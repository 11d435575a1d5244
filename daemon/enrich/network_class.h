// What kind of network an address belongs to, and what says so. Asked in this order, the first that knows
// wins: the operator's own lists, the anonymity database, the table of well-known autonomous systems, the
// words in the name of the system's organisation.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/enrich/address_lists.h"
#include "daemon/enrich/geoip_database.h"
#include "schemas/facts.h"

namespace tocsin::daemon {

struct NetworkVerdict {
  schemas::NetworkClass network_class = schemas::NetworkClass::kUnknown;
  schemas::Anonymiser anonymiser = schemas::Anonymiser::kNone;
  std::string_view
      evidence;  // Where it comes from: "asn:hosting", "name:university", "list:vpn"; never freed.

  [[nodiscard]] bool known() const { return network_class != schemas::NetworkClass::kUnknown; }
};

[[nodiscard]] NetworkVerdict ClassOfList(ListKind kind);
// Not known() for an address whose flags are all clear.
[[nodiscard]] NetworkVerdict ClassOfFlags(const AnonymityFlags& flags);
// By the table only (network_table.cc).
[[nodiscard]] NetworkVerdict ClassOfKnownSystem(uint32_t asn);
// By the words of the name only (network_words.cc): "Example Hosting GmbH" is hosting.
[[nodiscard]] NetworkVerdict ClassOfName(std::string_view organization);
// By the table, else by the name.
[[nodiscard]] NetworkVerdict ClassOfSystem(uint32_t asn, std::string_view organization);

}  // namespace tocsin::daemon
