#include "daemon/store/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "daemon/store/sync_directory.h"

namespace tocsin::daemon {
namespace {

Error WhyNot(const std::string& path, int error) {
  const std::string reason = "cannot be read: " + std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR) return {ErrorCode::kNotFound, path, reason};
  return {error == EISDIR ? ErrorCode::kInvalid : ErrorCode::kUnavailable, path, reason};
}

}  // namespace

Result<std::string> ReadBoundedFile(const std::string& path, size_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return WhyNot(path, errno);
  std::string content;
  std::array<char, 16'384> block{};
  ssize_t got = 0;
  while (content.size() <= bytes_max) {
    got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    content.append(block.data(), static_cast<size_t>(got));
  }
  const int error = errno;
  ::close(fd);
  if (got < 0) return WhyNot(path, error);
  if (content.size() > bytes_max)
    return Error{ErrorCode::kExhausted, path, "is larger than " + std::to_string(bytes_max) + " bytes"};
  return content;
}

Result<Done> ReplaceSmallFile(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = fd >= 0 && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
              ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  good = good && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!good)
    return Error{ErrorCode::kUnavailable, path, std::string("cannot be written: ") + std::strerror(errno)};
  return SyncDirectory(std::filesystem::path(path).parent_path().string());
}

}  // namespace tocsin::daemon
