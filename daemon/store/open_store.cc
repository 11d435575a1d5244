#include "daemon/store/open_store.h"

#include <filesystem>

namespace tocsin::daemon {

Result<std::unique_ptr<StateStore>> OpenOrDrop(
    const std::string& directory, const StoreOptions& options,
    const std::function<void(std::string_view code, const std::string& text)>& report) {
  Result<std::unique_ptr<StateStore>> store = StateStore::Open(directory, options);
  if (store || store.error().code != ErrorCode::kCorrupt) return store;
  report("state_dropped", store.error().ToString() + "; it is restored from the changelog");
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return StateStore::Open(directory, options);
}

Result<std::unique_ptr<StateStore>> OpenOnlyCopy(const std::string& directory, const StoreOptions& options) {
  Result<std::unique_ptr<StateStore>> store = StateStore::Open(directory, options);
  if (store || store.error().code != ErrorCode::kCorrupt) return store;
  Error why = store.error();
  why.detail += "; it is the only copy: restore the whole state directory from one backup";
  return why;
}

}  // namespace tocsin::daemon
