#include "base/url_target.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(UrlTargetTest, IsReadInItsParts) {
  const auto target = ParseUrlTarget("https://Security.example.com:8443/r/a?b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->scheme, "https");
  EXPECT_EQ(target->host, "Security.example.com");
  EXPECT_EQ(target->port, 8443);
  EXPECT_EQ(target->rest, "/r/a?b");
  const auto bare = ParseUrlTarget("smtp://[::1]");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->host, "::1");
  EXPECT_EQ(bare->port, 0);
  EXPECT_EQ(bare->rest, "");
  const auto query = ParseUrlTarget("https://a?b=c://d");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->host, "a");
}

TEST(UrlTargetTest, WhatLeadsNowhereIsNone) {
  for (const char* url : {"",
                          "example.com",
                          "://example.com",
                          "https://",
                          "https:///r",
                          "https://:443",
                          "https://:99999",
                          "https://a:0",
                          "https://a:65536",
                          "https://a:",
                          "https://a:x",
                          "https://a:+1",
                          "https://a:1:2",
                          "https://user@a",
                          "https://127.0.0.1@a",
                          "https://127.0.0.1:1@a",
                          "https://a b",
                          "https://a\\b",
                          "https://.a",
                          "https://a..b",
                          "https://-a",
                          "https://[::1",
                          "https://[::1]x",
                          "https://[::1]:0",
                          "https://[]",
                          "https://[127.0.0.1]",
                          "https://[fe80::1%1]",
                          "https://::1",
                          "https://\xc3\xa4.example"})
    EXPECT_FALSE(ParseUrlTarget(url)) << url;
}

TEST(UrlTargetTest, OnlyWholeNamesAndAddressesAreThisMachine) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1"})
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  for (const char* host :
       {"", "localhost.evil.example", "localhos", "127.example.com", "127.0.0.1.evil.example", "127.1",
        "128.0.0.1", "0.0.0.0", "::", "::2", "[::1]", "2130706433"})
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
}

}  // namespace
}  // namespace tocsin
