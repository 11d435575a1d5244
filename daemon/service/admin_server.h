// The admin interface of a running daemon, with what it needs: the feed of what happens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/http/deliveries_endpoint.h"
#include "daemon/service/admin.h"

namespace tocsin::daemon {

struct AdminServerParts {
  StateDesk* states = nullptr;  // Outlives the server.
  DeadLetterPlaces letters;
  const Reloader* config = nullptr;    // Outlives the server.
  AuditLog* audit = nullptr;           // Outlives the server.
  const AuditLog* erasures = nullptr;  // Outlives the server.
  const AccountRefs* refs = nullptr;   // Outlives the server.
  std::function<ReloadOutcome()> reload;
  std::function<std::string()> status;
  std::function<Result<std::vector<Explanation>>(const ExplainQuery&)> explain;
  std::function<Result<Done>(std::string_view account, const std::string& event)> keep;
  std::function<Timestamp()> wall_clock;
  std::optional<KeptFor> kept_for;                                  // As AdminParts.
  std::function<void(std::string_view path, int status)> answered;  // As HttpServerOptions.
  ClosedConnections* closed = nullptr;                              // The same.
};

class AdminServer {
 public:
  // Does not listen yet: the workers are given the feed first.
  // REQUIRES: `config.http.admin_token` is not empty.
  AdminServer(const Config& config, AdminServerParts parts);
  // `deliveries` may be null.
  [[nodiscard]] Result<Done> Listen(DeliveryDesk* deliveries);

  [[nodiscard]] LiveFeed& feed() { return feed_; }
  [[nodiscard]] int port() const { return server_ ? server_->port() : -1; }

 private:
  const std::string listen_;
  const std::function<void(std::string_view path, int status)> answered_;
  ClosedConnections* const closed_;
  AdminGuard guard_;
  LiveFeed feed_;
  DeadLetters letters_;
  AdminInterface interface_;
  std::unique_ptr<DeliveriesEndpoint> deliveries_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace tocsin::daemon
