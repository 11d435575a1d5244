#include "daemon/log/kafka_topics.h"

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/log/kafka_topic_checks.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kVisibleWait{30};

using AdminOptions = KafkaOwned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopic = KafkaOwned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;

Result<Done> Create(rd_kafka_t* handle, const std::vector<const WantedTopic*>& missing, int partitions,
                    int replication) {
  std::array<char, 512> why{};
  std::vector<NewTopic> made;
  std::vector<rd_kafka_NewTopic_t*> request;
  for (const WantedTopic* topic : missing) {
    made.emplace_back(
        rd_kafka_NewTopic_new(topic->topic.c_str(), partitions, replication, why.data(), why.size()));
    if (made.back() == nullptr) return Error{ErrorCode::kInvalid, "topic " + topic->topic, why.data()};
    for (const auto& [key, value] : topic->settings) {
      rd_kafka_NewTopic_set_config(made.back().get(), key.c_str(), value.c_str());
    }
    // A commit outlives the loss of a broker.
    if (replication >= kReplicasForTwo)
      rd_kafka_NewTopic_set_config(made.back().get(), "min.insync.replicas", "2");
    request.push_back(made.back().get());
  }
  const AdminOptions options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), kKafkaAdminWaitMs / 2, why.data(), why.size());
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  rd_kafka_CreateTopics(handle, request.data(), request.size(), options.get(), queue.get());
  Result<KafkaEvent> event = WaitForKafka(queue.get(), "creating topics");
  if (!event) return event.error();
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t err = rd_kafka_topic_result_error(results[i]);
    // Another process was quicker.
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    std::string said = std::string("cannot be made: ") + (text != nullptr ? text : rd_kafka_err2str(err));
    if (err == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
      said += " (kafka.replication says how many copies are made: no more than there are brokers)";
    return Error{ErrorCode::kUnavailable, std::string("topic ") + rd_kafka_topic_result_name(results[i]),
                 std::move(said)};
  }
  return Done{};
}

Result<Done> CountAll(rd_kafka_t* handle, std::vector<WantedTopic>& topics) {
  for (WantedTopic& topic : topics) {
    Result<int> count = CountPartitions(handle, topic.topic, kKafkaRequestWait);
    if (!count) return count.error();
    topic.partitions = *count;
  }
  return Done{};
}

