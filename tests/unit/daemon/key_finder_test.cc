#include "daemon/detection/key_finder.h"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::daemon {
namespace {

TEST(KeyFinderTest, FindsTheMemberWhereverItStands) {
  KeyFinder finder;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(finder.Find(R"({"account_id":"acct-1","type":"login"})"), "acct-1");
    EXPECT_EQ(finder.Find(R"({"type":"login","account_id":"acct-22"})"), "acct-22");
    EXPECT_EQ(finder.Find(R"({"type":"transaction","account_id":"acct-333"})"), "acct-333");
    for (size_t i = 0; i < 10; ++i)
      EXPECT_EQ(finder.Find(std::string(i, ' ') + R"({"account_id":"a"})"), "a");
  }
}

TEST(KeyFinderTest, SaysNothingOfWhatIsNotThere) {
  KeyFinder finder;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(finder.Find(""), "");
    EXPECT_EQ(finder.Find("{"), "");
    EXPECT_EQ(finder.Find(R"({"account_id":7})"), "");
    EXPECT_EQ(finder.Find(R"({"account_id":"cut off)"), "");
    EXPECT_EQ(finder.Find(R"({"account_id":")"), "");
    EXPECT_EQ(finder.Find(R"({"account_id":""})"), "");
  }
}

}  // namespace
}  // namespace tocsin::daemon
