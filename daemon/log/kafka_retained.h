// What the input topics still keep, read once from the beginning to their end as it is now, beside the
// daemon's group: nothing is joined, written or committed. Partitions come one after another, the topics of
// each merged by time as the daemon merges them (kafka_input.h).
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/log/kafka_client.h"
#include "daemon/log/log.h"
#include "daemon/log/topic_merge.h"

namespace tocsin::daemon {

// One thread.
class KafkaRetainedLog final : public Log {
 public:
  // `config`, as tasks see it (ForTasks), outlives the log. Takes up to ten seconds a request. kUnavailable:
  // the brokers do not answer; kNotFound: an input topic is missing.
  [[nodiscard]] static Result<std::unique_ptr<KafkaRetainedLog>> Open(const KafkaConfig& config);
  ~KafkaRetainedLog() override;
  KafkaRetainedLog(const KafkaRetainedLog&) = delete;
  KafkaRetainedLog& operator=(const KafkaRetainedLog&) = delete;

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
  static constexpr size_t kBatch = 256;

  // One topic's records of the partition that is being read.
  struct Source {
    KafkaQueue queue;
    std::array<rd_kafka_message_t*, kBatch> batch{};  // [begin, end) are ours.
    size_t begin = 0;
    size_t end = 0;
    int64_t until = 0;  // Offset that was the end when reading began.
    void Clear();
    ~Source() { Clear(); }
  };
  explicit KafkaRetainedLog(const KafkaConfig& config) : config_(config) {}
  [[nodiscard]] Result<Done> Connect();
  [[nodiscard]] Result<Done> Begin();
  [[nodiscard]] Result<size_t> HandOver(std::chrono::milliseconds wait, size_t records_max,
                                        LogListener& listener);
  [[nodiscard]] Result<Done> Look(size_t topic, std::chrono::milliseconds wait);
  [[nodiscard]] bool AtEnd() const { return partition_ >= static_cast<int32_t>(extents_.size()); }

  const KafkaConfig& config_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  std::vector<std::vector<KafkaOffsets>> extents_;  // By partition, then as config_.input_topics.
  int32_t partition_ = 0;
  bool begun_ = false;  // The partition's topics are being read.
  std::vector<std::unique_ptr<Source>> sources_;
  TopicMerge merge_{0};
  std::chrono::steady_clock::time_point last_record_at_;
  std::vector<bool> ready_;  // The worker has the partition's state.
  bool assigned_ = false;
  bool finished_ = false;
  bool trimmed_ = false;
  Result<Done> outcome_ = Done{};
  std::vector<schemas::Header> headers_;
};

}  // namespace tocsin::daemon
