#include "daemon/http/access_token.h"

#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

constexpr Timestamp kNow{std::chrono::hours(500'000)};

// Refused before anything is sent: nothing here reaches the network.
TEST(RequestTokenTest, ASecretGoesOverNoOpenLineToAnotherMachine) {
  for (const char* url : {"http://sso.example.com/token", "http://localhost.evil.example:80/",
                          "http://127.0.0.1.evil.example:1/", "http://127.0.0.1:80@evil.example/",
                          "http://localhost:80@evil.example/", "http://[::1]:80@evil.example/",
                          "ftp://127.0.0.1:1/", "127.0.0.1:1"}) {
    const auto token =
        RequestToken({.url = url, .client_id = "a", .client_secret = "b", .scope = {}, .ca_file = {}}, kNow);
    ASSERT_FALSE(token) << url;
    EXPECT_EQ(token.error().code, ErrorCode::kInvalid) << url;
    EXPECT_NE(token.error().detail.find("must be https"), std::string::npos) << url;
  }
}

TEST(RequestTokenTest, OnThisMachineItMay) {
  for (const char* url : {"http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"}) {
    const auto token =
        RequestToken({.url = url, .client_id = "a", .client_secret = "b", .scope = {}, .ca_file = {}}, kNow);
    ASSERT_FALSE(token) << url;
    EXPECT_EQ(token.error().code, ErrorCode::kUnavailable) << url << ": nobody answers there";
  }
}

}  // namespace
}  // namespace tocsin::daemon
