#include "daemon/log/kafka_topic_checks.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace tocsin::daemon {
namespace {

constexpr std::chrono::hours kInputKeptMin{24};      // A night and a morning in which nobody looked.
constexpr int64_t kRecordBytes = 1'048'588;          // As brokers take them where nobody has said otherwise.
constexpr std::chrono::hours kDeletionsKeptMin{24};  // Longer than any restore takes.
constexpr std::chrono::seconds kRefusedWait{2};      // Another broker may be of another mind.
constexpr std::string_view kWeekMs = "604800000";

using ConfigResource = KafkaOwned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using TopicSettingList = std::vector<std::pair<std::string, std::string>>;

std::string AlterCommand(const KafkaConfig& config, const std::string& topic, const std::string& setting) {
  return "Remedy: kafka-configs.sh " + ToolOptions(config) + " --alter --entity-type topics --entity-name " +
         topic + " --add-config " + setting;
}

}  // namespace

std::vector<WantedTopic> WantedTopics(const KafkaConfig& config) {
  std::vector<WantedTopic> wanted;
  wanted.reserve(config.sources.size() + config.input_topics.size() + 6);
  for (const std::string& topic : config.sources) wanted.push_back({topic, {}, false, 0});
  for (const std::string& topic : config.input_topics) {
    // The last profile of an account is the one that counts: the topic may forget the others.
    TopicSettingList settings;
    if (topic == "account-profiles") settings = {{"cleanup.policy", "compact"}};
    // A record that is moved gets headers that say where it was.
    if (!config.sources.empty()) settings = {{"max.message.bytes", "4194304"}};
    wanted.push_back({topic, std::move(settings), true, 0});
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
  std::vector<WantedTopic> unique;
  for (WantedTopic& one : wanted) {
    const auto same = std::find_if(unique.begin(), unique.end(),
                                   [&](const WantedTopic& other) { return other.topic == one.topic; });
    if (same == unique.end()) {
      unique.push_back(std::move(one));
    } else {
      same->settings.insert(same->settings.end(), one.settings.begin(), one.settings.end());
    }
  }
  return unique;
}

std::vector<std::string> WrittenTopics(const KafkaConfig& config) {
  std::vector<std::string> topics = {config.changelog_topic, config.findings_topic,
                                     config.notices_topic,   config.tickets_topic,
                                     config.actions_topic,   config.dead_letters_topic};
  if (!config.sources.empty()) topics.push_back(config.rekeyed_topic);
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

std::string ToolOptions(const KafkaConfig& config) {
  const bool secured = config.security.tls || config.security.mechanism != KafkaSecurity::Mechanism::kNone ||
                       config.properties.contains("security.protocol");
  return "--bootstrap-server " + config.brokers + (secured ? " --command-config client.properties" : "");
}

std::string CommandFor(const KafkaConfig& config, const WantedTopic& topic, int partitions) {
  std::string command = "kafka-topics.sh " + ToolOptions(config) + " --create --topic " + topic.topic +
                        " --partitions " + std::to_string(partitions) + " --replication-factor " +
                        std::to_string(config.replication);
  if (config.replication >= kReplicasForTwo) command += " --config min.insync.replicas=2";
  for (const auto& [key, value] : topic.settings)
    command.append(" --config ").append(key).append("=").append(value);
  return command;
}

Result<KafkaHandle> MakeAskingHandle(const KafkaConfig& config, KafkaCallbacks& callbacks) {
  return MakeKafkaHandle(RD_KAFKA_CONSUMER,
                         MakeKafkaConf(config, {}, {{"group.id", config.group}}, callbacks));
}

Result<std::string> FindCluster(rd_kafka_t* handle, const KafkaConfig& config,
                                const KafkaCallbacks& callbacks, const std::atomic<bool>* stop) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    char* const cluster = rd_kafka_clusterid(handle, 250);
    if (cluster != nullptr) {
      std::string id = cluster;
      rd_kafka_mem_free(handle, cluster);
      return id;
    }
    rd_kafka_poll(handle, 0);  // Errors are told here.
    const KafkaRemedy remedy = callbacks.Remedy();
    const auto waited = std::chrono::steady_clock::now() - start;
    // Who hangs up may speak another protocol, or stand before a broker that is down: that may pass.
    const bool refused =
        remedy.trouble == KafkaTrouble::kAuthentication || remedy.trouble == KafkaTrouble::kTls;
    if (refused && waited >= kRefusedWait) return Error{ErrorCode::kInvalid, "kafka", remedy.text};
    if (waited < kKafkaRequestWait && (stop == nullptr || !*stop)) continue;
    return Error{ErrorCode::kUnavailable, "kafka",
                 remedy.text.empty() ? "no broker answers at " + config.brokers : remedy.text};
  }
}

