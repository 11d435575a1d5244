#include "daemon/cli/standard_output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/service/plain_text.h"

namespace tocsin::daemon {

int WriteOut(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return FinishOut();
}

int WriteLines(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    plain += Plain(text.substr(0, end));
    if (end < text.size()) plain += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return WriteOut(plain);
}

int FinishOut() {
  // A large text that fails leaves nothing to flush: only the stream remembers.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return kExitOk;
  // `tocsin … | head` has what it wanted.
  if (errno != EPIPE) std::fputs("tocsin: standard output cannot be written: is the disk full?\n", stderr);
  return kExitUnavailable;
}

}  // namespace tocsin::daemon
