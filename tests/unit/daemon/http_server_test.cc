// What comes over the line, byte by byte: no client library between.
#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>

#include "base/check.h"
#include "daemon/http/request_counts.h"

namespace tocsin::daemon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Line {
 public:
  explicit Line(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Below the time after which the server gives a body up.
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  ~Line() { ::close(socket_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // What is answered up to `end`; what there was when nothing more came.
  std::string Ask(const std::string& request, std::string_view end) {
    CHECK(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
    std::string answer;
    char byte = 0;
    while (!answer.ends_with(end) && ::recv(socket_, &byte, 1, 0) == 1) answer += byte;
    return answer;
  }

 private:
  const int socket_;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest()
      : server_(*HttpServer::Start(
            {.listen = "127.0.0.1:0",
             .threads = 1,
             .body_bytes_max = 1000,
             .answered = [this](std::string_view path, int status) { counts_.Add(path, status); }},
            {{"POST", "/things",
              [](const HttpRequest& request) {
                return HttpResponse{.body = "got [" + std::string(request.body) + "].", .headers = {}};
              }}})),
        line_(server_->port()) {}

  std::string Post(const std::string& path, const std::string& rest, std::string_view end) {
    return line_.Ask("POST " + path + " HTTP/1.1\r\nHost: example.com\r\n" + rest, end);
  }

  RequestCounts counts_;
  std::unique_ptr<HttpServer> server_;
  Line line_;
};

TEST_F(HttpServerTest, WhatSaysNothingOfABodyHasNone) {
  EXPECT_THAT(Post("/things", "\r\n", "]."), EndsWith("got []."));
  EXPECT_THAT(Post("/things", "Content-Length: 3\r\n\r\nabc", "]."), EndsWith("got [abc]."));
  EXPECT_THAT(Post("/things", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "]."),
              EndsWith("got [ab]."));
}

TEST_F(HttpServerTest, WhereNobodyIsTheLineGoesOn) {
  EXPECT_THAT(Post("/nowhere", "\r\n", "}"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Post("/nowhere", "Content-Length: 3\r\n\r\nabc", "}"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(line_.Ask("DELETE /things HTTP/1.1\r\nHost: example.com\r\n\r\n", "}"),
              StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(Post("/things", "\r\n", "]."), HasSubstr("200 OK"));
}

// A client that reads {"error":"…"} finds it wherever it is refused.
TEST_F(HttpServerTest, WhatNoRouteAnswersSaysWhyInTheFormOfTheRoutes) {
  const auto says = [](std::string_view status, const std::string& error) {
    return AllOf(StartsWith("HTTP/1.1 " + std::string(status)),
                 HasSubstr("Content-Type: application/json\r\n"),
                 EndsWith("\r\n\r\n{\"error\":\"" + error + "\"}"));
  };
  EXPECT_THAT(Post("/nowhere", "\r\n", "}"), says("404", "there is nothing at this path"));
  const std::string wrong_method = line_.Ask("GET /things HTTP/1.1\r\nHost: example.com\r\n\r\n", "}");
  EXPECT_THAT(wrong_method, says("405", "this path takes POST"));
  EXPECT_THAT(wrong_method, HasSubstr("Allow: POST\r\n"));
  const std::string body(1001, 'x');
  EXPECT_THAT(Post("/things", "Content-Length: 1001\r\n\r\n" + body, "}"),
              says("413", "the body is larger than 1000 bytes: send it in pieces"));
}

TEST_F(HttpServerTest, ABodyThatDoesNotSayItsLengthIsCounted) {
  EXPECT_THAT(
      Post("/things", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n",
           "}"),
      AllOf(StartsWith("HTTP/1.1 413"), EndsWith("send it in pieces\"}")));
}

// Also what no route answers. The last one tells that those before it were counted.
TEST_F(HttpServerTest, EveryAnswerIsCountedOnce) {
  Post("/things", "\r\n", "].");
  Post("/v1/events", "\r\n", "}");
  line_.Ask("GET /r/secret-link HTTP/1.1\r\nHost: example.com\r\n\r\n", "}");
  line_.Ask("GET /admin/v1/status?limit=1 HTTP/1.1\r\nHost: example.com\r\n\r\n", "}");
  line_.Ask("DELETE /things HTTP/1.1\r\nHost: example.com\r\n\r\n", "}");
  Post("/things", "\r\n", "].");
  const RequestCounts::Table counts = counts_.Read();
  for (const char* const path : {"/r/", "/admin/v1/", "/v1/events", "/things"})
    EXPECT_EQ(counts[RequestCounts::RouteOf(path)][2], 1U) << path;
  EXPECT_GE(counts[RequestCounts::RouteOf("/things")][0], 1U);
}

TEST(RequestCountsTest, AsksAreOfFewKinds) {
  const auto route = [](std::string_view path) {
    return RequestCounts::kRoutes.at(RequestCounts::RouteOf(path));
  };
  EXPECT_EQ(route("/r/AbC"), "answers");
  EXPECT_EQ(route("/admin/v1/accounts/mona"), "admin");
  EXPECT_EQ(route("/v1/events"), "ingest");
  for (const char* const path : {"/metrics", "/livez", "/readyz", "/version"})
    EXPECT_EQ(route(path), "metrics");
  for (const char* const path : {"", "/", "/wp-login.php", "/v1/eventsx"}) EXPECT_EQ(route(path), "other");
  RequestCounts counts;
  for (const int status : {0, 100, 199, 600, 999}) counts.Add("/", status);
  EXPECT_EQ(counts.Read(), RequestCounts::Table{});
}

}  // namespace
}  // namespace tocsin::daemon
