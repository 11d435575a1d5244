// What stands before /admin/v1: who may look, who may change, who has to wait, and that every change is
// written down first.
#include "daemon/http/admin_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "daemon/http/account_ref.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AdminGuardTest : public testing::Test {
 protected:
  int Get(const char* token, const char* from = "192.0.2.1") { return Ask(look_, token, from).status; }
  int Post(const char* token) { return Ask(change_, token, "192.0.2.1").status; }
  static HttpResponse Ask(const HttpRoute& route, const char* token, const char* from) {
    HttpRequest request{
        .method = route.method, .path = route.path, .query = {}, .body = {}, .remote = from, .headers = {}};
    if (*token != '\0') request.headers.emplace("authorization", std::string("Bearer ") + token);
    return route.handle(request);
  }
  [[nodiscard]] std::vector<std::string> Audited() const { return audit_.Newest(100); }

  const TempDirectory directory_;
  std::chrono::steady_clock::time_point now_;
  AuditLog audit_{directory_.path(), [] { return Timestamp{}; }};
  AdminGuard guard_{{.change = "may-change", .look = "may-look"}, audit_, [this] { return now_; }};
  int changes_ = 0;
  HttpRoute look_ =
      guard_.Looking("/admin/v1/status", [](const HttpRequest&) { return JsonAnswer(200, "{}"); });
  HttpRoute change_ = guard_.Changing(
      "/admin/v1/reload", "config.reload", [](const HttpRequest&) { return std::string(200, 's'); },
      [this](const HttpRequest&) {
        ++changes_;
        return JsonAnswer(changes_ == 1 ? 200 : 422, "{}");
      });
};

TEST_F(AdminGuardTest, LetsLookWhoMayLookAndChangeWhoMayChange) {
  EXPECT_EQ(Get("may-change"), 200);
  EXPECT_EQ(Get("may-look"), 200);
  EXPECT_EQ(Get(""), 401);
  EXPECT_EQ(Get("may-loo"), 401);
  EXPECT_EQ(Post("may-look"), 403);
  EXPECT_EQ(Post(""), 401);
  EXPECT_EQ(changes_, 0);
  EXPECT_EQ(Post("may-change"), 200);
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(Ask(guard_.NothingElse()[0], "may-look", "192.0.2.1").status, 404);
  EXPECT_EQ(Ask(guard_.NothingElse()[0], "", "192.0.2.1").status, 401);  // Who has no token learns no paths.
}

TEST_F(AdminGuardTest, SaysWhetherATokenIsMissingOrNotKnown) {
  EXPECT_THAT(Ask(look_, "", "192.0.2.1").body, HasSubstr("give the token as: Authorization: Bearer TOKEN"));
  const HttpResponse wrong = Ask(look_, "may-loo", "192.0.2.1");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_THAT(wrong.body, HasSubstr("this token is not known"));
  EXPECT_THAT(wrong.headers, testing::Contains(testing::Pair("WWW-Authenticate", "Bearer")));
}

TEST_F(AdminGuardTest, AnotherMethodAtAPathIsToldWhichOneItTakes) {
  HttpRoute post = guard_.NothingElse()[1];
  ASSERT_EQ(post.method, "POST");
  post.path = "/admin/v1/status";
  const HttpResponse refused = Ask(post, "may-look", "192.0.2.1");
  EXPECT_EQ(refused.status, 405);
  EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("Allow", "GET")));
  EXPECT_EQ(Ask(post, "", "192.0.2.1").status, 401);  // Who has no token learns no paths.
}

TEST_F(AdminGuardTest, WritesEveryChangeDownBeforeAndAfter) {
  EXPECT_EQ(Post("may-change"), 200);
  EXPECT_EQ(Post("may-change"), 422);
  EXPECT_EQ(Post("may-look"), 403);
  // Each says what it is done to: who finds the first line alone, after a crash, knows what was being done.
  const std::string to = R"("subject":")" + std::string(128, 's') + R"(","outcome":")";
  EXPECT_THAT(Audited(), ElementsAre(HasSubstr(to + "asked"), HasSubstr(to + "done"), HasSubstr(to + "asked"),
                                     HasSubstr(to + "HTTP 422"), HasSubstr(to + "refused: may only look")));
  EXPECT_THAT(Audited()[1], HasSubstr(R"("from":"192.0.2.1","credential":"admin_token")"));
  for (const std::string& line : Audited()) EXPECT_THAT(line, Not(HasSubstr("may-change")));
}

