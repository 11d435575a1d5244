#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/check.h"
#include "daemon/store/checkpoint_mark.h"
#include "daemon/store/erasures.h"
#include "daemon/store/linked_tables.h"
#include "daemon/store/newest_handle.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// Keys of a column family: the mark first, then the states.
const std::string kMarkKey(1, '\0');
constexpr char kStatePrefix = '\1';

const Error kClosed{ErrorCode::kUnavailable, "state directory",
                    "cannot be opened again after a failed write"};
const Error kTaken{ErrorCode::kUnavailable, "state directory", "another worker has the partition now"};

std::string StateKey(std::string_view key) {
  std::string out;
  out.reserve(key.size() + 1);
  out.push_back(kStatePrefix);
  out.append(key);
  return out;
}

// What to do about it depends on the log (daemon/store/open_store.h).
Error ToError(const rocksdb::Status& status, const std::string& what) {
  const bool missing = status.IsNotFound() || status.IsPathNotFound();  // A file that another one names.
  if (status.IsCorruption() || status.IsInvalidArgument() || missing) {
    return {ErrorCode::kCorrupt, "state directory", what + ": " + status.ToString()};
  }
  return {ErrorCode::kUnavailable, "state directory", what + ": " + status.ToString()};
}

// RocksDB has no code for it.
bool HeldByAnother(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  const auto says = [&text](const char* words) { return text.find(words) != std::string::npos; };
  return status.IsIOError() &&
         (says("lock hold by current process") ||
          (says("While lock file") && (says(std::strerror(EAGAIN)) || says(std::strerror(EACCES)))));
}

// RocksDB's own log goes nowhere: what concerns us comes back as a status, and 7.8 aborts the process when it
// goes on with a log file that it could not write to (a full disk).
class NoLog final : public rocksdb::Logger {
 public:
  NoLog() : Logger(rocksdb::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options MakeOptions(const StoreOptions& options, rocksdb::Env& env) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10, 1));
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.format_version = 5;

  rocksdb::Options made;
  made.env = &env;
  made.create_if_missing = true;
  made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Most of an account is ids and hashes, which nothing compresses; the rest (texts, and ids that several of
  // its segments hold) repeats within an account and among accounts. A checkpoint is written on the worker's
  // thread, so cheaply; the last level, where nearly everything lies, by the compaction's own, with a
  // dictionary.
  made.compression = rocksdb::kLZ4Compression;
  if (!options.short_lived) {
    made.bottommost_compression = rocksdb::kZSTD;
    made.bottommost_compression_opts.enabled = true;
    made.bottommost_compression_opts.level = 3;
    made.bottommost_compression_opts.max_dict_bytes = 16U << 10U;
    made.bottommost_compression_opts.zstd_max_train_bytes = 1U << 20U;
  }
  made.level_compaction_dynamic_level_bytes = true;
  made.max_background_jobs = 2;
  made.max_open_files = 512;
  // What is deleted does not stay on disk below its tombstone (docs/adr/0022): for what SuggestCompaction was
  // not asked about, or a restart forgot.
  made.ttl = 86'400;  // Seconds.
  made.max_manifest_file_size = 1U << 20U;
  made.info_log = std::make_shared<NoLog>();
  made.statistics = rocksdb::CreateDBStatistics();  // Counters only: nothing on the way reads a clock.
  made.statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  made.write_buffer_size = 1U << 20U;  // Writes are ingested: the memtable stays empty.
  return made;
}

class RocksStateStore;

// A column family, and which PartitionStore may use it.
struct Family {
  std::mutex mutex;  // Held by whatever uses the handle.
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  NewestHandle newest;
  Erasures erasures;
};

class RocksPartitionStore final : public PartitionStore {
 public:
  RocksPartitionStore(RocksStateStore& store, Family& family, uint64_t number)
      : store_(store), family_(family), number_(number) {}

  Result<std::optional<CheckpointMark>> ReadMark() override;
  Result<bool> Get(std::string_view key, std::string& value) override;
  Result<Done> Write(const CheckpointMark& mark, std::vector<CheckpointEntry>& entries) override;
  Result<Done> ForEach(const std::function<void(std::string_view, std::string_view)>& visit) override;
  Result<Done> Clear() override;
  [[nodiscard]] bool taken() const override {
    const std::lock_guard in_use(family_.mutex);
    return !Mine();
  }

