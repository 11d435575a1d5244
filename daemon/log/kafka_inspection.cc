#include "daemon/log/kafka_inspection.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "daemon/log/kafka_advice.h"
#include "daemon/log/kafka_rights.h"
#include "daemon/log/kafka_topic_checks.h"
#include "daemon/log/kafka_topics.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kReadWait{5};

class Inspection {
 public:
  Inspection(const KafkaConfig& config, const std::set<std::string>& also_written)
      : config_(config), wanted_(config), also_written_(also_written) {}

  // Of each input topic; 0: not known.
  [[nodiscard]] int partitions() const { return partitions_; }

  Diagnoses Run() {
    if (Result<Done> checked = CheckKafkaConfig(config_); !checked) {
      Say(DiagnosisOf("kafka", checked.error()));
      return std::move(said_);
    }
    callbacks_.name = "doctor";
    Result<KafkaHandle> made = MakeAskingHandle(config_, callbacks_);
    if (!made) {
      Say(DiagnosisOf("kafka", made.error()));
      return std::move(said_);
    }
    handle_ = *std::move(made);
    Result<std::string> cluster = FindCluster(handle_.get(), config_, callbacks_);
    if (!cluster) {
      Say(DiagnosisOf("kafka", cluster.error(), AdviceFor(callbacks_.Remedy().trouble, config_)));
      return std::move(said_);
    }
    Good("kafka", "cluster " + *cluster + " answers at " + config_.brokers);
    Result<KafkaConfig> wanted = WithReplication(config_, handle_.get());
    if (!wanted) {
      Say(DiagnosisOf("kafka", wanted.error()));
      return std::move(said_);
    }
    wanted_ = *std::move(wanted);
    LookAtTopics();
    LookAtGroup();
    CloseKafkaConsumer(std::move(handle_), std::chrono::seconds(1));
    return std::move(said_);
  }

 private:
  void Say(Diagnosis diagnosis) { said_.push_back(std::move(diagnosis)); }
  void Good(std::string subject, std::string what) {
    Say({std::move(subject), Health::kGood, std::move(what), {}});
  }
  static std::string SubjectOf(const std::string& topic) { return "kafka.topic." + topic; }

  // What stands in the way, with the grant that removes it when it is a right that is missing.
  void Refused(const std::string& topic, const Error& error, bool written) {
    std::string operations = "--operation Describe";
    if (written) operations = "--operation Write " + operations;
    if (!written || topic == config_.changelog_topic) operations = "--operation Read " + operations;
    const bool right = error.detail.find("uthoriz") != std::string::npos;
    Diagnosis diagnosis =
        DiagnosisOf(SubjectOf(topic), error, right ? GrantTopic(config_, topic, operations) : "");
    if (right) diagnosis.health = Health::kBad;
    Say(std::move(diagnosis));
  }

  void LookAtTopics() {
    std::vector<WantedTopic> topics = WantedTopics(config_);
    const std::vector<std::string> written = WrittenTopics(config_);
    const auto is_written = [&written](const std::string& topic) {
      return std::find(written.begin(), written.end(), topic) != written.end();
    };
    std::set<std::string> refused;
    for (WantedTopic& topic : topics) {
      Result<int> count = CountPartitions(handle_.get(), topic.topic, kKafkaRequestWait);
      if (count) {
        topic.partitions = *count;
      } else {
        refused.insert(topic.topic);
        Refused(topic.topic, count.error(), is_written(topic.topic));
      }
    }
    Result<int> partitions = AgreeOnPartitions(config_, topics);
    if (!partitions) Say(DiagnosisOf("kafka.partitions", partitions.error()));
    if (partitions && refused.empty()) partitions_ = *partitions;
    std::vector<std::string> read;
    for (const WantedTopic& topic : topics) {
      if (refused.contains(topic.topic)) continue;
      if (topic.partitions == 0) {
        Missing(topic, partitions ? *partitions : config_.partitions);
        continue;
      }
      if (LookAtSettings(topic, is_written(topic.topic)))
        Good(SubjectOf(topic.topic), std::to_string(topic.partitions) + " partitions");
      if (!is_written(topic.topic) || topic.topic == config_.changelog_topic) read.push_back(topic.topic);
    }
    TryToRead(read);
    std::vector<std::string> there;
    for (const WantedTopic& topic : topics) {
      const bool wanted = is_written(topic.topic) || also_written_.contains(topic.topic);
      if (wanted && topic.partitions > 0 && !refused.contains(topic.topic)) there.push_back(topic.topic);
    }
    for (Diagnosis& one : TryKafkaRights(config_, there)) Say(std::move(one));
  }

  void Missing(const WantedTopic& topic, int partitions) {
    Say({SubjectOf(topic.topic), config_.create_topics ? Health::kWarning : Health::kBad,
         config_.create_topics ? "is missing; `tocsin run` makes it when it may (kafka.create_topics)"
                               : "is missing, and kafka.create_topics is off",
         CommandFor(wanted_, topic, partitions)});
  }

