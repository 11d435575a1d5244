// An erasure as the line of detection takes it: what it finds older than itself goes, what came after it
// stays.
#include <gtest/gtest.h>

#include "daemon/detection/account_detection.h"
#include "schemas/encode.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp kFirst = FromMillis(1'767'225'600'000);

class ErasureEventTest : public testing::Test, private States {
 protected:
  ErasureEventTest() {
    const LoadedConfig loaded = ParseConfig("", ".");
    const auto databases = *LoadDatabases(loaded.config.databases);
    detection_ = std::make_unique<AccountDetection>(MakeRules(loaded.config, *databases),
                                                    std::make_unique<Enricher>(databases), DetectionOptions{},
                                                    metrics_);
    Process(R"({"type":"login","event_id":"e","account_id":"ada","outcome":"success","occurred_at":")" +
            FormatRfc3339(kFirst) + "\"}");
  }
  void Erase(Timestamp at) {
    Process(
        R"({"type":"account_change","change":"erased","event_id":"x","account_id":"ada","occurred_at":")" +
        FormatRfc3339(at) + "\"}");
  }
  void Process(const std::string& value) {
    const schemas::Record record{.topic = "t",
                                 .partition = 0,
                                 .offset = 1,
                                 .appended_at = kFirst + minutes(10),
                                 .key = "ada",
                                 .headers = {},
                                 .value = value};
    ASSERT_TRUE(detection_->Process(record, record.appended_at, *this, outputs_));
    ASSERT_EQ(metrics_.dead_letters.value(), 0U);
  }
  [[nodiscard]] bool Known() const { return states_.contains("ada"); }
  Result<KeyedState*> Load(std::string_view key) override {
    std::unique_ptr<KeyedState>& held = states_[std::string(key)];
    if (held == nullptr) held = detection_->NewState(key);
    return held.get();
  }
  Result<Done> Erase(std::string_view key) override {
    states_.erase(states_.find(key));
    return Done{};
  }

  WorkerMetrics metrics_;
  std::unique_ptr<AccountDetection> detection_;
  std::map<std::string, std::unique_ptr<KeyedState>, std::less<>> states_;
  Outputs outputs_;
};

// Events may be dated five minutes ahead of the clock of who asks for the erasure.
TEST_F(ErasureEventTest, ErasesAnAccountThatBeganLittleAfterIt) {
  ASSERT_TRUE(Known());
  Erase(kFirst - minutes(5));
  EXPECT_FALSE(Known());
  EXPECT_EQ(metrics_.erasures_passed_over.value(), 0U);
}

TEST_F(ErasureEventTest, LeavesAnAccountThatBeganLongAfterItAndSaysSo) {
  Erase(kFirst - minutes(5) - seconds(1));
  EXPECT_TRUE(Known());
  EXPECT_EQ(metrics_.erasures_passed_over.value(), 1U);
  EXPECT_EQ(metrics_.duplicates.value(), 0U);
}

}  // namespace
}  // namespace tocsin::daemon
