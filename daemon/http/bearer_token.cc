#include "daemon/http/bearer_token.h"

#include "base/ascii.h"

namespace tocsin::daemon {

std::string_view BearerToken(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view given = request.Header("authorization");
  if (!StartsWithIgnoringCase(given, kScheme)) return {};
  given.remove_prefix(kScheme.size());
  while (given.starts_with(' ')) given.remove_prefix(1);
  return given;
}

}  // namespace tocsin::daemon
