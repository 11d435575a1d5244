#include "daemon/doctor/machine.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/store/state_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMega = 1U << 20U;
constexpr uint64_t kFreeMin = 256 * kMega;  // Below: a checkpoint may not fit.
constexpr uint64_t kFreeEnough = 1024 * kMega;

std::string Mebibytes(uint64_t bytes) { return std::to_string(bytes / kMega) + " MiB"; }

uint64_t BytesIn(const fs::path& directory) {
  uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, fs::directory_options::skip_permission_denied, error),
       end;
       !error && at != end; at.increment(error)) {
    std::error_code gone;  // Files come and go under a running daemon.
    if (at->is_regular_file(gone)) {
      const uintmax_t bytes = at->file_size(gone);
      if (!gone) sum += bytes;
    }
  }
  return sum;
}

}  // namespace

bool StateIsHeld(const std::string& directory) {
  const std::string path = (fs::path(directory) / "state" / "db" / "LOCK").string();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return held;
}

Diagnosis JudgeSpace(uint64_t free_bytes, uint64_t used_bytes) {
  const std::string what = Mebibytes(free_bytes) + " free, " + Mebibytes(used_bytes) + " used";
  const std::string remedy =
      "give the file system of state_dir more room: a compaction may need as much again as is used";
  if (free_bytes < kFreeMin) return {"state_dir.space", Health::kBad, what, remedy};
  if (free_bytes < kFreeEnough || free_bytes < used_bytes)
    return {"state_dir.space", Health::kWarning, what, remedy};
  return {"state_dir.space", Health::kGood, what, {}};
}

Diagnoses ExamineStateDirectory(const std::string& directory) {
  Diagnoses said;
  if (Result<Done> can = CheckStateDirectory(directory); !can) {
    said.push_back(
        DiagnosisOf("state_dir", can.error(),
                    "name another state_dir, or make it a directory of the user that runs tocsin"));
    return said;
  }
  std::error_code error;
  fs::path there = fs::absolute(directory, error);
  const bool exists = fs::exists(there, error);
  while (!fs::exists(there, error) && there.has_parent_path() && there != there.parent_path())
    there = there.parent_path();
  if (StateIsHeld(directory)) {
    said.push_back({"state_dir", Health::kGood, directory + " is held by a running daemon", {}});
  } else {
    said.push_back(
        {"state_dir",
         Health::kGood,
         exists ? directory + " can be written to" : directory + " will be made at the first start",
         {}});
  }
  struct statvfs facts {};
  if (::statvfs(there.c_str(), &facts) == 0) {
    said.push_back(
        JudgeSpace(static_cast<uint64_t>(facts.f_bavail) * facts.f_frsize, exists ? BytesIn(directory) : 0));
  }
  return said;
}

Diagnosis ExamineClock() {
  timex facts{};
  const int state = ::adjtimex(&facts);
  const bool kept =
      state >= 0 && state != TIME_ERROR && (static_cast<unsigned>(facts.status) & STA_UNSYNC) == 0;
  if (kept) return {"clock", Health::kGood, "is kept in step", {}};
  return {"clock", Health::kWarning, "the kernel does not say that anything keeps the clock in step",
          "run chrony or systemd-timesyncd: due times, links and the age of checkpoints are by this clock"};
}

}  // namespace tocsin::daemon
