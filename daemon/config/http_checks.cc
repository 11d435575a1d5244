#include "daemon/config/http_checks.h"

#include <array>
#include <optional>

#include "daemon/config/config.h"
#include "daemon/http/http_server.h"
#include "daemon/http/listen_address.h"

namespace tocsin::daemon {

void CheckHttp(const Config& config, const std::function<void(std::string key, std::string text)>& problem) {
  const HttpConfig& http = config.http;
  const bool local = config.log == LogKind::kLocal;
  struct Server {
    const char* key;
    const std::string& listen;
    bool served;
    std::optional<ListenAddress> address;
  };
  std::array<Server, 3> servers{
      {{"http.metrics_listen", http.metrics_listen, true, {}},
       {"http.events_listen", http.events_listen, local || !config.rules.alerts.answers.base_url.empty(), {}},
       {"http.admin_listen", http.admin_listen, !http.admin_token.empty(), {}}}};
  for (Server& server : servers) {
    if (server.listen.empty()) continue;
    server.address = ParseListen(server.listen);
    if (!server.address) problem(server.key, "must be an address and a port, as 127.0.0.1:9464");
  }
  for (size_t i = 0; i < servers.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Server& one = servers[i];
      if (!one.address || one.address->port == 0 || one.address != servers[j].address) continue;
      if (one.served && servers[j].served)
        problem(one.key, std::string("is where ") + servers[j].key + " is");
    }
  }
  if (!local) return;
  if (servers[1].address && !IsLoopback(http.events_listen) && http.events_token.empty())
    problem("http.events_token", "must be given, as {file: PATH}: http.events_listen is not loopback");
  if (!http.events_listen.empty() && http.pending_mb_max < http.body_mb_max) {
    problem("http.pending_mb_max", "must not be below http.body_mb_max (" + std::to_string(http.body_mb_max) +
                                       "): a body of that size would be refused for ever (429)");
  }
}

}  // namespace tocsin::daemon
