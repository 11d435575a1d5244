#include "daemon/log/kafka_rights.h"

#include <atomic>
#include <thread>

#include "daemon/log/kafka_client.h"
#include "daemon/log/kafka_topic_checks.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr int kWhyMs = 2'000;
constexpr int16_t kAddPartitions = 24;              // In the protocol.
constexpr std::chrono::milliseconds kSettles{100};  // From an answer to what the client makes of it.
const int kWaitMs = static_cast<int>(std::chrono::milliseconds(kKafkaRequestWait).count());

using Answers = std::atomic<int>;

rd_kafka_resp_err_t OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t,
                               size_t, int64_t, rd_kafka_resp_err_t, void* answers) {
  if (api_key == kAddPartitions) static_cast<Answers*>(answers)->fetch_add(1);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNew(rd_kafka_t* handle, const rd_kafka_conf_t*, void* answers, char*, size_t) {
  return rd_kafka_interceptor_add_on_response_received(handle, "tocsin doctor", OnResponse, answers);
}

std::string Principal(const KafkaConfig& config) {
  return config.security.username.empty() ? "User:<of this client>" : "User:" + config.security.username;
}

class Trial {
 public:
  explicit Trial(const KafkaConfig& config) : config_(config) {}

  Diagnoses Run(const std::vector<std::string>& topics) {
    if (!Open()) return std::move(said_);
    for (const std::string& topic : topics) TryTopic(topic);
    TryGroup();
    return std::move(said_);
  }

 private:
  // Tells of the transactional ids; later ones need not.
  bool Open() {
    callbacks_.name = "doctor writer";
    const KafkaError refused = Connect();
    const std::string ids = "transactional ids that begin with " + config_.group + ".";
    if (handle_ != nullptr) {
      said_.push_back({"kafka.transactional_id", Health::kGood, ids + " may be used", {}});
      return true;
    }
    const bool right = refused != nullptr && rd_kafka_error_code(refused.get()) ==
                                                 RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    const std::string grant = "kafka-acls.sh " + ToolOptions(config_) + " --add --allow-principal " +
                              Principal(config_) +
                              " --operation Write --operation Describe --transactional-id " + config_.group +
                              ". --resource-pattern-type prefixed";
    const Error why =
        refused != nullptr ? ToError(ids, *refused) : Error{ErrorCode::kUnavailable, ids, "no client"};
    Diagnosis diagnosis =
        DiagnosisOf("kafka.transactional_id", why,
                    right ? grant : "their coordinator does not answer, or this right is missing: " + grant);
    if (right) diagnosis.health = Health::kBad;
    said_.push_back(std::move(diagnosis));
    return false;
  }

  // A producer that has begun no transaction; none in handle_ when that is refused.
  KafkaError Connect() {
    // What is put waits longer than the transaction lasts.
    KafkaConf conf = MakeKafkaConf(config_, {},
                                   {{"transactional.id", config_.group + ".doctor"},
                                    {"transaction.timeout.ms", "15000"},
                                    {"message.timeout.ms", "14000"},
                                    {"linger.ms", "12000"}},
                                   callbacks_);
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "tocsin doctor", OnNew, &answers_);
    Result<KafkaHandle> made = MakeKafkaHandle(RD_KAFKA_PRODUCER, std::move(conf));
    if (!made) return nullptr;
    handle_ = *std::move(made);
    KafkaError refused(rd_kafka_init_transactions(handle_.get(), kWaitMs));
    if (refused != nullptr) handle_ = nullptr;
    return refused;
  }

  void TryTopic(const std::string& topic) {
    const int answered = answers_.load();
    if (!Begin()) return;
    bool refused = !Put(topic);
    const auto deadline = steady_clock::now() + kKafkaRequestWait;
    while (!refused && answers_.load() == answered && steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const bool heard = answers_.load() != answered;
    // A transaction that cannot go on takes nothing more.
    const auto settled = steady_clock::now() + kSettles;
    while (!refused && steady_clock::now() < settled) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      refused = !Put(topic);
    }
    if (refused) {
      // It cannot: the client says why, at once or as soon as its thread comes to it.
      const KafkaError why(rd_kafka_commit_transaction(handle_.get(), kWhyMs));
      TellRefused(topic, why.get());
    } else if (!heard) {
      said_.push_back({"kafka.topic." + topic, Health::kUnavailable,
                       "whether it may be written could not be found out in time", "try again"});
    }
    End();
  }

  void TellRefused(const std::string& topic, const rd_kafka_error_t* why) {
    const bool right =
        why != nullptr && rd_kafka_error_code(why) == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    const std::string text = why == nullptr ? "no reason was given" : rd_kafka_error_string(why);
    said_.push_back({"kafka.topic." + topic, right ? Health::kBad : Health::kUnavailable,
                     "cannot be written: " + text,
                     right ? GrantTopic(config_, topic, "--operation Write") : "see the brokers' logs"});
  }

  // Offsets of a transaction that is taken back are those of nobody.
  void TryGroup() {
    if (!Begin()) return;
    const KafkaPartitions offsets(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(offsets.get(), config_.input_topics.front().c_str(), 0)->offset = 0;
    const KafkaGroupMetadata nobody(rd_kafka_consumer_group_metadata_new(config_.group.c_str()));
    const KafkaError refused(
        rd_kafka_send_offsets_to_transaction(handle_.get(), offsets.get(), nobody.get(), kWaitMs));
    if (refused != nullptr &&
        rd_kafka_error_code(refused.get()) == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
      said_.push_back(
          {"kafka.group", Health::kBad, "group " + config_.group + " may not be used", GrantGroup(config_)});
    End();
  }

  bool Begin() {
    if (handle_ == nullptr) Connect();
    if (handle_ == nullptr) return false;
    const KafkaError refused(rd_kafka_begin_transaction(handle_.get()));
    return refused == nullptr;
  }
  bool Put(const std::string& topic) {
    const KafkaTopicHandle named(rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr));
    std::string key = "doctor";
    return named != nullptr && rd_kafka_produce(named.get(), 0, RD_KAFKA_MSG_F_COPY, nullptr, 0, key.data(),
                                                key.size(), nullptr) == 0;
  }
  void End() {
    const KafkaError stuck(rd_kafka_abort_transaction(handle_.get(), kWaitMs));
    // Where nothing was announced there is nothing to take back, says the coordinator, and the client is of
    // no more use (librdkafka 2.0).
    if (stuck != nullptr) handle_ = nullptr;
  }

  const KafkaConfig& config_;
  Answers answers_{0};
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  Diagnoses said_;
};

}  // namespace

std::string GrantTopic(const KafkaConfig& config, const std::string& topic, const std::string& operations) {
  return "kafka-acls.sh " + ToolOptions(config) + " --add --allow-principal " + Principal(config) + " " +
         operations + " --topic " + topic;
}

std::string GrantGroup(const KafkaConfig& config) {
  return "kafka-acls.sh " + ToolOptions(config) + " --add --allow-principal " + Principal(config) +
         " --operation Read --group " + config.group;
}

Diagnoses TryKafkaRights(const KafkaConfig& config, const std::vector<std::string>& topics) {
  return Trial(config).Run(topics);
}

}  // namespace tocsin::daemon
