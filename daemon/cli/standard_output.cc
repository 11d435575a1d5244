#include "daemon/cli/standard_output.h"

#include <cerrno>
#include <cstdio>

#include "daemon/cli/command.h"

namespace tocsin::daemon {

int WriteOut(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return FinishOut();
}

int FinishOut() {
  // A large text that fails leaves nothing to flush: only the stream remembers.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return kExitOk;
  // `tocsin … | head` has what it wanted.
  if (errno != EPIPE) std::fputs("tocsin: standard output cannot be written: is the disk full?\n", stderr);
  return kExitUnavailable;
}

}  // namespace tocsin::daemon
