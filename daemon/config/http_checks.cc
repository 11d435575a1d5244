#include "daemon/config/http_checks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/url_target.h"
#include "daemon/config/config.h"
#include "daemon/http/listen_address.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kTokenCharactersMin = 16;
constexpr const char* kWhatATokenIs =
    "its file must hold one line of ASCII letters, digits and signs, without blanks and %: make one by "
    "`openssl "
    "rand -hex 32`";
constexpr const char* kEventsOfStrangers =
    "not set: the port that owners' answers come in by (answers.base_url) takes events without a token, and "
    "only the proxy keeps strangers from sending some; set http.events_token";

struct Token {
  const char* key;
  const std::string& text;
};

std::array<Token, 3> TokensOf(const HttpConfig& http) {
  return {{{"http.events_token", http.events_token},
           {"http.admin_token", http.admin_token},
           {"http.admin_read_token", http.admin_read_token}}};
}

void CheckTokens(const HttpConfig& http,
                 const std::function<void(std::string key, std::string text)>& problem) {
  // A percent sign is read as the beginning of an escape, in headers too.
  const auto visible = [](char c) { return c > ' ' && c <= '~' && c != '%'; };
  for (const Token& token : TokensOf(http)) {
    if (!std::ranges::all_of(token.text, visible)) problem(token.key, kWhatATokenIs);
  }
  if (!http.admin_read_token.empty() && http.admin_read_token == http.admin_token)
    problem("http.admin_read_token",
            "must not be that of http.admin_token: who may only look could change everything");
}

}  // namespace

void WarnOfHttp(const Config& config, const std::function<void(std::string key, std::string text)>& unwise) {
  for (const Token& token : TokensOf(config.http)) {
    if (!token.text.empty() && token.text.size() < kTokenCharactersMin)
      unwise(token.key, "is shorter than " + std::to_string(kTokenCharactersMin) +
                            " characters and can be guessed: make one by `openssl rand -hex 32`");
  }
  if (config.log != LogKind::kLocal || config.http.events_listen.empty() || !config.http.events_token.empty())
    return;
  // No proxy leads to the port without answers, nor when their address is this machine's.
  const std::optional<UrlTarget> answers = ParseUrlTarget(config.rules.alerts.answers.base_url);
  if (answers && !IsLoopbackHost(answers->host)) unwise("http.events_token", kEventsOfStrangers);
}

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
  CheckTokens(http, problem);
  if (!local) return;
  if (servers[1].address && !IsLoopbackHost(servers[1].address->host) && http.events_token.empty())
    problem("http.events_token", "must be given, as {file: PATH}: http.events_listen is not loopback");
  if (!http.events_listen.empty() && http.pending_mb_max < http.body_mb_max) {
    problem("http.pending_mb_max", "must not be below http.body_mb_max (" + std::to_string(http.body_mb_max) +
                                       "): a body of that size would be refused for ever (429)");
  }
}

}  // namespace tocsin::daemon
