// The credential of a request.
#pragma once

#include <string_view>

#include "daemon/http/http_server.h"

namespace tocsin::daemon {

// TOKEN of "Authorization: Bearer TOKEN", where the scheme may be in any case of letters; "" without one.
[[nodiscard]] std::string_view BearerToken(const HttpRequest& request);

}  // namespace tocsin::daemon