// A broker needs a moment to know that it leads a partition that was made just now.
Result<Done> WaitForLeaders(rd_kafka_t* handle, const std::string& topic, int partitions) {
  const auto deadline = steady_clock::now() + kVisibleWait;
  for (int32_t partition = 0; partition < partitions;) {
    int64_t end = 0;
    const rd_kafka_resp_err_t err =
        QueryOffset(handle, topic, partition, RD_KAFKA_OFFSET_END, std::chrono::seconds(1), end);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++partition;
    } else if (steady_clock::now() > deadline) {
      return ToError("topic " + topic, err);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  return Done{};
}

bool AllThere(const std::vector<WantedTopic>& topics) {
  return std::all_of(topics.begin(), topics.end(),
                     [](const WantedTopic& topic) { return topic.partitions > 0; });
}

// A cluster that is just starting has fewer brokers than it will have, and topics keep the copies they were
// made with: brokers that are named are waited for, as far as copies go to them.
Result<Done> EnoughBrokers(const KafkaConfig& given, int brokers) {
  const auto named = static_cast<int>(std::ranges::count(given.brokers, ',')) + 1;
  const int copies = std::min(named, kReplicasForTwo);
  if (given.replication > 0 || brokers >= copies) return Done{};
  return Error{
      ErrorCode::kUnavailable, "kafka",
      "topics are missing, and are made with " + std::to_string(copies) +
          " copies once as many of the brokers in kafka.brokers are there, of which the cluster knows " +
          std::to_string(brokers) + " now. To have them made with fewer copies, set kafka.replication"};
}

// Makes what is missing, and waits until all can be seen; false: nothing was. A topic that is being deleted
// may be seen at first, and be missing later.
Result<bool> MakeMissing(rd_kafka_t* handle, const KafkaConfig& config, std::vector<WantedTopic>& topics,
                         int partitions) {
  std::set<std::string> made;
  const auto deadline = steady_clock::now() + kVisibleWait;
  while (!AllThere(topics)) {
    std::vector<const WantedTopic*> missing;
    for (const WantedTopic& topic : topics) {
      if (topic.partitions == 0 && !made.contains(topic.topic)) missing.push_back(&topic);
    }
    if (!missing.empty() && !config.create_topics) {
      std::string remedy = "these topics are missing, and kafka.create_topics is off. Remedy:";
      for (const WantedTopic* topic : missing) remedy += "\n  " + CommandFor(config, *topic, partitions);
      return Error{ErrorCode::kNotFound, "kafka", remedy};
    }
    if (!missing.empty()) {
      if (Result<Done> created = Create(handle, missing, partitions, config.replication); !created)
        return created.error();
      for (const WantedTopic* topic : missing) made.insert(topic->topic);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (steady_clock::now() > deadline)
      return Error{ErrorCode::kUnavailable, "kafka", "topics that were made do not show up"};
    if (Result<Done> counted = CountAll(handle, topics); !counted) return counted.error();
  }
  return !made.empty();
}

// Some clusters do not let every client look.
Result<Done> CheckSettings(rd_kafka_t* handle, const KafkaConfig& config, const KafkaReport& report,
                           std::chrono::milliseconds& deletions_kept_for) {
  Result<std::chrono::milliseconds> kept =
      FindDeletionsKept(config, DescribeTopic(handle, config.changelog_topic), report);
  if (!kept) return kept.error();
  deletions_kept_for = *kept;
  for (const std::string& topic : config.sources.empty() ? config.input_topics : config.sources) {
    if (Result<TopicSettings> settings = DescribeTopic(handle, topic); settings)
      JudgeRead(topic, *settings, report);
  }
  for (const std::string& topic : WrittenTopics(config)) {
    Result<TopicSettings> settings = DescribeTopic(handle, topic);
    if (!settings) continue;
    if (Result<Done> written = JudgeWritten(config, topic, *settings, ReplicasOf(handle, topic), report);
        !written)
      return written;
  }
  return Done{};
}

}  // namespace

Result<KafkaTopics> PrepareKafkaTopics(const KafkaConfig& given, const KafkaReport& report,
                                       const std::atomic<bool>* stop) {
  if (Result<Done> checked = CheckKafkaConfig(given); !checked) return checked.error();
  KafkaCallbacks callbacks;
  callbacks.report = report;
  callbacks.name = "admin";
  Result<KafkaHandle> made = MakeAskingHandle(given, callbacks);
  if (!made) return made.error();
  rd_kafka_t* const handle = made->get();

  KafkaTopics result;
  Result<std::string> cluster = FindCluster(handle, given, callbacks, stop);
  if (!cluster) return cluster.error();
  const Result<KafkaConfig> completed = WithReplication(given, handle);
  if (!completed) return completed.error();
  const KafkaConfig& config = *completed;
  result.cluster_id = *std::move(cluster);
  result.owner = "kafka/" + result.cluster_id + "/" + config.group + "/" + config.changelog_topic;

  std::vector<WantedTopic> topics = WantedTopics(config);
  if (Result<Done> counted = CountAll(handle, topics); !counted) return counted.error();
  Result<int> partitions = AgreeOnPartitions(config, topics);
  if (!partitions) return partitions.error();

  if (!AllThere(topics) && config.create_topics) {
    if (Result<Done> enough = EnoughBrokers(given, config.replication); !enough) return enough.error();
  }
  if (Result<bool> filled = MakeMissing(handle, config, topics, *partitions); !filled) {
    return filled.error();
  } else if (*filled) {
    if (Result<Done> led = WaitForLeaders(handle, config.changelog_topic, *partitions); !led)
      return led.error();
    // Another process may have made them with another number.
    partitions = AgreeOnPartitions(config, topics);
    if (!partitions) return partitions.error();
  }
  if (Result<Done> checked = CheckSettings(handle, config, report, result.deletions_kept_for); !checked)
    return checked.error();

  result.partitions = *partitions;
  const auto count_of = [&topics](const std::string& name) {
    return std::find_if(topics.begin(), topics.end(),
                        [&](const WantedTopic& topic) { return topic.topic == name; })
        ->partitions;
  };
  const auto set = [&](schemas::OutputKind kind, const std::string& name) {
    result.output_partitions[static_cast<size_t>(kind)] = count_of(name);
  };
  set(schemas::OutputKind::kFinding, config.findings_topic);
  set(schemas::OutputKind::kNotice, config.notices_topic);
  set(schemas::OutputKind::kTicket, config.tickets_topic);
  set(schemas::OutputKind::kAction, config.actions_topic);
  set(schemas::OutputKind::kDeadLetter, config.dead_letters_topic);

  const auto read_bytes_max = [handle](const std::string& topic, int64_t& bytes_max) {
    Result<TopicSettings> settings = DescribeTopic(handle, topic);
    const int64_t found = settings ? NumberIn((*settings)["max.message.bytes"]) : 0;
    if (found > 0) bytes_max = found;
  };
  read_bytes_max(config.dead_letters_topic, result.dead_letter_bytes_max);
  if (!config.sources.empty()) read_bytes_max(config.rekeyed_topic, result.rekeyed_bytes_max);
  return result;
}

}  // namespace tocsin::daemon
