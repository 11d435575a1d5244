#include "daemon/http/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json_writer.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
constexpr off_t kFileBytesMax = off_t{16} << 20U;
constexpr size_t kReadBytesMax = size_t{1} << 20U;

// All of the lines, or nothing of them. `full`: the file is to be set aside.
bool Append(int fd, std::string lines, bool& full) {
  struct stat before {};
  if (::fstat(fd, &before) != 0) return false;
  // What a crash left unfinished is a line of its own.
  char last = '\n';
  if (before.st_size > 0 && ::pread(fd, &last, 1, before.st_size - 1) == 1 && last != '\n')
    lines.insert(lines.begin(), '\n');
  const bool written =
      ::write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) && ::fdatasync(fd) == 0;
  if (!written) static_cast<void>(::ftruncate(fd, before.st_size) == 0);
  full = before.st_size + static_cast<off_t>(lines.size()) > kFileBytesMax;
  return written;
}

void AppendLine(const AuditEntry& entry, Timestamp now, std::string& lines) {
  JsonWriter json(lines);
  json.BeginObject().Member("ts", now).Member("action", entry.action).MemberIf("subject", entry.subject);
  json.Member("outcome", entry.outcome).MemberIf("from", entry.from).MemberIf("credential", entry.credential);
  if (!entry.changed.empty()) {
    json.Key("changed").BeginArray();
    for (const std::string& key : entry.changed) json.String(key);
    json.EndArray();
  }
  json.EndObject();
  lines += '\n';
}

}  // namespace

AuditLog::AuditLog(std::string directory, std::function<Timestamp()> wall_clock, std::string name)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      path_((fs::path(directory_) / (name_ + ".jsonl")).string()),
      wall_clock_(std::move(wall_clock)) {}

Result<Done> AuditLog::Write(std::span<const AuditEntry> entries) {
  std::string lines;
  for (const AuditEntry& entry : entries) AppendLine(entry, wall_clock_(), lines);
  const std::lock_guard lock(mutex_);
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool full = false;
  const bool written = fd >= 0 && Append(fd, std::move(lines), full);
  if (fd >= 0) ::close(fd);
  if (!written) return Error{ErrorCode::kUnavailable, path_, "cannot be written"};
  if (full) SetAside();
  return Done{};
}

std::string AuditLog::Aside(int number) const {
  return (fs::path(directory_) / (name_ + "." + std::to_string(number) + ".jsonl")).string();
}

// Each file that was set aside becomes one older, up to the first number that is free.
void AuditLog::SetAside() const {
  int free = 1;
  std::error_code ignored;
  while (free < kAsideMax && fs::exists(Aside(free), ignored)) ++free;
  for (int number = free; number > 1; --number) fs::rename(Aside(number - 1), Aside(number), ignored);
  fs::rename(path_, Aside(1), ignored);
}

std::vector<std::string> AuditLog::Newest(size_t lines_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (int number = kAsideMax; number > 0; --number) paths.push_back(Aside(number));
  paths.push_back(path_);
  std::vector<std::string> lines = LastLines(paths, lines_max, kReadBytesMax);
  // A line that a crash or an older version left unfinished is no JSON.
  std::erase_if(lines, [](const std::string& line) { return schemas::PlainMembers(line).empty(); });
  return lines;
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
