// What of a configured URL is a secret: a login in it, and in addresses of webhooks path and query as well.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/yaml_node.h"

namespace tocsin::daemon {

// "https://user:password@host/…".
[[nodiscard]] bool NamesLogin(std::string_view url);
// Scheme, host and port, with "/…" for what else there is: "https://hooks.example.com/…".
[[nodiscard]] std::string OnlyHost(std::string_view url);
// Each URL below `node` as OnlyHost, whatever it is the value of.
[[nodiscard]] YamlNode WithOnlyHosts(YamlNode node);

}  // namespace tocsin::daemon
