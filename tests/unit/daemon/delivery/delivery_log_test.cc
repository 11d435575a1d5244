// What a person is told who asks delivery: what is done, or that it is not.
#include "daemon/delivery/delivery_log.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <thread>

#include "daemon/log/no_changelog.h"
#include "tests/support/eventually.h"

namespace tocsin::daemon {
namespace {

using std::chrono::milliseconds;

class InnerLog final : public Log {
 public:
  explicit InnerLog(const bool& commits) : commits_(commits) {}
  std::function<void(LogListener&)> then = [](LogListener&) {};  // In each Poll.
  Result<size_t> Poll(milliseconds, size_t, LogListener& listener) override {
    then(listener);
    if (!std::exchange(assigned_, true)) {
      listener.OnAssigned(0);
      listener.OnAssigned(1);
    }
    return size_t{0};
  }
  Result<Done> Seek(int32_t, std::span<const TopicPosition>) override { return Done{}; }
  Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t) override {
    return std::unique_ptr<ChangelogReading>(std::make_unique<NoChangelog>(0));
  }
  Result<Done> Commit(std::span<TaskCommit>, std::vector<int64_t>&) override {
    if (commits_) return Done{};
    return Error{ErrorCode::kUnavailable, "log", "test"};
  }
  std::optional<milliseconds> deletions_kept_for() const override { return std::nullopt; }
  void OnCheckpoint(int32_t, int64_t) override {}
  bool has_changelog() const override { return false; }
  bool finished() const override { return false; }
  void Pause(int32_t, bool) override {}