  // False: something has been said of it.
  bool LookAtSettings(const WantedTopic& topic, bool written) {
    Result<TopicSettings> settings = DescribeTopic(handle_.get(), topic.topic);
    if (!settings && !written) return true;  // There is little to be seen.
    if (!settings) {
      Say({SubjectOf(topic.topic), Health::kWarning,
           "its settings may not be looked at (" + settings.error().detail + ")",
           GrantTopic(config_, topic.topic, "--operation DescribeConfigs")});
      return false;
    }
    bool good = true;
    const KafkaReport unwise = [&](std::string_view, const std::string& text) {
      good = false;
      Diagnosis diagnosis = DiagnosisOf(SubjectOf(topic.topic), Error{ErrorCode::kConflict, "", text});
      diagnosis.health = Health::kWarning;
      Say(std::move(diagnosis));
    };
    if (!written) {
      JudgeRead(topic.topic, *settings, unwise);
      return good;
    }
    const auto judge = [&](const Result<Done>& judged) {
      if (judged) return;
      good = false;
      Say(DiagnosisOf(SubjectOf(topic.topic), judged.error()));
    };
    std::chrono::milliseconds kept{};
    if (topic.topic == config_.changelog_topic) judge(JudgeChangelog(config_, *settings, unwise, kept));
    judge(JudgeWritten(wanted_, topic.topic, *settings, ReplicasOf(handle_.get(), topic.topic), unwise));
    return good;
  }

  // Fetches from the end of each topic: an empty answer is a right that is there.
  void TryToRead(const std::vector<std::string>& topics) {
    KafkaCallbacks callbacks;
    callbacks.name = "doctor reader";
    Result<KafkaHandle> made =
        MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config_, {},
                                                         {{"group.id", config_.group},
                                                          {"enable.auto.commit", "false"},
                                                          {"enable.partition.eof", "true"},
                                                          {"auto.offset.reset", "latest"}},
                                                         callbacks));
    if (!made || topics.empty()) return;
    rd_kafka_t* const reader = made->get();
    rd_kafka_poll_set_consumer(reader);
    const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
    for (const std::string& topic : topics)
      rd_kafka_topic_partition_list_add(assigned.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
    std::set<std::string> waiting(topics.begin(), topics.end());
    if (rd_kafka_assign(reader, assigned.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const auto deadline = steady_clock::now() + kReadWait;
    while (!waiting.empty() && steady_clock::now() < deadline) {
      const KafkaMessage message(rd_kafka_consumer_poll(reader, 100));
      if (message == nullptr || message->rkt == nullptr) continue;
      const std::string topic = rd_kafka_topic_name(message->rkt);
      if (waiting.erase(topic) == 0) continue;
      const bool reads =
          message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (!reads) Refused(topic, ToError("cannot be read", message->err), topic == config_.changelog_topic);
    }
    for (const std::string& topic : waiting) {
      Say({SubjectOf(topic), Health::kUnavailable, "its leader does not answer a read in time",
           "see whether partition 0 has a leader: kafka-topics.sh " + ToolOptions(config_) +
               " --describe --topic " + topic});
    }
    rd_kafka_assign(reader, nullptr);
    CloseKafkaConsumer(*std::move(made), std::chrono::seconds(1));
  }

  // Who may not see it is told so at once by its coordinator; whether its offsets may be committed,
  // TryKafkaRights finds out.
  void LookAtGroup() {
    if (std::ranges::find(said_, "kafka.group", &Diagnosis::subject) != said_.end()) return;
    const char* name = config_.group.c_str();
    const KafkaQueue queue(rd_kafka_queue_new(handle_.get()));
    rd_kafka_DescribeConsumerGroups(handle_.get(), &name, 1, nullptr, queue.get());
    Result<KafkaEvent> event = WaitForKafka(queue.get(), "group " + config_.group);
    if (!event) {
      Say(DiagnosisOf("kafka.group", event.error(),
                      "see whether the brokers run; or this right is missing: " + GrantGroup(config_)));
      return;
    }
    size_t count = 0;
    const rd_kafka_ConsumerGroupDescription_t** const groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
    const rd_kafka_error_t* const refused =
        count == 1 ? rd_kafka_ConsumerGroupDescription_error(groups[0]) : nullptr;
    if (refused == nullptr) {
      Good("kafka.group", "group " + config_.group + " may be used");
      return;
    }
    const bool right = rd_kafka_error_code(refused) == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    Diagnosis diagnosis = DiagnosisOf("kafka.group", ToError("group " + config_.group, *refused),
                                      right ? GrantGroup(config_) : "see whether the brokers run");
    if (right) diagnosis.health = Health::kBad;
    Say(std::move(diagnosis));
  }

  const KafkaConfig& config_;
  KafkaConfig wanted_;  // With the replicas that topics should have.
  const std::set<std::string>& also_written_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  int partitions_ = 0;
  Diagnoses said_;
};

}  // namespace

Diagnoses InspectKafka(const KafkaConfig& config, const std::set<std::string>& also_written,
                       int* partitions) {
  Inspection inspection(config, also_written);
  Diagnoses said = inspection.Run();
  if (partitions != nullptr) *partitions = inspection.partitions();
  return said;
}

}  // namespace tocsin::daemon