 private:
  [[nodiscard]] bool Mine() const { return family_.newest.MayUse(number_); }

  RocksStateStore& store_;
  Family& family_;
  const uint64_t number_;
  rocksdb::PinnableSlice slice_;
  std::string key_;
};

class RocksStateStore final : public StateStore {
 public:
  static Result<std::unique_ptr<StateStore>> Open(const std::string& directory, const StoreOptions& options) {
    auto made = std::unique_ptr<RocksStateStore>(new RocksStateStore(directory, options));
    if (Result<Done> opened = made->OpenDb(); !opened) return opened.error();
    return std::unique_ptr<StateStore>(std::move(made));
  }

  ~RocksStateStore() override { CloseDb(); }

  Result<std::unique_ptr<PartitionStore>> OpenPartition(const std::string& name) override {
    Family& family = FamilyOf(name);
    const std::lock_guard in_use(family.mutex);
    if (Result<Done> mended = Mend(); !mended) return mended.error();
    const std::shared_lock open(db_mutex_);
    if (db_ == nullptr) return kClosed;
    if (family.handle == nullptr) {
      if (Result<Done> made = MakeFamily(name, family); !made) return made.error();
    }
    return std::unique_ptr<PartitionStore>(
        std::make_unique<RocksPartitionStore>(*this, family, family.newest.Open()));
  }

  std::vector<std::string> Partitions() const override {
    std::vector<std::string> names;
    const std::shared_lock open(db_mutex_);
    const std::lock_guard lock(families_mutex_);
    for (const auto& [name, family] : families_) {
      if (family->handle != nullptr && name != rocksdb::kDefaultColumnFamilyName) names.push_back(name);
    }
    return names;
  }

  uint64_t DiskBytes() const override {
    uint64_t bytes = 0;
    const std::shared_lock open(db_mutex_);
    if (db_ != nullptr) db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    return bytes;
  }

  StoreStats Stats() const override {
    using Properties = rocksdb::DB::Properties;
    StoreStats stats{.library = rocksdb::GetRocksVersionAsString(true)};
    const rocksdb::Statistics& counted = *options_.statistics;
    stats.block_cache_hits = counted.getTickerCount(rocksdb::BLOCK_CACHE_HIT);
    stats.block_cache_misses = counted.getTickerCount(rocksdb::BLOCK_CACHE_MISS);
    stats.compaction_written_bytes = counted.getTickerCount(rocksdb::COMPACT_WRITE_BYTES);
    const std::shared_lock open(db_mutex_);
    if (db_ == nullptr) return stats;
    const auto sum = [this](const std::string& property, uint64_t& into) {
      db_->GetAggregatedIntProperty(property, &into);
    };
    sum(Properties::kEstimateNumKeys, stats.keys);
    sum(Properties::kEstimateTableReadersMem, stats.table_readers_bytes);
    sum(Properties::kEstimatePendingCompactionBytes, stats.pending_compaction_bytes);
    sum(Properties::kCompactionPending, stats.pending_compactions);
    // Of the whole database: a sum over its families would count them several times.
    const auto one = [this](const std::string& property, uint64_t& into) {
      db_->GetIntProperty(property, &into);
    };
    one(Properties::kBlockCacheUsage, stats.block_cache_bytes);
    one(Properties::kNumRunningCompactions, stats.running_compactions);
    one(Properties::kBackgroundErrors, stats.background_errors);
    return stats;
  }

  rocksdb::DB& db() { return *db_; }
  // Of a checkpoint's file.
  const rocksdb::Options& staging_options() const { return staging_options_; }

  // Held while the database is used; a handle is null when it could not be opened again.
  [[nodiscard]] std::shared_lock<std::shared_mutex> Use() const { return std::shared_lock(db_mutex_); }

  // RocksDB 7.8 does not mend a manifest that it could not write to, and aborts the process when it is asked
  // to take in a table then: after a failed write the database is opened anew. REQUIRES: the caller does not
  // Use() it.
  Result<Done> Mend() {
    if (!broken_) return Done{};
    const std::unique_lock alone(db_mutex_);
    if (!broken_) return Done{};
    CloseDb();
    Result<Done> opened = OpenFamilies(false);
    if (opened) broken_ = false;
    // What is there can be read while nothing can be written.
    if (!opened) static_cast<void>(OpenFamilies(true));
    return opened;
  }

