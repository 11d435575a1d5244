// Who was erased is compacted away for its own sake. RocksDB's own compaction would do so some day, and hides
// here what the suggestions do: in this database it never runs.
#include "daemon/store/erasures.h"

#include <gtest/gtest.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

class ErasuresTest : public testing::Test {
 protected:
  ErasuresTest() {
    options_.create_if_missing = true;
    options_.level_compaction_dynamic_level_bytes = true;
    options_.level0_file_num_compaction_trigger = 1'000;
    options_.level0_slowdown_writes_trigger = 2'000;
    options_.level0_stop_writes_trigger = 3'000;
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options_, directory_ / "db", &db).ok());
    db_.reset(db);
  }
  // As a checkpoint does; nullopt deletes.
  void Ingest(const std::map<std::string, std::optional<std::string>>& entries) {
    const std::string file = directory_ / ("staged-" + std::to_string(++staged_));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    ASSERT_TRUE(writer.Open(file).ok());
    for (const auto& [key, value] : entries)
      ASSERT_TRUE((value ? writer.Put(key, *value) : writer.Delete(key)).ok());
    ASSERT_TRUE(writer.Finish().ok());
    rocksdb::IngestExternalFileOptions how;
    how.move_files = true;
    ASSERT_TRUE(db_->IngestExternalFile({file}, how).ok());
  }
  // What others write: every file reaches from the first key to the last.
  void IngestOthers() { Ingest({{"a", "mark"}, {"m", std::to_string(staged_)}, {"z", "last"}}); }
  // Entries and tombstones of the key in any file.
  int Traces(const std::string& wanted) {
    int found = 0;
    for (const auto& file : fs::directory_iterator(directory_ / "db")) {
      if (file.path().extension() != ".sst") continue;
      rocksdb::SstFileReader reader{options_};
      if (!reader.Open(file.path().string()).ok()) continue;  // It has gone meanwhile.
      const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
      for (it->SeekToFirst(); it->Valid(); it->Next()) found += it->key() == wanted ? 1 : 0;
      found += static_cast<int>(reader.GetTableProperties()->num_deletions);
    }
    return found;
  }
  // Whether all that was suggested gets done.
  bool Settles() {
    using Properties = rocksdb::DB::Properties;
    return test::Eventually([this] {
      uint64_t pending = 1;
      uint64_t running = 1;  // Asked for last: what is pending no longer may be running now.
      return db_->GetIntProperty(Properties::kCompactionPending, &pending) &&
             db_->GetIntProperty(Properties::kNumRunningCompactions, &running) && pending + running == 0;
    });
  }

  const TempDirectory directory_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
  int staged_ = 0;
};

TEST_F(ErasuresTest, WhatIsSuggestedIsGoneAfterFewCheckpoints) {
  Ingest({{"a", "mark"}, {"b", "everything of Ada"}, {"z", "last"}});
  ASSERT_TRUE(db_->CompactRange({}, nullptr, nullptr).ok());
  for (int i = 0; i < 3; ++i) IngestOthers();
  Ingest({{"a", "mark"}, {"b", std::nullopt}, {"z", "last"}});
  EXPECT_GE(Traces("b"), 2);
  Erasures erasures;
  erasures.Add("b");
  bool gone = false;
  for (int checkpoint = 0; checkpoint < 8 && !gone; ++checkpoint) {
    erasures.SuggestCompaction(*db_, *db_->DefaultColumnFamily());
    ASSERT_TRUE(Settles());
    gone = Traces("b") == 0;
    IngestOthers();
  }
  EXPECT_TRUE(gone);
  std::string value;
  EXPECT_TRUE(db_->Get({}, "b", &value).IsNotFound());
  EXPECT_TRUE(db_->Get({}, "m", &value).ok());
}

}  // namespace
}  // namespace tocsin::daemon
