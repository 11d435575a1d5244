#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tocsin {

void CheckFailed(const char* file, int line, const char* expression) {
  // stdio only: whatever went wrong may have left the heap or the logger unusable.
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, expression);
  std::fflush(stderr);
  std::abort();
}

}  // namespace tocsin
