#include "daemon/log/file_error.h"

#include <utility>

namespace tocsin::daemon {

Error FileError(const std::string& path, std::string_view what, const std::error_code& error) {
  std::string how = std::string(what) + ": " + error.message();
  if (error == std::errc::permission_denied) how += ": run tocsin as the user that the directory belongs to";
  return {ErrorCode::kUnavailable, path, std::move(how)};
}

Error FileError(const std::string& path, std::string_view what, int error) {
  return FileError(path, what, std::error_code(error, std::generic_category()));
}

}  // namespace tocsin::daemon