Result<KafkaConfig> WithReplication(KafkaConfig config, rd_kafka_t* handle) {
  if (config.replication > 0) return config;
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto wait = static_cast<int>(std::chrono::milliseconds(kKafkaRequestWait).count());
  const rd_kafka_resp_err_t err = rd_kafka_metadata(handle, 0, nullptr, &metadata, wait);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("kafka", err);
  const std::unique_ptr<const rd_kafka_metadata_t, FreeBy<rd_kafka_metadata_destroy>> held(metadata);
  config.replication = std::clamp(metadata->broker_cnt, 1, kReplicasForTwo);
  return config;
}

Result<int> AgreeOnPartitions(const KafkaConfig& config, const std::vector<WantedTopic>& topics) {
  const WantedTopic* first = nullptr;
  for (const WantedTopic& topic : topics) {
    if (!topic.whole || topic.partitions == 0) continue;
    if (first == nullptr) first = &topic;
    if (topic.partitions == first->partitions) continue;
    std::string found;
    for (const WantedTopic& one : topics) {
      if (one.whole && one.partitions > 0) {
        found += (found.empty() ? "" : ", ") + one.topic + " " + std::to_string(one.partitions);
      }
    }
    return Error{ErrorCode::kConflict, "kafka",
                 "input topics and changelog differ in their number of partitions (" + found +
                     "); an account must be in the same partition everywhere. Give the input topics one "
                     "number; when it is not the changelog's, docs/kafka.md says under \"Growing "
                     "partitions\" how to go on"};
  }
  return first == nullptr ? config.partitions : first->partitions;
}

Result<KafkaEvent> WaitForKafka(rd_kafka_queue_t* queue, const std::string& what) {
  KafkaEvent event(rd_kafka_queue_poll(queue, kKafkaAdminWaitMs));
  if (event == nullptr) return Error{ErrorCode::kUnavailable, what, "no answer from the cluster"};
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{ErrorCode::kUnavailable, what, rd_kafka_event_error_string(event.get())};
  }
  return event;
}

Result<TopicSettings> DescribeTopic(rd_kafka_t* handle, const std::string& topic) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* request = resource.get();
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  rd_kafka_DescribeConfigs(handle, &request, 1, nullptr, queue.get());
  Result<KafkaEvent> event = WaitForKafka(queue.get(), "topic " + topic);
  if (!event) return event.error();
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  TopicSettings settings;
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

