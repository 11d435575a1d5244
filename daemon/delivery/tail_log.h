// The embedded log's notices.jsonl and tickets.jsonl, and those of them that were set aside, as the input of
// delivery: one partition, positions are those of OutputHistory. The files hold exactly the committed
// records, in order. Commits of delivery go to a store of their own.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/log/local_store.h"
#include "daemon/log/log.h"
#include "daemon/log/waiting_since.h"

namespace tocsin::daemon {

// The log writes, anyone reads.
struct TailStats {
  std::atomic<int64_t> unread_bytes{0};          // In the files, and not handed over.
  std::atomic<int64_t> waiting_since_millis{0};  // Since when the oldest of them, or files that cannot be
                                                 // opened; 0: none.
};

// All outlive the log.
struct TailLogParts {
  OutputHistory* outputs = nullptr;  // Is told what is needed of it.
  LocalStore* store = nullptr;       // Holds the commits.
  TailStats* stats = nullptr;
  std::function<Timestamp()> wall_clock;
  // Tells a person: a stable code and a text without personal data.
  std::function<void(std::string_view code, const std::string& text)> report;
};

// One thread.
class TailLog final : public Log {
 public:
  explicit TailLog(TailLogParts parts);
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
    parts_.store->Checkpointed(partition, position);
  }
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t, bool paused) override { paused_ = paused; }

 private:
  struct File {
    std::string topic;
    std::string type;  // Of the CloudEvent.
    schemas::OutputKind kind{};
    int fd = -1;
    OutputPiece piece;  // What is open.
    int64_t next = 0;   // Position of the first byte of `held`.
    std::string held;   // Read, and not handed over.
  };
  [[nodiscard]] Result<size_t> ReadFiles(size_t records_max, LogListener& listener);
  [[nodiscard]] Result<size_t> ReadSome(File& file, size_t records_max, LogListener& listener);
  [[nodiscard]] Result<Done> Turn(File& file);
  [[nodiscard]] Result<Done> Fill(File& file, LogListener& listener);
  [[nodiscard]] size_t HandOver(File& file, size_t records_max, LogListener& listener);
  void Need(std::span<const TopicPosition> positions);
  void Look(bool readable);

  const TailLogParts parts_;
  WaitingSince waiting_;
  std::array<File, 2> files_;
  bool assigned_ = false;
  bool paused_ = true;
  bool lost_ = false;     // A file is not what was delivered from, until a person has decided.
  bool drained_ = false;  // The last Poll said so.
};

}  // namespace tocsin::daemon
