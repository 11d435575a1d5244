// "host:port" as the configuration writes where a server listens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::daemon {

struct ListenAddress {
  std::string host;  // Without the brackets of an IPv6 address.
  int port = 0;      // 0: a free one.
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "127.0.0.1:9464", "[::1]:9464", "localhost:0"; nothing when it is no such thing.
[[nodiscard]] std::optional<ListenAddress> ParseListen(std::string_view listen);

}  // namespace tocsin::daemon
