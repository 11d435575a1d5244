#include "daemon/store/sync_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tocsin::daemon {

Result<Done> SyncDirectory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced)
    return Error{ErrorCode::kUnavailable, directory,
                 std::string("cannot be synced: ") + std::strerror(error)};
  return Done{};
}

}  // namespace tocsin::daemon
