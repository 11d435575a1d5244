#include "daemon/enrich/database_watcher.h"

#include <utility>

#include "base/check.h"

namespace tocsin::daemon {

DatabaseWatcher::DatabaseWatcher(DatabasePaths paths, std::shared_ptr<const Databases> loaded,
                                 Options options)
    : options_(std::move(options)),
      paths_(std::move(paths)),
      used_(StampsOf(paths_)),
      current_(std::move(loaded)) {
  CHECK(current_ != nullptr);
  // A file that changed between loading and now is noticed by its size; the version of `loaded` knows the old
  // one.
  for (size_t i = 0; i < used_.size() && i < current_->infos().size(); ++i) {
    auto& used = used_[i];
    if (used && used->size != current_->infos()[i].size_bytes) used.reset();
  }
  if (options_.interval > std::chrono::milliseconds::zero()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
}

DatabaseWatcher::~DatabaseWatcher() = default;  // The jthread is asked to stop, woken and joined.

std::shared_ptr<const Databases> DatabaseWatcher::Current() const {
  const std::lock_guard lock(current_mutex_);
  return current_;
}

DatabaseWatcher::Stamps DatabaseWatcher::StampsOf(const DatabasePaths& paths) {
  Stamps stamps;
  for (const std::string& path : paths.AllFiles()) {
    const Result<FileStamp> stamp = StampOf(path);
    stamps.push_back(stamp ? std::optional(*stamp) : std::nullopt);
  }
  return stamps;
}

void DatabaseWatcher::Run(const std::stop_token& stop) {
  std::unique_lock lock(wake_mutex_);
  for (;;) {
    wake_.wait_for(lock, stop, options_.interval, [] { return false; });
    if (stop.stop_requested()) return;
    const std::lock_guard look(look_mutex_);
    // What is refused was reported by the callback.
    static_cast<void>(LookLocked(true));
  }
}

Result<bool> DatabaseWatcher::Look() {
  const std::lock_guard look(look_mutex_);
  return LookLocked(false);
}

Result<bool> DatabaseWatcher::UsePaths(DatabasePaths paths) {
  const std::lock_guard look(look_mutex_);
  if (paths == paths_) return LookLocked(false);
  Result<bool> loaded = Load(paths, StampsOf(paths));
  if (loaded) paths_ = std::move(paths);
  return loaded;
}

Result<bool> DatabaseWatcher::LookLocked(bool settle) {
  Stamps stamps = StampsOf(paths_);
  if (stamps == used_) {
    pending_.clear();
    return false;
  }
  if (settle && stamps != pending_) {
    pending_ = std::move(stamps);
    return false;
  }
  Result<bool> loaded = Load(paths_, stamps);
  // A broken file is not read again until it changes; one that is gone or was being written may be there the
  // next time.
  if (!loaded && (loaded.error().code == ErrorCode::kCorrupt || loaded.error().code == ErrorCode::kInvalid)) {
    used_ = std::move(stamps);
  }
  return loaded;
}

Result<bool> DatabaseWatcher::Load(const DatabasePaths& paths, const Stamps& stamps) {
  Result<std::shared_ptr<const Databases>> loaded = LoadDatabases(paths);
  if (!loaded) {
    refusals_.fetch_add(1, std::memory_order_relaxed);
    std::string reason = loaded.error().ToString();
    if (options_.on_refused && reason != last_refusal_) options_.on_refused(loaded.error());
    last_refusal_ = std::move(reason);
    return loaded.error();
  }
  used_ = stamps;
  pending_.clear();
  last_refusal_.clear();
  {
    const std::lock_guard lock(current_mutex_);
    current_ = *loaded;
    generation_.fetch_add(1, std::memory_order_release);
  }
  if (options_.on_swapped) options_.on_swapped(**loaded);
  return true;
}

}  // namespace tocsin::daemon
