// A disk that does not say whether a checkpoint is on it.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/store/state_store.h"
#include "tests/support/eventually.h"
#include "tests/support/failing_syncs.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

// Syncs of RocksDB's manifest that succeed before one fails. Negative: it has.
std::atomic<int> syncs_left{-1};

bool FailsInItsTurn(int fd) {
  std::error_code unknown;
  const std::filesystem::path file =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), unknown);
  return file.filename().string().starts_with("MANIFEST") && syncs_left-- == 0;
}

// Of the two syncs of a checkpoint the one that fails, and whether the process goes on.
class StateStoreSyncTest : public testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  static Result<Done> Write(PartitionStore& partition, int64_t position, const std::string& value) {
    std::vector<CheckpointEntry> entries = {{"a", value}};
    return partition.Write({.owner = "o", .changelog_next = position, .commit_record = "r", .written_at = {}},
                           entries);
  }
  static std::string Read(PartitionStore& partition) {
    std::string value;
    const Result<bool> found = partition.Get("a", value);
    EXPECT_TRUE(found && *found);
    return std::to_string(partition.ReadMark().value().value().changelog_next) + " " + value;
  }
};

// Its line is in the manifest, and its table was removed: no start could open the directory any more.
TEST_P(StateStoreSyncTest, ADirectoryWhoseManifestWasNotSyncedIsOpenedAgain) {
  const auto [syncs, goes_on] = GetParam();
  const TempDirectory directory;
  std::unique_ptr<StateStore> store = *StateStore::Open(directory / "state", {});
  std::unique_ptr<PartitionStore> partition = *store->OpenPartition("partition-0");
  ASSERT_TRUE(Write(*partition, 1, "old"));
  syncs_left = syncs;
  fails_to_sync = FailsInItsTurn;
  const Result<Done> failed = Write(*partition, 2, "new");
  fails_to_sync = nullptr;
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable) << failed.error().ToString();
  ASSERT_LT(syncs_left, 0);
  if (!goes_on) {
    partition = nullptr;
    store = nullptr;
    auto opened = StateStore::Open(directory / "state", {});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store = *std::move(opened);
    partition = *store->OpenPartition("partition-0");
    const std::string read = Read(*partition);
    EXPECT_TRUE(read == "1 old" || read == "2 new") << read;
  }
  const Result<Done> written = Write(*partition, 3, "newest");
  ASSERT_TRUE(written) << written.error().ToString();
  EXPECT_EQ(Read(*partition), "3 newest");
}

INSTANTIATE_TEST_SUITE_P(Syncs, StateStoreSyncTest, testing::Combine(testing::Values(0, 1), testing::Bool()));

// What is kept is only what may be named.
TEST(StateStoreTablesTest, ATableThatNothingNeedsAnyMoreIsRemoved) {
  const TempDirectory directory;
  const auto tables = [&directory] {
    size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory / "state/db"))
      count += file.path().extension() == ".sst" ? 1 : 0;
    return count;
  };
  const std::unique_ptr<StateStore> store = *StateStore::Open(directory / "state", {});
  const std::unique_ptr<PartitionStore> partition = *store->OpenPartition("partition-0");
  std::vector<CheckpointEntry> entries = {{"a", "x"}};
  ASSERT_TRUE(
      partition->Write({.owner = "o", .changelog_next = 1, .commit_record = "r", .written_at = {}}, entries));
  ASSERT_EQ(tables(), 1U);
  ASSERT_TRUE(partition->Clear());
  EXPECT_TRUE(test::Eventually([&tables] { return tables() == 0; }));
}

}  // namespace
}  // namespace tocsin::daemon
