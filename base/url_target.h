// Where a URL leads: to which host, and whether that is this machine. What asks for "only on loopback" asks
// here, so that a name that only begins like one ("localhost.example.com") is a stranger everywhere.
#pragma once

#include <optional>
#include <string_view>

namespace tocsin {

// Views of the URL that was read.
struct UrlTarget {
  std::string_view scheme;  // As it is written: "https".
  std::string_view host;    // Without the brackets of an IPv6 address.
  int port = 0;             // 0: not named.
  std::string_view rest;    // From the first '/', '?' or '#' on; "" : nothing follows.
};

// "https://security.example.com:8443/r". nullopt without a scheme or a host, with a login ("user@host"), with
// a port outside 1 to 65535, and when the host is anything but ASCII letters, digits, '-', '_' and single
// dots, or an IPv6 address in brackets.
[[nodiscard]] std::optional<UrlTarget> ParseUrlTarget(std::string_view url);

// "localhost" in any case of letters, 127.0.0.0/8 and ::1; IPv6 without brackets. No name is looked up.
[[nodiscard]] bool IsLoopbackHost(std::string_view host);

}  // namespace tocsin
