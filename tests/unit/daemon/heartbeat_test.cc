// A heartbeat passes every stage and leaves nothing behind; an event that looks like one is an event.
#include "daemon/log/heartbeat.h"

#include <gtest/gtest.h>

#include "daemon/detection/account_detection.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using std::chrono::seconds;

const Timestamp kSent = FromMillis(1'767'225'600'000);

class HeartbeatTest : public testing::Test, private States {
 protected:
  HeartbeatTest() {
    const LoadedConfig loaded = ParseConfig("", ".");
    const auto databases = *LoadDatabases(loaded.config.databases);
    detection_ = std::make_unique<AccountDetection>(MakeRules(loaded.config, *databases),
                                                    std::make_unique<Enricher>(databases), DetectionOptions{},
                                                    metrics_);
  }
  void Process(std::string_view value, std::string_view key, std::string_view header) {
    const schemas::Header headers[] = {{header, "1"}};
    const schemas::Record record{.topic = "logins",
                                 .partition = 3,
                                 .offset = 7,
                                 .appended_at = kSent,
                                 .key = key,
                                 .headers = headers,
                                 .value = value};
    ASSERT_TRUE(detection_->Process(record, kSent, *this, outputs_));
  }
  [[nodiscard]] uint64_t Logins() const {
    return metrics_.events[static_cast<size_t>(schemas::EventType::kLogin)].value();
  }
  Result<KeyedState*> Load(std::string_view key) override {
    std::unique_ptr<KeyedState>& held = states_[std::string(key)];
    if (held == nullptr) held = detection_->NewState(key);
    return held.get();
  }
  Result<Done> Erase(std::string_view) override { return Done{}; }

  WorkerMetrics metrics_;
  std::unique_ptr<AccountDetection> detection_;
  std::map<std::string, std::unique_ptr<KeyedState>, std::less<>> states_;
  Outputs outputs_;
};

TEST_F(HeartbeatTest, IsMeasuredAtItsCommitAndLeavesNothing) {
  metrics_.heartbeats.Have(std::vector<int32_t>{3}, kSent - seconds(60));
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent - seconds(60));  // It counts from when the partition came.
  Process(HeartbeatEvent(kSent), kHeartbeatName, kHeartbeatName);
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent - seconds(60)) << "before its commit it has not come through";
  metrics_.heartbeats.Committed(kSent + seconds(2));
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent);
  EXPECT_DOUBLE_EQ(metrics_.heartbeats.seconds.sum, 2);

  EXPECT_TRUE(outputs_.records.empty());
  EXPECT_EQ(metrics_.dead_letters.value(), 0U);
  for (const Count& events : metrics_.events) EXPECT_EQ(events.value(), 0U);
  ASSERT_EQ(states_.size(), 1U);  // The population, read.
  EXPECT_EQ(states_.begin()->first, PopulationState::kKey);
  EXPECT_EQ(states_.begin()->second->changed(), 0U);
}

TEST_F(HeartbeatTest, OneWhoseCommitFailedHasNotComeThrough) {
  metrics_.heartbeats.Have(std::vector<int32_t>{3}, kSent - seconds(60));
  Process(HeartbeatEvent(kSent), kHeartbeatName, kHeartbeatName);
  metrics_.heartbeats.Drop();
  metrics_.heartbeats.Committed(kSent + seconds(2));
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent - seconds(60));
}

TEST_F(HeartbeatTest, ThePartitionThatIsLongestWithoutOneCounts) {
  metrics_.heartbeats.Have(std::vector<int32_t>{3, 4}, kSent - seconds(60));
  Process(HeartbeatEvent(kSent), kHeartbeatName, kHeartbeatName);
  metrics_.heartbeats.Committed(kSent);
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent - seconds(60));
  metrics_.heartbeats.Have(std::vector<int32_t>{3}, kSent);  // The other one has gone.
  EXPECT_EQ(metrics_.heartbeats.Oldest(), kSent);
  metrics_.heartbeats.Have({}, kSent);
  EXPECT_EQ(metrics_.heartbeats.Oldest(), std::nullopt);
}

TEST_F(HeartbeatTest, AnEventThatHasOnlyTheHeaderOrOnlyTheAccountIsAnEvent) {
  Process(HeartbeatEvent(kSent), kHeartbeatName, "traceparent");
  EXPECT_EQ(Logins(), 1U);
  Process(R"({"type":"login","event_id":"e","account_id":"ada","occurred_at":"2026-01-01T00:00:00Z",)"
          R"("outcome":"success"})",
          "ada", kHeartbeatName);
  EXPECT_EQ(Logins(), 2U);
  EXPECT_TRUE(states_.contains("ada"));
  Process("no event at all", kHeartbeatName, kHeartbeatName);
  EXPECT_EQ(metrics_.dead_letters.value(), 1U);
}

}  // namespace
}  // namespace tocsin::daemon
