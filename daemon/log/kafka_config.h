// How to reach Kafka, and which topics are read and written.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tocsin::daemon {

struct KafkaConfig {
  std::string brokers = "localhost:9092";  // bootstrap.servers: "host:port,host:port".
  // Consumer group. It names the daemon: state, changelog and positions belong to (cluster, group).
  std::string group = "tocsin";
  // Name of this process within the group, unique and the same after a restart; with it a restart moves no
  // partition. "": the process is a new member each time.
  std::string instance;

  // Read together: partition p of all of them is one task. All have the same number of partitions, and all
  // key by account.
  std::vector<std::string> input_topics = {"logins", "transactions", "account-changes", "account-profiles",
                                           "account-feedback"};
  std::string changelog_topic = "tocsin.changelog";
  std::string findings_topic = "tocsin.findings";
  std::string notices_topic = "tocsin.notices";
  std::string tickets_topic = "tocsin.tickets";
  std::string actions_topic = "tocsin.actions";
  std::string dead_letters_topic = "tocsin.dead-letters";

  bool create_topics = true;  // Make what is missing; otherwise refuse to start and say what to make.
  int partitions = 4;         // Of input topics when none of them is there yet; what is there decides.
  int replication = 1;        // Of topics that are made.
  // Further librdkafka properties ("security.protocol", "ssl.ca.location", …), for every connection. Those
  // that would break a guarantee are refused.
  std::map<std::string, std::string> properties;
};

}  // namespace tocsin::daemon
