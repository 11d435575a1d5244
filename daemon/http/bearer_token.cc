#include "daemon/http/bearer_token.h"

#include <algorithm>

namespace tocsin::daemon {

std::string_view BearerToken(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer";
  std::string_view given = request.Header("authorization");
  const auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  if (given.size() <= kScheme.size() || given[kScheme.size()] != ' ' ||
      !std::equal(kScheme.begin(), kScheme.end(), given.begin(),
                  [&](char scheme, char said) { return equal(said, scheme); }))
    return {};
  given.remove_prefix(kScheme.size());
  while (given.starts_with(' ')) given.remove_prefix(1);
  return given;
}

}  // namespace tocsin::daemon
