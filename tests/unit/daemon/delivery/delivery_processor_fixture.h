// The delivery processor driven by hand: no thread, no network, no clock.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/delivery/delivery_processor.h"

namespace tocsin::daemon {

inline constexpr Timestamp kNow{std::chrono::hours(500'000)};

// States that go through their bytes after every record, as a restart would have them.
class MemoryStates final : public States {
 public:
  explicit MemoryStates(const Processor& processor) : processor_(processor) {}
  Result<KeyedState*> Load(std::string_view key) override {
    auto& held = states_[std::string(key)];
    if (held == nullptr) held = processor_.NewState(key);
    return held.get();
  }
  Result<Done> Erase(std::string_view key) override {
    states_.erase(std::string(key));
    return Done{};
  }
  void PassThroughBytes() {
    for (auto& [key, state] : states_) {
      auto copy = processor_.NewState(key);
      for (uint8_t segment = 1; segment < 64; ++segment) {
        if ((state->segments() >> segment & 1U) == 0) continue;
        std::string bytes;
        state->EncodeSegment(segment, bytes);
        ASSERT_TRUE(copy->DecodeSegment(segment, bytes)) << key << " " << int{segment};
      }
      state = std::move(copy);
    }
  }
  [[nodiscard]] size_t lanes() const {
    size_t count = 0;
    for (const auto& [key, state] : states_) {
      const auto* lane = dynamic_cast<const Lane*>(state.get());
      count += lane != nullptr && !(lane->head() == Lane::Head{}) ? 1 : 0;
    }
    return count;
  }

 private:
  const Processor& processor_;
  std::map<std::string, std::unique_ptr<KeyedState>> states_;
};

inline std::string Notice(const std::string& id, const std::string& recipients) {
  return R"({"notice_id":")" + id +
         R"(","case_id":"case-1","account_id":"a","severity":"high","text":"t","html":"h",)" +
         R"("subject":"s","locale":"en","recipients":[)" + recipients + "]}";
}
inline std::string MailTo(const std::string& address) {
  return R"({"channel":"email","address":")" + address + R"("})";
}
inline std::string Ticket(const std::string& id, const std::string& operation) {
  return R"({"ticket_id":")" + id + R"(","case_id":"case-1","account_id":"a","operation":")" + operation +
         R"(","priority":"P2","subject":"s","body":"b"})";
}

class DeliveryProcessorTest : public testing::Test {
 protected:
  void SetUp() override { Make({}); }
  void Make(DeliveryRules rules) {
    if (rules.targets.empty()) {
      rules.targets = {
          {.channel = "mail", .mail = true, .notices = true, .contacts = {schemas::ContactChannel::kEmail}},
          {.channel = "hook", .tickets = true}};
    }
    rules.retry_waits = {std::chrono::seconds(5), std::chrono::seconds(50)};
    metrics_.channels["mail"] = std::make_unique<ChannelCounts>();
    metrics_.channels["hook"] = std::make_unique<ChannelCounts>();
    processor_ = std::make_unique<DeliveryProcessor>(std::move(rules), errands_, metrics_);
    states_ = std::make_unique<MemoryStates>(*processor_);
  }
  void Feed(std::string_view type, const std::string& value) {
    const schemas::Header header{"ce_type", type};
    schemas::Record record{.topic = "t", .appended_at = now_, .value = value};
    record.headers = {&header, 1};
    Process(record);
  }
  void FeedNotice(const std::string& value) { Feed("tocsin.notice.v1", value); }
  void FeedTicket(const std::string& value) { Feed("tocsin.ticket.v1", value); }
  void Say(const std::string& lane, const Word& word) {
    const std::string value = Encode(word);
    Process({.topic = kDeliveryTopic, .appended_at = now_, .key = lane, .value = value});
  }
  void Say(const Attempt& attempt, SendOutcome outcome) {
    Say(attempt.lane, {.kind = Word::Kind::kResult,
                       .number = attempt.number,
                       .item = attempt.item,
                       .outcome = std::move(outcome)});
  }
  void Process(const schemas::Record& record) {
    ASSERT_TRUE(processor_->Process(record, now_, *states_, outputs_));
    states_->PassThroughBytes();
  }
  std::vector<Attempt> Attempts() { return std::exchange(errands_.attempts, {}); }
  std::vector<Wake> Wakes() { return std::exchange(errands_.wakes, {}); }
  uint64_t Restart() {
    processor_->Forget(0);
    for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
      Say("", {.kind = Word::Kind::kResume, .number = bucket});
    return errands_.attempts.size();
  }
  DeliveryRequest Ask(DeliveryRequest::Kind kind) {
    DeliveryRequest request{.kind = kind};
    errands_.requests[1] = &request;
    Say("", {.kind = Word::Kind::kRequest, .number = 1});
    errands_.requests.clear();
    return request;
  }

  Timestamp now_ = kNow;
  Errands errands_;
  DeliveryMetrics metrics_;
  Outputs outputs_;
  std::unique_ptr<DeliveryProcessor> processor_;
  std::unique_ptr<MemoryStates> states_;
};

}  // namespace tocsin::daemon
