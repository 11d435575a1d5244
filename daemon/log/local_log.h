// The embedded log as one worker sees it: its share of the partitions, fixed for the life of the process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/log/local_store.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

class LocalLog final : public Log {
 public:
  // Tells a person: a stable code and a text without personal data.
  using Report = std::function<void(std::string_view code, const std::string& text)>;
  // `store` outlives the log. The worker with index i of n has every partition p with p mod n = i.
  LocalLog(LocalStore& store, int worker, int workers, Report report = {});

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                        int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t partition, int64_t changelog_position) override;
  void OnStopped(int32_t partition) override { store_.Refuse(partition); }
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t partition, bool paused) override;

 private:
  struct Input {
    int32_t partition = 0;
    FrameFile::Reader reader;
    bool paused = true;  // Until it is told where to begin.
    bool lost = false;   // What comes next cannot be read.
  };
  Input* Find(int32_t partition);
  [[nodiscard]] Result<size_t> ReadInputs(size_t records_max, LogListener& listener);
  [[nodiscard]] Result<size_t> ReadInput(Input& input, size_t records_max, LogListener& listener);
  void Lose(Input& input, const Error& why, LogListener& listener);
  [[nodiscard]] Error Stopped(int32_t partition, Error why);

  LocalStore& store_;
  const Report report_;
  std::vector<Input> inputs_;
  size_t turn_ = 0;  // Who is read first: no partition waits for another.
  uint64_t seen_ = 0;
  bool drained_ = false;  // The last Poll said so.
  bool assigned_ = false;
  std::vector<schemas::Header> headers_;
};

}  // namespace tocsin::daemon
