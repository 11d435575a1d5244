// The embedded log on disk, shared by the ingest threads and the workers of one process:
//
//   <dir>/input/<partition>/  accepted events; acknowledged only when durable
//   <dir>/commits/            one frame for each commit: positions, changelog, outputs; so all or nothing
//   <dir>/outputs.mark        how far commits and output files are known to be on disk
//   <dir>/log.mark            the same of the input, and what checkpoints cover
//   <outputs>/*.jsonl         findings, notices, tickets, actions, dead letters: the outputs of the commits;
//                             older ones are set aside (daemon/log/output_history.h)
//
// What marks, commits and checkpoints know to have been on disk is never cut off: the start is refused, or
// the partition stops.
//
// The output files follow the commits: a crash between the two is mended at the next start by cutting the
// files to the mark and writing the outputs of the commits since then again. Each output is there once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/log/frame_file.h"
#include "daemon/log/local_marks.h"
#include "daemon/log/log.h"
#include "daemon/log/output_history.h"

namespace tocsin::daemon {

// The topic that positions of the local log are of: events of all topics lie in one sequence.
inline constexpr std::string_view kLocalTopic = "local";

struct LocalStoreOptions {
  std::string directory;
  std::string outputs;  // Directory of the output files.
  int partitions = 4;   // A directory made with another number is refused.
  uint64_t segment_bytes = 64U << 20U;
  // Of processed input: what is beyond either is removed. The time counts from the arrival.
  uint64_t retention_bytes = 1024U << 20U;  // Per partition.
  std::chrono::seconds retention = std::chrono::hours(24 * 14);
  std::chrono::seconds outputs_retention = std::chrono::hours(24 * 90);  // Likewise of the output files.
  // Tells a person: a stable code and a text without personal data.
  std::function<void(std::string_view code, const std::string& text)> report = {};
};

// An event on its way in.
struct Accepted {
  std::string_view account;  // Decides the partition.
  std::string_view topic;
  std::span<const schemas::Header> headers;
  std::string_view value;
};

// Thread safe.
class LocalStore {
 public:
  // kConflict: the directory was made with another partition count. kUnavailable: another process holds it.
  // kCorrupt: something of it that was on disk is damaged or gone.
  [[nodiscard]] static Result<std::unique_ptr<LocalStore>> Open(const LocalStoreOptions& options);
  ~LocalStore();
  // Of the log in the directory, by whoever holds it: kConflict as of Open. Good as well when there is none
  // that can be read.
  [[nodiscard]] static Result<Done> CheckPartitions(const std::string& directory, int partitions);

  // Returns when every event is durable. Many threads at once share one sync. kUnavailable: none is
  // acknowledged, and some may be there all the same: try all again later, which repeats nothing
  // (ADR 0006), or the partition of one is stopped (Refuse).
  [[nodiscard]] Result<Done> Append(std::span<const Accepted> events, Timestamp now);

  // The partition of an account: DefaultPartition.
  [[nodiscard]] int PartitionOf(std::string_view account) const;
  [[nodiscard]] int partitions() const { return options_.partitions; }
  // Names this store; a state directory remembers it.
  [[nodiscard]] const std::string& id() const { return id_; }

  // Bytes accepted and not yet committed as processed: what back-pressure is decided on.
  [[nodiscard]] uint64_t PendingBytes() const;
  [[nodiscard]] uint64_t PendingBytes(int partition) const;

  // Call often: removes what was kept for long enough, whether something comes or not. Processed input is
  // gone `retention` and kTidyEvery after it arrived; a commit that a checkpoint covers, a tenth of that
  // after it was made; what was put out, `outputs_retention` and kTidyEvery after that, once who reads it
  // (OutputHistory::NeededFrom) has it. One thread.
  void Tidy(Timestamp now);
  static constexpr std::chrono::minutes kTidyEvery{1};

  // For who reads what was put out.
  [[nodiscard]] OutputHistory& outputs() { return *outputs_; }