  // Takes a finished table in. REQUIRES: as Mend; family.mutex is held.
  Result<Done> Ingest(const Family& family, const std::string& file) {
    const std::lock_guard one_at_a_time(ingest_mutex_);
    if (Result<Done> mended = Mend(); !mended) return mended;
    const auto open = Use();
    if (family.handle == nullptr) return kClosed;
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.write_global_seqno = false;
    return Wrote(db_->IngestExternalFile(family.handle, {file}, ingest), "take in checkpoint");
  }

  // REQUIRES: family.mutex is held.
  void SuggestCompaction(Family& family) {
    const auto open = Use();
    if (family.handle != nullptr && !broken_) family.erasures.SuggestCompaction(*db_, *family.handle);
  }

  // A name that was never used: a file left by a crash may be a hard link to a live table.
  std::string StagingFile() { return (staging_ / (std::to_string(++staged_) + ".sst")).string(); }

  // Drops the family and makes an empty one under the same name. REQUIRES: family.mutex is held, and the
  // database in Use().
  Result<Done> Recreate(Family& family) {
    const std::string name = family.handle->GetName();
    if (Result<Done> dropped = Wrote(db_->DropColumnFamily(family.handle), "drop"); !dropped) return dropped;
    db_->DestroyColumnFamilyHandle(family.handle);
    family.handle = nullptr;
    return MakeFamily(name, family);
  }

 private:
  RocksStateStore(const std::string& directory, const StoreOptions& options)
      : directory_(directory),
        staging_(fs::path(directory) / "staging"),
        env_(rocksdb::NewCompositeEnv(std::make_shared<LinkedTables>())),
        options_(MakeOptions(options, *env_)),
        staging_options_(options_) {
    staging_options_.bottommost_compression = rocksdb::kDisableCompressionOption;
  }

  void CloseDb() {
    const std::lock_guard lock(families_mutex_);
    for (const auto& [name, family] : families_) {
      if (family->handle != nullptr) db_->DestroyColumnFamilyHandle(family->handle);
      family->handle = nullptr;
    }
    db_ = nullptr;
  }

  Result<Done> OpenDb() {
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) return Error{ErrorCode::kUnavailable, directory_, "cannot be made: " + error.message()};
    // First the lock: what is staged may be another process's checkpoint.
    if (Result<Done> opened = OpenFamilies(false); !opened) return opened;
    fs::remove_all(staging_, error);
    fs::create_directories(staging_, error);
    if (error) return Error{ErrorCode::kUnavailable, staging_.string(), "cannot be made: " + error.message()};
    return Done{};
  }

  Result<Done> OpenFamilies(bool for_reading) {
    const std::string path = (fs::path(directory_) / "db").string();
    std::vector<std::string> names;
    if (!rocksdb::DB::ListColumnFamilies(options_, path, &names).ok())
      names = {rocksdb::kDefaultColumnFamilyName};
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    descriptors.reserve(names.size());
    for (const std::string& name : names) descriptors.emplace_back(name, options_);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto status = for_reading ? rocksdb::DB::OpenForReadOnly(options_, path, descriptors, &handles, &db)
                                    : rocksdb::DB::Open(options_, path, descriptors, &handles, &db);
    if (HeldByAnother(status))
      return Error{ErrorCode::kUnavailable, directory_, "another process holds this state directory"};
    if (!status.ok()) return ToError(status, "open");
    db_.reset(db);
    for (rocksdb::ColumnFamilyHandle* handle : handles) FamilyOf(handle->GetName()).handle = handle;
    return Done{};
  }

  Result<Done> MakeFamily(const std::string& name, Family& family) {
    return Wrote(db_->CreateColumnFamily(options_, name, &family.handle), "create");
  }

  Result<Done> Wrote(const rocksdb::Status& status, const char* what) {
    if (status.ok()) return Done{};
    broken_ = true;
    return ToError(status, what);
  }

  Family& FamilyOf(const std::string& name) {
    const std::lock_guard lock(families_mutex_);
    std::unique_ptr<Family>& family = families_[name];
    if (family == nullptr) family = std::make_unique<Family>();
    return *family;
  }

  const std::string directory_;
  const fs::path staging_;
  const std::unique_ptr<rocksdb::Env> env_;
  const rocksdb::Options options_;
  rocksdb::Options staging_options_;
  // Taken in this order, after a family's.
  std::mutex ingest_mutex_;
  mutable std::shared_mutex db_mutex_;  // Alone: the database is closed and opened.
  mutable std::mutex families_mutex_;
  std::unique_ptr<rocksdb::DB> db_;                          // Null: it could not even be opened for reading.
  std::atomic<bool> broken_{false};                          // A write failed half done.
  std::map<std::string, std::unique_ptr<Family>> families_;  // For the life of the store.
  std::atomic<uint64_t> staged_{0};
};

