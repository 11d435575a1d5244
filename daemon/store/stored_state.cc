#include "daemon/store/stored_state.h"

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

constexpr char kStatePrefix = '\1';  // As rocks_state_store.cc has it.

Error ToError(const rocksdb::Status& status, const std::string& directory) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::kCorrupt : ErrorCode::kUnavailable;
  return {code, directory, status.ToString()};
}

}  // namespace

Result<std::optional<StoredState>> ReadStoredState(const std::string& directory, std::string_view key) {
  std::string path = (fs::path(directory) / "state" / "db").string();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) path = (fs::path(directory) / "db").string();
  rocksdb::Options options;
  options.create_if_missing = false;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok())
    return Error{ErrorCode::kNotFound, directory, "holds no checkpoints (is it what state_dir names?)"};
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) descriptors.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::OpenForReadOnly(options, path, descriptors, &handles, &opened);
      !status.ok()) {
    return ToError(status, directory);
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::optional<StoredState> found;
  std::optional<Error> failed;
  const std::string stored_key = kStatePrefix + std::string(key);
  for (rocksdb::ColumnFamilyHandle* const handle : handles) {
    std::string value;
    const auto status = db->Get({}, handle, stored_key, &value);
    if (status.ok()) found = StoredState{.partition = handle->GetName(), .value = std::move(value)};
    if (!status.ok() && !status.IsNotFound()) failed = ToError(status, directory);
  }
  for (rocksdb::ColumnFamilyHandle* const handle : handles) db->DestroyColumnFamilyHandle(handle);
  if (!found && failed) return *failed;
  return found;
}

}  // namespace tocsin::daemon
