// The consumer of one worker: its partitions of every input topic, merged by time, one task for each
// partition number.
//
// Each partition of a topic keeps its own queue in the client, which stops fetching when the queue is full: a
// topic that is ahead waits without being paused, and memory is bounded. Pausing a task is not reading its
// queues.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/one_thread.h"
#include "base/result.h"
#include "daemon/log/broker_client.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/kafka_stats.h"
#include "daemon/log/log.h"
#include "daemon/log/partitioner_watch.h"
#include "daemon/log/topic_merge.h"
#include "daemon/log/waiting_since.h"

namespace tocsin::daemon {

// One thread, which is checked: librdkafka 2.0 does not bear batch calls on one and seeks on another.
class KafkaInput final : public GroupConsumer {
 public:
  // `config`, `topics` and `stats` outlive this. `instance`: group.instance.id; "" for a dynamic member.
  KafkaInput(const KafkaConfig& config, const KafkaTopics& topics, int worker, std::string instance,
             KafkaStats& stats, KafkaReport report);
  ~KafkaInput() override;
  KafkaInput(const KafkaInput&) = delete;
  KafkaInput& operator=(const KafkaInput&) = delete;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    GroupListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::vector<TopicPosition>> FindCommitted(int32_t partition) override;
  void Pause(int32_t partition, bool paused) override;
  [[nodiscard]] std::unique_ptr<Membership> CurrentMembership() override;
  void KeepAlive() override;

 private:
  static constexpr size_t kBatch = 64;

  // One partition of one topic.
  struct Source {
    KafkaQueue queue;
    std::array<rd_kafka_message_t*, kBatch> batch{};  // [begin, end) are ours.
    size_t begin = 0;
    size_t end = 0;
    size_t announced = 0;  // Records before this one were told of.
    int64_t next =
        RD_KAFKA_OFFSET_INVALID;  // After the last record handed over; before it is sought, invalid.
    bool drained = false;
    WaitingSince waiting;
    void Clear();
    ~Source() { Clear(); }
  };
  struct Task {
    explicit Task(size_t topics) : sources(topics), merge(topics) {}
    std::vector<Source> sources;  // As config_.input_topics.
    TopicMerge merge;
    bool paused = false;
    bool held = true;     // By the client, since it was assigned: not sought yet.
    bool ready = false;   // Told where to begin; not since a record was refused.
    bool broken = false;  // A source cannot be read: stays, until it is sought.
    std::chrono::steady_clock::time_point
        waits_since;         // For an unknown topic, with a record waiting; epoch: does not.
    bool impatient = false;  // Has waited long enough.
  };

  [[nodiscard]] Result<Done> Open();
  void Close();
  void Serve();
  void OnClientError(const rd_kafka_message_t& message);
  void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* partitions);
  void Assign(const rd_kafka_topic_partition_list_t& partitions);
  void Suspend();
  void Lose();
  void LoseSuspended(const std::map<int32_t, Task>& but);
  [[nodiscard]] Result<Done> CheckPartitionCounts();
  [[nodiscard]] std::map<int32_t, Task> MakeTasks(const rd_kafka_topic_partition_list_t& partitions);
  [[nodiscard]] Result<Done> Hold(rd_kafka_topic_partition_list_t& partitions);
  static void Silence(std::map<int32_t, Task>& tasks);
  [[nodiscard]] Result<int64_t> FindBeginning(const std::string& topic, int32_t partition);
  [[nodiscard]] Result<Done> SeekTo(rd_kafka_topic_partition_list_t& positions);

  [[nodiscard]] size_t HandOver(size_t records_max);
  [[nodiscard]] size_t HandOverTask(int32_t partition, Task& task, size_t records_max);
  [[nodiscard]] bool HandOverRecord(int32_t partition, Task& task, size_t topic);
  void Announce(Source& source, int32_t partition);
  void Look(int32_t partition, Task& task, size_t topic);
  void WakeFetcher(int32_t partition, size_t topic);
  void OnSourceError(int32_t partition, Task& task, size_t topic, const rd_kafka_message_t& message);
  void OnInputLost(int32_t partition, Task& task, size_t topic, const std::string& why);
  [[nodiscard]] bool AtEnd(int32_t partition, size_t topic, int64_t next) const;
  [[nodiscard]] bool Impatient(int32_t partition, Task& task);
  void PublishLags();
  [[nodiscard]] static std::optional<int64_t> HeadAppendedAt(const Source& source);
  void Report(std::string_view code, const std::string& text) const;

  static void Wake(rd_kafka_t* handle, void* input);
  void WaitUntil(std::chrono::steady_clock::time_point deadline);

  OneThread thread_;
  const KafkaConfig& config_;
  const KafkaTopics& topics_;
  const int worker_;
  const std::string instance_;
  KafkaStats& stats_;
  const int64_t letter_bytes_max_;
  bool cut_reported_ = false;
  PartitionerWatch partitioners_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  KafkaQueue events_;     // Rebalances and errors.
  KafkaQueue heartbeat_;  // Always empty: polling it says that the application is alive.
  std::map<int32_t, Task> tasks_;
  std::set<int32_t> suspended_;        // Until the next assignment, which may have some of them again.
  int32_t turn_ = 0;                   // The partition that is served first.
  GroupListener* listener_ = nullptr;  // During Poll.
  bool rebalanced_ = false;            // In this poll.
  bool fatal_ = false;                 // The handle is of no more use.
  std::chrono::steady_clock::time_point open_at_;  // Not before.
  Result<Done> refused_ = Done{};                  // Why nothing is read: the topics have changed.
  std::vector<schemas::Header> headers_;
  std::chrono::steady_clock::time_point lags_at_;
  bool lags_kept_ = false;  // Of partitions that were lost, until the group gives some again.
  std::chrono::steady_clock::time_point wake_fetcher_at_;  // Not before.

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool awake_ = false;
};

}  // namespace tocsin::daemon