  // For LocalLog.
  [[nodiscard]] std::string InputDirectory(int partition) const;
  [[nodiscard]] std::string CommitsDirectory() const;
  [[nodiscard]] std::string OutputsMarkPath() const;
  [[nodiscard]] int64_t InputBegin(int partition) const;
  [[nodiscard]] int64_t InputEnd(int partition) const;  // Durable.
  [[nodiscard]] int64_t CommitsEnd() const;
  // Where a partition whose checkpoint ends at `position` begins to read the commits: what lies between is
  // not its, or covered by the checkpoint. kCorrupt: the commits end before it, or some that it needs are
  // gone.
  [[nodiscard]] Result<int64_t> CommitsFrom(int partition, int64_t position) const;
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits, int64_t& changelog_next);
  // The partition is read from this input position on: commits that a checkpoint covers are gone, and do not
  // say so any more.
  void Restored(int partition, int64_t position);
  // The partition stands still until a person has decided: no events are taken for it, which might never be
  // judged. Ends with Restored.
  void Refuse(int partition);
  [[nodiscard]] bool Refuses(int partition) const {
    const std::lock_guard lock(input_mutex_);
    return refuses_[static_cast<size_t>(partition)];
  }
  void Checkpointed(int partition, int64_t changelog_position);
  // Waits until something may have been appended since `seen` (a value this gave before), or for `wait`.
  [[nodiscard]] uint64_t WaitForInput(uint64_t seen, std::chrono::milliseconds wait) const;

 private:
  explicit LocalStore(LocalStoreOptions options);
  [[nodiscard]] Result<Done> TakeDirectory();
  [[nodiscard]] Result<Done> OpenCommits();
  [[nodiscard]] Result<std::array<uint64_t, kOutputKinds>> BytesToWriteAgain() const;
  [[nodiscard]] Result<Done> KeepWhatLiesBeyond();
  [[nodiscard]] Result<Done> RecoverOutputs();
  [[nodiscard]] Result<Done> OpenInput();
  void NoteCommit(int partition, int64_t at, const std::vector<TopicPosition>& positions);
  [[nodiscard]] Result<Done> CatchUp();
  [[nodiscard]] Result<Done> EndTurn();
  [[nodiscard]] Result<Done> WriteMark();
  [[nodiscard]] Result<Done> SyncInput(uint64_t ticket);
  void Trim();
  void TidyCommits(Timestamp now);
  void TidyOutputs(Timestamp now);
  void TurnOutputs(Timestamp now);
  [[nodiscard]] std::optional<Timestamp> ArrivalOf(int partition, int64_t segment, Timestamp now);
  void TidyInput(int partition, Timestamp now);

  const LocalStoreOptions options_;
  std::string id_;
  int lock_fd_ = -1;

  mutable std::mutex input_mutex_;  // Appending.
  std::vector<std::unique_ptr<FrameFile>> input_;
  uint64_t appended_ = 0;  // Ticket of the newest append.
  std::mutex sync_mutex_;  // Syncing: taken before input_mutex_.
  uint64_t synced_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>>
      refused_;  // Tickets (after, up to] whose sync failed: their frames are gone.
  std::vector<std::atomic<int64_t>> input_end_;       // Durable.
  std::vector<std::atomic<int64_t>> input_position_;  // Committed as processed.
  std::vector<bool> refuses_;                         // With input_mutex_.
  mutable std::condition_variable input_arrived_;
  uint64_t arrivals_ = 0;

  mutable std::mutex commit_mutex_;
  std::unique_ptr<FrameFile> commits_;
  std::unique_ptr<OutputHistory> outputs_;
  bool turning_ = false;  // Output files are being set aside, and no mark says yet that it is over.
  std::vector<schemas::OutRecord> behind_;  // Committed, but the output files could not be written.
  // Of each partition in the commit log:
  std::vector<int64_t> newest_;      // Its newest commit that is there; -1: none.
  std::vector<int64_t> uncovered_;   // Its commits that no checkpoint covers begin here or later; -1: none.
  std::vector<int64_t> covered_;     // As PartitionMark::covered.
  std::optional<OutputsMark> mark_;  // As the start found it.
  int64_t marked_ = 0;               // Commits whose outputs are known to be on disk.
  std::string scratch_;

  Timestamp tidied_at_;
  bool moved_ = false;                     // Output files cannot be set aside, as was said.
  int held_ = 0;                           // So many times in a row some of them were kept beyond their time.
  std::optional<Timestamp> commits_from_;  // No commit of the last segment is older; none: not known.
  // Segments (partition, position) of a time that had not come when they were seen first, and when that was.
  std::map<std::pair<int, int64_t>, Timestamp> ahead_;
};

}  // namespace tocsin::daemon
