// Bearer tokens for a service that wants them: from a file that somebody keeps fresh, or from an OAuth 2
// token endpoint (client credentials).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace tocsin::daemon {

struct AccessToken {
  std::string value;
  std::string principal;  // `sub` of a JWT, for logs of the service; "tocsin" when it names none.
  Timestamp expires_at;
};

// Whom to ask, and who asks.
struct TokenEndpoint {
  std::string url;  // https://…; http only to a loopback address.
  std::string client_id;
  std::string client_secret;
  std::string scope;    // "" : none.
  std::string ca_file;  // PEM; "" : the system's.
};

// Errors of all of these name the place and never hold a token or a secret.

// What a token says of itself. One that is no JWT, or says no time, is taken to be good for a minute: it is
// read again soon. kInvalid: it has expired, or holds what no header may hold.
[[nodiscard]] Result<AccessToken> ParseToken(std::string_view text, const std::string& place, Timestamp now);

// The file's text without blanks around it. kNotFound: there is no such file.
[[nodiscard]] Result<AccessToken> ReadTokenFile(const std::string& path, Timestamp now);

// Asks, for at most ten seconds. kUnavailable: no answer; kInvalid: the endpoint refuses the client.
[[nodiscard]] Result<AccessToken> RequestToken(const TokenEndpoint& endpoint, Timestamp now);

}  // namespace tocsin::daemon
