#include "daemon/http/listen_address.h"

#include <charconv>

namespace tocsin::daemon {

std::optional<ListenAddress> ParseListen(std::string_view listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress address;
  const std::string_view digits = listen.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  const bool number = error == std::errc() && end == digits.data() + digits.size();
  if (!number || address.port < 0 || address.port > 65535) return std::nullopt;
  std::string_view host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of(" \t/@[]") != std::string_view::npos) return std::nullopt;
  address.host = host;
  return address;
}

}  // namespace tocsin::daemon