// Who may only look cannot push the lines of changes out of the log.
TEST_F(AdminGuardTest, CountsRefusedChangesInsteadOfWritingEach) {
  EXPECT_EQ(Post("may-change"), 200);
  for (int second = 0; second < 60; ++second, now_ += seconds(1)) {
    for (int i = 0; i < 50; ++i) Post("may-look");
  }
  EXPECT_EQ(Audited().size(), 3U);
  EXPECT_EQ(Post("may-look"), 403);
  EXPECT_THAT(Audited(),
              ElementsAre(HasSubstr("asked"), HasSubstr("done"), HasSubstr("refused: may only look\""),
                          HasSubstr("and so were 2999 between")));
}

TEST_F(AdminGuardTest, HasALimitForRefusedChangesToo) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Post("may-look"), 403);
  EXPECT_EQ(Post("may-look"), 429);
  EXPECT_EQ(Post("may-change"), 200) << "who may only look keeps nobody else out";
}

TEST_F(AdminGuardTest, ChangesNothingThatItCannotWriteDown) {
  std::filesystem::create_directory(directory_ / "audit.jsonl");
  EXPECT_EQ(Post("may-change"), 503);
  EXPECT_EQ(changes_, 0);
}

TEST_F(AdminGuardTest, WhoGuessesIsNotListenedTo) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get("guess"), 401) << i;
  EXPECT_EQ(Get("guess"), 429);
  EXPECT_EQ(Get("may-change"), 429);               // A right guess looks like a wrong one.
  EXPECT_EQ(Get("may-change", "192.0.2.2"), 200);  // Another address.
  now_ += seconds(6);
  EXPECT_EQ(Get("may-change"), 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get("", "192.0.2.3"), 401);  // Nothing is no guess: a health check.
}

// All of a machine's loopback are at one address: one of them must not keep out the others.
TEST_F(AdminGuardTest, WhoHasALongTokenIsListenedToWhoeverGuesses) {
  const std::string long_one(32, 'a');
  AdminGuard guard({.change = long_one, .look = std::string(31, 'b')}, audit_, [this] { return now_; });
  const HttpRoute look =
      guard.Looking("/admin/v1/status", [](const HttpRequest&) { return JsonAnswer(200, "{}"); });
  const auto status = [&](const std::string& token) { return Ask(look, token.c_str(), "192.0.2.1").status; };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status("guess"), 401) << i;
  EXPECT_EQ(status("guess"), 429);
  EXPECT_EQ(status(std::string(32, 'c')), 429);
  EXPECT_EQ(status(std::string(31, 'b')), 429);
  EXPECT_EQ(status(long_one), 200);
}

