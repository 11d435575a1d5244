// The embedded log as one worker sees it: its share of the partitions, fixed for the life of the process.
#pragma once

#include <memory>
#include <vector>

#include "daemon/log/local_store.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

class LocalLog final : public Log {
 public:
  // `store` outlives the log. The worker with index i of n has every partition p with p mod n = i.
  LocalLog(LocalStore& store, int worker, int workers);

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                        int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t partition, int64_t changelog_position) override;
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t partition, bool paused) override;

 private:
  struct Input {
    int32_t partition = 0;
    FrameFile::Reader reader;
    bool paused = true;  // Until it is told where to begin.
  };
  Input* Find(int32_t partition);

  LocalStore& store_;
  std::vector<Input> inputs_;
  size_t turn_ = 0;  // Who is read first: no partition waits for another.
  uint64_t seen_ = 0;
  bool assigned_ = false;
  std::vector<schemas::Header> headers_;
};

// The topic that positions of the local log are of: events of all topics lie in one sequence.
inline constexpr std::string_view kLocalTopic = "local";

}  // namespace tocsin::daemon
