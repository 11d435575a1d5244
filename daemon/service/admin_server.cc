#include "daemon/service/admin_server.h"

#include <iterator>
#include <utility>

namespace tocsin::daemon {

AdminServer::AdminServer(const Config& config, AdminServerParts parts)
    : listen_(config.http.admin_listen),
      answered_(std::move(parts.answered)),
      closed_(parts.closed),
      guard_({.change = config.http.admin_token, .look = config.http.admin_read_token}, *parts.audit),
      feed_(*parts.refs),
      letters_(config.state_dir, std::move(parts.letters)),
      interface_({.guard = &guard_,
                  .audit = parts.audit,
                  .erasures = parts.erasures,
                  .states = parts.states,
                  .feed = &feed_,
                  .letters = &letters_,
                  .refs = parts.refs,
                  .config = parts.config,
                  .reload = std::move(parts.reload),
                  .status = std::move(parts.status),
                  .explain = std::move(parts.explain),
                  .keep = std::move(parts.keep),
                  .wall_clock = std::move(parts.wall_clock),
                  .kept_for = parts.kept_for}) {}

Result<Done> AdminServer::Listen(DeliveryDesk* deliveries) {
  std::vector<HttpRoute> routes;
  const auto add = [&routes](std::vector<HttpRoute> more) {
    routes.insert(routes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  if (deliveries != nullptr) {
    deliveries_ = std::make_unique<DeliveriesEndpoint>(*deliveries);
    add(deliveries_->Routes(guard_));
  } else {
    const auto none = [](const HttpRequest&) {
      return ProblemAnswer(404,
                           "this process delivers nothing: delivery.mail, delivery.webhooks and "
                           "delivery.tickets are not configured");
    };
    for (const char* const path : {"/admin/v1/deliveries", "/admin/v1/deliveries/*"}) {
      HttpRoute get = guard_.Looking(path, none);
      HttpRoute post = get;
      post.method = "POST";
      add({std::move(get), std::move(post)});
    }
  }
  add(interface_.Routes());
  add(guard_.NothingElse());
  Result<std::unique_ptr<HttpServer>> server =
      HttpServer::Start({.listen = listen_, .answered = answered_, .closed = closed_}, std::move(routes));
  if (!server) return server.error();
  server_ = *std::move(server);
  return Done{};
}

}  // namespace tocsin::daemon
