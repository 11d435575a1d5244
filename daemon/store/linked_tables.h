// The file system that RocksDB is given: the system's, but for a table that could not be taken in.
#pragma once

#include <rocksdb/file_system.h>

#include <mutex>
#include <string>

namespace tocsin::daemon {

// A table is taken in by a link in the database's folder and a line in the manifest. When the line cannot be
// written or synced RocksDB 7.8 removes the link again. The line may be there all the same, and a manifest
// that names a table which is gone can never be opened again. Here the link stays: whoever opens the database
// next finds the table named, or removes it.
//
// Of one database, one table at a time. Thread safe.
class LinkedTables final : public rocksdb::FileSystemWrapper {
 public:
  LinkedTables() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "LinkedTables"; }

  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    {
      const std::lock_guard lock(mutex_);
      staged_ = from;
      table_ = to;
    }
    return FileSystemWrapper::LinkFile(from, to, options, debug);
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (IsTakenBack(path)) return rocksdb::IOStatus::OK();
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }

 private:
  // The first of the two names to be removed tells: the staged one once the table is taken in, which is a
  // table like any other from then on; the table's own when it is not.
  [[nodiscard]] bool IsTakenBack(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const bool taken_back = path == table_;
    if (taken_back || path == staged_) {
      staged_.clear();
      table_.clear();
    }
    return taken_back;
  }

  std::mutex mutex_;
  std::string staged_;  // Of the newest link, until it is known what became of it.
  std::string table_;
};

}  // namespace tocsin::daemon
