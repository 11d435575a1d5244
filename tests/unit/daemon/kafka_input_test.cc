// The client's batch calls, seeks and pauses are one thread's: librdkafka 2.0 does not bear them on two.
#include "daemon/log/kafka_input.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace tocsin::daemon {
namespace {

class NobodyListens final : public GroupListener {
  void OnGeneration() override {}
  void OnGenerationOver() override {}
  bool StopsAtLoss(int32_t) override { return true; }
  void OnAssigned(int32_t) override {}
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t) override {}
  bool OnRecord(const schemas::Record&) override { return true; }
};

class KafkaInputDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    // This thread's from here on, with each of them.
    input_.Pause(0, true);
    EXPECT_FALSE(input_.Seek(0, {})) << "nothing is assigned";
  }
  template <class Call>
  static void OnAnotherThread(const Call& call) {
    std::thread(call).join();
  }
  static KafkaConfig Nowhere() {
    KafkaConfig config;
    config.brokers = "127.0.0.1:1";
    return config;
  }
  static KafkaTopics Some() {
    KafkaTopics topics;
    topics.partitions = 4;
    return topics;
  }

  const KafkaConfig config_ = Nowhere();
  const KafkaTopics topics_ = Some();
  KafkaStats stats_;
  NobodyListens nobody_;
  KafkaInput input_{config_, topics_, 0, "", stats_, {}};
};

TEST_F(KafkaInputDeathTest, ReadsOnOneThread) {
  EXPECT_DEATH(
      OnAnotherThread([this] { static_cast<void>(input_.Poll(std::chrono::milliseconds(0), 1, nobody_)); }),
      "CHECK failed");
}

TEST_F(KafkaInputDeathTest, SeeksOnOneThread) {
  EXPECT_DEATH(OnAnotherThread([this] { static_cast<void>(input_.Seek(0, {})); }), "CHECK failed");
}

TEST_F(KafkaInputDeathTest, PausesOnOneThread) {
  EXPECT_DEATH(OnAnotherThread([this] { input_.Pause(0, false); }), "CHECK failed");
}

}  // namespace
}  // namespace tocsin::daemon
