// An HTTP server for a handful of paths: the only places that know the library behind it are its source and
// line_server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/http/closed_connections.h"

namespace tocsin::daemon {

struct HttpRequest {
  std::string_view method;
  std::string_view path;
  std::string_view query;  // What follows the "?", as it was sent.
  std::string_view body;
  std::string_view remote;                          // The address that asks.
  std::multimap<std::string, std::string> headers;  // Names in lower case.

  // The first header of this (lower-case) name, or "".
  [[nodiscard]] std::string_view Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpRoute {
  std::string method;  // "GET" or "POST"
  std::string path;    // Exact; or "/r/*": everything below /r/.
  // Runs on any of the server's threads.
  std::function<HttpResponse(const HttpRequest&)> handle;
  // Asked when the headers have come: an answer refuses the request, and its body is not read. May be empty.
  std::function<std::optional<HttpResponse>(const HttpRequest&)> refuse = nullptr;
  size_t body_bytes_max = SIZE_MAX;  // Where it is less than the server's.
};

// "GET, POST": what the routes take at the path; "" when it is none of theirs.
[[nodiscard]] std::string MethodsAt(std::string_view path, const std::vector<HttpRoute>& routes);

struct HttpServerOptions {
  std::string listen;  // "127.0.0.1:9464", "[::1]:9464"; port 0 takes a free one.
  // Open at once, each with a thread while it lasts. One more takes the place of the one that has been waited
  // for the longest time, so that nobody is kept out by connections that are kept open.
  size_t connections_max = 64;
  size_t body_bytes_max = 1U << 20U;  // Of one; of all at once, eight times that: 503 beyond.
  std::chrono::seconds timeout = std::chrono::seconds(10);  // For reading a request and writing its answer.
  // Told of every answer, also of what no route answers, with the path that was asked for: none when that
  // could not be read. Runs on any of the server's threads, and outlives the server. May be empty.
  std::function<void(std::string_view path, int status)> answered = nullptr;
  // Counts connections that were closed for another one. Outlives the server. May be null.
  ClosedConnections* closed = nullptr;
};

// Serves from construction to destruction.
class HttpServer {
 public:
  // kInvalid: `listen` cannot be read; kUnavailable: the port is taken.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                                 std::vector<HttpRoute> routes);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual int port() const = 0;
  // What bodies hold now, each beyond its first 64 KiB.
  [[nodiscard]] virtual size_t body_bytes() const = 0;
  // Connections whose client is waited for: a client may have its answer a moment before its own is one.
  [[nodiscard]] virtual size_t waiting() const = 0;
};

// Takes the same time wherever two texts of one length differ.
[[nodiscard]] bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace tocsin::daemon
