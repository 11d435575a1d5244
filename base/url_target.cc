#include "base/url_target.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/ascii.h"
#include "base/ip_address.h"

namespace tocsin {
namespace {

constexpr std::string_view kBehindScheme = "://";

bool IsLetterOrDigit(char c) {
  const char lower = AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

bool IsHostName(std::string_view host) {
  const auto known = [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.'; };
  return !host.empty() && IsLetterOrDigit(host.front()) && std::ranges::all_of(host, known) &&
         host.find("..") == std::string_view::npos;
}

// Of ":8443"; 0 for anything that is no port.
int PortOf(std::string_view text) {
  text.remove_prefix(1);
  int port = 0;
  const char* const behind = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), behind, port);
  return error == std::errc() && end == behind && port > 0 && port <= 65535 ? port : 0;
}

}  // namespace

std::optional<UrlTarget> ParseUrlTarget(std::string_view url) {
  const size_t scheme = url.find(kBehindScheme);
  if (scheme == std::string_view::npos || scheme == 0) return std::nullopt;
  UrlTarget target{.scheme = url.substr(0, scheme), .host = {}, .port = 0, .rest = {}};
  std::string_view authority = url.substr(scheme + kBehindScheme.size());
  const size_t size = std::min(authority.find_first_of("/?#"), authority.size());
  target.rest = authority.substr(size);
  authority = authority.substr(0, size);

  const bool bracketed = authority.starts_with('[');
  const size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed) {
    if (host_end == std::string_view::npos) return std::nullopt;
    target.host = authority.substr(1, host_end - 1);
    // A dotted quad has no brackets.
    if (target.host.find(':') == std::string_view::npos || !IpAddress::Parse(target.host))
      return std::nullopt;
    authority.remove_prefix(host_end + 1);
  } else {
    target.host = authority.substr(0, host_end);
    if (!IsHostName(target.host)) return std::nullopt;
    authority.remove_prefix(target.host.size());
  }
  if (authority.empty()) return target;
  if (!authority.starts_with(':')) return std::nullopt;
  target.port = PortOf(authority);
  if (target.port == 0) return std::nullopt;
  return target;
}

bool IsLoopbackHost(std::string_view host) {
  if (EqualsIgnoringCase(host, "localhost")) return true;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  if (!address) return false;
  if (address->is_v4()) return address->v4() >> 24U == 127;
  return address == IpAddress::Parse("::1");
}

}  // namespace tocsin
