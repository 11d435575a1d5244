#include "daemon/http/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <thread>
#include <utility>

#include "base/json_writer.h"
#include "daemon/http/body_reader.h"
#include "daemon/http/body_room.h"
#include "daemon/http/line_server.h"
#include "daemon/http/listen_address.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kBodiesAtOnce = 8;                   // Of the longest there may be.
constexpr size_t kStrayBytesMax = size_t{64} << 10U;  // Of a body that was sent to no route.

// The library takes paths for regular expressions.
std::string PatternOf(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (c == '*') {
      pattern += ".*";
    } else {
      if (c == '.') pattern += '\\';
      pattern += c;
    }
  }
  return pattern;
}

class LibraryServer final : public HttpServer {
 public:
  LibraryServer(const HttpServerOptions& options, std::vector<HttpRoute> routes)
      : routes_(std::move(routes)),
        room_(options.body_bytes_max * kBodiesAtOnce),
        server_({.connections_max = options.connections_max,
                 .timeout = options.timeout,
                 .closed = options.closed}) {
    server_.set_payload_max_length(options.body_bytes_max);
    server_.set_read_timeout(options.timeout);
    server_.set_write_timeout(options.timeout);
    server_.set_tcp_nodelay(true);
    // One process to a port: a second daemon must fail, not share.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    if (options.answered) {
      server_.set_logger(
          [answered = options.answered](const httplib::Request& request, const httplib::Response& response) {
            answered(request.path, response.status);
          });
    }
    for (const HttpRoute& route : routes_) {
      const std::string pattern = PatternOf(route.path);
      if (route.method == "GET") {
        server_.Get(pattern, [&route](const httplib::Request& request, httplib::Response& response) {
          Give(route.handle(ToRequest(request, request.body)), response);
        });
      }
      if (route.method == "POST") {
        server_.Post(pattern, [this, &route, bytes_max = options.body_bytes_max](
                                  const httplib::Request& request, httplib::Response& response,
                                  const httplib::ContentReader& read) {
          Post(route, bytes_max, request, read, response);
        });
      }
    }
    // Of a body that was sent to no route so much is read that the connection can go on after most of them.
    const auto nobody = [this, bytes_max = std::min(options.body_bytes_max, kStrayBytesMax)](
                            const httplib::Request& request, httplib::Response& response,
                            const httplib::ContentReader& read) {
      BodyReader body(room_, bytes_max, EncodingOf(request));
      if (SaysMoreThan(bytes_max, request)) {
        response.set_header("Connection", "close");
        response.status = 404;
      } else if (ReadBody(request, read, body, response)) {
        response.status = 404;
      }
    };
    server_.Post(".*", nobody).Put(".*", nobody).Patch(".*", nobody).Delete(".*", nobody);
    server_.set_error_handler([this, bytes_max = options.body_bytes_max](const httplib::Request& request,
                                                                         httplib::Response& response) {
      if (response.body.empty()) Refuse(request, bytes_max, response);
    });
  }

  ~LibraryServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  bool Bind(const std::string& host, int port) {
    if (port == 0) {
      port_ = server_.bind_to_any_port(host);
    } else {
      port_ = server_.bind_to_port(host, port) ? port : -1;
    }
    if (port_ < 0) return false;
    server_.WidenDoor();
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return true;
  }

  int port() const override { return port_; }
  size_t body_bytes() const override { return room_.taken(); }
  size_t waiting() const override { return server_.waiting(); }

 private:
  // What no route has answered, in the words of the error and the form of the routes' own.
  void Refuse(const httplib::Request& request, size_t bytes_max, httplib::Response& response) const {
    std::string why = "the request cannot be read as HTTP/1.1";
    if (response.status == 404) {
      const std::string allowed = MethodsAt(request.path, routes_);
      why = "there is nothing at this path";
      if (!allowed.empty()) {
        response.status = 405;
        response.set_header("Allow", allowed);
        why = "this path takes " + allowed;
      }
    } else if (response.status == 413) {
      why = TooLarge(bytes_max);
    } else if (response.status == 415) {
      why = "the body is a form: send JSON";
    } else if (response.status >= 500) {
      why = "the request was not answered";
    }
    Say(why, response);
  }

  static void Say(std::string_view why, httplib::Response& response) {
    std::string body;
    JsonWriter(body).BeginObject().Member("error", why).EndObject();
    response.set_content(body, "application/json");
  }

  void Post(const HttpRoute& route, size_t server_bytes_max, const httplib::Request& request,
            const httplib::ContentReader& read, httplib::Response& response) {
    if (route.refuse) {
      if (const std::optional<HttpResponse> refused = route.refuse(ToRequest(request, {}))) {
        Give(*refused, response);
        if (SaysMoreThan(0, request) || request.has_header("Transfer-Encoding"))
          response.set_header("Connection", "close");
        return;
      }
    }
    const size_t bytes_max = std::min(route.body_bytes_max, server_bytes_max);
    // What exceeds the server's own bound the library reads to its end, and a client that only sends hears of
    // it.
    if (bytes_max < server_bytes_max && SaysMoreThan(bytes_max, request)) {
      response.status = 413;
      response.set_header("Connection", "close");
      Say(TooLarge(bytes_max), response);
      return;
    }
    BodyReader body(room_, bytes_max, EncodingOf(request));
    if (ReadBody(request, read, body, response))
      Give(route.handle(ToRequest(request, body.body())), response);
  }

  static bool SaysMoreThan(size_t bytes_max, const httplib::Request& request) {
    return request.get_header_value<uint64_t>("Content-Length") > bytes_max;
  }

  // The library limits what Content-Length says. A chunked body says nothing, and a compressed one grows a
  // thousandfold: what comes out is counted here.
  static bool ReadBody(const httplib::Request& request, const httplib::ContentReader& read, BodyReader& body,
                       httplib::Response& response) {
    // A request that says nothing of a body has none (RFC 9112, 6.3). The library would read until the
    // sender hangs up.
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) return true;
    if (request.is_multipart_form_data()) {
      read([](const httplib::MultipartFormData&) { return true; }, [](const char*, size_t) { return true; });
      response.status = 415;
      return false;
    }
    const bool whole = read([&](const char* bytes, size_t size) { return body.Take(bytes, size); });
    if (std::optional<BodyFault> fault = body.End()) {
      response.status = fault->status;
      if (fault->status == 503) response.set_header("Retry-After", "1");
      Say(fault->why, response);
      return false;
    }
    if (!whole && response.status < 400) response.status = 400;
    return whole;
  }

  static HttpRequest ToRequest(const httplib::Request& from, std::string_view body) {
    HttpRequest request{.method = from.method,
                        .path = from.path,
                        .query = {},
                        .body = body,
                        .remote = from.remote_addr,
                        .headers = {}};
    if (const size_t mark = from.target.find('?'); mark != std::string::npos)
      request.query = std::string_view(from.target).substr(mark + 1);
    for (const auto& [name, value] : from.headers) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers.emplace(std::move(lower), value);
    }
    return request;
  }

  static void Give(const HttpResponse& response, httplib::Response& to) {
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    to.set_content(response.body, response.content_type);
  }

  const std::vector<HttpRoute> routes_;
  BodyRoom room_;
  LineServer server_;
  std::thread thread_;
  int port_ = -1;
};

}  // namespace

std::string MethodsAt(std::string_view path, const std::vector<HttpRoute>& routes) {
  std::string methods;
  for (const HttpRoute& route : routes) {
    const bool below = route.path.ends_with('*');
    const std::string_view begin =
        std::string_view(route.path).substr(0, route.path.size() - (below ? 1 : 0));
    const bool here = below ? path.starts_with(begin) : path == begin;
    if (here && methods.find(route.method) == std::string::npos)
      methods += (methods.empty() ? "" : ", ") + route.method;
  }
  return methods;
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                      std::vector<HttpRoute> routes) {
  const std::optional<ListenAddress> address = ParseListen(options.listen);
  if (!address) {
    return Error{ErrorCode::kInvalid, options.listen, "must be an address and a port, as 127.0.0.1:9464"};
  }
  auto server = std::make_unique<LibraryServer>(options, std::move(routes));
  if (!server->Bind(address->host, address->port)) {
    return Error{ErrorCode::kUnavailable, options.listen,
                 "cannot be listened on: is the port taken, or the address not this machine's?"};
  }
  return std::unique_ptr<HttpServer>(std::move(server));
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace tocsin::daemon
