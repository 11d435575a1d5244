// /admin/v1/deliveries: what is on its way, what failed and what is held, and what a person does about it.
#pragma once

#include <string>

#include "daemon/delivery/delivery_log.h"
#include "daemon/http/admin_guard.h"

namespace tocsin::daemon {

//   GET  /admin/v1/deliveries          {"deliveries":[{"delivery":"…","status":"failed",…}]}; 1,000 at most
//   POST /admin/v1/deliveries/replay   {"touched":3}; body {"delivery":"…"} for one, {} for all that failed
//   or are held POST /admin/v1/deliveries/drop     the same; forgets them POST /admin/v1/deliveries/release
//   the flood gate opens, and what it holds is sent
//
// What the guard answers; 503 when the worker does not answer in time. No answer holds an address. Thread
// safe.
class DeliveriesEndpoint {
 public:
  // `desk` outlives the endpoint, and both outlive the routes.
  explicit DeliveriesEndpoint(DeliveryDesk& desk) : desk_(desk) {}
  [[nodiscard]] std::vector<HttpRoute> Routes(AdminGuard& guard) const;

 private:
  [[nodiscard]] HttpResponse Handle(const HttpRequest& request, DeliveryRequest::Kind kind) const;
  DeliveryDesk& desk_;
};

}  // namespace tocsin::daemon
