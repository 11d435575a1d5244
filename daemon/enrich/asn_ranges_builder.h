// Makes AsnRanges from CSV rows in any order. For asn_ranges.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/enrich/asn_ranges.h"

namespace tocsin::daemon {

class AsnRangesBuilder {
 public:
  // Adds every row, or gives kCorrupt with `name` and the number of the first line that is no row.
  Result<Done> AddCsv(std::string_view csv, const std::string& name);

  // The ranges; the builder is empty afterwards. kInvalid when no row was added.
  Result<std::shared_ptr<const AsnRanges>> Finish();

 private:
  using Key = AsnRanges::Key;
  struct Row {
    Key first;
    Key last;
    uint32_t system = 0;
  };
  // False when the line is no row. IPv4 rows keep their addresses in the low 32 bits of the key.
  bool AddLine(std::string_view line);
  uint32_t SystemNumber(uint32_t asn, std::string_view organization);
  // Sorts by address and cuts wider ranges where a narrower one lies in them.
  static std::vector<Row> Flatten(std::vector<Row> rows);

  std::vector<Row> v4_;
  std::vector<Row> v6_;
  std::unordered_map<std::string, uint32_t> numbers_;  // The ASN's four bytes, then the name.
  std::unordered_map<std::string, uint32_t> name_offsets_;
  std::shared_ptr<AsnRanges> ranges_;
  std::string unquoted_;
  std::string key_;
};

}  // namespace tocsin::daemon
