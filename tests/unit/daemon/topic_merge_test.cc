#include "daemon/log/topic_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace tocsin::daemon {
namespace {

Timestamp At(int64_t millis) { return FromMillis(millis); }

TEST(TopicMerge, NothingGoesBeforeEveryTopicHasShownItself) {
  TopicMerge merge(3);
  EXPECT_EQ(merge.Next(), std::nullopt);
  merge.SetHead(0, At(5));
  merge.SetHead(2, At(1));
  EXPECT_EQ(merge.Next(), std::nullopt);
  EXPECT_TRUE(merge.Waits());
  merge.SetHead(1, At(9));
  EXPECT_EQ(merge.Next(), 2U);
  EXPECT_FALSE(merge.Waits());
}

TEST(TopicMerge, ADrainedTopicIsNotWaitedFor) {
  TopicMerge merge(2);
  merge.SetHead(0, At(5));
  merge.SetDrained(1);
  EXPECT_EQ(merge.Next(), 0U);
  merge.SetDrained(0);
  EXPECT_EQ(merge.Next(), std::nullopt);
  EXPECT_FALSE(merge.Waits());
  EXPECT_FALSE(merge.AnyUnknown());
}

TEST(TopicMerge, ATieGoesToTheTopicNamedFirst) {
  TopicMerge merge(3);
  merge.SetHead(2, At(7));
  merge.SetHead(1, At(7));
  merge.SetHead(0, At(8));
  EXPECT_EQ(merge.Next(), 1U);
}

TEST(TopicMerge, ImpatientTakesWhatIsThere) {
  TopicMerge merge(3);
  EXPECT_EQ(merge.Next(true), std::nullopt);
  merge.SetHead(1, At(7));
  EXPECT_EQ(merge.Next(), std::nullopt);
  EXPECT_EQ(merge.Next(true), 1U);
}

TEST(TopicMerge, WithNothingWaitingNobodyIsKeptWaiting) {
  TopicMerge merge(2);
  merge.SetDrained(0);
  EXPECT_TRUE(merge.AnyUnknown());
  EXPECT_FALSE(merge.Waits());
}

// However the records are spread over topics and however they arrive (in pieces, with ends in between), what
// comes out is the same: the stable merge by time.
TEST(TopicMerge, TheOrderDoesNotDependOnHowRecordsArrive) {
  std::mt19937 random(20260301);
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  for (int round = 0; round < 200; ++round) {
    const size_t topics = 1 + below(4);
    std::vector<std::vector<int64_t>> records(topics);
    std::vector<std::pair<int64_t, size_t>> expected;  // (time, topic)
    for (size_t topic = 0; topic < topics; ++topic) {
      for (size_t i = below(20); i > 0; --i) records[topic].push_back(static_cast<int64_t>(below(30)));
      std::sort(records[topic].begin(), records[topic].end());
      for (const int64_t at : records[topic]) expected.emplace_back(at, topic);
    }
    std::stable_sort(expected.begin(), expected.end());

    TopicMerge merge(topics);
    std::vector<size_t> taken(topics, 0);
    std::vector<size_t> arrived(topics, 0);
    const auto show = [&](size_t topic) {
      if (taken[topic] < arrived[topic]) {
        merge.SetHead(topic, At(records[topic][taken[topic]]));
      } else if (taken[topic] == records[topic].size()) {
        merge.SetDrained(topic);
      } else {
        merge.SetUnknown(topic);
      }
    };
    std::vector<std::pair<int64_t, size_t>> merged;
    while (merged.size() < expected.size()) {
      const size_t topic = below(topics);
      arrived[topic] = std::min(arrived[topic] + below(4), records[topic].size());
      for (size_t i = 0; i < topics; ++i) show(i);
      while (const auto next = merge.Next()) {
        merged.emplace_back(records[*next][taken[*next]], *next);
        ++taken[*next];
        show(*next);
      }
    }
    ASSERT_EQ(merged, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace tocsin::daemon
