// A partition is restored a piece at a time, and the others of the worker go on between the pieces.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "daemon/engine/commit_record.h"
#include "daemon/engine/task.h"
#include "daemon/engine/worker.h"
#include "tests/support/counting_processor.h"
#include "tests/support/scripted_log.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

// So many states in one commit, and its record.
std::vector<ChangelogRecord> ACommitOf(size_t states) {
  std::vector<ChangelogRecord> records;
  CommitRecord commit{.sequence = 1, .segments = states};
  for (size_t i = 0; i < states; ++i) {
    ChangelogRecord& record = records.emplace_back();
    record.key = ChangelogKey(kCountSegment, "key-" + std::to_string(i));
    ByteWriter(record.value).Varint(7);
    commit.chain = ExtendChain(commit.chain, record.key, record.value);
  }
  records.push_back({ChangelogKey(kCommitKind, {}), Encode(commit)});
  return records;
}

class RestoreTest : public testing::Test {
 protected:
  const TempDirectory directory_;
  const std::unique_ptr<StateStore> store_ = *StateStore::Open(directory_ / "state", {});
  CountingProcessor processor_;
  EngineConfig config_;
  WorkerMetrics metrics_;
};

TEST_F(RestoreTest, ATaskReadsAsMuchAsItIsTold) {
  ScriptedLog log;
  log.changelogs[0] = ACommitOf(9);
  Task task(0, "test", processor_, *store_->OpenPartition("partition-0"), log, config_, metrics_);
  ASSERT_TRUE(task.BeginRestore({}, {}, false));
  for (const uint64_t read : {4U, 8U}) {
    const Result<bool> whole = task.RestoreSome(4);
    ASSERT_TRUE(whole) << whole.error().ToString();
    EXPECT_FALSE(*whole);
    EXPECT_EQ(metrics_.restored_records.value(), read);
  }
  const Result<bool> whole = task.RestoreSome(4);
  ASSERT_TRUE(whole) << whole.error().ToString();
  EXPECT_TRUE(*whole);
}

// A large partition is minutes of reading.
TEST_F(RestoreTest, AnotherPartitionIsServedBetweenTwoPieces) {
  constexpr size_t kStates = 20'000;
  auto owned = std::make_unique<ScriptedLog>();
  ScriptedLog& log = *owned;
  log.changelogs[1] = ACommitOf(kStates);
  WorkerParts parts;
  parts.log = std::move(owned);
  parts.processor = std::make_unique<CountingProcessor>();
  parts.store = store_.get();
  parts.owner = "test";
  parts.metrics = &metrics_;
  parts.wall_clock = [] { return FromMillis(1'700'000'000'000); };
  parts.steady_clock = [] { return std::chrono::steady_clock::time_point(std::chrono::hours(1)); };
  Worker worker(std::move(parts));
  const auto step = [&](std::function<size_t(LogListener&)> poll) {
    log.poll = std::move(poll);
    const auto stepped = worker.Step();
    ASSERT_TRUE(stepped) << stepped.error().ToString();
  };
  step([](LogListener& listener) { return listener.OnAssigned(0), size_t{0}; });
  while (metrics_.partitions.value() < 1) step([](LogListener&) { return size_t{0}; });
  step([](LogListener& listener) { return listener.OnAssigned(1), size_t{0}; });

  size_t served = 0;
  size_t in_between = 0;  // Of them, with the other partition half read.
  for (size_t i = 0; i < 100 && metrics_.partitions.value() < 2; ++i) {
    step([&](LogListener& listener) {
      const bool taken = listener.OnRecord({.topic = "t", .offset = static_cast<int64_t>(i), .key = "k"});
      served += taken ? 1 : 0;
      return size_t{0};
    });
    const uint64_t read = metrics_.restored_records.value();
    if (read > 0 && read < kStates) ++in_between;
    EXPECT_EQ(log.outputs.size(), i + 1) << "not committed at once";
  }
  EXPECT_EQ(metrics_.partitions.value(), 2U);
  EXPECT_GE(in_between, 2U);
  EXPECT_EQ(log.outputs.size(), served);
}

}  // namespace
}  // namespace tocsin::daemon
