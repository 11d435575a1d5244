// KafkaInput's side of a rebalance: partitions come and go, and where each is read from.
#include <algorithm>
#include <cstring>
#include <utility>

#include "daemon/log/kafka_input.h"

namespace tocsin::daemon {
namespace {
constexpr std::chrono::milliseconds kMetadataWait{5'000};
constexpr int kSeekWaitMs = 10'000;
constexpr std::chrono::milliseconds kAnswerWait{3'000};

}  // namespace

// Called by the client within Serve, or while the handle is closed: then nobody listens any more, and
// `handle_` is gone.
void KafkaInput::OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t err,
                             rd_kafka_topic_partition_list_t* partitions) {
  if (listener_ != nullptr && err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    Assign(*partitions);
    return;
  }
  if (listener_ != nullptr) rd_kafka_assignment_lost(handle) != 0 ? Lose() : Suspend();
  rd_kafka_assign(handle, nullptr);
}

Result<Done> KafkaInput::CheckPartitionCounts() {
  for (const std::string& topic : config_.input_topics) {
    Result<int> count = CountPartitions(handle_.get(), topic, kMetadataWait);
    if (!count || *count == 0 || *count == topics_.partitions)
      continue;  // What cannot be asked now is asked again.
    return Error{
        ErrorCode::kConflict, "topic " + topic,
        "has " + std::to_string(*count) + " partitions now, " + std::to_string(topics_.partitions) +
            " when the state was made: accounts would move away from their state. Nothing is read, and "
            "what is sent waits in the topic; docs/kafka.md says under \"Growing partitions\" how to go on"};
  }
  return Done{};
}

// The partitions that are assigned in every topic. A task is never split: what is not whole (the member that
// assigns may not know a new topic yet) is left alone until the group knows better.
std::map<int32_t, KafkaInput::Task> KafkaInput::MakeTasks(const rd_kafka_topic_partition_list_t& partitions) {
  std::map<int32_t, size_t> topics_of;
  for (int i = 0; i < partitions.cnt; ++i) ++topics_of[partitions.elems[i].partition];
  std::map<int32_t, Task> tasks;
  for (const auto& [partition, topics] : topics_of) {
    if (topics != config_.input_topics.size() || partition >= topics_.partitions) {
      Report("kafka_assignment", "partition " + std::to_string(partition) + " is assigned in " +
                                     std::to_string(topics) + " of " +
                                     std::to_string(config_.input_topics.size()) +
                                     " topics: it waits. Do all members of the group read the same topics?");
      continue;
    }
    Task& task = tasks.try_emplace(partition, config_.input_topics.size()).first->second;
    for (size_t topic = 0; topic < task.sources.size(); ++topic) {
      Source& source = task.sources[topic];
      source.queue.reset(
          rd_kafka_queue_get_partition(handle_.get(), config_.input_topics[topic].c_str(), partition));
      rd_kafka_queue_forward(source.queue.get(), nullptr);
      rd_kafka_queue_cb_event_enable(source.queue.get(), Wake, this);
      source.next = RD_KAFKA_OFFSET_INVALID;  // Until the worker has restored the task, and seeks.
    }
  }
  return tasks;
}

void KafkaInput::Assign(const rd_kafka_topic_partition_list_t& partitions) {
  stats_.rebalances.fetch_add(1, std::memory_order_relaxed);
  lags_kept_ = false;
  refused_ = CheckPartitionCounts();
  if (!refused_) {
    LoseSuspended({});
    rd_kafka_assign(handle_.get(), nullptr);
    return;
  }
  std::map<int32_t, Task> tasks = MakeTasks(partitions);
  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(partitions.cnt));
  for (const auto& [partition, task] : tasks) {
    for (const std::string& topic : config_.input_topics)
      rd_kafka_topic_partition_list_add(assigned.get(), topic.c_str(), partition)->offset = 0;
  }
  refused_ = Hold(*assigned);
  if (!refused_) {
    Report("kafka_assignment", refused_.error().ToString());
    Silence(tasks);
    LoseSuspended({});
    rd_kafka_assign(handle_.get(), nullptr);
    return;
  }
  // Before anything is restored: what is read from here on is committed under this generation, or not at all.
  listener_->OnGeneration();
  LoseSuspended(tasks);
  tasks_ = std::move(tasks);
  const rd_kafka_resp_err_t err = rd_kafka_assign(handle_.get(), assigned.get());
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) Report("kafka_assignment", rd_kafka_err2str(err));
  for (auto& [partition, task] : tasks_) listener_->OnAssigned(partition);
  rebalanced_ = true;
}

