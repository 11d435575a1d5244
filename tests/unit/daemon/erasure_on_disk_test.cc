// What is erased is gone from the files, and not only from the answers (docs/adr/0022). The files are read
// entry by entry: their bytes are compressed, and show nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/sst_file_reader.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/store/state_store.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

class ErasureOnDiskTest : public testing::Test {
 protected:
  void Checkpoint(std::vector<CheckpointEntry> entries) {
    ASSERT_TRUE(partition_->Write(
        {.owner = "o", .changelog_next = ++position_, .commit_record = "r", .written_at = {}}, entries));
  }
  // Other accounts on both sides of it, so that files hold more than the one.
  void Live(int checkpoints) {
    for (int i = 0; i < checkpoints; ++i) {
      std::vector<CheckpointEntry> entries;
      for (int account = 0; account < 50; ++account)
        entries.push_back({"account-" + std::to_string(account), "state " + std::to_string(position_)});
      Checkpoint(std::move(entries));
    }
  }
  // Entries of the account in every table that is there, those below a tombstone included.
  [[nodiscard]] int EntriesOf(const std::string& account) const {
    int found = 0;
    for (const auto& file : fs::directory_iterator(directory_ / "state/db")) {
      if (file.path().extension() != ".sst") continue;
      rocksdb::SstFileReader reader{rocksdb::Options()};
      if (!reader.Open(file.path().string()).ok()) continue;  // It has gone meanwhile.
      const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
      for (it->SeekToFirst(); it->Valid(); it->Next())
        found += it->key().ToString().ends_with(account) ? 1 : 0;
      // A tombstone is not an entry of the iterator: the properties count it.
      found += static_cast<int>(reader.GetTableProperties()->num_deletions);
    }
    return found;
  }
  // Whether all that the checkpoints suggested gets done.
  bool Settles() {
    return test::Eventually([this] {
      const StoreStats stats = store_->Stats();
      return stats.pending_compactions + stats.running_compactions == 0;
    });
  }

  const TempDirectory directory_;
  std::unique_ptr<StateStore> store_ = *StateStore::Open(directory_ / "state", {});
  std::unique_ptr<PartitionStore> partition_ = *store_->OpenPartition("partition-0");
  int64_t position_ = 0;
};

TEST_F(ErasureOnDiskTest, NothingIsLeftOfWhoWasErased) {
  Live(3);
  Checkpoint({{"account-of-ada", "everything of Ada"}, {"account-25", "x"}});
  Live(6);
  ASSERT_GT(EntriesOf("account-of-ada"), 0);
  Checkpoint({{"account-of-ada", std::nullopt}});
  bool gone = false;
  for (int checkpoint = 0; checkpoint < 8 && !gone; ++checkpoint) {
    Live(1);
    ASSERT_TRUE(Settles());
    gone = EntriesOf("account-of-ada") == 0;
  }
  EXPECT_TRUE(gone);
  std::string value;
  EXPECT_TRUE(*partition_->Get("account-25", value));
  EXPECT_FALSE(*partition_->Get("account-of-ada", value));
}

TEST_F(ErasureOnDiskTest, ManyAtOnceAreGoneToo) {
  Live(2);
  std::vector<CheckpointEntry> written;
  std::vector<CheckpointEntry> erased;
  for (int i = 0; i < 200; ++i) {
    written.push_back({"leaver-" + std::to_string(i), "everything of " + std::to_string(i)});
    erased.push_back({"leaver-" + std::to_string(i), std::nullopt});
  }
  Checkpoint(std::move(written));
  Live(5);
  Checkpoint(std::move(erased));
  bool gone = false;
  for (int checkpoint = 0; checkpoint < 8 && !gone; ++checkpoint) {
    Live(1);
    ASSERT_TRUE(Settles());
    gone = EntriesOf("leaver-7") == 0;
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace tocsin::daemon
