// The parameters that paths of /admin/v1 have in common, and what is wrong with them.
#pragma once

#include <cstddef>
#include <string>

#include "daemon/http/http_server.h"

namespace tocsin::daemon {

// Of `limit`, `format`, `all`, `kinds` and `after`, wherever they are given; "": nothing is wrong.
[[nodiscard]] std::string WrongParameter(const HttpRequest& request);

// `usual` without one, and never more than `most`. REQUIRES: WrongParameter is "".
[[nodiscard]] size_t LimitOf(const HttpRequest& request, size_t usual, size_t most);

}  // namespace tocsin::daemon
