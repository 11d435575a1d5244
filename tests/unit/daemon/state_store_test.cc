// Checkpoints on disk: what a partition's store promises when it changes hands.
#include "daemon/store/state_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/open_store.h"
#include "tests/support/eventually.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

class StateStoreTest : public testing::Test {
 protected:
  std::unique_ptr<PartitionStore> OpenPartition() {
    auto opened = store_->OpenPartition("partition-0");
    EXPECT_TRUE(opened);
    return opened ? *std::move(opened) : nullptr;
  }
  static Result<Done> Write(PartitionStore& partition, int64_t position, const std::string& value) {
    return WriteAll(partition, position, {{"a", value}});
  }
  static Result<Done> WriteAll(PartitionStore& partition, int64_t position,
                               std::vector<CheckpointEntry> entries) {
    return partition.Write({.owner = "o", .changelog_next = position, .commit_record = "r", .written_at = {}},
                           entries);
  }
  // So many that RocksDB's manifest, and a new one as well, is larger than the table of a small checkpoint.
  std::vector<std::unique_ptr<PartitionStore>> OpenMany(int64_t position, const std::string& value) {
    std::vector<std::unique_ptr<PartitionStore>> partitions;
    for (int i = 0; i < 60; ++i) {
      partitions.push_back(*store_->OpenPartition("partition-" + std::to_string(i)));
      EXPECT_TRUE(Write(*partitions.back(), position, value));
    }
    return partitions;
  }
  // As a process that was killed finds it.
  std::unique_ptr<PartitionStore> OpenAnew() {
    store_ = nullptr;
    store_ = *StateStore::Open(directory_ / "state", {});
    return OpenPartition();
  }

  TempDirectory directory_;
  std::unique_ptr<StateStore> store_ = *StateStore::Open(directory_ / "state", {});
};

