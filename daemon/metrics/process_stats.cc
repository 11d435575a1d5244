#include "daemon/metrics/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tocsin::daemon {

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  uint64_t pages = 0;
  uint64_t resident = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> resident)
    stats.resident_bytes = resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  if (rusage used{}; ::getrusage(RUSAGE_SELF, &used) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    stats.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  }
  std::error_code error;
  for (std::filesystem::directory_iterator files("/proc/self/fd", error), end; !error && files != end;
       files.increment(error))
    ++stats.open_fds;
  if (rlimit limit{}; ::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = limit.rlim_cur;
  return stats;
}

}  // namespace tocsin::daemon