TEST_F(AdminGuardTest, HasALimitForAll) {
  int let_in = 0;
  for (int i = 0; i < 300; ++i) let_in += Get("may-look") == 200 ? 1 : 0;
  EXPECT_EQ(let_in, 100);
  const HttpResponse refused = Ask(look_, "may-look", "192.0.2.1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("Retry-After", "1")));
  now_ += seconds(1);
  EXPECT_EQ(Get("may-look"), 200);
}

TEST(AuditLogTest, SetsAFullFileAside) {
  const TempDirectory directory;
  AuditLog audit(directory.path(), [] { return Timestamp{}; });
  std::filesystem::resize_file(
      (static_cast<void>(audit.Write({.action = "first"})), directory / "audit.jsonl"), 17U << 20U);
  EXPECT_TRUE(audit.Write({.action = "second"}));
  EXPECT_TRUE(audit.Write({.action = "third"}));
  EXPECT_THAT(audit.Newest(10), ElementsAre(HasSubstr("second"), HasSubstr("third")));
  EXPECT_TRUE(std::filesystem::exists(directory / "audit.1.jsonl"));
}

TEST(AuditLogTest, KeepsSeveralFullFilesAndReadsOnInThem) {
  const TempDirectory directory;
  AuditLog audit(directory.path(), [] { return Timestamp{}; });
  for (int i = 0; i < AuditLog::kAsideMax + 2; ++i) {
    std::ofstream(directory / "audit.jsonl").close();
    std::filesystem::resize_file(directory / "audit.jsonl", 17U << 20U);
    EXPECT_TRUE(audit.Write({.action = "number " + std::to_string(i)}));
  }
  const auto last_of = [&](int number) {
    return LastLines(directory / ("audit." + std::to_string(number) + ".jsonl"), 1, 1'000);
  };
  EXPECT_THAT(last_of(1), ElementsAre(HasSubstr("number 16")));
  EXPECT_THAT(last_of(AuditLog::kAsideMax), ElementsAre(HasSubstr("number 2")));
  EXPECT_THAT(last_of(AuditLog::kAsideMax + 1), IsEmpty());
  EXPECT_THAT(audit.Newest(10),
              ElementsAre(HasSubstr("number 16")));  // The file that is written is not there.
}

// A full disk: what did not fit is taken back, and the next line is one.
TEST(AuditLogTest, WritesALineAsAWholeOrNotAtAll) {
  const TempDirectory directory;
  AuditLog audit(directory.path(), [] { return Timestamp{}; });
  EXPECT_TRUE(audit.Write({.action = "first"}));
  const auto size = std::filesystem::file_size(directory / "audit.jsonl");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{size + 20, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const bool written = audit.Write({.action = "second"}).ok();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(written);
  EXPECT_EQ(std::filesystem::file_size(directory / "audit.jsonl"), size);
  EXPECT_TRUE(audit.Write({.action = "third"}));
  EXPECT_THAT(audit.Newest(10), ElementsAre(HasSubstr("first"), HasSubstr("third")));
}

// Whoever publishes events says what is in the one of erasures: it takes no room from the other.
TEST(AuditLogTest, OfAnotherNameIsAnotherLog) {
  const TempDirectory directory;
  AuditLog audit(directory.path(), [] { return Timestamp{}; });
  AuditLog erasures(
      directory.path(), [] { return Timestamp{}; }, "erasures");
  EXPECT_TRUE(audit.Write({.action = "first"}));
  const std::vector<AuditEntry> two = {{.action = "second"}, {.action = "third"}};
  EXPECT_TRUE(erasures.Write(two));
  std::filesystem::resize_file(directory / "erasures.jsonl", 17U << 20U);
  EXPECT_TRUE(erasures.Write({.action = "fourth"}));
  EXPECT_TRUE(erasures.Write(two));
  EXPECT_TRUE(std::filesystem::exists(directory / "erasures.1.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(directory / "audit.1.jsonl"));
  EXPECT_THAT(audit.Newest(10), ElementsAre(HasSubstr("first")));
  EXPECT_THAT(erasures.Newest(2), ElementsAre(HasSubstr("second"), HasSubstr("third")));
}

TEST(AuditLogTest, PassesOverWhatACrashLeftUnfinished) {
  const TempDirectory directory;
  AuditLog audit(directory.path(), [] { return Timestamp{}; });
  EXPECT_TRUE(audit.Write({.action = "first"}));
  std::ofstream(directory / "audit.jsonl", std::ios::app) << R"({"ts":"2026-0)";
  EXPECT_THAT(audit.Newest(10), ElementsAre(HasSubstr("first")));
  EXPECT_TRUE(audit.Write({.action = "second"}));
  EXPECT_THAT(audit.Newest(10), ElementsAre(HasSubstr("first"), HasSubstr("second")));
}

TEST(AccountRefTest, IsTheSameAfterARestartAndAnotherWithAnotherKey) {
  const TempDirectory directory;
  const TempDirectory other;
  const std::string ref = AccountRefs::Open(directory.path())->Of("account-1");
  EXPECT_THAT(ref, testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(AccountRefs::Open(directory.path())->Of("account-1"), ref);
  EXPECT_NE(AccountRefs::Open(directory.path())->Of("account-2"), ref);
  EXPECT_NE(AccountRefs::Open(other.path())->Of("account-1"), ref);
  const auto mode = std::filesystem::status(directory / "account-ref.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(FlatObjectTest, IsReadOrRefused) {
  using Members = std::map<std::string, std::string, std::less<>>;
  const auto read = [](std::string_view body) {
    Members members;
    return ReadFlatObject(body, members) ? members : Members{{"refused", ""}};
  };
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read(" {} \n"), IsEmpty());
  EXPECT_EQ(read(R"({"id":"a"})"), (Members{{"id", "a"}}));
  EXPECT_EQ(read(" { \"a\" : \"1\" , \"b\" : \"\" } "), (Members{{"a", "1"}, {"b", ""}}));
  for (const char* bad :
       {"{", "[]", R"({"a"})", R"({"a":1})", R"({"a":"1",})", R"({"a":"1"}x)", R"({"a":"\n"})",
        R"({"a":"1","a":"2"})", R"(,{})", R"({"a":"1" "b":"2"})", R"({,"a":"1"})"}) {
    EXPECT_THAT(read(bad), testing::Contains(testing::Key("refused"))) << bad;
  }
}

TEST(QueryValueTest, IsDecoded) {
  EXPECT_EQ(QueryValue("a=1&account=x%2Fy+z&b=", "account"), "x/y z");
  EXPECT_EQ(QueryValue("accounts=1", "account"), "");
  EXPECT_EQ(QueryValue("a=%4", "a"), "%4");
  EXPECT_EQ(QueryValue("", "a"), "");
}

}  // namespace
}  // namespace tocsin::daemon
