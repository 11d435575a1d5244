// What comes over the line, byte by byte: no client library between.
#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "daemon/http/body_room.h"
#include "daemon/http/request_counts.h"
#include "tests/support/eventually.h"

namespace tocsin::daemon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Of the servers, for each wait: no test lasts so long.
constexpr std::chrono::minutes kServersPatience{10};

class Line {
 public:
  explicit Line(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Below the time after which the server gives a body up.
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  ~Line() { ::close(socket_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // False when nobody takes it.
  [[nodiscard]] bool Say(const std::string& words) const {
    return ::send(socket_, words.data(), words.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(words.size());
  }
  // What is answered up to `end`; what there was when nothing more came.
  std::string Ask(const std::string& request, std::string_view end) const {
    if (!Say(request)) return "";
    std::string answer;
    char byte = 0;
    while (!answer.ends_with(end) && ::recv(socket_, &byte, 1, 0) == 1) answer += byte;
    return answer;
  }
  // All that is answered to the last request.
  std::string AskLast(const std::string& request) const {
    if (!Say(request)) return "";
    ::shutdown(socket_, SHUT_WR);
    std::string answer;
    char byte = 0;
    while (::recv(socket_, &byte, 1, 0) == 1) answer += byte;
    return answer;
  }

 private:
  const int socket_;
};

std::string Head(const std::string& rest = "\r\n") {
  return "POST /things HTTP/1.1\r\nHost: example.com\r\n" + rest;
}

std::unique_ptr<HttpServer> Serve(size_t connections_max, size_t body_bytes_max = 1000,
                                  ClosedConnections* closed = nullptr) {
  return *HttpServer::Start(
      {.listen = "127.0.0.1:0",
       .connections_max = connections_max,
       .body_bytes_max = body_bytes_max,
       .timeout = kServersPatience,
       .closed = closed},
      {{"POST", "/things",
        [](const HttpRequest& request) {
          return HttpResponse{.body = "got [" + std::to_string(request.body.size()) + "].", .headers = {}};
        }},
       // More than the system keeps of an answer that is not read.
       {"POST", "/large", [](const HttpRequest&) {
          return HttpResponse{.body = std::string(size_t{16} << 20U, 'x'), .headers = {}};
        }}});
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest()
      : server_(*HttpServer::Start(
            {.listen = "127.0.0.1:0",
             .connections_max = 8,
             .body_bytes_max = 1000,
             .timeout = kServersPatience,
             .answered = [this](std::string_view path, int status) { counts_.Add(path, status); }},
            {{"POST", "/things",
              [](const HttpRequest& request) {
                return HttpResponse{.body = "got [" + std::string(request.body) + "].", .headers = {}};
              }}})),
        line_(server_->port()) {}

  std::string Post(const std::string& path, const std::string& rest, std::string_view end) const {
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

// Each line of it is short; together they would fill the memory.
TEST_F(HttpServerTest, AHeadIsAsLongAsItMayBeAndNoLonger) {
  constexpr size_t kLongest = 16'384;
  std::string head = Head("");
  while (head.size() + 6 + 2 <= kLongest) head += "A: b\r\n";
  head.insert(head.size() - 2, std::string(kLongest - head.size() - 2, 'b'));
  head += "\r\n";
  ASSERT_EQ(head.size(), kLongest);
  EXPECT_THAT(line_.Ask(head, "]."), EndsWith("got []."));
  EXPECT_THAT(line_.Ask(head, "]."), EndsWith("got [].")) << "each request has its own";
  head.insert(head.size() - 4, "b");
  const Line other(server_->port());
  // The line may be gone before the answer is read.
  EXPECT_THAT(other.Ask(head + Head(), "]."), testing::AnyOf("", StartsWith("HTTP/1.1 400")));
  EXPECT_EQ(other.Ask(Head(), "]."), "") << "what follows is no request";
  EXPECT_THAT(line_.Ask(Head(), "]."), EndsWith("got []."));
}

// A request of 8 KiB would have an answer of a hundred megabytes.
TEST(HttpServerRangesTest, AnAnswerIsGivenWholeAndOnce) {
  const auto server = *HttpServer::Start({.listen = "127.0.0.1:0", .timeout = kServersPatience},
                                         {{"GET", "/things", [](const HttpRequest&) {
                                             return HttpResponse{.body = "[everything].", .headers = {}};
                                           }}});
  const Line line(server->port());
  const std::string asked = "GET /things HTTP/1.1\r\nHost: example.com\r\nRange: bytes=";
  for (const char* const ranges : {"0-,0-,0-,0-", "2-4", "-3"})
    EXPECT_THAT(line.Ask(asked + ranges + "\r\n\r\n", "]."),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 13\r\n"),
                      EndsWith("\r\n\r\n[everything].")))
        << ranges;
}

// Requests after which a server that reads carelessly takes their rest for another request, by somebody else:
// a proxy before it has let the whole pass as one.
TEST_F(HttpServerTest, TheRestOfARequestIsNeverAnotherOne) {
  const std::string inner = Head("Content-Length: 5\r\n\r\ninner");
  const std::string length = "Content-Length: " + std::to_string(inner.size()) + "\r\n";
  const std::string host = " HTTP/1.1\r\nHost: example.com\r\n";
  std::vector<std::string> requests;
  for (const char* const method :
       {"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PRI", "PROPFIND", "nonsense"})
    for (const char* const path : {"/r/x", "/things", "/nowhere"})
      requests.push_back(std::string(method) + " " + path + host + length + "\r\n" + inner);
  const std::vector<std::string> rests = {
      "Range: bytes=x\r\n" + length + "\r\n",
      "Content-Type: multipart/form-data\r\n" + length + "\r\n",
      "Content-Type: multipart/form-data; boundary=zz\r\n" + length + "\r\n",
      "Content-Length: 0\r\n" + length + "\r\n",
      "Content-Length: abc\r\n\r\n",
      "Content-Length : 5\r\n\r\n",
      "Content-Length: 0\n" + length + "\r\n",
      "Transfer-Encoding:\r\n chunked\r\n" + length + "\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n" + length + "\r\n0\r\n\r\n",
      "Transfer-Encoding: xchunked\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n",
      "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
      "X: " + std::string(9000, 'a') + "\r\n" + length + "\r\n",
  };
  for (const std::string& rest : rests)
    for (const char* const method : {"POST", "GET"})
      requests.push_back(std::string(method) + " /things" + host + rest + inner);
  requests.push_back("GET /" + std::string(9000, 'a') + host + length + "\r\n" + inner);
  requests.push_back("POST /things HTTP/9.1\r\n" + length + "\r\n" + inner);
  for (const std::string& request : requests) {
    const std::string answer = Line(server_->port()).AskLast(request);
    EXPECT_THAT(answer, Not(HasSubstr("got [inner]."))) << request.substr(0, 200);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 ")) << "who asks is answered: " << request.substr(0, 200);
  }
}

// What cannot be read in one way only is not worked on either.
TEST_F(HttpServerTest, ARequestThatCanBeReadInTwoWaysIsRefused) {
  for (const char* const rest :
       {"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Content-Length: +3\r\n\r\nabc", "A: b\nContent-Length: 3\r\n\r\nabc",
        "Content-Length: %33\r\n\r\nabc", "Content-Length:\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding chunked\r\nContent-Length: 3\r\n\r\nabc",
        "Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc"})
    EXPECT_THAT(Line(server_->port()).Ask(Head(rest), "}"),
                AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("Connection: close\r\n"),
                      EndsWith("{\"error\":\"the request cannot be read as HTTP/1.1\"}")))
        << rest;
}

// What a client sends behind a frame that is wrong would be lost behind an answer that all was taken.
TEST_F(HttpServerTest, ABodyThatIsNotFramedAsItSaysIsNotTaken) {
  for (const char* const chunks : {"2\r\nabX\r\n0\r\n\r\n", "0x2\r\nab\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n"})
    EXPECT_THAT(Line(server_->port()).AskLast(Head("Transfer-Encoding: chunked\r\n\r\n") + chunks),
                StartsWith("HTTP/1.1 400"))
        << chunks;
  EXPECT_THAT(Line(server_->port())
                  .AskLast("POST /things HTTP/1.0\r\nConnection: Keep-Alive\r\nTransfer-Encoding: "
                           "chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
}

TEST(HttpServerRoutesTest, ARouteRefusesBeforeTheBodyAndTakesNoMoreThanItSays) {
  const auto server = *HttpServer::Start(
      {.listen = "127.0.0.1:0", .body_bytes_max = size_t{1} << 20U, .timeout = kServersPatience},
      {{.method = "POST",
        .path = "/small/*",
        .handle =
            [](const HttpRequest& request) {
              return HttpResponse{.body = "got [" + std::string(request.body) + "].", .headers = {}};
            },
        .body_bytes_max = 10},
       {.method = "POST",
        .path = "/guarded",
        .handle = [](const HttpRequest&) { return HttpResponse{.body = "in].", .headers = {}}; },
        .refuse = [](const HttpRequest& request) -> std::optional<HttpResponse> {
          if (request.Header("authorization") == "me") return std::nullopt;
          return HttpResponse{.status = 401, .body = "who are you].", .headers = {}};
        }}});
  const auto ask = [&](const std::string& path, const std::string& rest) {
    return Line(server->port()).Ask("POST " + path + " HTTP/1.1\r\nHost: example.com\r\n" + rest, "]");
  };
  // Nothing of the body has been sent.
  EXPECT_THAT(ask("/guarded", "Content-Length: 900000\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("Connection: close\r\n")));
  EXPECT_THAT(ask("/small/x", "Content-Length: 11\r\n\r\n") + "]", StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask("/small/x", "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask("/nowhere", "Content-Length: 900000\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("/small/x", "Content-Length: 10\r\n\r\n0123456789"), EndsWith("got [0123456789]"));
  EXPECT_THAT(ask("/guarded", "Authorization: me\r\nContent-Length: 2\r\n\r\nab"), EndsWith("in]"));
}

// The library would hand such bodies over as far as it can read them, or as they are.
TEST_F(HttpServerTest, CompressedBodiesAreReadHereAndTheLineGoesOn) {
  const std::string_view begun("\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
  EXPECT_THAT(
      Post("/things", "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + std::string(begun), "}"),
      AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("the compressed body is cut off")));
  EXPECT_THAT(Post("/things", "Content-Encoding: zstd\r\nContent-Length: 3\r\n\r\nabc", "}"),
              AllOf(StartsWith("HTTP/1.1 415"), HasSubstr("send gzip or deflate")));
  EXPECT_THAT(Post("/things", "Tocsin-Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "]."),
              EndsWith("got [abc]."));
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

// Whatever a connection is kept for: to ask nothing, after an answer, in a request, in its body, or with an
// answer that nobody reads.
TEST(HttpServerConnectionsTest, ThoseThatAreKeptKeepNobodyOut) {
  const auto server = Serve(4);
  std::vector<std::unique_ptr<Line>> kept;
  const auto open = [&] { return kept.emplace_back(std::make_unique<Line>(server->port())).get(); };
  for (int i = 0; i < 5; ++i) {
    open();
    EXPECT_THAT(open()->Ask(Head(), "]."), EndsWith("got [0]."));
    EXPECT_TRUE(open()->Say("POST /things HT"));
    EXPECT_TRUE(open()->Say(Head("Content-Length: 900\r\n\r\n") + "abc"));
    EXPECT_TRUE(open()->Say("POST /large HTTP/1.1\r\nHost: example.com\r\n\r\n"));
    EXPECT_THAT(Line(server->port()).Ask(Head(), "]."), EndsWith("got [0].")) << i;
  }
}

// Idle ones lose nothing; who is turned away in the middle of a request must be seen.
TEST(HttpServerConnectionsTest, ThoseThatAreClosedForAnotherAreCounted) {
  ClosedConnections closed;
  const auto server = Serve(2, 1000, &closed);
  const auto ask = Head("Expect: 100-continue\r\nContent-Length: 900\r\n\r\n");
  const Line idle(server->port());
  EXPECT_THAT(idle.Ask(Head(), "]."), EndsWith("got [0]."));
  // From then on it is idle: not after the other one has begun.
  ASSERT_TRUE(test::Eventually([&] { return server->waiting() == 1; }));
  const Line busy(server->port());
  EXPECT_THAT(busy.Ask(ask, "\r\n\r\n"), HasSubstr("100 Continue"));
  // A client may have its answer before its thread waits again.
  ASSERT_TRUE(test::Eventually([&] { return server->waiting() == 2; }));
  EXPECT_EQ(closed.Read(), (ClosedConnections::Numbers{0, 0}));
  const Line third(server->port());
  EXPECT_THAT(third.Ask(ask, "\r\n\r\n"), HasSubstr("100 Continue"));
  EXPECT_EQ(closed.Read(), (ClosedConnections::Numbers{1, 0}));
  EXPECT_THAT(Line(server->port()).Ask(Head(), "]."), EndsWith("got [0]."));
  EXPECT_EQ(closed.Read(), (ClosedConnections::Numbers{1, 1}));
}

TEST(HttpServerConnectionsTest, OneIsKeptWhileThereIsRoom) {
  const auto server = Serve(4);
  const Line first(server->port());
  const Line second(server->port());
  const Line third(server->port());
  for (const Line* line : {&first, &second, &third, &first, &second})
    EXPECT_THAT(line->Ask(Head(), "]."), AllOf(HasSubstr("Keep-Alive"), EndsWith("got [0].")));
  // The last place is for whoever comes next.
  const Line fourth(server->port());
  EXPECT_THAT(fourth.Ask(Head(), "]."), AllOf(HasSubstr("Connection: close"), EndsWith("got [0].")));
  EXPECT_EQ(fourth.Ask(Head(), "]."), "");
}

TEST(HttpServerConnectionsTest, WhatIsSentInOnePieceIsAnsweredInTurn) {
  const auto server = Serve(4);
  const Line line(server->port());
  EXPECT_THAT(
      line.Ask(Head("Content-Length: 2\r\n\r\nab") + Head("Content-Length: 3\r\n\r\nabc"), "got [3]."),
      HasSubstr("got [2]."));
}

TEST(HttpServerConnectionsTest, TheEndWaitsForNobody) {
  auto server = Serve(4);
  const Line asked(server->port());
  const Line begun(server->port());
  const Line silent(server->port());
  EXPECT_THAT(asked.Ask(Head(), "]."), EndsWith("got [0]."));
  EXPECT_TRUE(begun.Say("POST /things HT"));
  ASSERT_TRUE(test::Eventually([&] { return server->waiting() == 3; }));
  const auto begin = std::chrono::steady_clock::now();
  server = nullptr;
  // By themselves those that ask nothing would be given up after 75, and the one that has begun much later.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

// Bodies that never end hold what they have sent, and no more than eight of the longest.
TEST(HttpServerConnectionsTest, LargeBodiesWaitForRoomAndSmallOnesDoNot) {
  constexpr size_t kLongest = size_t{1} << 20U;
  const auto server = Serve(32, kLongest);
  const std::string large = Head("Content-Length: 1048576\r\n\r\n");
  std::vector<std::unique_ptr<Line>> kept;
  for (int i = 0; i < 8; ++i)
    EXPECT_TRUE(kept.emplace_back(std::make_unique<Line>(server->port()))
                    ->Say(large + std::string(kLongest - 1, 'x')));
  // As soon as all that was sent has been read: not all of it counts.
  constexpr size_t kFree = size_t{64} << 10U;
  ASSERT_TRUE(test::Eventually([&] { return server->body_bytes() == 8 * (kLongest - 1 - kFree); }));
  EXPECT_THAT(Line(server->port()).Ask(large + std::string(kLongest, 'x'), "\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1\r\n")));
  const Line line(server->port());
  EXPECT_THAT(line.Ask(Head("Content-Length: 3\r\n\r\nabc"), "]."), EndsWith("got [3]."));
}

TEST(BodyRoomTest, IsGivenBack) {
  constexpr size_t kFree = size_t{64} << 10U;
  BodyRoom room(100);
  BodyRoom::Share first(room);
  EXPECT_TRUE(first.Hold(kFree));
  EXPECT_TRUE(first.Hold(kFree + 60));
  {
    BodyRoom::Share second(room);
    EXPECT_TRUE(second.Hold(kFree + 40));
    EXPECT_FALSE(second.Hold(kFree + 41));
    EXPECT_FALSE(first.Hold(kFree + 61));
    EXPECT_TRUE(first.Hold(kFree + 60));
  }
  EXPECT_TRUE(first.Hold(kFree + 100));
  EXPECT_FALSE(first.Hold(kFree + 101));
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
