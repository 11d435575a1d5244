// What every lane is looked at for: after a restart, and when the clock was wrong.
#include "tests/unit/daemon/delivery/delivery_processor_fixture.h"

namespace tocsin::daemon {
namespace {

using std::chrono::seconds;

class DeliveryResumeTest : public DeliveryProcessorTest {
 protected:
  // As the log does it while the partition is served.
  void Resume() {
    for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
      Say("", {.kind = Word::Kind::kResume, .number = bucket});
  }
};

TEST_F(DeliveryResumeTest, WhatIsUnderWayIsNotMadeASecondTime) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Attempt attempt = Attempts().at(0);
  Resume();
  EXPECT_TRUE(Attempts().empty());
  EXPECT_EQ(Restart(), 1U) << "but after a restart nobody knows of it";
  EXPECT_EQ(Attempts().at(0).number, attempt.number);
}

TEST_F(DeliveryResumeTest, WhatWaitsIsWokenOnce) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Retry("timeout"));
  EXPECT_EQ(Wakes().size(), 1U);
  Resume();
  EXPECT_TRUE(Wakes().empty());
  Restart();
  EXPECT_EQ(Wakes().size(), 1U);
}

// It waits as long as it was to wait, from now.
TEST_F(DeliveryResumeTest, NobodyWaitsForAClockThatWasAhead) {
  now_ += std::chrono::hours(24 * 40);
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Attempt first = Attempts().at(0);
  Say(first, SendOutcome::Retry("timeout"));
  EXPECT_GE(Wakes().at(0).at, now_ + seconds(5));
  now_ = kNow;
  Resume();
  const std::vector<Wake> wakes = Wakes();
  ASSERT_EQ(wakes.size(), 1U);
  EXPECT_GE(wakes[0].at, now_ + seconds(5));
  EXPECT_LE(wakes[0].at, now_ + seconds(6));
  now_ = wakes[0].at;
  Say(first.lane, {.kind = Word::Kind::kDue});
  EXPECT_EQ(Attempts().at(0).number, 2);
  Resume();
  EXPECT_TRUE(Wakes().empty());
}

}  // namespace
}  // namespace tocsin::daemon