// Nothing is fetched before the worker seeks, and the client is never told a logical offset. It would ask the
// broker for its meaning, and when a seek overtakes the answer, librdkafka 2.0 asks again half a second later
// and goes *there*: to the end, past everything that waits, without a word.
Result<Done> KafkaInput::Hold(rd_kafka_topic_partition_list_t& partitions) {
  rd_kafka_pause_partitions(handle_.get(), &partitions);
  for (int i = 0; i < partitions.cnt; ++i) {
    const rd_kafka_topic_partition_t& held = partitions.elems[i];
    if (held.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError(std::string("topic ") + held.topic, held.err);
  }
  return Done{};
}

void KafkaInput::Silence(std::map<int32_t, Task>& tasks) {
  for (auto& [partition, task] : tasks) {
    for (Source& source : task.sources) rd_kafka_queue_cb_event_enable(source.queue.get(), nullptr, nullptr);
  }
}

std::unique_ptr<Membership> KafkaInput::CurrentMembership() {
  auto membership = std::make_unique<KafkaMembership>();
  if (handle_ != nullptr) membership->metadata.reset(rd_kafka_consumer_group_metadata(handle_.get()));
  if (membership->metadata == nullptr || !HasGeneration(*membership->metadata)) return nullptr;
  return membership;
}

void KafkaInput::Suspend() {
  for (const auto& [partition, task] : tasks_) {
    listener_->OnSuspended(partition);
    suspended_.insert(partition);
  }
  listener_->OnGenerationOver();
  Silence(tasks_);
  tasks_.clear();
}

void KafkaInput::Lose() {
  lags_kept_ = lags_kept_ || !tasks_.empty();
  stats_.partitions_lost.fetch_add(tasks_.size(), std::memory_order_relaxed);
  for (const auto& [partition, task] : tasks_) listener_->OnRevoked(partition);
  LoseSuspended({});
  listener_->OnGenerationOver();
  Silence(tasks_);
  tasks_.clear();
}

void KafkaInput::LoseSuspended(const std::map<int32_t, Task>& but) {
  for (const int32_t partition : std::exchange(suspended_, {})) {
    if (!but.contains(partition)) listener_->OnRevoked(partition);
  }
}

Result<int64_t> KafkaInput::FindBeginning(const std::string& topic, int32_t partition) {
  int64_t begin = 0;
  const rd_kafka_resp_err_t err =
      QueryOffset(handle_.get(), topic, partition, RD_KAFKA_OFFSET_BEGINNING, kAnswerWait, begin);
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return begin;
  // The client goes on asking the leader it once knew: it is made to look again.
  static_cast<void>(CountPartitions(handle_.get(), topic, kMetadataWait));
  return ToError("seek", err);
}

Result<Done> KafkaInput::SeekTo(rd_kafka_topic_partition_list_t& positions) {
  const KafkaError refused(rd_kafka_seek_partitions(handle_.get(), &positions, kSeekWaitMs));
  if (refused != nullptr) return ToError("seek", *refused);
  for (int i = 0; i < positions.cnt; ++i) {
    if (positions.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("seek", positions.elems[i].err);
  }
  return Done{};
}

Result<Done> KafkaInput::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  thread_.Check();
  const auto found = tasks_.find(partition);
  if (found == tasks_.end())
    return Error{ErrorCode::kInvalid, "partition " + std::to_string(partition), "is not this worker's"};
  Task& task = found->second;
  task.ready = false;
  task.broken = false;
  task.waits_since = {};
  const KafkaPartitions sought(rd_kafka_topic_partition_list_new(static_cast<int>(task.sources.size())));
  for (size_t topic = 0; topic < task.sources.size(); ++topic) {
    const std::string& name = config_.input_topics[topic];
    Source& source = task.sources[topic];
    source.Clear();
    task.merge.SetUnknown(topic);
    const auto position = std::find_if(positions.begin(), positions.end(),
                                       [&](const TopicPosition& p) { return p.topic == name; });
    if (position != positions.end()) {
      source.next = position->next;
    } else {
      Result<int64_t> beginning = FindBeginning(name, partition);
      if (!beginning) return beginning.error();
      source.next = *beginning;
    }
    rd_kafka_topic_partition_list_add(sought.get(), name.c_str(), partition)->offset = source.next;
  }
  if (Result<Done> there = SeekTo(*sought); !there) return there;
  if (task.held) {
    rd_kafka_resume_partitions(handle_.get(), sought.get());
    task.held = false;
    // To the same place: only a seek wakes the client's thread that fetches.
    if (Result<Done> there = SeekTo(*sought); !there) return there;
  }
  task.ready = true;
  return Done{};
}

Result<std::vector<TopicPosition>> KafkaInput::FindCommitted(int32_t partition) {
  const KafkaPartitions asked(
      rd_kafka_topic_partition_list_new(static_cast<int>(config_.input_topics.size())));
  for (const std::string& topic : config_.input_topics)
    rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), partition);
  const rd_kafka_resp_err_t err =
      rd_kafka_committed(handle_.get(), asked.get(), static_cast<int>(kAnswerWait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("the group's offsets", err);
  std::vector<TopicPosition> committed;
  for (int i = 0; i < asked->cnt; ++i) {
    const rd_kafka_topic_partition_t& found = asked->elems[i];
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("the group's offsets", found.err);
    if (found.offset >= 0) committed.push_back({found.topic, found.offset});
  }
  return committed;
}

void KafkaInput::Pause(int32_t partition, bool paused) {
  thread_.Check();
  if (const auto found = tasks_.find(partition); found != tasks_.end()) found->second.paused = paused;
}

}  // namespace tocsin::daemon
