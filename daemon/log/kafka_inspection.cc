#include "daemon/log/kafka_inspection.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "daemon/log/kafka_topic_checks.h"
#include "daemon/log/kafka_topics.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kReadWait{5};

class Inspection {
 public:
  explicit Inspection(const KafkaConfig& config) : config_(config) {}

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
      Say(DiagnosisOf("kafka", cluster.error(),
                      "see kafka.brokers, the network between here and there, and whether the brokers run"));
      return std::move(said_);
    }
    Good("kafka", "cluster " + *cluster + " answers at " + config_.brokers);
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

  // Who we are, as an ACL names it.
  std::string Principal() const {
    return config_.security.username.empty() ? "User:<of this client>" : "User:" + config_.security.username;
  }
  std::string GrantTopic(const std::string& topic, const char* operations) const {
    return "kafka-acls.sh --add --allow-principal " + Principal() + operations + " --topic " + topic;
  }

  // What stands in the way, with the grant that removes it when it is a right that is missing.
  void Refused(const std::string& topic, const Error& error, bool written) {
    const char* const operations = written ? " --operation Write --operation Read --operation Describe"
                                           : " --operation Read --operation Describe";
    const bool right = error.detail.find("uthoriz") != std::string::npos;
    Diagnosis diagnosis = DiagnosisOf(SubjectOf(topic), error, right ? GrantTopic(topic, operations) : "");
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
    std::vector<std::string> read;
    for (const WantedTopic& topic : topics) {
      if (refused.contains(topic.topic)) continue;
      if (topic.partitions == 0) {
        Missing(topic, partitions ? *partitions : config_.partitions);
        continue;
      }
      if (is_written(topic.topic) ? LookAtSettings(topic) : true)
        Good(SubjectOf(topic.topic), std::to_string(topic.partitions) + " partitions");
      if (!is_written(topic.topic) || topic.topic == config_.changelog_topic) read.push_back(topic.topic);
    }
    TryToRead(read);
  }

  void Missing(const WantedTopic& topic, int partitions) {
    Say({SubjectOf(topic.topic), config_.create_topics ? Health::kWarning : Health::kBad,
         config_.create_topics ? "is missing; `tocsin run` makes it when it may (kafka.create_topics)"
                               : "is missing, and kafka.create_topics is off",
         CommandFor(topic, partitions)});
  }

  // False: something has been said of it.
  bool LookAtSettings(const WantedTopic& topic) {
    Result<TopicSettings> settings = DescribeTopic(handle_.get(), topic.topic);
    if (!settings) {
      Say({SubjectOf(topic.topic), Health::kWarning,
           "its settings may not be looked at (" + settings.error().detail + ")",
           GrantTopic(topic.topic, " --operation DescribeConfigs")});
      return false;
    }
    bool good = true;
    const KafkaReport unwise = [&](std::string_view, const std::string& text) {
      good = false;
      Diagnosis diagnosis = DiagnosisOf(SubjectOf(topic.topic), Error{ErrorCode::kConflict, "", text});
      diagnosis.health = Health::kWarning;
      Say(std::move(diagnosis));
    };
    const auto judge = [&](const Result<Done>& judged) {
      if (judged) return;
      good = false;
      Say(DiagnosisOf(SubjectOf(topic.topic), judged.error()));
    };
    std::chrono::milliseconds kept{};
    if (topic.topic == config_.changelog_topic) judge(JudgeChangelog(config_, *settings, unwise, kept));
    judge(JudgeWritten(config_, topic.topic, *settings, ReplicasOf(handle_.get(), topic.topic), unwise));
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
           "see whether partition 0 has a leader: kafka-topics.sh --describe --topic " + topic});
    }
    rd_kafka_assign(reader, nullptr);
    CloseKafkaConsumer(*std::move(made), std::chrono::seconds(1));
  }

  // Its offsets, which only who may use the group sees.
  void LookAtGroup() {
    const KafkaPartitions wanted(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(wanted.get(), config_.input_topics.front().c_str(), 0);
    rd_kafka_resp_err_t err = rd_kafka_committed(
        handle_.get(), wanted.get(), static_cast<int>(std::chrono::milliseconds(kKafkaRequestWait).count()));
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) err = wanted->elems[0].err;
    // The topic has a line of its own.
    if (err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) err = RD_KAFKA_RESP_ERR_NO_ERROR;
    const std::string grant = "kafka-acls.sh --add --allow-principal " + Principal() +
                              " --operation Read --operation Describe --group " + config_.group;
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      Good("kafka.group", "group " + config_.group + " may be used");
    } else if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
      Say({"kafka.group", Health::kBad, "group " + config_.group + " may not be used", grant});
    } else {
      // The client goes on looking for the coordinator of a group that it may not use.
      Say(DiagnosisOf("kafka.group", ToError("group " + config_.group, err),
                      "its coordinator does not answer, or this right is missing: " + grant));
    }
  }

  const KafkaConfig& config_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  Diagnoses said_;
};

}  // namespace

Diagnoses InspectKafka(const KafkaConfig& config) { return Inspection(config).Run(); }

}  // namespace tocsin::daemon
