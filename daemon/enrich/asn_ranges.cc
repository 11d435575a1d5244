#include "daemon/enrich/asn_ranges.h"

#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "daemon/enrich/asn_ranges_builder.h"
#include "daemon/enrich/asn_ranges_file.h"
#include "daemon/enrich/private_copy.h"

namespace tocsin::daemon {
namespace {

constexpr uint64_t kCsvBytesMax = uint64_t{1} << 30;

// What the conversion was made from; another value means it is old.
Result<Hash128> SourceIdentity(const std::vector<std::string>& csv_paths) {
  IdentityHash identity;
  for (const std::string& path : csv_paths) {
    const Result<FileStamp> stamp = StampOf(path);
    if (!stamp) return stamp.error();
    identity.Add(path)
        .Add(static_cast<int64_t>(stamp->inode))
        .Add(static_cast<int64_t>(stamp->size))
        .Add(stamp->modified_ns);
  }
  return identity.Finish();
}

std::string CachePath(const std::vector<std::string>& csv_paths, const std::string& directory) {
  IdentityHash names;
  for (const std::string& path : csv_paths) names.Add(std::filesystem::absolute(path).string());
  return directory + "/asn-ranges-" + ToHex(names.Finish()).substr(0, 16) + ".bin";
}

Result<std::shared_ptr<const AsnRanges>> Convert(const std::vector<std::string>& csv_paths) {
  AsnRangesBuilder builder;
  for (const std::string& path : csv_paths) {
    const Result<std::string> csv = ReadWholeFile(path, kCsvBytesMax);
    if (!csv) return csv.error();
    if (const Result<Done> added = builder.AddCsv(*csv, path); !added) return added.error();
  }
  return builder.Finish();
}

}  // namespace

Result<std::shared_ptr<const AsnRanges>> AsnRanges::Load(const std::vector<std::string>& csv_paths,
                                                         const std::string& cache_directory,
                                                         std::vector<std::string>* warnings) {
  if (cache_directory.empty()) return Convert(csv_paths);
  const Result<Hash128> identity = SourceIdentity(csv_paths);
  if (!identity) return identity.error();
  const std::string cache_path = CachePath(csv_paths, cache_directory);
  if (std::shared_ptr<const AsnRanges> cached = AsnRangesFile::Read(cache_path, *identity)) return cached;

  Result<std::shared_ptr<const AsnRanges>> converted = Convert(csv_paths);
  if (!converted) return converted;
  if (const Result<Done> written = AsnRangesFile::Write(**converted, cache_path, *identity); !written) {
    if (warnings != nullptr) {
      warnings->push_back(written.error().ToString() + "; the ranges are converted again at every start");
    }
  }
  return converted;
}

Result<std::shared_ptr<const AsnRanges>> AsnRanges::FromCsv(std::string_view csv, const std::string& name) {
  AsnRangesBuilder builder;
  if (const Result<Done> added = builder.AddCsv(csv, name); !added) return added.error();
  return builder.Finish();
}

void AsnRanges::Index() {
  v4_from_.assign(65537, static_cast<uint32_t>(v4_.size()));
  uint32_t range = 0;
  for (uint32_t high = 0; high < 65536; ++high) {
    while (range < v4_.size() && v4_[range].last < high << 16) ++range;
    v4_from_[high] = range;
  }
}

std::optional<uint32_t> AsnRanges::Find(const IpAddress& address) const {
  if (address.is_v4()) {
    const uint32_t wanted = address.v4();
    // The range that holds it, if any, lies between the first that reaches into its /16 and the first of the
    // next /16.
    const auto from = v4_.begin() + static_cast<std::ptrdiff_t>(v4_from_[wanted >> 16]);
    const size_t end = std::min<size_t>(v4_from_[(wanted >> 16) + 1] + size_t{1}, v4_.size());
    const auto until = v4_.begin() + static_cast<std::ptrdiff_t>(end);
    const auto found =
        std::partition_point(from, until, [&](const Range4& range) { return range.last < wanted; });
    if (found == until || found->first > wanted) return std::nullopt;
    return found->system;
  }
  Key wanted;
  for (size_t i = 0; i < 8; ++i) {
    wanted.high = wanted.high << 8 | address.bytes()[i];
    wanted.low = wanted.low << 8 | address.bytes()[8 + i];
  }
  const auto found =
      std::partition_point(v6_.begin(), v6_.end(), [&](const Range6& r) { return r.last < wanted; });
  if (found == v6_.end() || wanted < found->first) return std::nullopt;
  return static_cast<uint32_t>(found->system);
}

AsnRanges::System AsnRanges::SystemAt(uint32_t number) const {
  const SystemRow& row = systems_[number];
  return {row.asn, std::string_view(names_).substr(row.name_offset, row.name_size)};
}

}  // namespace tocsin::daemon
