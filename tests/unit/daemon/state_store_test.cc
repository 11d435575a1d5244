// Checkpoints on disk: what a partition's store promises when it changes hands.
#include "daemon/store/state_store.h"

#include <gtest/gtest.h>

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
    std::vector<CheckpointEntry> entries = {{"a", value}};
    return partition.Write({.owner = "o", .changelog_next = position, .commit_record = "r", .written_at = {}},
                           entries);
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

TEST_F(StateStoreTest, ASecondProcessIsRefused) {
  auto second = StateStore::Open(directory_ / "state", {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace tocsin::daemon
