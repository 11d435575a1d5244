#include "daemon/log/kafka_topics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kVisibleWait{30};
constexpr int kAdminWaitMs = 30'000;
constexpr std::chrono::hours kDeletionsKeptMin{24};  // Longer than any restore takes.
constexpr std::chrono::seconds kRefusedWait{2};      // Another broker may be of another mind.
constexpr std::string_view kWeekMs = "604800000";

template <class T, auto Destroy>
using Owned = std::unique_ptr<T, KafkaDestroy<Destroy>>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using ConfigResource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Wanted {
  std::string topic;
  Settings settings;   // When it is made.
  bool whole = false;  // Has as many partitions as the input.
  int partitions = 0;  // As found; 0: missing.
};

// In the order in which people read about them: inputs, changelog, outputs.
std::vector<Wanted> WantedTopics(const KafkaConfig& config) {
  std::vector<Wanted> wanted;
  for (const std::string& topic : config.sources) wanted.push_back({topic, {}, false, 0});
  for (const std::string& topic : config.input_topics) {
    // The last profile of an account is the one that counts: the topic may forget the others.
    const bool compacted = topic == "account-profiles";
    wanted.push_back({topic, compacted ? Settings{{"cleanup.policy", "compact"}} : Settings{}, true, 0});
  }
  wanted.push_back({config.changelog_topic,
                    {{"cleanup.policy", "compact"},
                     // A state directory that is older than half of this is not used: deletions it has not
                     // seen may be gone.
                     {"delete.retention.ms", std::string(kWeekMs)},
                     {"segment.bytes", "134217728"},
                     {"min.cleanable.dirty.ratio", "0.3"}},
                    true,
                    0});
  for (const std::string* topic :
       {&config.findings_topic, &config.notices_topic, &config.tickets_topic, &config.actions_topic}) {
    wanted.push_back({*topic, {}, false, 0});
  }
  // A dead letter holds the whole record that could not be read, in base64.
  wanted.push_back({config.dead_letters_topic, {{"max.message.bytes", "4194304"}}, false, 0});
  // Several kinds may share a topic.
  std::vector<Wanted> unique;
  for (Wanted& one : wanted) {
    const auto same = std::find_if(unique.begin(), unique.end(),
                                   [&](const Wanted& other) { return other.topic == one.topic; });
    if (same == unique.end()) {
      unique.push_back(std::move(one));
    } else {
      same->settings.insert(same->settings.end(), one.settings.begin(), one.settings.end());
    }
  }
  return unique;
}

// How a person makes it.
std::string CommandFor(const Wanted& topic, int partitions) {
  std::string command =
      "kafka-topics.sh --create --topic " + topic.topic + " --partitions " + std::to_string(partitions);
  for (const auto& [key, value] : topic.settings) command += " --config " + key + "=" + value;
  return command;
}

Result<Event> WaitFor(rd_kafka_queue_t* queue, const std::string& what) {
  Event event(rd_kafka_queue_poll(queue, kAdminWaitMs));
  if (event == nullptr) return Error{ErrorCode::kUnavailable, what, "no answer from the cluster"};
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{ErrorCode::kUnavailable, what, rd_kafka_event_error_string(event.get())};
  }
  return event;
}

Result<Done> Create(rd_kafka_t* handle, const std::vector<const Wanted*>& missing, int partitions,
                    int replication) {
  std::array<char, 512> why{};
  std::vector<NewTopic> made;
  std::vector<rd_kafka_NewTopic_t*> request;
  for (const Wanted* topic : missing) {
    made.emplace_back(
        rd_kafka_NewTopic_new(topic->topic.c_str(), partitions, replication, why.data(), why.size()));
    if (made.back() == nullptr) return Error{ErrorCode::kInvalid, "topic " + topic->topic, why.data()};
    for (const auto& [key, value] : topic->settings) {
      rd_kafka_NewTopic_set_config(made.back().get(), key.c_str(), value.c_str());
    }
    // A commit outlives the loss of a broker.
    if (replication >= 3) rd_kafka_NewTopic_set_config(made.back().get(), "min.insync.replicas", "2");
    request.push_back(made.back().get());
  }
  const AdminOptions options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), kAdminWaitMs / 2, why.data(), why.size());
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  rd_kafka_CreateTopics(handle, request.data(), request.size(), options.get(), queue.get());
  Result<Event> event = WaitFor(queue.get(), "creating topics");
  if (!event) return event.error();
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t err = rd_kafka_topic_result_error(results[i]);
    // Another process was quicker.
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return Error{ErrorCode::kUnavailable, std::string("topic ") + rd_kafka_topic_result_name(results[i]),
                 std::string("cannot be made: ") + (text != nullptr ? text : rd_kafka_err2str(err))};
  }
  return Done{};
}

