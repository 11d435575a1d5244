// The queues of the channels: who goes first, and what holds up whom.
#include "daemon/delivery/senders.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/delivery/ticket_http.h"
#include "tests/support/eventually.h"

namespace tocsin::daemon {
namespace {

using Kind = SendOutcome::Kind;
using std::chrono::seconds;

constexpr Timestamp kNow{std::chrono::hours(500'000)};

// Answers what it is told to, once the gate is open.
struct Receiver {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  bool entered = false;
  SendOutcome answer = SendOutcome::Delivered();
  std::vector<std::string> got;

  void Open() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

class GatedChannel final : public Channel {
 public:
  explicit GatedChannel(Receiver& receiver) : receiver_(receiver) {}
  SendOutcome Send(const Parcel& parcel, Timestamp) override {
    std::unique_lock lock(receiver_.mutex);
    receiver_.entered = true;
    receiver_.changed.notify_all();
    receiver_.changed.wait(lock, [&] { return receiver_.open; });
    receiver_.got.push_back(parcel.id);
    return receiver_.answer;
  }

 private:
  Receiver& receiver_;
};

class SendersTest : public testing::Test {
 protected:
  static constexpr size_t kRoom = 4;
  void SetUp() override {
    const auto spec = [](const char* name, Receiver& receiver) {
      return ChannelSpec{.name = name, .threads = 1, .make = [&receiver]() -> std::unique_ptr<Channel> {
                           return std::make_unique<GatedChannel>(receiver);
                         }};
    };
    senders_ = std::make_unique<Senders>(
        std::vector{spec("one", one_), spec("two", two_)}, kRoom, stop_, [] { return kNow; },
        [this] { return std::chrono::steady_clock::time_point(now_.load()); });
  }
  void TearDown() override {
    one_.Open();
    two_.Open();
  }
  void Offer(const std::string& channel, const std::string& id,
             schemas::Severity severity = schemas::Severity::kLow) {
    Attempt attempt{.lane = id, .item = id, .number = 1, .channel = channel};
    attempt.parcel.id = id;
    attempt.parcel.severity = severity;
    senders_->Offer(std::move(attempt));
  }
  // Waits until so many outcomes are there.
  std::vector<Sent> Take(size_t count) {
    std::vector<Sent> all;
    EXPECT_TRUE(test::Eventually([&] {
      for (Sent& sent : senders_->Take()) all.push_back(std::move(sent));
      return all.size() >= count;
    }));
    return all;
  }
  // Its thread has the first one; the queue is empty again.
  void Occupy(const std::string& channel, Receiver& receiver) {
    Offer(channel, "first");
    std::unique_lock lock(receiver.mutex);
    receiver.changed.wait(lock, [&] { return receiver.entered; });
  }

  std::atomic<bool> stop_{false};
  std::atomic<seconds> now_{seconds(1'000)};  // Steady.
  Receiver one_, two_;
  std::unique_ptr<Senders> senders_;
};

TEST_F(SendersTest, WhatIsGraveGoesFirstAndFindsRoom) {
  Occupy("one", one_);
  for (size_t i = 0; i < kRoom; ++i) Offer("one", "low" + std::to_string(i));
  Offer("one", "no room");
  EXPECT_EQ(Take(1).at(0).outcome.kind, Kind::kBusy);
  Offer("one", "grave", schemas::Severity::kHigh);
  one_.Open();
  Take(2 + kRoom);
  EXPECT_EQ(one_.got, (std::vector<std::string>{"first", "grave", "low0", "low1", "low2", "low3"}));
}

TEST_F(SendersTest, OneFullChannelIsNoReasonToReadNothing) {
  Occupy("one", one_);
  for (size_t i = 0; i < kRoom; ++i) Offer("one", "a" + std::to_string(i));
  EXPECT_FALSE(senders_->Full(false));
  Occupy("two", two_);
  for (size_t i = 0; i < kRoom; ++i) Offer("two", "b" + std::to_string(i));
  EXPECT_TRUE(senders_->Full(false));
  two_.Open();
  Take(1 + kRoom);
  EXPECT_FALSE(senders_->Full(true)) << "one has room again";
}

TEST_F(SendersTest, ALineOfWhatIsUrgentIsAsFullAsTheOther) {
  Occupy("one", one_);
  Occupy("two", two_);
  for (size_t i = 0; i < kRoom; ++i) {
    EXPECT_EQ(senders_->Room("one", true), kRoom - i);
    Offer("one", "a" + std::to_string(i), schemas::Severity::kCritical);
    EXPECT_FALSE(senders_->Full(false));
    Offer("two", "b" + std::to_string(i), schemas::Severity::kCritical);
  }
  EXPECT_TRUE(senders_->Full(false));
  EXPECT_EQ(senders_->Room("one", true), 0U);
  EXPECT_EQ(senders_->Room("one", false), kRoom);
  Offer("one", "no room", schemas::Severity::kCritical);
  EXPECT_EQ(Take(1).at(0).outcome.reason, kUrgent);
}

TEST_F(SendersTest, AReceiverThatAskedForTimeHasNoRoomMeanwhile) {
  one_.answer = SendOutcome::Retry("http_503", seconds(30));
  one_.Open();
  EXPECT_EQ(senders_->Room("one", false), kRoom);
  Offer("one", "n");
  Take(1);
  EXPECT_EQ(senders_->Room("one", false), 0U);
  EXPECT_EQ(senders_->Room("two", false), kRoom);
  now_ = now_.load() + seconds(30);
  EXPECT_EQ(senders_->Room("one", false), kRoom);
}

// Who ends when nothing is under way any more loses no outcome.
TEST_F(SendersTest, AnAttemptIsUnderWayUntilItsOutcomeIsTaken) {
  one_.Open();
  Offer("one", "n");
  EXPECT_TRUE(test::Eventually([this] {
    const std::lock_guard lock(one_.mutex);
    return !one_.got.empty();
  }));
  EXPECT_EQ(senders_->under_way(), 1U);
  Take(1);
  EXPECT_EQ(senders_->under_way(), 0U);
  Offer("renamed", "n");  // Nothing of it leaves.
  EXPECT_EQ(senders_->under_way(), 0U);
}

// Its partition was taken and came back: what became of it was not known, and it is offered again.
TEST_F(SendersTest, WhatIsBeingSentIsNotSentOnceMore) {
  Occupy("one", one_);
  senders_->Forget(0);
  Offer("one", "first");
  Offer("one", "second");
  one_.Open();
  const std::vector<Sent> sent = Take(2);
  EXPECT_EQ(sent.at(0).lane, "first");
  EXPECT_EQ(one_.got, (std::vector<std::string>{"first", "second"}));
}

TEST_F(SendersTest, NoMoreLeaveInAMinuteThanAskedFor) {
  Receiver receiver{.open = true};
  const ChannelSpec spec{.name = "slow", .threads = 2, .per_minute = 1200, .make = [&receiver] {
                           return std::make_unique<GatedChannel>(receiver);
                         }};
  senders_.reset();
  stop_ = false;
  senders_ = std::make_unique<Senders>(std::vector{spec}, kRoom, stop_, [] { return kNow; });
  const auto began = std::chrono::steady_clock::now();
  for (size_t i = 0; i < kRoom; ++i) Offer("slow", "n" + std::to_string(i));
  Take(kRoom);
  // The first at once, each other one a twentieth of a second later.
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(50) * (kRoom - 1));
  senders_.reset();  // Its threads use the receiver.
}

TEST_F(SendersTest, AChannelThatIsGoneCostsNoAttempts) {
  Offer("renamed", "n");
  const Sent sent = Take(1).at(0);
  EXPECT_EQ(sent.outcome.kind, Kind::kBusy);
  EXPECT_GE(sent.outcome.retry_after, seconds(60));
}

// One answer may ask for a day, for itself.
TEST_F(SendersTest, OneAnswerDoesNotSilenceAChannelForADay) {
  one_.answer = SendOutcome::Retry("http_503", seconds(86'400));
  one_.Open();
  Offer("one", "n");
  EXPECT_EQ(Take(1).at(0).outcome.retry_after, seconds(86'400));
  Offer("one", "m");
  const Sent other = Take(1).at(0);
  EXPECT_EQ(other.outcome.kind, Kind::kBusy);
  EXPECT_LE(other.outcome.retry_after, seconds(60));
}

TEST(CutLinesTest, KeepsWholeLinesAndSaysSo) {
  EXPECT_EQ(CutLines("one\ntwo", 7), "one\ntwo");
  std::string text;
  for (int i = 0; i < 40; ++i) text += "第 " + std::to_string(i) + " 行 😀\n";
  const std::string cut = CutLines(text, 200);
  EXPECT_TRUE(text.starts_with(cut.substr(0, cut.find("\n…"))));
  EXPECT_NE(cut.find("shortened"), std::string::npos);
  size_t units = 0;
  for (const char c : cut) {
    const auto byte = static_cast<unsigned char>(c);
    units += byte >= 0xF0 ? 2U : (byte & 0xC0) != 0x80 ? 1U : 0U;
  }
  EXPECT_LE(units, 200U);
  EXPECT_GE(units, 180U);
}

}  // namespace
}  // namespace tocsin::daemon
