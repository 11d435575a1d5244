// What was just put out, as somebody who watches sees it.
#include "daemon/service/live_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

using schemas::OutputKind;
using testing::ElementsAre;

std::vector<std::string> ValuesOf(const LiveFeed& feed, OutputKind kind) {
  std::vector<std::string> values;
  for (const FeedEntry& entry : feed.Newest(kind, 10)) values.push_back(entry.value);
  return values;
}

TEST(LiveFeedTest, ForgetsWhatItHoldsOfErasedAccounts) {
  const AccountRefs refs("a key of thirty-two characters, ok");
  LiveFeed feed(refs);
  TaskCommit commit;
  for (const char* account : {"ada", "bob", "cem"}) {
    for (const OutputKind kind : {OutputKind::kFinding, OutputKind::kTicket})
      commit.outputs.push_back({.kind = kind, .key = account, .headers = {}, .value = account});
  }
  feed.Take({&commit, 1});
  const std::vector<std::string> erased = {"ada", "cem", "nobody"};
  feed.Forget(erased);
  EXPECT_THAT(ValuesOf(feed, OutputKind::kFinding), ElementsAre("bob"));
  EXPECT_THAT(ValuesOf(feed, OutputKind::kTicket), ElementsAre("bob"));
  EXPECT_THAT(feed.After(0, 10, {}), testing::SizeIs(2));
}

}  // namespace
}  // namespace tocsin::daemon
