// The library's server over connections that are bounded and hold nobody up (daemon/http/connections.h), and
// that go on with another request only where it is certain that the one before has ended
// (daemon/http/framing.h).
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "daemon/http/connections.h"

namespace tocsin::daemon {

struct LineServerOptions {
  size_t connections_max = 64;
  std::chrono::milliseconds timeout;    // For each wait within a request and its answer.
  ClosedConnections* closed = nullptr;  // Counts those that were closed for another one; may be null.
};

// What the request says of its body's Content-Encoding; "" when nothing. Use this: the header is kept from
// the library, which takes the end of a compressed body for its end even when it is cut off.
[[nodiscard]] std::string EncodingOf(const httplib::Request& request);

class LineServer final : public httplib::Server {
 public:
  explicit LineServer(const LineServerOptions& options);
  // After binding, before listening: as many as may be open may also knock at once.
  void WidenDoor();
  // As HttpServer has it.
  [[nodiscard]] size_t waiting() const { return connections_.Waiting(); }

 private:
  bool process_and_close_socket(socket_t socket) override;

  const LineServerOptions options_;
  Connections connections_;
};

}  // namespace tocsin::daemon
