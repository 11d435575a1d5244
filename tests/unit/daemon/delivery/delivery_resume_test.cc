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

TEST_F(DeliveryResumeTest, ARestartInSlicesFindsEachLaneOnce) {
  for (int n = 0; n < 150; ++n) FeedNotice(Notice("n" + std::to_string(n), MailTo("a@example.com")));
  ASSERT_EQ(Attempts().size(), 150U);
  processor_->Forget(0);
  size_t found = 0;
  for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket) {
    for (int place = bucket; place >= 0; place = errands_.next_place) {
      errands_.lanes_left = 1;
      errands_.next_place = -1;
      Say("", {.kind = Word::Kind::kResume, .number = place});
      const size_t now = Attempts().size();
      EXPECT_LE(now, 2U) << "a slot's";
      found += now;
    }
  }
  EXPECT_EQ(found, 150U);
}

TEST_F(DeliveryResumeTest, WhatIsAskedOfManyIsAnsweredInSlices) {
  for (int n = 0; n < 60; ++n) {
    FeedNotice(Notice("n" + std::to_string(n), MailTo("a@example.com")));
    Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  }
  DeliveryRequest drop{.kind = DeliveryRequest::Kind::kDrop};
  for (uint64_t slice = 1; slice <= 6; ++slice) {
    errands_.lanes_left = 10;
    errands_.requests[1] = &drop;
    Say("", {.kind = Word::Kind::kRequest, .number = 1});
    EXPECT_EQ(drop.touched, 10 * slice);
    EXPECT_EQ(errands_.unanswered.empty(), slice == 6);
    // What comes meanwhile is nobody's wish.
    if (slice == 3) FeedNotice(Notice("new", MailTo("a@example.com")));
  }
  EXPECT_EQ(states_->lanes(), 1U);
}

}  // namespace
}  // namespace tocsin::daemon
