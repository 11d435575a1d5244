// The databases that events are enriched from, as one immutable set: loaded together, swapped together.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/enrich/address_lists.h"
#include "daemon/enrich/asn_ranges.h"
#include "daemon/enrich/geoip_database.h"

namespace tocsin::daemon {

// Where the files are. All may be empty: what has no database is "not evaluable", never an error.
struct DatabasePaths {
  std::vector<std::string> city;  // MaxMind City layout, or the flat DB-IP files; several are asked in turn.
  std::vector<std::string> asn;   // One MaxMind ASN file, or CSV ranges (names end in ".csv").
  std::string anonymity;          // MaxMind Anonymous-IP layout.
  std::map<ListKind, std::vector<std::string>> lists;  // See address_lists.h.
  std::string cache_directory;  // Where converted files are kept; empty: they are converted at every start.

  [[nodiscard]] std::vector<std::string> AllFiles() const;
  friend bool operator==(const DatabasePaths&, const DatabasePaths&) = default;
};

// What an operator sees of one file.
struct DatabaseInfo {
  std::string role;  // "city", "asn", "anonymity", "list:vpn", …
  std::string path;
  std::string type;              // What the file says it is; "csv", "list" for those.
  int64_t built_at_seconds = 0;  // Unix time: of the file's metadata, else of its last modification.
  uint64_t size_bytes = 0;
};

// Thread safety: immutable.
class Databases final {
 public:
  // City files in the order to ask for an address of either family.
  [[nodiscard]] const std::vector<std::shared_ptr<const GeoipDatabase>>& city(bool v4) const {
    return v4 ? city_v4_ : city_v6_;
  }
  [[nodiscard]] bool has_city() const { return !city_v4_.empty() || !city_v6_.empty(); }
  [[nodiscard]] const GeoipDatabase* asn_database() const { return asn_database_.get(); }
  [[nodiscard]] const AsnRanges* asn_ranges() const { return asn_ranges_.get(); }
  [[nodiscard]] bool has_asn() const { return asn_database_ || asn_ranges_; }
  [[nodiscard]] const GeoipDatabase* anonymity() const { return anonymity_.get(); }
  [[nodiscard]] const AddressLists& lists() const { return lists_; }

  // Names the content: equal files give equal versions on every machine. "2026-06-05/9c41d02e7a10" (the
  // newest build date of a .mmdb file and a hash over all files), "none" without files. Goes into findings as
  // versions.geoip.
  [[nodiscard]] const std::string& version() const { return version_; }
  [[nodiscard]] const std::vector<DatabaseInfo>& infos() const { return infos_; }
  // Things that work but cost something, for the log.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  friend class DatabaseLoader;
  std::vector<std::shared_ptr<const GeoipDatabase>> city_v4_;
  std::vector<std::shared_ptr<const GeoipDatabase>> city_v6_;
  std::shared_ptr<const GeoipDatabase> asn_database_;
  std::shared_ptr<const AsnRanges> asn_ranges_;
  std::shared_ptr<const GeoipDatabase> anonymity_;
  AddressLists lists_;
  std::string version_ = "none";
  std::vector<DatabaseInfo> infos_;
  std::vector<std::string> warnings_;
};

// Loads every file, or gives the first error: it names the file and the remedy. A file of the wrong kind for
// its role (an ASN file as city) is an error too.
Result<std::shared_ptr<const Databases>> LoadDatabases(const DatabasePaths& paths);

}  // namespace tocsin::daemon