int64_t NumberIn(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int ReplicasOf(rd_kafka_t* handle, const std::string& topic) {
  const KafkaTopicHandle named(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto wait = static_cast<int>(std::chrono::milliseconds(kKafkaRequestWait).count());
  if (named == nullptr ||
      rd_kafka_metadata(handle, 0, named.get(), &metadata, wait) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return 0;
  const std::unique_ptr<const rd_kafka_metadata_t, FreeBy<rd_kafka_metadata_destroy>> held(metadata);
  if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt < 1) return 0;
  const std::span partitions(metadata->topics[0].partitions,
                             static_cast<size_t>(metadata->topics[0].partition_cnt));
  return std::ranges::min(partitions, {}, &rd_kafka_metadata_partition_t::replica_cnt).replica_cnt;
}

Result<Done> JudgeChangelog(const KafkaConfig& config, const TopicSettings& settings,
                            const KafkaReport& report, std::chrono::milliseconds& deletions_kept_for) {
  const auto setting = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  const std::string policy = setting("cleanup.policy");
  if (policy != "compact") {
    return Error{ErrorCode::kConflict, "topic " + config.changelog_topic,
                 "has cleanup.policy=" + policy + ": it would forget accounts that are quiet for a while. " +
                     AlterCommand(config, config.changelog_topic,
                                  "cleanup.policy=compact,delete.retention.ms=" + std::string(kWeekMs))};
  }
  deletions_kept_for = std::chrono::milliseconds(NumberIn(setting("delete.retention.ms")));
  if (deletions_kept_for < kDeletionsKeptMin) {
    return Error{
        ErrorCode::kConflict, "topic " + config.changelog_topic,
        "has delete.retention.ms=" + setting("delete.retention.ms") +
            ", less than a day: who restores for longer would bring erased accounts back to life. " +
            AlterCommand(config, config.changelog_topic, "delete.retention.ms=" + std::string(kWeekMs))};
  }
  if (deletions_kept_for < std::chrono::milliseconds(NumberIn(std::string(kWeekMs))) && report) {
    report("kafka_changelog_short",
           "topic " + config.changelog_topic + ": delete.retention.ms is below " + std::string(kWeekMs) +
               " (7 days): a process that was away for half of it makes its state anew from the changelog");
  }
  return Done{};
}

Result<std::chrono::milliseconds> FindDeletionsKept(const KafkaConfig& config,
                                                    const Result<TopicSettings>& settings,
                                                    const KafkaReport& report) {
  std::chrono::milliseconds kept = kDeletionsKeptByDefault;
  if (settings) {
    if (Result<Done> judged = JudgeChangelog(config, *settings, report, kept); !judged) return judged.error();
  } else if (report) {
    report("kafka_changelog_unchecked",
           settings.error().ToString() + ": make sure that it has cleanup.policy=compact and " +
               "delete.retention.ms=" + std::string(kWeekMs) +
               ". As long as nobody may look, deletions are taken to be kept for a day, which is Kafka's "
               "default: a checkpoint older than half of it is not used");
  }
  return kept;
}

void JudgeRead(const std::string& topic, const TopicSettings& settings, const KafkaReport& report) {
  const auto setting = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  const int64_t kept = NumberIn(setting("retention.ms"));
  const bool deleted = setting("cleanup.policy").find("delete") != std::string::npos;
  if (!deleted || kept <= 0 || std::chrono::milliseconds(kept) >= kInputKeptMin || !report) return;
  report("kafka_input_short",
         "topic " + topic + " has retention.ms=" + setting("retention.ms") +
             ", less than a day: what is not read within is lost, and its partition then waits for a person");
}

Result<Done> JudgeWritten(const KafkaConfig& config, const std::string& topic, const TopicSettings& settings,
                          int replicas, const KafkaReport& report) {
  const auto setting = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  const std::string policy = setting("cleanup.policy");
  if (topic != config.changelog_topic && policy.find("compact") != std::string::npos) {
    return Error{ErrorCode::kConflict, "topic " + topic,
                 "has cleanup.policy=" + policy + ": of each account only its newest record would stay. " +
                     AlterCommand(config, topic, "cleanup.policy=delete")};
  }
  const int64_t in_sync = NumberIn(setting("min.insync.replicas"));
  if (replicas > 0 && in_sync > replicas) {
    return Error{
        ErrorCode::kConflict, "topic " + topic,
        "has min.insync.replicas=" + std::to_string(in_sync) + " and " + std::to_string(replicas) +
            " replicas: nothing can be written to it. " +
            AlterCommand(config, topic, "min.insync.replicas=" + std::to_string(std::max(1, replicas - 1)))};
  }
  const int64_t bytes_max = NumberIn(setting("max.message.bytes"));
  if (bytes_max > 0 && bytes_max < kRecordBytes && report) {
    report("kafka_topic_small",
           "topic " + topic + " has max.message.bytes=" + std::to_string(bytes_max) +
               ": a larger record would stop its partition. " +
               AlterCommand(config, topic, "max.message.bytes=" + std::to_string(kRecordBytes)));
  }
  if (replicas >= 3 && in_sync == 1 && report) {
    report("kafka_topic_thin", "topic " + topic +
                                   " has min.insync.replicas=1: a commit may be on one broker only, and lost "
                                   "with it. " +
                                   AlterCommand(config, topic, "min.insync.replicas=2"));
  }
  if (replicas > 0 && replicas < config.replication && report) {
    report("kafka_topic_thin",
           "topic " + topic + " has " + std::to_string(replicas) + (replicas == 1 ? " copy" : " copies") +
               ", and kafka.replication asks for " + std::to_string(config.replication) +
               ": what is on it is lost with " + (replicas == 1 ? "its broker" : "these brokers") +
               ". Remedy: give its partitions more (kafka-reassign-partitions.sh " + ToolOptions(config) +
               " --reassignment-json-file FILE --execute), or set kafka.replication to what you want");
  }
  return Done{};
}

}  // namespace tocsin::daemon