 private:
  const bool& commits_;
  bool assigned_ = false;
};

// The worker's side: takes every word but of a partition that is `broken`, and answers requests by counting
// who was asked.
class DeliveryLogTest : public testing::Test, public LogListener {
 protected:
  static constexpr milliseconds kLong{60'000};

  void SetUp() override {
    // Nobody takes anything from them.
    const std::vector<ChannelSpec> channels = {{.name = "idle", .threads = 0},
                                               {.name = "slow", .threads = 0}};
    senders_ = std::make_unique<Senders>(channels, 10, stop_, [] { return Timestamp{}; });
    processor_ = std::make_unique<DeliveryProcessor>(DeliveryRules{}, errands_, metrics_);
    auto inner = std::make_unique<InnerLog>(commits_);
    inner_ = inner.get();
    log_ = std::make_unique<DeliveryLog>(DeliveryLogParts{.inner = std::move(inner),
                                                          .errands = &errands_,
                                                          .processor = processor_.get(),
                                                          .senders = senders_.get(),
                                                          .desk = &desk_,
                                                          .wall_clock = [this] { return now_; }});
    Poll();  // Both partitions are assigned.
  }
  void OnAssigned(int32_t) override {}
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t) override {}
  bool OnRecord(const schemas::Record& record) override {
    if (record.partition == broken_) {
      log_->Pause(record.partition, true);  // As a worker that drops the task.
      return false;
    }
    for (const auto& [number, request] : errands_.requests) {
      ++request->touched;
      auto& unanswered = errands_.unanswered;
      const auto slices = unanswered.try_emplace({number, record.partition}, slices_).first;
      slices->second.pop_back();
      if (slices->second.empty()) unanswered.erase(slices);
    }
    if (!record.key.empty()) heard_.emplace(record.key);
    const Result<Word> word = DecodeWord(record.value);
    EXPECT_TRUE(word);
    ++words_[word->kind];
    const bool endless = record.partition == endless_;
    if (word->kind == Word::Kind::kResume &&
        ((word->number < LaneIndex::kBuckets && lanes_ > 0) || endless)) {
      errands_.lanes_left -= endless ? errands_.lanes_left : std::min(errands_.lanes_left, lanes_);
      if (errands_.lanes_left == 0)
        errands_.next_place = LaneIndex::PlaceOf(word->number % LaneIndex::kBuckets, 7);
    }
    dirty_.insert(record.partition);
    return true;
  }
  void Poll() {
    const Result<size_t> polled = log_->Poll({}, 1'000, *this);
    ASSERT_TRUE(polled);
  }
  void Commit() {
    std::vector<TaskCommit> commits;
    for (const int32_t partition : std::exchange(dirty_, {})) commits.push_back({.partition = partition});
    std::vector<int64_t> next;
    EXPECT_EQ(log_->Commit(commits, next).ok(), commits_);
  }
  void Serve(int32_t partition) {
    ASSERT_TRUE(log_->Seek(partition, {}));
    log_->Pause(partition, false);
  }
  // What becomes of a request while the worker goes round. A list of some partitions has all the time.
  Result<Done> Ask(DeliveryRequest& request, milliseconds wait, const std::function<void()>& after_poll) {
    Result<Done> answered = Done{};
    std::atomic<bool> over{false};
    std::thread person([&] {
      answered = desk_.Ask(request, wait, kLong);
      over = true;
    });
    EXPECT_TRUE(test::Eventually([&] { return over || desk_.asking() > 0; }));
    while (!over) {
      Poll();
      after_poll();
    }
    person.join();
    return answered;
  }

  bool commits_ = true;
  InnerLog* inner_ = nullptr;
  int32_t broken_ = -1;
  std::set<int32_t> dirty_;
  std::set<std::string> heard_;  // Lanes that were told something.
  std::map<Word::Kind, int> words_;
  size_t slices_ = 1;     // In which a partition answers.
  size_t lanes_ = 0;      // That it looks at for a word.
  int32_t endless_ = -1;  // Has ever more of them.
  Timestamp now_{std::chrono::hours(500'000)};
  std::atomic<bool> stop_{false};
  Errands errands_;
  DeliveryMetrics metrics_;
  DeliveryDesk desk_;
  std::unique_ptr<Senders> senders_;
  std::unique_ptr<DeliveryProcessor> processor_;
  std::unique_ptr<DeliveryLog> log_;
  DeliveryRequest request_{.kind = DeliveryRequest::Kind::kDrop};
};

TEST_F(DeliveryLogTest, EveryPartitionAnswersAndCommits) {
  Serve(0);
  Serve(1);
  EXPECT_TRUE(Ask(request_, kLong, [this] { Commit(); }));
  EXPECT_EQ(request_.touched, 2);
}

TEST_F(DeliveryLogTest, ACommitThatFailedIsNotToldAsDone) {
  Serve(0);
  Serve(1);
  commits_ = false;
  const Result<Done> answered = Ask(request_, kLong, [this] { Commit(); });
  ASSERT_FALSE(answered);
  EXPECT_NE(answered.error().detail.find("a commit failed"), std::string::npos);
}

TEST_F(DeliveryLogTest, APartitionThatIsRestoredIsWaitedForOrNamed) {
  Serve(0);
  const Result<Done> answered = Ask(request_, milliseconds(50), [this] { Commit(); });
  ASSERT_FALSE(answered);
  EXPECT_NE(answered.error().detail.find("nothing was done"), std::string::npos);
  EXPECT_EQ(request_.touched, 0);
  int rounds = 0;
  EXPECT_TRUE(Ask(request_, kLong, [&] {
    Commit();
    if (++rounds == 3) Serve(1);
  }));
  EXPECT_EQ(request_.touched, 2);
}

TEST_F(DeliveryLogTest, AListIsOfThePartitionsThatCanBeReadAndNamesTheOthers) {
  Serve(0);
  DeliveryRequest list;
  ASSERT_TRUE(Ask(list, milliseconds(50), [this] { Commit(); }));
  EXPECT_EQ(list.touched, 1);
  EXPECT_EQ(list.unread, std::vector<int32_t>{1});
  // None can be read: an answer as well.
  log_->Pause(0, true);
  DeliveryRequest nothing;
  ASSERT_TRUE(Ask(nothing, milliseconds(50), [this] { Commit(); }));
  EXPECT_EQ(nothing.touched, 0);
  EXPECT_EQ(nothing.unread, (std::vector<int32_t>{0, 1}));
  // Who would change something is told that nothing was.
  EXPECT_FALSE(Ask(request_, milliseconds(50), [this] { Commit(); }));
  Serve(0);
  Serve(1);
  DeliveryRequest whole;
  ASSERT_TRUE(Ask(whole, kLong, [this] { Commit(); }));
  EXPECT_EQ(whole.touched, 2);
  EXPECT_TRUE(whole.unread.empty());
}

TEST_F(DeliveryLogTest, APartitionThatFailsMeanwhileIsNotToldAsDone) {
  Serve(0);
  Serve(1);
  Commit();
  Poll();  // The words with which each begins.
  Commit();
  broken_ = 1;
  EXPECT_FALSE(Ask(request_, kLong, [this] { Commit(); }));
  broken_ = -1;
  Serve(1);
  EXPECT_TRUE(Ask(request_, kLong, [this] { Commit(); }));
}

// A full disk that has room again: nothing is restored, and what came meanwhile comes no second time.
TEST_F(DeliveryLogTest, WhatComesWhileAPartitionIsPausedIsHandedOverAfterwards) {
  Serve(0);
  Serve(1);
  Poll();
  errands_.attempts.push_back({.lane = "sent", .item = "n", .number = 1, .channel = "gone"});
  errands_.wakes.push_back({.at = Timestamp{}, .lane = "due"});
  Commit();  // The attempt's outcome is there at once.
  log_->Pause(0, true);
  Poll();
  EXPECT_TRUE(heard_.empty());
  log_->Pause(0, false);
  Poll();
  EXPECT_EQ(heard_, (std::set<std::string>{"sent", "due"}));
  heard_.clear();
  Poll();
  EXPECT_TRUE(heard_.empty()) << "once";
}

// Thousands wait for a channel that takes four in a second: they stand in line, and cost nothing.
TEST_F(DeliveryLogTest, WhatFoundNoRoomWaitsUntilThereIsSome) {
  Serve(0);
  Serve(1);
  Poll();
  const auto fill = [this](int32_t partition) {
    for (int i = 0; i < 10; ++i) {
      Attempt attempt{.partition = partition, .item = "n", .channel = "slow"};
      attempt.parcel.severity = schemas::Severity::kCritical;
      senders_->Offer(std::move(attempt));
    }
  };
  fill(7);
  for (int lane = 0; lane < 1'000; ++lane)
    errands_.wakes.push_back({.lane = std::to_string(lane), .channel = "slow", .urgent = true});
  errands_.wakes.push_back({.lane = "patient", .channel = "slow"});
  Commit();
  for (int round = 0; round < 100; ++round) Poll();
  EXPECT_EQ(heard_, std::set<std::string>{"patient"}) << "the other line has room";
  senders_->Forget(7);
  heard_.clear();
  Poll();
  EXPECT_EQ(heard_.size(), 10U) << "as many as there is room for";
  for (const std::string& lane : heard_) errands_.attempts.push_back({.lane = lane, .channel = "slow"});
  Poll();
  EXPECT_EQ(heard_.size(), 10U) << "theirs now, though nothing has left yet";
}

TEST_F(DeliveryLogTest, AClockThatWasAheadForAWhileEndsNoSweeps) {
  Serve(0);
  Poll();
  words_.clear();
  now_ += std::chrono::hours(24 * 40);
  Poll();
  Poll();
  now_ -= std::chrono::hours(24 * 40);
  words_.clear();
  Poll();
  Poll();
  EXPECT_EQ(words_[Word::Kind::kResume], LaneIndex::kBuckets)
      << "lanes may wait for a time that was made then";
  EXPECT_EQ(words_[Word::Kind::kSweep], 0);
  now_ += std::chrono::seconds(61);
  Poll();
  Poll();
  EXPECT_EQ(words_[Word::Kind::kSweep], 1);
  EXPECT_EQ(words_[Word::Kind::kResume], LaneIndex::kBuckets) << "once";
  // A few seconds are no reason.
  now_ -= std::chrono::seconds(10);
  Poll();
  Poll();
  EXPECT_EQ(words_[Word::Kind::kResume], LaneIndex::kBuckets);
}

// A backlog of ten thousand: commits, and a sign of life, come between.
TEST_F(DeliveryLogTest, WhatARestartLooksAtComesInSlices) {
  lanes_ = 150;
  Serve(0);
  Serve(1);
  for (int before = -1; before != words_[Word::Kind::kResume];) {
    before = words_[Word::Kind::kResume];
    Poll();
    EXPECT_LE(words_[Word::Kind::kResume] - before, 3);
  }
  EXPECT_GE(words_[Word::Kind::kResume], 2 * LaneIndex::kBuckets + 60) << "with those that go on";
  // Who asks meanwhile is answered by what is known, or waits.
  endless_ = 1;
  Serve(1);
  DeliveryRequest list;
  ASSERT_TRUE(Ask(list, milliseconds(50), [this] { Commit(); }));
  EXPECT_EQ(list.touched, 1);
  EXPECT_EQ(list.unread, std::vector<int32_t>{1});
  endless_ = -1;
  EXPECT_TRUE(Ask(request_, kLong, [this] { Commit(); }));
  EXPECT_EQ(request_.touched, 2);
}

TEST_F(DeliveryLogTest, AnAnswerInSlicesIsDoneWithTheLastCommit) {
  Serve(0);
  Serve(1);
  slices_ = 20;
  std::vector<uint64_t> touched;
  EXPECT_TRUE(Ask(request_, kLong, [&] {
    touched.push_back(request_.touched);
    Commit();
  }));
  EXPECT_EQ(request_.touched, 40U);
  for (size_t i = 1; i < touched.size(); ++i) EXPECT_LE(touched[i] - touched[i - 1], 2U);
  EXPECT_TRUE(errands_.unanswered.empty());
}

TEST_F(DeliveryLogTest, AnAnswerInSlicesThatBreaksOffIsNotToldAsDone) {
  Serve(0);
  Serve(1);
  slices_ = 20;
  EXPECT_FALSE(Ask(request_, kLong, [&] {
    commits_ = request_.touched != 7;
    Commit();
  }));
  EXPECT_EQ(request_.touched, 7U);
  commits_ = true;
  DeliveryRequest other{.kind = DeliveryRequest::Kind::kDrop};
  EXPECT_FALSE(Ask(other, kLong, [&] {
    Commit();
    if (other.touched == 5) log_->Pause(0, true);
  }));
  EXPECT_EQ(other.touched, 5U);
  EXPECT_TRUE(errands_.unanswered.empty());
}

// It would be sent twice.
TEST_F(DeliveryLogTest, WhatCameOfAnAttemptWhileItsPartitionWasNobodysIsHandedOverWhenItIsBack) {
  Serve(0);
  Serve(1);
  const auto in_poll = [this](const std::function<void(LogListener&)>& call) {
    inner_->then = call;
    Poll();
    inner_->then = [](LogListener&) {};
  };
  in_poll([](LogListener& listener) { listener.OnSuspended(0); });
  senders_->Offer({.lane = "nobody's", .item = "n", .number = 1, .channel = "gone", .parcel = {}});
  in_poll([](LogListener& listener) { listener.OnAssigned(0); });
  senders_->Offer({.lane = "assigned", .item = "n", .number = 1, .channel = "gone", .parcel = {}});
  Poll();
  EXPECT_TRUE(heard_.empty());
  words_.clear();
  Serve(0);
  Poll();
  EXPECT_EQ(heard_, (std::set<std::string>{"assigned", "nobody's"}));
}

// It would be told that there is nothing to do.
TEST_F(DeliveryLogTest, WhoAsksWhileThePartitionsAreNobodysWaits) {
  Serve(0);
  Serve(1);
  inner_->then = [](LogListener& listener) {
    listener.OnSuspended(0);
    listener.OnSuspended(1);
  };
  Poll();
  inner_->then = [](LogListener&) {};
  DeliveryRequest request{.kind = DeliveryRequest::Kind::kReplay};
  EXPECT_FALSE(Ask(request, milliseconds(50), [] {}));
}

TEST_F(DeliveryLogTest, WhatCameOfAnAttemptOfAPartitionThatIsAnothersNowIsForgotten) {
  Serve(0);
  inner_->then = [](LogListener& listener) { listener.OnSuspended(0); };
  Poll();
  senders_->Offer({.lane = "sent", .item = "n", .number = 1, .channel = "gone", .parcel = {}});
  inner_->then = [](LogListener& listener) { listener.OnRevoked(0); };
  Poll();
  inner_->then = [](LogListener& listener) { listener.OnAssigned(0); };
  Poll();
  inner_->then = [](LogListener&) {};
  Serve(0);
  Poll();
  EXPECT_TRUE(heard_.empty());
}

// It is restored instead: what was on its way is made again, by words of its own.
TEST_F(DeliveryLogTest, WhatComesWhileAPartitionIsRestoredIsForgotten) {
  Serve(0);
  Serve(1);
  Poll();
  errands_.attempts.push_back({.lane = "sent", .item = "n", .number = 1, .channel = "gone"});
  Commit();
  log_->Pause(0, true);
  Poll();
  Serve(0);
  Poll();
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace tocsin::daemon
