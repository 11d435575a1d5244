#include "daemon/store/state_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace tocsin::daemon {

namespace fs = std::filesystem;

Result<Done> CheckStateDirectory(const std::string& directory) {
  std::error_code error;
  fs::path there = fs::absolute(directory, error);
  const auto wrong = [&](const char* what) {
    return Error{ErrorCode::kInvalid, "state_dir", there.string() + what};
  };
  struct stat facts {};
  while (::stat(there.c_str(), &facts) != 0) {
    if (errno == EACCES) return wrong(" cannot be looked at by this user");
    if ((errno != ENOENT && errno != ENOTDIR) || !there.has_relative_path())
      return Done{};  // Said by who uses it.
    there = there.parent_path();
  }
  if (!S_ISDIR(facts.st_mode)) return wrong(" is no directory");
  if (::access(there.c_str(), W_OK | X_OK) != 0) return wrong(" cannot be written to by this user");
  return Done{};
}

}  // namespace tocsin::daemon
