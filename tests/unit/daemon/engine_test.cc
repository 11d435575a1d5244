// The engine over the embedded log, with a processor that counts: whatever happens between two commits, each
// event counts once, and each output is there once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <span>
#include <thread>

#include "daemon/engine/worker.h"
#include "daemon/log/local_log.h"
#include "daemon/log/local_store.h"
#include "tests/support/counting_processor.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

Timestamp WallClock() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

class EngineTest : public testing::Test {
 protected:
  using Event = std::pair<std::string, std::string>;  // Key and value.

  std::unique_ptr<LocalStore> OpenLog(int partitions = 2) {
    auto opened = LocalStore::Open({.directory = directory_ / "local",
                                    .outputs = directory_ / "out",
                                    .partitions = partitions,
                                    .segment_bytes = 4096});
    EXPECT_TRUE(opened) << opened.error().ToString();
    return opened ? *std::move(opened) : nullptr;
  }
  void Send(LocalStore& log, const std::string& key, const std::string& value) {
    SendAll(log, std::vector<Event>{{key, value}});
  }
  // Many at once: a disk that is busy is waited for once.
  static void SendAll(LocalStore& log, std::span<const Event> events) {
    for (size_t many = 0; !events.empty(); events = events.subspan(many)) {
      many = std::min<size_t>(events.size(), 100);
      std::vector<Accepted> accepted;
      for (const auto& [key, value] : events.first(many))
        accepted.push_back({.account = key, .topic = "t", .headers = {}, .value = value});
      ASSERT_TRUE(log.Append(accepted, WallClock()));
    }
  }
  // Of the one worker.
  WorkerParts PartsOf(LocalStore& log, StateStore& store, std::atomic<int>* fail_in = nullptr) {
    WorkerParts parts;
    parts.log = std::make_unique<LocalLog>(log, 0, 1);
    parts.processor = std::make_unique<CountingProcessor>(fail_in);
    parts.store = &store;
    parts.owner = "local/" + log.id();
    parts.metrics = &metrics_;
    parts.wall_clock = WallClock;
    parts.report = [this](std::string_view code, const std::string& text) {
      said_ += std::string(code) + ": " + text + "\n";
    };
    return parts;
  }
  // Runs one worker until everything sent is committed, or until it gives up: `ran_` says why.
  void Drain(LocalStore& log, EngineConfig config = {}, std::atomic<int>* fail_in = nullptr) {
    auto store = StateStore::Open(directory_ / "state", {});
    ASSERT_TRUE(store) << store.error().ToString();
    WorkerParts parts = PartsOf(log, **store, fail_in);
    parts.config = config;
    parts.wall_clock = [this] {  // Read in each round.
      most_state_bytes_ = std::max(most_state_bytes_, metrics_.state_bytes.value());
      return WallClock();
    };
    Worker worker(std::move(parts));
    std::atomic<bool> stop{false};
    std::thread watcher([&] {
      const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(5);  // Of a hung worker.
      while (!stop && log.PendingBytes() > 0 && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      stop = true;
    });
    ran_ = worker.Run(stop);
    stop = true;
    watcher.join();
    if (ran_) {
      EXPECT_EQ(log.PendingBytes(), 0U) << said_;
    }
  }
  std::multiset<std::string> Outputs() {
    std::ifstream file(directory_ / "out/findings.jsonl");
    std::multiset<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.insert(line);
    return lines;
  }

  TempDirectory directory_;
  WorkerMetrics metrics_;
  uint64_t most_state_bytes_ = 0;
  std::string said_;  // What the worker reported.
  Result<Done> ran_ = Done{};
};

TEST_F(EngineTest, CountsEachEventOnceAcrossRestarts) {
  std::multiset<std::string> expected;
  std::map<std::string, int> counts;
  for (int round = 0; round < 4; ++round) {
    auto log = OpenLog();
    for (int i = 0; i < 50; ++i) {
      const std::string key = "k" + std::to_string(i % 7);
      const std::string text = std::to_string(round) + "." + std::to_string(i);
      Send(*log, key, text);
      expected.insert(key + " " + std::to_string(++counts[key]) + " " + text);
    }
    Drain(*log);
  }
  EXPECT_EQ(Outputs(), expected);
}

TEST_F(EngineTest, ErasedKeysBeginAgain) {
  auto log = OpenLog(1);
  Send(*log, "a", "1");
  Drain(*log);
  Send(*log, "a", "erase");
  Send(*log, "a", "2");
  Drain(*log);
  Send(*log, "a", "erase");
  Drain(*log);
  Send(*log, "a", "3");
  Drain(*log);
  EXPECT_EQ(Outputs(), (std::multiset<std::string>{"a 1 1", "a 1 2", "a 1 3"}));
}

TEST_F(EngineTest, AStoreThatFailsInTheMiddleOfABatchLosesAndRepeatsNothing) {
  std::multiset<std::string> expected;
  auto log = OpenLog(1);
  for (int i = 1; i <= 300; ++i) {
    Send(*log, "a", std::to_string(i));
    expected.insert("a " + std::to_string(i) + " " + std::to_string(i));
  }
  std::atomic<int> fail_in{123};
  EngineConfig config;
  config.commit_events = 10;
  Drain(*log, config, &fail_in);
  EXPECT_LT(fail_in, 0);
  EXPECT_EQ(Outputs(), expected);
}

TEST_F(EngineTest, ACommitIsNeverLargerThanAllowed) {
  auto log = OpenLog(1);
  for (int i = 1; i <= 100; ++i) Send(*log, "a", std::to_string(i));
  EngineConfig config;
  config.commit_events = 7;
  Drain(*log, config);
  EXPECT_GE(metrics_.commits.value(), 15U);
}

TEST_F(EngineTest, MoreStatesThanMemoryAreTheSameStates) {
  std::map<std::string, int> counts;
  std::multiset<std::string> expected;
  EngineConfig config;
  config.state_memory_mb = 1;  // A thousandth of what the keys below would take.
  config.checkpoint_mb = 1;
  config.commit_events = 500;  // What is not committed cannot leave memory, however much comes in a moment.
  const std::string filler(500, 'x');
  auto log = OpenLog(1);
  std::mt19937 random(7);
  std::vector<Event> events;
  for (int i = 0; i < 6000; ++i) {
    const std::string& key = events.emplace_back("k" + std::to_string(random() % 3000), filler).first;
    expected.insert(key + " " + std::to_string(++counts[key]) + " " + filler);
  }
  SendAll(*log, events);
  Drain(*log, config);
  EXPECT_EQ(Outputs(), expected);
  EXPECT_GT(metrics_.state_evictions.value(), 1000U);
  EXPECT_GT(metrics_.state_loads.value(), 100U);
  EXPECT_GT(most_state_bytes_, 0U);
  EXPECT_LT(most_state_bytes_, 3U << 20U);
  // Its states went with the worker.
  EXPECT_EQ(metrics_.states_in_memory.value(), 0U);
  EXPECT_EQ(metrics_.state_bytes.value(), 0U);
}

// A crash may leave bytes in the output files that no commit has: at the next start the files are what the
// commits say. (tests/integration kills the process itself.)
TEST_F(EngineTest, OutputFilesFollowTheCommitsAfterACrash) {
  std::multiset<std::string> expected;
  std::map<std::string, int> counts;
  std::vector<Event> events;
  for (int i = 0; i < 400; ++i) {
    events.emplace_back("k" + std::to_string(i % 11), std::to_string(i));
    expected.insert(events.back().first + " " + std::to_string(++counts[events.back().first]) + " " +
                    events.back().second);
  }
  std::mt19937 random(11);
  for (int image = 0; image < 3; ++image) {
    std::error_code ignored;
    fs::remove_all(directory_.path(), ignored);
    fs::create_directories(directory_.path());
    size_t sent = 0;
    while (sent < events.size()) {
      auto log = OpenLog();
      const size_t until = std::min(events.size(), sent + 1 + random() % 200);
      SendAll(*log, std::span(events).subspan(sent, until - sent));
      sent = until;
      EngineConfig config;
      config.commit_events = 10 + static_cast<int>(random() % 40);
      Drain(*log, config);
      log.reset();
      const std::string file = directory_ / "out/findings.jsonl";
      if (random() % 2 == 0) std::ofstream(file, std::ios::app) << "torn " << random();
    }
    auto log = OpenLog();
    Drain(*log);
    EXPECT_EQ(Outputs(), expected) << "image " << image;
  }
}

// After an orderly end nothing is a torn end: what is damaged then was on disk, and acknowledged.
TEST_F(EngineTest, DamageAfterAnOrderlyEndIsRefusedAndNotCutOff) {
  for (const char* log : {"local/input/0", "local/commits"}) {
    const TempDirectory fresh;
    const auto open = [&] {
      return LocalStore::Open({.directory = fresh / "local", .outputs = fresh / "out", .partitions = 1});
    };
    {
      auto store = open();
      ASSERT_TRUE(store);
      Send(**store, "a", "1");
      std::vector<TaskCommit> commit(1);
      commit[0].positions = {{std::string(kLocalTopic), (*store)->InputEnd(0)}};
      commit[0].changelog = {{"key", "value"}};
      int64_t next = 0;
      ASSERT_TRUE((*store)->Commit(commit, next));
    }
    const fs::path file = fs::path(fresh / log) / "00000000000000000000.log";
    const auto size = fs::file_size(file);
    {
      std::fstream segment(file, std::ios::in | std::ios::out | std::ios::binary);
      segment.seekp(static_cast<std::streamoff>(size) - 1);
      segment.put('X');
    }
    const auto opened = open();
    ASSERT_FALSE(opened) << log;
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(fs::file_size(file), size) << "cut off in silence";
  }
}

// What is answered with 202 is judged: nothing may be taken in that waits behind the damage.
TEST_F(EngineTest, APartitionWhoseCommitsAreDamagedTakesNoEvents) {
  auto log = OpenLog(1);
  Send(*log, "a", "1");
  Drain(*log);
  fs::remove_all(directory_ / "state");  // The commits are all that is left of it.
  {
    std::fstream segment(directory_ / "local/commits/00000000000000000000.log",
                         std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(25);
    segment.put('X');
  }
  auto store = StateStore::Open(directory_ / "state", {});
  ASSERT_TRUE(store) << store.error().ToString();
  Worker worker(PartsOf(*log, **store));
  for (int i = 0; i < 20 && metrics_.partitions_stopped.value() == 0; ++i) ASSERT_TRUE(worker.Step());
  EXPECT_EQ(metrics_.partitions_stopped.value(), 1U);
  EXPECT_NE(said_.find("restore_failed: partition 0: "), std::string::npos) << said_;
  EXPECT_NE(said_.find("is damaged at position 0: restore the whole state directory from one backup"),
            std::string::npos)
      << said_;
  const Accepted event{.account = "a", .topic = "t", .headers = {}, .value = "2"};
  const Result<Done> refused = log->Append({&event, 1}, WallClock());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

// What a commit has processed was there, whatever a crash has left of the marks.
TEST_F(EngineTest, CommitsKnowWhatInputWasThere) {
  {
    auto log = OpenLog(1);
    Send(*log, "a", "1");
    Drain(*log);
  }
  fs::remove(directory_ / "local/log.mark");
  fs::resize_file(directory_ / "local/input/0/00000000000000000000.log", 3);
  const auto opened =
      LocalStore::Open({.directory = directory_ / "local", .outputs = directory_ / "out", .partitions = 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

// One of two partitions has a commit and then rests; the third never has one. What the busy one commits is
// removed all the same once it is in a checkpoint, and the others go on from theirs.
TEST_F(EngineTest, AQuietPartitionKeepsNoCommitsAndLosesNone) {
  const auto open = [&] { return OpenLog(3); };
  std::map<int, std::string> keys;
  {
    auto log = open();
    for (int i = 0; keys.size() < 3; ++i)
      keys.emplace(log->PartitionOf("k" + std::to_string(i)), "k" + std::to_string(i));
    Send(*log, keys[0], "1");
    Send(*log, keys[1], "1");
    Drain(*log);
  }
  const std::string filler(500, 'x');
  for (int round = 0; round < 3; ++round) {
    auto log = open();
    EngineConfig config;
    config.commit_events = 10;
    for (int i = 0; i < 100; ++i) Send(*log, keys[1], filler);
    Drain(*log, config);
  }
  EXPECT_LE(std::distance(fs::directory_iterator(directory_ / "local/commits"), fs::directory_iterator()), 2);
  auto log = open();
  Send(*log, keys[0], "2");
  Send(*log, keys[2], "1");
  Drain(*log);
  EXPECT_EQ(said_, "");
  EXPECT_EQ(Outputs().count(keys[0] + " 2 2"), 1U);
  EXPECT_EQ(Outputs().count(keys[2] + " 1 1"), 1U);
  EXPECT_EQ(Outputs().count(keys[1] + " 301 " + filler), 1U);
}

TEST_F(EngineTest, RefusesStateOfAnotherLog) {
  {
    auto log = OpenLog(1);
    Send(*log, "a", "1");
    Drain(*log);
  }
  fs::remove_all(directory_ / "local");
  fs::remove_all(directory_ / "out");
  auto log = OpenLog(1);
  Send(*log, "a", "2");  // With nothing to do, Drain may end before the worker has looked at its state.
  Drain(*log);
  ASSERT_FALSE(ran_);
  EXPECT_EQ(ran_.error().code, ErrorCode::kConflict);
}

TEST_F(EngineTest, RefusesAnotherPartitionCountAndASecondProcess) {
  auto log = OpenLog(2);
  auto second =
      LocalStore::Open({.directory = directory_ / "local", .outputs = directory_ / "out", .partitions = 2});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  log.reset();
  auto other =
      LocalStore::Open({.directory = directory_ / "local", .outputs = directory_ / "out", .partitions = 3});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
}

TEST_F(EngineTest, ManySendersAtOnceAreAllAcknowledgedAndAllCounted) {
  auto log = OpenLog(4);
  std::vector<std::thread> senders;
  for (int s = 0; s < 8; ++s) {
    senders.emplace_back([&, s] {
      for (int i = 0; i < 40; ++i) Send(*log, "s" + std::to_string(s), std::to_string(i));
    });
  }
  for (auto& sender : senders) sender.join();
  Drain(*log);
  EXPECT_EQ(Outputs().size(), 320U);
  for (int s = 0; s < 8; ++s) EXPECT_EQ(Outputs().count("s" + std::to_string(s) + " 40 39"), 1U);
}

}  // namespace
}  // namespace tocsin::daemon
