#include "daemon/config/key_builder.h"

namespace tocsin::daemon {

void AddDatabaseKeys(KeyBuilder& b) {
  b.List(
      "geoip.city", [](Config& c) -> std::vector<std::string>& { return c.databases.city; },
      "City databases (.mmdb; MaxMind City or DB-IP lite layout, IPv4 and IPv6 in one file or two).", true);
  b.List(
      "geoip.asn", [](Config& c) -> std::vector<std::string>& { return c.databases.asn; },
      "ASN database (.mmdb), or CSV ranges (start, end, number, name).", true);
  b.Path(
      "geoip.anonymity", [](Config& c) -> std::string& { return c.databases.anonymity; },
      "Anonymous-IP database (.mmdb, MaxMind layout).");
  b.Path(
      "geoip.cache_directory", [](Config& c) -> std::string& { return c.databases.cache_directory; },
      "Where converted files are kept; empty: CSV ranges are converted at every start.");
  for (int i = 0; i < kListKinds; ++i) {
    const auto kind = static_cast<ListKind>(i);
    b.List(
        "geoip.lists." + std::string(NameOf(kind)),
        [kind](Config& c) -> std::vector<std::string>& { return c.databases.lists[kind]; },
        "Your own list of such networks: files with one CIDR a line; it wins over the databases.", true);
  }
}
}  // namespace tocsin::daemon
