// What a probe that fails says: in which of its states the process is.
#include "daemon/service/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Readiness, SaysInWhichStateItIs) {
  Readiness now;
  EXPECT_THAT(WhyNotReady(now), StartsWith("starting: the log is not there yet"));
  now.begun = true;
  EXPECT_EQ(WhyNotReady(now), "starting");
  now.serving = true;
  EXPECT_THAT(WhyNotReady(now), HasSubstr("a worker"));
  now.working = true;
  EXPECT_THAT(WhyNotReady(now), HasSubstr("more processes than partitions"));
  now.reach = KafkaReach::kNoBroker;
  EXPECT_THAT(WhyNotReady(now), StartsWith("no broker can be reached"));
  now.restoring = 4;
  EXPECT_EQ(WhyNotReady(now), "restoring: 0 of 4 partitions are restored; no broker can be reached");
  now.reach = KafkaReach::kAll;
  EXPECT_EQ(WhyNotReady(now), "restoring: 0 of 4 partitions are restored");
  now.stopped = 1;
  EXPECT_THAT(WhyNotReady(now), StartsWith("restoring: 0 of 5 partitions are restored, 1 wait for a person"));
  now.restoring = 0;
  EXPECT_THAT(WhyNotReady(now), StartsWith("0 of 1 partitions are restored, 1 wait"));
  now.partitions = 1;
  EXPECT_EQ(WhyNotReady(now), "");  // No rollout waits for a person: it may bring the remedy.
  now.restoring = 2;
  EXPECT_THAT(WhyNotReady(now), StartsWith("restoring: 1 of 4 partitions are restored"));
  now.restored = true;  // The start is over: a rebalance takes no process that serves out of service.
  EXPECT_EQ(WhyNotReady(now), "");
  now.reach = KafkaReach::kNoCoordinator;
  EXPECT_THAT(WhyNotReady(now), HasSubstr("; the broker that manages the group"));
  now.restoring = now.stopped = 0;
  EXPECT_THAT(WhyNotReady(now), StartsWith("the broker that manages the group"));
  now.reach = KafkaReach::kNoBroker;
  EXPECT_THAT(WhyNotReady(now), StartsWith("no broker can be reached: it goes on by itself"));
  now.reach = KafkaReach::kAll;
  EXPECT_EQ(WhyNotReady(now), "");
  now.restoring = 2;
  now.stopped = 1;
  now.partitions = 0;
  EXPECT_THAT(WhyNotReady(now), StartsWith("restoring: 0 of 3 partitions are restored"));
  now.stopping = true;
  EXPECT_EQ(WhyNotReady(now), "stopping");
}

}  // namespace
}  // namespace tocsin::daemon