Result<std::optional<CheckpointMark>> RocksPartitionStore::ReadMark() {
  const std::lock_guard in_use(family_.mutex);
  if (!Mine()) return kTaken;
  const auto open = store_.Use();
  if (family_.handle == nullptr) return kClosed;
  std::string value;
  const auto status = store_.db().Get({}, family_.handle, kMarkKey, &value);
  if (status.IsNotFound()) return std::optional<CheckpointMark>();
  if (!status.ok()) return ToError(status, "read");
  Result<CheckpointMark> mark = DecodeMark(value);
  if (!mark) return mark.error();
  return std::optional<CheckpointMark>(*std::move(mark));
}

Result<bool> RocksPartitionStore::Get(std::string_view key, std::string& value) {
  const std::lock_guard in_use(family_.mutex);
  if (!Mine()) return kTaken;
  const auto open = store_.Use();
  if (family_.handle == nullptr) return kClosed;
  key_.assign(1, kStatePrefix);
  key_.append(key);
  slice_.Reset();
  const auto status = store_.db().Get({}, family_.handle, key_, &slice_);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return ToError(status, "read");
  value.assign(slice_.data(), slice_.size());
  slice_.Reset();
  return true;
}

Result<Done> RocksPartitionStore::Write(const CheckpointMark& mark, std::vector<CheckpointEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  const std::lock_guard in_use(family_.mutex);
  if (!Mine()) return kTaken;
  const std::string file = store_.StagingFile();
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), store_.staging_options());
  auto failed = [&](const rocksdb::Status& status, const char* what) {
    std::error_code ignored;
    fs::remove(file, ignored);
    return ToError(status, what);
  };
  auto status = writer.Open(file);
  if (status.ok()) status = writer.Put(kMarkKey, EncodeMark(mark));
  for (const CheckpointEntry& entry : entries) {
    if (!status.ok()) break;
    CHECK(!entry.key.empty());
    status = entry.value ? writer.Put(StateKey(entry.key), *entry.value) : writer.Delete(StateKey(entry.key));
  }
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return failed(status, "write checkpoint");

  Result<Done> taken = store_.Ingest(family_, file);
  if (!taken) {
    std::error_code ignored;
    fs::remove(file, ignored);
    return taken;
  }
  for (const CheckpointEntry& entry : entries) {
    if (!entry.value) family_.erasures.Add(StateKey(entry.key));
  }
  store_.SuggestCompaction(family_);
  return taken;
}

Result<Done> RocksPartitionStore::ForEach(
    const std::function<void(std::string_view, std::string_view)>& visit) {
  const std::lock_guard in_use(family_.mutex);
  if (!Mine()) return kTaken;
  const auto open = store_.Use();
  if (family_.handle == nullptr) return kClosed;
  const std::unique_ptr<rocksdb::Iterator> it(store_.db().NewIterator({}, family_.handle));
  for (it->Seek(std::string(1, kStatePrefix)); it->Valid(); it->Next()) {
    const rocksdb::Slice key = it->key();
    visit({key.data() + 1, key.size() - 1}, {it->value().data(), it->value().size()});
  }
  if (!it->status().ok()) return ToError(it->status(), "read");
  return Done{};
}

Result<Done> RocksPartitionStore::Clear() {
  const std::lock_guard in_use(family_.mutex);
  if (!Mine()) return kTaken;
  if (Result<Done> mended = store_.Mend(); !mended) return mended;
  const auto open = store_.Use();
  if (family_.handle == nullptr) return kClosed;
  return store_.Recreate(family_);
}

}  // namespace

Result<std::unique_ptr<StateStore>> StateStore::Open(const std::string& directory,
                                                     const StoreOptions& options) {
  return RocksStateStore::Open(directory, options);
}

}  // namespace tocsin::daemon
