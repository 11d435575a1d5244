// The embedded log's notices.jsonl and tickets.jsonl as the input of delivery: one partition, positions are
// bytes of the files, which hold exactly the committed records, in order. Commits of delivery go to a store
// of their own.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "daemon/log/local_store.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// One thread.
class TailLog final : public Log {
 public:
  // `outputs`: the directory with the files. `store` holds the commits and outlives the log.
  TailLog(const std::string& outputs, LocalStore& store, std::function<Timestamp()> wall_clock);
  ~TailLog() override;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                        int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t partition, int64_t position) override {
    store_.Checkpointed(partition, position);
  }
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t, bool paused) override { paused_ = paused; }

 private:
  struct File {
    std::string topic;
    std::string type;  // Of the CloudEvent.
    std::string path;
    int fd = -1;
    int64_t next = 0;  // Position of the first byte of `held`.
    std::string held;  // Read, and not handed over.
  };
  [[nodiscard]] Result<size_t> ReadSome(File& file, size_t records_max, LogListener& listener);

  LocalStore& store_;
  const std::function<Timestamp()> wall_clock_;
  std::array<File, 2> files_;
  bool assigned_ = false;
  bool paused_ = true;
};

}  // namespace tocsin::daemon
