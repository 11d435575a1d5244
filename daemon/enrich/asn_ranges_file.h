// The binary form of AsnRanges on disk: a header (magic, version, identity of the source, counts, CRC-32C of
// the rest), then the tables as they lie in memory (little endian). For asn_ranges.cc.
#pragma once

#include <memory>
#include <string>

#include "base/hash.h"
#include "daemon/enrich/asn_ranges.h"

namespace tocsin::daemon {

struct AsnRangesFile {
  // Null when the file is not there, is of another source or version, or is not what was written: make it
  // anew then.
  static std::shared_ptr<const AsnRanges> Read(const std::string& path, const Hash128& source);

  // Writes under a temporary name and renames. Not synced: what a power cut leaves of it fails its checksum
  // and is made anew. Makes the directory. kUnavailable when the disk refuses.
  static Result<Done> Write(const AsnRanges& ranges, const std::string& path, const Hash128& source);
};

}  // namespace tocsin::daemon
