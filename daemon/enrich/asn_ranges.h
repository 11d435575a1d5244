// Which autonomous system announces an address, from the CSV ranges of the npm package @ip-location-db/asn
// (asn-ipv4-num.csv, asn-ipv6-num.csv, or the same with addresses as text). The text is converted once into a
// compact binary file beside the state and read from there afterwards.
//
// Thread safety: immutable after loading; all members may run on any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace tocsin::daemon {

class AsnRanges final {
 public:
  struct System {
    uint32_t asn = 0;
    std::string_view organization;  // Lives as long as the AsnRanges.
  };

  // Reads the CSV files (of either family, any number). With a `cache_directory` the conversion is kept there
  // as asn-ranges-*.bin and used while the CSV files stay as they are (name, size, modification time); a
  // cache file that is broken or old is made anew, one that cannot be written is only a line in `warnings`
  // (may be null).
  //
  // Errors: kNotFound, kUnavailable for a file that cannot be read; kCorrupt, with the number of the line,
  // for one that is not `start,end,asn,organization` throughout, as a truncated file is not.
  static Result<std::shared_ptr<const AsnRanges>> Load(const std::vector<std::string>& csv_paths,
                                                       const std::string& cache_directory,
                                                       std::vector<std::string>* warnings);

  // From the text itself. `name` is only for errors. Rows may come in any order; where two overlap the
  // narrower one holds.
  static Result<std::shared_ptr<const AsnRanges>> FromCsv(std::string_view csv, const std::string& name);

  // The number of the system, for SystemAt; nullopt when no range holds the address.
  [[nodiscard]] std::optional<uint32_t> Find(const IpAddress& address) const;
  // REQUIRES: `number` came from Find.
  [[nodiscard]] System SystemAt(uint32_t number) const;

  [[nodiscard]] size_t range_count() const { return v4_.size() + v6_.size(); }
  [[nodiscard]] size_t system_count() const { return systems_.size(); }

 private:
  friend class AsnRangesBuilder;
  friend struct AsnRangesFile;

  struct Key {  // An IPv6 address in host order.
    uint64_t high = 0;
    uint64_t low = 0;
    friend bool operator==(const Key&, const Key&) = default;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Range4 {
    uint32_t first = 0;
    uint32_t last = 0;
    uint32_t system = 0;
  };
  struct Range6 {
    Key first;
    Key last;
    uint64_t system = 0;
  };
  struct SystemRow {
    uint32_t asn = 0;
    uint32_t name_offset = 0;
    uint32_t name_size = 0;
  };

  AsnRanges() = default;
  // Makes the index over the first 16 bits of IPv4.
  void Index();

  std::vector<Range4> v4_;  // Sorted by `first`; ranges do not overlap.
  std::vector<Range6> v6_;
  std::vector<SystemRow> systems_;
  std::string names_;
  std::vector<uint32_t> v4_from_;  // 65,537 entries: the first range that ends at or after h << 16.
};

}  // namespace tocsin::daemon
