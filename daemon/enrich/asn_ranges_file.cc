#include "daemon/enrich/asn_ranges_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <type_traits>

#include "base/text.h"
#include "daemon/enrich/private_copy.h"

namespace tocsin::daemon {
namespace {

constexpr uint64_t kMagic = 0x314e534153434f54;  // "TOCSASN1" in little endian.
constexpr uint32_t kVersion = 1;
constexpr uint64_t kBytesMax = uint64_t{1} << 30;

struct Header {
  uint64_t magic = kMagic;
  uint32_t version = kVersion;
  uint32_t crc = 0;  // CRC-32C of this header with crc = 0, then of the tables.
  uint64_t source_high = 0;
  uint64_t source_low = 0;
  uint64_t v4_count = 0;
  uint64_t v6_count = 0;
  uint64_t system_count = 0;
  uint64_t name_bytes = 0;
};
static_assert(sizeof(Header) == 64);

template <class T>
void AppendTable(std::string& out, const std::vector<T>& table) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (!table.empty()) out.append(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(T));
}

// False when `rest` is too short for `count` rows.
template <class T>
bool TakeTable(std::string_view& rest, uint64_t count, std::vector<T>& table) {
  if (count > rest.size() / sizeof(T)) return false;
  table.resize(count);
  if (count > 0) std::memcpy(table.data(), rest.data(), count * sizeof(T));
  rest.remove_prefix(count * sizeof(T));
  return true;
}

uint32_t Checksum(Header header, std::string_view tables) {
  header.crc = 0;
  const uint32_t crc = Crc32c({reinterpret_cast<const char*>(&header), sizeof header});
  return Crc32c(tables, crc);
}

Error DiskError(const std::string& path, const char* doing) {
  return {ErrorCode::kUnavailable, path, std::string(doing) + ": " + std::strerror(errno)};
}

Result<Done> WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return DiskError(path, "cannot write the file");
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Done{};
}

}  // namespace

std::shared_ptr<const AsnRanges> AsnRangesFile::Read(const std::string& path, const Hash128& source) {
  const Result<std::string> content = ReadWholeFile(path, kBytesMax);
  if (!content || content->size() < sizeof(Header)) return nullptr;
  Header header;
  std::memcpy(&header, content->data(), sizeof header);
  std::string_view rest = std::string_view(*content).substr(sizeof header);
  if (header.magic != kMagic || header.version != kVersion || header.source_high != source.high ||
      header.source_low != source.low || Checksum(header, rest) != header.crc) {
    return nullptr;
  }
  // The checksum holds, so the tables are what was written; sizes are checked all the same.
  std::shared_ptr<AsnRanges> ranges(new AsnRanges);
  if (!TakeTable(rest, header.v4_count, ranges->v4_) || !TakeTable(rest, header.v6_count, ranges->v6_) ||
      !TakeTable(rest, header.system_count, ranges->systems_) || rest.size() != header.name_bytes) {
    return nullptr;
  }
  ranges->names_.assign(rest);
  for (const AsnRanges::SystemRow& row : ranges->systems_) {
    if (uint64_t{row.name_offset} + row.name_size > rest.size()) return nullptr;
  }
  for (const AsnRanges::Range4& range : ranges->v4_) {
    if (range.system >= header.system_count) return nullptr;
  }
  for (const AsnRanges::Range6& range : ranges->v6_) {
    if (range.system >= header.system_count) return nullptr;
  }
  ranges->Index();
  return ranges;
}

Result<Done> AsnRangesFile::Write(const AsnRanges& ranges, const std::string& path, const Hash128& source) {
  std::string tables;
  AppendTable(tables, ranges.v4_);
  AppendTable(tables, ranges.v6_);
  AppendTable(tables, ranges.systems_);
  tables += ranges.names_;
  Header header;
  header.source_high = source.high;
  header.source_low = source.low;
  header.v4_count = ranges.v4_.size();
  header.v6_count = ranges.v6_.size();
  header.system_count = ranges.systems_.size();
  header.name_bytes = ranges.names_.size();
  header.crc = Checksum(header, tables);

  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  static std::atomic<uint64_t> writes{0};  // Two writers of one process must not share a temporary file.
  const std::string temporary =
      path + "." + std::to_string(::getpid()) + "." + std::to_string(++writes) + ".tmp";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return DiskError(temporary, "cannot make the file");
  Result<Done> written =
      WriteAll(descriptor, {reinterpret_cast<const char*>(&header), sizeof header}, temporary);
  if (written) written = WriteAll(descriptor, tables, temporary);
  ::close(descriptor);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = DiskError(path, "cannot rename the file");
  if (!written) ::unlink(temporary.c_str());
  return written;
}

}  // namespace tocsin::daemon
