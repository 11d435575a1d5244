#include "daemon/service/huge_pages.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

namespace tocsin::daemon {

void UseHugePages([[maybe_unused]] char** argv) {
  // Who looks for the process looks for its name: started again from /proc/self/exe, it would be "exe".
  static_cast<void>(::prctl(PR_SET_NAME, "tocsin"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // They bring allocators of their own.
  constexpr const char* kName = "GLIBC_TUNABLES";
  if (std::getenv(kName) != nullptr) return;
  if (setenv(kName, "glibc.malloc.hugetlb=1", 0) != 0) return;
  execv("/proc/self/exe", argv);
#endif
}

}  // namespace tocsin::daemon
