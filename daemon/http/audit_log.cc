#include "daemon/http/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json_writer.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
constexpr off_t kFileBytesMax = off_t{16} << 20U;

}  // namespace

AuditLog::AuditLog(const std::string& directory, std::function<Timestamp()> wall_clock)
    : path_((fs::path(directory) / "audit.jsonl").string()), wall_clock_(std::move(wall_clock)) {}

Result<Done> AuditLog::Write(const AuditEntry& entry) {
  std::string line;
  JsonWriter json(line);
  json.BeginObject()
      .Member("ts", wall_clock_())
      .Member("action", entry.action)
      .MemberIf("subject", entry.subject);
  json.Member("outcome", entry.outcome).MemberIf("from", entry.from).MemberIf("credential", entry.credential);
  if (!entry.changed.empty()) {
    json.Key("changed").BeginArray();
    for (const std::string& key : entry.changed) json.String(key);
    json.EndArray();
  }
  json.EndObject();
  line += '\n';
  const std::lock_guard lock(mutex_);
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool written = fd >= 0 &&
                       ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fdatasync(fd) == 0;
  struct stat facts {};
  const bool full = fd >= 0 && ::fstat(fd, &facts) == 0 && facts.st_size > kFileBytesMax;
  if (fd >= 0) ::close(fd);
  if (!written) return Error{ErrorCode::kUnavailable, path_, "cannot be written"};
  std::error_code ignored;
  if (full) fs::rename(path_, fs::path(path_).replace_filename("audit.1.jsonl"), ignored);
  return Done{};
}

std::vector<std::string> AuditLog::Newest(size_t lines_max) const {
  const std::lock_guard lock(mutex_);
  return LastLines(path_, lines_max, size_t{1} << 20U);
}

std::vector<std::string> LastLines(const std::string& path, size_t lines_max, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file.is_open()) return {};
  const auto size = static_cast<size_t>(std::max<std::streamoff>(0, file.tellg()));
  const size_t from = size > bytes_max ? size - bytes_max : 0;
  file.seekg(static_cast<std::streamoff>(from));
  std::vector<std::string> lines;
  std::string line;
  if (from > 0) std::getline(file, line);  // The rest of one.
  while (std::getline(file, line)) lines.push_back(std::move(line));
  if (lines.size() > lines_max)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(lines_max));
  return lines;
}

std::vector<std::string> LastLines(const std::vector<std::string>& paths, size_t lines_max,
                                   size_t bytes_max) {
  std::vector<std::string> lines;
  size_t bytes = 0;
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    if (lines.size() >= lines_max || bytes >= bytes_max) break;
    std::vector<std::string> before = LastLines(*path, lines_max - lines.size(), bytes_max - bytes);
    lines.insert(lines.begin(), std::make_move_iterator(before.begin()),
                 std::make_move_iterator(before.end()));
    std::error_code none;
    if (const auto size = fs::file_size(*path, none); !none) bytes += size;
  }
  return lines;
}

}  // namespace tocsin::daemon