// The settings of a topic that is there.
Result<std::map<std::string, std::string>> Describe(rd_kafka_t* handle, const std::string& topic) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* request = resource.get();
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  rd_kafka_DescribeConfigs(handle, &request, 1, nullptr, queue.get());
  Result<Event> event = WaitFor(queue.get(), "topic " + topic);
  if (!event) return event.error();
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  std::map<std::string, std::string> settings;
  for (size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(resources[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return ToError("settings of topic " + topic, rd_kafka_ConfigResource_error(resources[i]));
    }
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** entry = rd_kafka_ConfigResource_configs(resources[i], &entries);
    for (size_t j = 0; j < entries; ++j) {
      const char* value = rd_kafka_ConfigEntry_value(entry[j]);
      settings[rd_kafka_ConfigEntry_name(entry[j])] = value == nullptr ? "" : value;
    }
  }
  return settings;
}

int64_t ToNumber(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string AlterCommand(const std::string& topic, const std::string& setting) {
  return "Remedy: kafka-configs.sh --alter --entity-type topics --entity-name " + topic + " --add-config " +
         setting;
}

Result<Done> CheckChangelog(rd_kafka_t* handle, const KafkaConfig& config, const KafkaReport& report,
                            std::chrono::milliseconds& deletions_kept_for) {
  Result<std::map<std::string, std::string>> settings = Describe(handle, config.changelog_topic);
  if (!settings) {
    // Some clusters do not let every client look.
    if (report)
      report("kafka_changelog_unchecked", settings.error().ToString() + ": make sure that it is compacted");
    return Done{};
  }
  const std::string& policy = (*settings)["cleanup.policy"];
  if (policy != "compact") {
    return Error{ErrorCode::kConflict, "topic " + config.changelog_topic,
                 "has cleanup.policy=" + policy +
                     ": it would forget accounts that are quiet for a while. Remedy: kafka-configs.sh "
                     "--alter --entity-type topics --entity-name " +
                     config.changelog_topic +
                     " --add-config cleanup.policy=compact,delete.retention.ms=" + std::string(kWeekMs)};
  }
  deletions_kept_for = std::chrono::milliseconds(ToNumber((*settings)["delete.retention.ms"]));
  if (deletions_kept_for < kDeletionsKeptMin) {
    return Error{ErrorCode::kConflict, "topic " + config.changelog_topic,
                 "has delete.retention.ms=" + (*settings)["delete.retention.ms"] +
                     ", less than a day: who restores for longer would bring erased accounts back to life. " +
                     AlterCommand(config.changelog_topic, "delete.retention.ms=" + std::string(kWeekMs))};
  }
  if (deletions_kept_for < std::chrono::milliseconds(ToNumber(std::string(kWeekMs))) && report) {
    report("kafka_changelog_short",
           "topic " + config.changelog_topic + ": delete.retention.ms is below " + std::string(kWeekMs) +
               " (7 days): a process that was away for half of it makes its state anew from the changelog");
  }
  return Done{};
}

// How many brokers hold a partition; 0: not known.
int ReplicasOf(rd_kafka_t* handle, const std::string& topic) {
  const KafkaTopicHandle named(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto wait = static_cast<int>(std::chrono::milliseconds(kKafkaRequestWait).count());
  if (named == nullptr ||
      rd_kafka_metadata(handle, 0, named.get(), &metadata, wait) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return 0;
  const std::unique_ptr<const rd_kafka_metadata_t, KafkaDestroy<rd_kafka_metadata_destroy>> held(metadata);
  if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt < 1) return 0;
  return metadata->topics[0].partitions[0].replica_cnt;
}

// The topics we write: a commit must reach them, and what is written must stay.
Result<Done> CheckWritten(rd_kafka_t* handle, const KafkaConfig& config, const KafkaReport& report) {
  std::vector<std::string> topics = {config.changelog_topic, config.findings_topic,
                                     config.notices_topic,   config.tickets_topic,
                                     config.actions_topic,   config.dead_letters_topic};
  if (!config.sources.empty()) topics.push_back(config.rekeyed_topic);
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  for (const std::string& topic : topics) {
    Result<std::map<std::string, std::string>> settings = Describe(handle, topic);
    if (!settings) continue;  // Some clusters do not let every client look.
    const std::string& policy = (*settings)["cleanup.policy"];
    if (topic != config.changelog_topic && policy.find("compact") != std::string::npos) {
      return Error{ErrorCode::kConflict, "topic " + topic,
                   "has cleanup.policy=" + policy + ": of each account only its newest record would stay. " +
                       AlterCommand(topic, "cleanup.policy=delete")};
    }
    const int64_t in_sync = ToNumber((*settings)["min.insync.replicas"]);
    const int replicas = ReplicasOf(handle, topic);
    if (replicas > 0 && in_sync > replicas) {
      return Error{
          ErrorCode::kConflict, "topic " + topic,
          "has min.insync.replicas=" + std::to_string(in_sync) + " and " + std::to_string(replicas) +
              " replicas: nothing can be written to it. " +
              AlterCommand(topic, "min.insync.replicas=" + std::to_string(std::max(1, replicas - 1)))};
    }
    if (replicas >= 3 && in_sync == 1 && report) {
      report("kafka_topic_thin",
             "topic " + topic +
                 " has min.insync.replicas=1: a commit may be on one broker only, and lost "
                 "with it. " +
                 AlterCommand(topic, "min.insync.replicas=2"));
    }
  }
  return Done{};
}

// One number for the input and the changelog.
Result<int> AgreeOnPartitions(const KafkaConfig& config, const std::vector<Wanted>& topics) {
  const Wanted* first = nullptr;
  for (const Wanted& topic : topics) {
    if (!topic.whole || topic.partitions == 0) continue;
    if (first == nullptr) first = &topic;
    if (topic.partitions == first->partitions) continue;
    std::string found;
    for (const Wanted& one : topics) {
      if (one.whole && one.partitions > 0) {
        found += (found.empty() ? "" : ", ") + one.topic + " " + std::to_string(one.partitions);
      }
    }
    return Error{ErrorCode::kConflict, "kafka",
                 "input topics and changelog differ in their number of partitions (" + found +
                     "); an account must be in the same partition everywhere. Give the input topics one "
                     "number; when it is "
                     "not the changelog's, begin with a new kafka.changelog_topic and kafka.group"};
  }
  return first == nullptr ? config.partitions : first->partitions;
}

Result<Done> CountAll(rd_kafka_t* handle, std::vector<Wanted>& topics) {
  for (Wanted& topic : topics) {
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
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t err =
        rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &low, &high, 1'000);
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

// Asks until there is an answer, or an error that asking again does not mend.
Result<std::string> FindCluster(rd_kafka_t* handle, const KafkaConfig& config,
                                const KafkaCallbacks& callbacks) {
  const auto start = steady_clock::now();
  for (;;) {
    char* const cluster = rd_kafka_clusterid(handle, 250);
    if (cluster != nullptr) {
      std::string id = cluster;
      rd_kafka_mem_free(handle, cluster);
      return id;
    }
    rd_kafka_poll(handle, 0);  // Errors are told here.
    const KafkaRemedy remedy = callbacks.Remedy();
    const auto waited = steady_clock::now() - start;
    // Who hangs up may speak another protocol, or stand before a broker that is down: that may pass.
    const bool refused =
        remedy.trouble == KafkaTrouble::kAuthentication || remedy.trouble == KafkaTrouble::kTls;
    if (refused && waited >= kRefusedWait) return Error{ErrorCode::kInvalid, "kafka", remedy.text};
    if (waited < kKafkaRequestWait) continue;
    return Error{ErrorCode::kUnavailable, "kafka",
                 remedy.text.empty() ? "no broker answers at " + config.brokers : remedy.text};
  }
}

bool AllThere(const std::vector<Wanted>& topics) {
  return std::all_of(topics.begin(), topics.end(), [](const Wanted& topic) { return topic.partitions > 0; });
}

// Makes what is missing, and waits until all can be seen; false: nothing was. A topic that is being deleted
// may be seen at first, and be missing later.
Result<bool> MakeMissing(rd_kafka_t* handle, const KafkaConfig& config, std::vector<Wanted>& topics,
                         int partitions) {
  std::set<std::string> made;
  const auto deadline = steady_clock::now() + kVisibleWait;
  while (!AllThere(topics)) {
    std::vector<const Wanted*> missing;
    for (const Wanted& topic : topics) {
      if (topic.partitions == 0 && !made.contains(topic.topic)) missing.push_back(&topic);
    }
    if (!missing.empty() && !config.create_topics) {
      std::string remedy = "these topics are missing, and kafka.create_topics is off. Remedy:";
      for (const Wanted* topic : missing) remedy += "\n  " + CommandFor(*topic, partitions);
      return Error{ErrorCode::kNotFound, "kafka", remedy};
    }
    if (!missing.empty()) {
      if (Result<Done> created = Create(handle, missing, partitions, config.replication); !created)
        return created.error();
      for (const Wanted* topic : missing) made.insert(topic->topic);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (steady_clock::now() > deadline)
      return Error{ErrorCode::kUnavailable, "kafka", "topics that were made do not show up"};
    if (Result<Done> counted = CountAll(handle, topics); !counted) return counted.error();
  }
  return !made.empty();
}

}  // namespace

Result<KafkaTopics> PrepareKafkaTopics(const KafkaConfig& config, const KafkaReport& report) {
  if (Result<Done> checked = CheckKafkaConfig(config); !checked) return checked.error();
  KafkaCallbacks callbacks;
  callbacks.report = report;
  callbacks.name = "admin";
  // A consumer's handle: asking it for a topic does not make one.
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config, {}, {{"group.id", config.group}}, callbacks));
  if (!made) return made.error();
  rd_kafka_t* const handle = made->get();

  KafkaTopics result;
  Result<std::string> cluster = FindCluster(handle, config, callbacks);
  if (!cluster) return cluster.error();
  result.cluster_id = *std::move(cluster);
  result.owner = "kafka/" + result.cluster_id + "/" + config.group + "/" + config.changelog_topic;

  std::vector<Wanted> topics = WantedTopics(config);
  if (Result<Done> counted = CountAll(handle, topics); !counted) return counted.error();
  Result<int> partitions = AgreeOnPartitions(config, topics);
  if (!partitions) return partitions.error();

  if (Result<bool> filled = MakeMissing(handle, config, topics, *partitions); !filled) {
    return filled.error();
  } else if (*filled) {
    if (Result<Done> led = WaitForLeaders(handle, config.changelog_topic, *partitions); !led)
      return led.error();
    // Another process may have made them with another number.
    partitions = AgreeOnPartitions(config, topics);
    if (!partitions) return partitions.error();
  }
  if (Result<Done> kept = CheckChangelog(handle, config, report, result.deletions_kept_for); !kept)
    return kept.error();
  if (Result<Done> written = CheckWritten(handle, config, report); !written) return written.error();

  result.partitions = *partitions;
  const auto count_of = [&topics](const std::string& name) {
    return std::find_if(topics.begin(), topics.end(),
                        [&](const Wanted& topic) { return topic.topic == name; })
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

  if (Result<std::map<std::string, std::string>> settings = Describe(handle, config.dead_letters_topic);
      settings) {
    const int64_t bytes_max = ToNumber((*settings)["max.message.bytes"]);
    if (bytes_max > 0) result.dead_letter_bytes_max = bytes_max;
  }
  return result;
}

}  // namespace tocsin::daemon
