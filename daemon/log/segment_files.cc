#include "daemon/log/segment_files.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "daemon/log/file_error.h"

namespace tocsin::daemon {
namespace {
namespace fs = std::filesystem;
}  // namespace

std::string SegmentPath(const std::string& directory, int64_t begin) {
  std::string digits = std::to_string(begin);
  return (fs::path(directory) /
          (std::string(20 - std::min<size_t>(20, digits.size()), '0') + digits + ".log"))
      .string();
}

Result<std::vector<int64_t>> ListSegments(const std::string& directory) {
  std::vector<int64_t> segments;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), none; !error && it != none; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int64_t begin = 0;
    std::from_chars(name.data(), name.data() + name.size(), begin);
    if (it->path() == SegmentPath(directory, begin)) segments.push_back(begin);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return FileError(directory, "cannot be read", error);
  std::ranges::sort(segments);
  return segments;
}

}  // namespace tocsin::daemon
