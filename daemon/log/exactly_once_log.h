// The commit protocol: a log over a Kafka-like cluster whose commits happen exactly once, whatever dies,
// sleeps or loses an answer. Everything that makes it so is in exactly_once_log.cc, in the order in which it
// happens; the reasons are in docs/adr/0003-kafka-log.md, the proofs in docs/guarantees.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/broker_client.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

struct ExactlyOnceParts {
  std::unique_ptr<TransactionClient> producers;
  std::unique_ptr<ChangelogClient> changelog;
  std::unique_ptr<GroupConsumer> consumer;  // Closed first.
  // delete.retention.ms of the changelog.
  std::chrono::milliseconds deletions_kept_for = std::chrono::hours(24);
  // A reading that finds nothing for so long gives up, to be tried again: a transaction stays open.
  std::chrono::milliseconds patience = std::chrono::seconds(15);
  std::function<std::chrono::steady_clock::time_point()> clock = [] {
    return std::chrono::steady_clock::now();
  };
  std::function<void()> on_renewed;  // A producer was given up. May be empty.
};

class ExactlyOnceLog : public Log {
 public:
  explicit ExactlyOnceLog(ExactlyOnceParts parts);
  ~ExactlyOnceLog() override;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                        int64_t from) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override;
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t, int64_t) override {}  // The changelog is compacted: nothing of it is trimmed.
  [[nodiscard]] bool one_position_a_record() const override { return true; }
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t partition, bool paused) override;

 private:
  class Hearing;
  class Reading;
  [[nodiscard]] Result<Done> Ready();
  void GiveUpProducer();
  [[nodiscard]] Result<Done> Transact(std::span<const TaskCommit> commits,
                                      std::vector<int64_t>& changelog_next);
  [[nodiscard]] Result<Done> AddOffsets(std::span<const TaskCommit> commits);
  [[nodiscard]] Result<Done> CheckOffsets(int32_t partition, std::span<const TopicPosition> positions);
  [[nodiscard]] Result<Done> AppendRecords(std::span<const TaskCommit> commits,
                                           std::vector<int64_t>& changelog_next);

  ExactlyOnceParts parts_;
  std::unique_ptr<Transactions> producer_;
  std::unique_ptr<Membership> membership_;  // Of the assignment that is worked on.
};

}  // namespace tocsin::daemon
