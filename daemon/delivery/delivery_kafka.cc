#include "daemon/delivery/delivery_kafka.h"

namespace tocsin::daemon {

KafkaConfig ForDelivery(KafkaConfig kafka, const DeliveryConfig& delivery) {
  kafka.group += "-delivery";
  kafka.ingest = KafkaConfig::Ingest::kDirect;
  kafka.sources.clear();
  kafka.input_topics = {kafka.notices_topic};
  if (kafka.tickets_topic != kafka.notices_topic) kafka.input_topics.push_back(kafka.tickets_topic);
  kafka.changelog_topic = delivery.changelog_topic;
  // It puts nothing out; what it reads is an output only of detection.
  for (std::string KafkaConfig::*topic : {&KafkaConfig::findings_topic, &KafkaConfig::notices_topic,
                                          &KafkaConfig::tickets_topic, &KafkaConfig::actions_topic})
    kafka.*topic = kafka.dead_letters_topic;
  return kafka;
}

}  // namespace tocsin::daemon
