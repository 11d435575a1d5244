// What /admin/v1 says to a question that is none, and which dead letters it touches.
#include "daemon/service/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/encode.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::Pair;

class AdminInterfaceTest : public testing::Test {
 protected:
  AdminInterfaceTest() {
    schemas::DeadLetter letter;
    letter.topic = "logins";
    letter.reason = "not_json";
    schemas::AppendJson(letter_, letter);
    routes_ = interface_.Routes();
    for (HttpRoute& route : guard_.NothingElse()) routes_.push_back(std::move(route));
  }

  // As the server does: the first route that fits.
  HttpResponse Ask(const char* method, std::string_view path, std::string_view query = "",
                   std::string_view body = "") {
    HttpRequest request{.method = method,
                        .path = path,
                        .query = query,
                        .body = body,
                        .remote = "192.0.2.1",
                        .headers = {{"authorization", "Bearer may-change"}}};
    for (const HttpRoute& route : routes_) {
      const std::string_view known = route.path;
      const bool fits =
          known.ends_with('*') ? path.starts_with(known.substr(0, known.size() - 1)) : path == known;
      if (fits && route.method == method) return route.handle(request);
    }
    return {.status = 0, .body = {}, .headers = {}};
  }

  const TempDirectory directory_;
  AuditLog audit_{directory_.path(), [] { return Timestamp{}; }};
  AdminGuard guard_{{.change = "may-change", .look = ""}, audit_};
  const AccountRefs refs_ = *AccountRefs::Open(directory_.path());
  StateDesk states_{0};
  std::string letter_;
  int put_back_ = 0;
  DeadLetters letters_{
      directory_.path(),
      {.newest = [this](size_t) -> Result<std::vector<std::string>> { return std::vector{letter_}; },
       .put_back = [this](const schemas::DeadLetter&, bool) -> Result<bool> { return ++put_back_ > 0; }}};
  AdminInterface interface_{[this] {
    AdminParts parts;
    parts.guard = &guard_;
    parts.audit = &audit_;
    parts.states = &states_;
    parts.letters = &letters_;
    parts.refs = &refs_;
    parts.status = [] { return std::string("{}"); };
    return parts;
  }()};
  std::vector<HttpRoute> routes_;
};

// A script whose variable is empty does not mean all.
TEST_F(AdminInterfaceTest, AnEmptyIdIsNotEveryLetter) {
  for (const char* path : {"/admin/v1/dead-letters/replay", "/admin/v1/dead-letters/drop"}) {
    const HttpResponse refused = Ask("POST", path, "", R"({"id":""})");
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_THAT(refused.body, HasSubstr("for one letter, or {} for all"));
  }
  EXPECT_EQ(put_back_, 0);
  EXPECT_EQ(Ask("POST", "/admin/v1/dead-letters/replay", "", "{}").body, R"({"touched":1})");
  EXPECT_EQ(put_back_, 1);
}

// Whoever was promised an erasure is shown it by the name that the audit log has for the account.
TEST_F(AdminInterfaceTest, AnAccountThatIsNotKnownHasItsReference) {
  const HttpResponse unknown = Ask("GET", "/admin/v1/accounts/ada");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, R"({"error":"no partition of this process knows the account","account_ref":")" +
                              refs_.Of("ada") + R"("})");
}

TEST_F(AdminInterfaceTest, AnotherMethodIsToldWhichOneThePathTakes) {
  const HttpResponse status = Ask("POST", "/admin/v1/status");
  EXPECT_EQ(status.status, 405);
  EXPECT_THAT(status.body, HasSubstr("this path takes GET"));
  EXPECT_THAT(status.headers, testing::Contains(Pair("Allow", "GET")));
  EXPECT_THAT(Ask("GET", "/admin/v1/reload").headers, testing::Contains(Pair("Allow", "POST")));
  EXPECT_EQ(Ask("GET", "/admin/v1/nothing").status, 404);
  EXPECT_EQ(Ask("POST", "/admin/v1/nothing").status, 404);
  EXPECT_EQ(Ask("GET", "/admin/v1/status").status, 200);
}

TEST_F(AdminInterfaceTest, WhatIsAskedOfTheTapAndOfLettersIsChecked) {
  const auto refused = [this](const char* path, const char* query, const char* why) {
    const HttpResponse answer = Ask("GET", path, query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.body, HasSubstr(why)) << query;
  };
  for (const char* kinds : {"kinds=zz", "kinds=finding,zz", "kinds=finding,", "kinds=verdict"})
    refused("/admin/v1/tap", kinds, "kinds: must be of event, finding");
  for (const char* after : {"after=zz", "after=1x", "after=-2", "after=99999999999999999999"})
    refused("/admin/v1/tap", after, "after: must be the number");
  for (const char* all : {"all=x", "all=1", "all=TRUE"})
    refused("/admin/v1/dead-letters", all, "all: must be true or false");
  for (const char* all : {"", "all=true", "all=false"})
    EXPECT_EQ(Ask("GET", "/admin/v1/dead-letters", all).status, 200) << all;
}

TEST_F(AdminInterfaceTest, AParameterThatIsNoneIsNotTakenForAbsent) {
  for (const char* limit : {"limit=x", "limit=0", "limit=-1", "limit=5x", "limit=1.5"}) {
    for (const char* path : {"/admin/v1/audit", "/admin/v1/findings", "/admin/v1/dead-letters"}) {
      const HttpResponse refused = Ask("GET", path, limit);
      EXPECT_EQ(refused.status, 400) << path << "?" << limit;
      EXPECT_THAT(refused.body, HasSubstr("limit: must be")) << path << "?" << limit;
    }
  }
  EXPECT_EQ(Ask("GET", "/admin/v1/audit", "limit=5").status, 200);
  EXPECT_EQ(Ask("GET", "/admin/v1/audit", "limit=99999999999999999999").status, 200);
  const HttpResponse refused = Ask("GET", "/admin/v1/accounts/ada", "format=xml");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("format: must be json or text"));
  EXPECT_EQ(Ask("GET", "/admin/v1/accounts/ada", "format=text").status, 404);
}

}  // namespace
}  // namespace tocsin::daemon
