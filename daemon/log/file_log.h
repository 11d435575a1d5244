// Replay: a file of events (or standard input) as a log of one partition, and output files. Nothing restores
// from it: a replay that is stopped is begun again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/log/log.h"
#include "daemon/log/output_files.h"

namespace tocsin::daemon {

// Longer lines are handed over cut: they are beyond the greatest decode.bytes_max (16 MiB), and become dead
// letters.
inline constexpr size_t kLineBytesMax = (16U << 20U) + 1;

class FileLog final : public Log {
 public:
  // `path`: NDJSON, one event a line; "-" is standard input. kNotFound when it cannot be opened.
  [[nodiscard]] static Result<std::unique_ptr<FileLog>> Open(const std::string& path, OutputFiles outputs);
  ~FileLog() override;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t, int64_t) override {}
  [[nodiscard]] bool has_changelog() const override { return false; }
  // Also true after an error that a replay cannot go on from; see error().
  [[nodiscard]] bool finished() const override { return finished_; }
  void Pause(int32_t, bool) override {}

  // Why the replay ended before the end of the file; ok when it did not.
  [[nodiscard]] const Result<Done>& outcome() const { return outcome_; }
  // Bytes read so far.

 private:
  FileLog(int fd, std::string path, OutputFiles outputs);
  bool NextLine(std::string_view& line);
  bool Fill();
  [[nodiscard]] std::string_view buffered() const { return {buffer_.data(), end_}; }
  void Announce(LogListener& listener);

  int fd_;
  std::string path_;
  OutputFiles outputs_;
  std::string buffer_;
  size_t end_ = 0;    // Of what is read; the rest of the buffer is room.
  size_t begin_ = 0;  // Of what is not handed over yet.
  size_t scanned_ = 0;
  size_t announced_ = 0;        // End of the lines whose coming was told.
  size_t announced_lines_ = 0;  // Of them, those not handed over yet.
  bool skipping_ = false;       // The rest of a line that was too long.
  bool end_of_file_ = false;
  bool assigned_ = false;
  bool sought_ = false;  // The worker is ready.
  bool finished_ = false;
  int64_t line_number_ = 0;
  Result<Done> outcome_ = Done{};
  std::vector<const schemas::OutRecord*> writing_;
};

}  // namespace tocsin::daemon
