// The input that an embedded log still keeps, read once from its beginning, beside a daemon that may be
// running: nothing is locked, written or committed. What is being appended meanwhile is the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/log/frame_file.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

class RetainedLog final : public Log {
 public:
  // `directory`: a state directory (what state_dir names). kNotFound when it holds no embedded log.
  [[nodiscard]] static Result<std::unique_ptr<RetainedLog>> Open(const std::string& directory);

  // Older input has been removed: what accounts learnt from it is not known here.
  [[nodiscard]] bool trimmed() const { return trimmed_; }
  [[nodiscard]] const Result<Done>& outcome() const { return outcome_; }

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition>) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit>, std::vector<int64_t>&) override { return Done{}; }
  void OnCheckpoint(int32_t, int64_t) override {}
  [[nodiscard]] bool has_changelog() const override { return false; }
  [[nodiscard]] bool finished() const override { return finished_; }
  void Pause(int32_t, bool) override {}

 private:
  struct Input {
    int32_t partition = 0;
    FrameFile::Reader reader;
    int64_t last_segment = 0;
    int64_t end = 0;
    bool ready = false;  // The worker has its state.
  };
  RetainedLog() = default;
  // False at the end of the partition.
  [[nodiscard]] bool Next(Input& input, std::string_view& frame);

  std::vector<Input> inputs_;
  size_t current_ = 0;
  bool assigned_ = false;
  bool finished_ = false;
  bool trimmed_ = false;
  Result<Done> outcome_ = Done{};
  std::vector<schemas::Header> headers_;
};

}  // namespace tocsin::daemon