// A worker that lost its partition to another one of the process, and does not know it yet.
TEST_F(StateStoreTest, WhoOpensAPartitionTakesItFromWhoHadIt) {
  auto old_owner = OpenPartition();
  ASSERT_TRUE(Write(*old_owner, 10, "old"));
  auto new_owner = OpenPartition();
  ASSERT_TRUE(Write(*new_owner, 20, "new"));

  EXPECT_EQ(Write(*old_owner, 11, "stale").error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(old_owner->Clear());
  EXPECT_FALSE(old_owner->ReadMark());
  std::string value;
  EXPECT_FALSE(old_owner->Get("a", value));

  EXPECT_EQ(new_owner->ReadMark().value()->changelog_next, 20);
  ASSERT_TRUE(new_owner->Get("a", value).value());
  EXPECT_EQ(value, "new");
}

TEST_F(StateStoreTest, AClearedPartitionIsOfNoUseToWhoHadItBefore) {
  auto old_owner = OpenPartition();
  ASSERT_TRUE(Write(*old_owner, 10, "old"));
  auto new_owner = OpenPartition();
  ASSERT_TRUE(new_owner->Clear());
  std::string value;
  EXPECT_FALSE(old_owner->Get("a", value));
  EXPECT_FALSE(new_owner->Get("a", value).value());
  EXPECT_FALSE(new_owner->ReadMark().value().has_value());
}

// A table still fits, RocksDB's manifest does not, nor does a new one. Whoever goes on with it then is
// aborted.
TEST_F(StateStoreTest, ADiskThatFillsUpBetweenTableAndManifestIsUsedAgainWhenThereIsRoom) {
  std::vector<std::unique_ptr<PartitionStore>> partitions = OpenMany(1, "before");
  PartitionStore& partition = *partitions.front();
  std::string value;
  for (const size_t bytes : {size_t{4'000}, size_t{100}}) {
    {
      const FileSizeLimit full(bytes);
      for (int again = 0; again < 3; ++again) {
        const Result<Done> written = Write(partition, 2, "lost");
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, ErrorCode::kUnavailable) << written.error().ToString();
        ASSERT_TRUE(partition.Get("a", value).value())
            << "what is there is read while nothing can be written";
        EXPECT_EQ(value, "before");
      }
    }
    ASSERT_TRUE(Write(partition, 3, "before"));
    EXPECT_EQ(partition.ReadMark().value()->changelog_next, 3);
  }
  partitions.clear();
  auto reopened = OpenAnew();
  EXPECT_EQ(reopened->ReadMark().value()->changelog_next, 3);
  ASSERT_TRUE(reopened->Get("a", value).value());
  EXPECT_EQ(value, "before");
}

// A checkpoint is states and the position that they stand for: both of it are there, or neither.
TEST_F(StateStoreTest, AWriteThatFailsLeavesThePositionAndEveryStateAsTheyWere) {
  struct Held {
    int64_t position = 0;
    std::vector<std::pair<std::string, std::string>> states;
    bool operator==(const Held&) const = default;
  };
  const auto held = [](PartitionStore& partition) {
    Held found;
    found.position = partition.ReadMark().value().value().changelog_next;
    EXPECT_TRUE(partition.ForEach(
        [&](std::string_view key, std::string_view value) { found.states.emplace_back(key, value); }));
    return found;
  };
  std::vector<std::unique_ptr<PartitionStore>> others = OpenMany(1, "old");
  std::unique_ptr<PartitionStore> partition = std::move(others.front());
  ASSERT_TRUE(WriteAll(*partition, 2, {{"a", "old"}, {"b", "old"}}));
  const Held before{2, {{"a", "old"}, {"b", "old"}}};
  ASSERT_EQ(held(*partition), before);
  const std::vector<CheckpointEntry> change = {{"a", "new"}, {"b", std::nullopt}, {"c", "new"}};
  // Not even the table fits; the table does, and the line of the manifest that names it does not.
  for (const size_t bytes : {size_t{100}, size_t{4'000}}) {
    {
      const FileSizeLimit full(bytes);
      ASSERT_FALSE(WriteAll(*partition, 3, change)) << bytes;
      EXPECT_EQ(held(*partition), before) << bytes;
    }
    others.clear();
    partition = nullptr;
    partition = OpenAnew();
    EXPECT_EQ(held(*partition), before) << bytes << ", opened anew";
  }
  ASSERT_TRUE(WriteAll(*partition, 3, change));
  const Held after{3, {{"a", "new"}, {"c", "new"}}};
  EXPECT_EQ(held(*partition), after);
  partition = nullptr;
  partition = OpenAnew();
  EXPECT_EQ(held(*partition), after) << "opened anew";
}

// Without opening it anew, RocksDB refuses every write from then on, whatever room there is.
TEST_F(StateStoreTest, CheckpointsGoOnOnceADiskThatWasFullHasRoom) {
  std::vector<std::unique_ptr<PartitionStore>> partitions;
  int64_t position = 0;
  const auto write = [&](PartitionStore& partition, size_t accounts) {
    std::vector<CheckpointEntry> entries;
    for (size_t i = 0; i < accounts; ++i) entries.push_back({"account-" + std::to_string(i), "state"});
    const CheckpointMark mark{
        .owner = "o", .changelog_next = ++position, .commit_record = "r", .written_at = {}};
    return partition.Write(mark, entries);
  };
  for (int i = 0; i < 30; ++i) {
    partitions.push_back(*store_->OpenPartition("partition-" + std::to_string(i)));
    ASSERT_TRUE(write(*partitions.back(), 20));
  }
  // Some of these limits let a table be written, and not the line of the manifest that names it.
  for (size_t bytes = 4'000; bytes <= 5'000; bytes += 250) {
    // A compaction of what was written before would meet the limit at any point.
    ASSERT_TRUE(test::Eventually([this] {
      const StoreStats stats = store_->Stats();
      return stats.pending_compactions + stats.running_compactions == 0;
    }));
    {
      const FileSizeLimit full(bytes);
      for (int i = 0; i < 6; ++i) static_cast<void>(write(*partitions[static_cast<size_t>(i)], 40));
    }
    for (int i = 0; i < 8; ++i) {
      const Result<Done> written = write(*partitions[static_cast<size_t>(i)], 30);
      ASSERT_TRUE(written) << bytes << ": " << written.error().ToString();
    }
  }
}

TEST_F(StateStoreTest, ADirectoryWhoseNameHasALockInItIsNotTakenForASecondProcess) {
  const std::string blocked = directory_ / "flock/state";
  std::filesystem::create_directories(std::filesystem::path(blocked).parent_path());
  std::ofstream(blocked) << "a file";
  auto opened = StateStore::Open(blocked, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  const FileSizeLimit full(10);
  opened = StateStore::Open(directory_ / "flock/full", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable) << opened.error().ToString();
}

TEST_F(StateStoreTest, ASecondProcessIsRefused) {
  auto second = StateStore::Open(directory_ / "state", {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable) << "it may be gone when it is tried again";
}

// A checkpoint that the first one is just writing.
TEST_F(StateStoreTest, ASecondProcessLeavesWhatTheFirstHasStaged) {
  const std::string staged = directory_ / "state/staging/one.sst";
  std::ofstream(staged) << "half of it";
  EXPECT_FALSE(StateStore::Open(directory_ / "state", {}));
  EXPECT_TRUE(std::filesystem::exists(staged));
  store_ = nullptr;
  store_ = *StateStore::Open(directory_ / "state", {});
  EXPECT_FALSE(std::filesystem::exists(staged)) << "of a process that is gone";
}

TEST_F(StateStoreTest, ADamagedOneIsMadeAnewWhereAChangelogHasItAll) {
  ASSERT_TRUE(Write(*OpenPartition(), 10, "old"));
  store_ = nullptr;
  std::ofstream(directory_ / "state/db/CURRENT") << "damaged";
  EXPECT_EQ(StateStore::Open(directory_ / "state", {}).error().code, ErrorCode::kCorrupt);
  std::string told;
  auto opened =
      OpenOrDrop(directory_ / "state", {}, [&](std::string_view code, const std::string&) { told = code; });
  ASSERT_TRUE(opened) << opened.error().ToString();
  EXPECT_EQ(told, "state_dropped");
  store_ = *std::move(opened);
  const auto mark = OpenPartition()->ReadMark();
  ASSERT_TRUE(mark);
  EXPECT_FALSE(*mark);
}

TEST_F(StateStoreTest, TheOnlyCopyIsNotToBeMovedAway) {
  ASSERT_TRUE(Write(*OpenPartition(), 10, "old"));
  store_ = nullptr;
  std::ofstream(directory_ / "state/db/CURRENT") << "damaged";
  const auto opened = OpenOnlyCopy(directory_ / "state", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(opened.error().detail.find("restore the whole state directory from one backup"),
            std::string::npos);
  EXPECT_EQ(opened.error().detail.find("changelog"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::daemon
