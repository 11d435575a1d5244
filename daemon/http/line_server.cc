#include "daemon/http/line_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "daemon/http/framing.h"

namespace tocsin::daemon {
namespace {

// Longer than the minute after which common balancers and clients give an idle connection up: then it is they
// who close it, and no request meets a connection that was just closed here.
constexpr std::chrono::seconds kIdleMax{75};
constexpr size_t kRequestsMax = 10'000;  // Of one connection.
constexpr int kBacklog = 256;
// First line and headers of a request. The library bounds each line, and not how many there are.
constexpr size_t kHeadBytesMax = 16'384;

// A connection that ends before its request has been read is left open for its client to read the answer: for
// so long, and until so much more has come.
constexpr std::chrono::seconds kLinger{1};
constexpr size_t kLingerBytesMax = size_t{64} << 20U;

constexpr const char* kEncoding = "Content-Encoding";
constexpr const char* kKeptEncoding = "Tocsin-Content-Encoding";
constexpr const char* kUnclear = "Tocsin-Unclear";  // Of a request that could be read in two ways.

void KeepEncoding(httplib::Request& request) {
  request.headers.erase(kKeptEncoding);
  const auto [begin, end] = request.headers.equal_range(kEncoding);
  for (auto it = begin; it != end; ++it) request.headers.emplace(kKeptEncoding, it->second);
  request.headers.erase(kEncoding);
}

// The library reads the bodies of these.
bool IsReadWithBody(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

// A connection as the library reads it. It waits by the line, so that the line can be closed for another.
class LineStream final : public httplib::Stream {
 public:
  LineStream(Connections::Line& line, std::chrono::milliseconds timeout) : line_(line), timeout_(timeout) {}

  [[nodiscard]] bool AwaitRequest() { return begin_ < end_ || line_.Wait(POLLIN, kIdleMax); }

  // From BeginHead to EndHead no more than kHeadBytesMax are read, and then no more than the body.
  void BeginHead() {
    head_left_ = kHeadBytesMax;
    head_ = {};
    body_ = {};
  }
  void EndHead(const BodyFrame& body) {
    head_left_.reset();
    body_ = body;
  }
  // The request can be read in one way only, as far as it was read.
  [[nodiscard]] bool clear() const { return head_.clear() && body_.clear(); }
  // It was read to its end, and what follows is another one.
  [[nodiscard]] bool ended() const { return !head_left_ && clear() && body_.ended(); }

  // Closed at once, what has come and was not read would take the answer away from the client (RFC
  // 9112, 9.6).
  void Linger() {
    ::shutdown(line_.socket(), SHUT_WR);
    const auto until = std::chrono::steady_clock::now() + kLinger;
    for (size_t left = kLingerBytesMax; left > 0 && std::chrono::steady_clock::now() < until;) {
      if (!line_.Wait(POLLIN, kLinger)) return;
      const ssize_t got =
          ::recv(line_.socket(), buffer_.data(), std::min(left, buffer_.size()), MSG_DONTWAIT);
      if (got <= 0) return;
      left -= static_cast<size_t>(got);
    }
  }

  bool is_readable() const override { return begin_ < end_ || line_.Wait(POLLIN, timeout_); }
  bool is_writable() const override { return line_.Wait(POLLOUT, timeout_); }

  ssize_t read(char* to, size_t size) override {
    const uint64_t left = head_left_ ? *head_left_ : body_.left();
    if (left == 0) return head_left_ ? -1 : 0;
    const ssize_t got = ReadOn(to, std::min<uint64_t>(size, left));
    if (got <= 0) return got;
    const std::string_view came(to, static_cast<size_t>(got));
    if (head_left_) {
      *head_left_ -= came.size();
      head_.Take(came);
    } else {
      body_.Take(came);
      if (body_.lost()) return -1;
    }
    return got;
  }

  // All of it, or -1.
  ssize_t write(const char* from, size_t size) override {
    size_t sent = 0;
    while (sent < size) {
      const ssize_t now = ::send(line_.socket(), from + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (now >= 0) {
        sent += static_cast<size_t>(now);
      } else if (errno != EINTR && (!WouldBlock() || !line_.Wait(POLLOUT, timeout_))) {
        return -1;
      }
    }
    return static_cast<ssize_t>(sent);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { Read(&::getpeername, ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { Read(&::getsockname, ip, port); }
  socket_t socket() const override { return line_.socket(); }

 private:
  ssize_t ReadOn(char* to, size_t size) {
    if (begin_ == end_) {
      if (size >= buffer_.size()) return Receive(to, size);
      const ssize_t got = Receive(buffer_.data(), buffer_.size());
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<size_t>(got);
    }
    const size_t taken = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, taken);
    begin_ += taken;
    return static_cast<ssize_t>(taken);
  }

  static bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

  ssize_t Receive(char* to, size_t size) {
    while (true) {
      const ssize_t got = ::recv(line_.socket(), to, size, MSG_DONTWAIT);
      if (got >= 0) return got;
      if (errno != EINTR && (!WouldBlock() || !line_.Wait(POLLIN, timeout_))) return -1;
    }
  }

  void Read(int (*name_of)(int, sockaddr*, socklen_t*), std::string& ip, int& port) const {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (name_of(line_.socket(), reinterpret_cast<sockaddr*>(&name), &size) != 0) return;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (name.ss_family == AF_INET6) {
      const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
      port = ntohs(v6.sin6_port);
    } else {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
      ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
      port = ntohs(v4.sin_port);
    }
    ip = text.data();
  }

  Connections::Line& line_;
  const std::chrono::milliseconds timeout_;
  std::array<char, 16384> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  std::optional<size_t> head_left_;  // While a head is read.
  HeadBytes head_;
  BodyFrame body_;
};

// Before the request is worked on.
void Prepare(httplib::Request& request, LineStream& stream) {
  const BodyFrame body(request.headers);
  stream.EndHead(body);
  // A proxy of that time knows no chunks (RFC 9112, 6.1).
  const bool old = body.chunked() && request.version == "HTTP/1.0";
  KeepEncoding(request);
  request.headers.erase(kUnclear);
  const bool clear = stream.clear() && !old;
  if (!clear) request.headers.emplace(kUnclear, "yes");
  // An answer is given whole: of each range that is asked for, and the same one may be asked for a thousand
  // times, the library would make a copy.
  request.ranges.clear();
  if (clear && (body.ended() || IsReadWithBody(request.method))) return;
  request.headers.erase("Connection");
  request.headers.emplace("Connection", "close");  // The answer says it then.
}

// The library owns its queue, and drops it when it stops listening.
class Queue final : public httplib::TaskQueue {
 public:
  explicit Queue(Connections& connections) : connections_(connections) {}
  void enqueue(std::function<void()> serve) override { connections_.Serve(std::move(serve)); }
  void shutdown() override { connections_.Stop(); }

 private:
  Connections& connections_;
};

}  // namespace

std::string EncodingOf(const httplib::Request& request) {
  std::string encodings;
  const auto [begin, end] = request.headers.equal_range(kKeptEncoding);
  for (auto it = begin; it != end; ++it) encodings += (encodings.empty() ? "" : ", ") + it->second;
  return encodings;
}

LineServer::LineServer(const LineServerOptions& options)
    : options_(options), connections_(options.connections_max, options.closed) {
  new_task_queue = [this] { return new Queue(connections_); };
  // What the answers say of it.
  set_keep_alive_max_count(kRequestsMax);
  set_keep_alive_timeout(kIdleMax.count());
  set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    // Of PRI the library reads a body, as long as it is, and then knows nobody who answers it.
    if (!request.has_header(kUnclear) && request.method != "PRI") return HandlerResponse::Unhandled;
    response.status = 400;
    return HandlerResponse::Handled;
  });
}

void LineServer::WidenDoor() { ::listen(svr_sock_, kBacklog); }

bool LineServer::process_and_close_socket(socket_t socket) {
  Connections::Line line(connections_, socket);
  LineStream stream(line, options_.timeout);
  for (size_t left = kRequestsMax; left > 0 && stream.AwaitRequest(); --left) {
    line.Touch(true);
    const bool last = left == 1 || connections_.Crowded();
    bool closed = false;
    stream.BeginHead();
    const auto prepare = [&stream](httplib::Request& request) { Prepare(request, stream); };
    const bool answered = process_request(stream, last, closed, prepare);
    line.Touch(false);
    if (!stream.ended()) stream.Linger();
    if (!answered || last || closed || !stream.ended()) break;
  }
  return true;
}

}  // namespace tocsin::daemon
