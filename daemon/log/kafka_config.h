// How to reach Kafka, and which topics are read and written.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::daemon {

// How the brokers are reached, and who this client is to them.
struct KafkaSecurity {
  enum class Mechanism { kNone, kPlain, kScramSha256, kScramSha512, kOauthBearer };

  bool tls = false;
  std::string ca;           // PEM file of those who may sign a broker's certificate; "": the system's.
  std::string certificate;  // PEM file of our own, where brokers ask for one; with `key`.
  std::string key;
  std::string key_password;  // The secret's bytes.
  Mechanism mechanism = Mechanism::kNone;
  std::string username;  // plain, scram_*.
  std::string password;  // The secret's bytes.
  // oauthbearer: a file that somebody keeps fresh, or a token endpoint that is asked.
  std::string token_file;
  std::string token_url;
  std::string client_id;
  std::string client_secret;  // The secret's bytes.
  std::string scope;
};

struct KafkaConfig {
  // kDirect: tasks read the input topics. kRekey: records are moved to a topic keyed by account first, for
  // producers that key by something else, or topics that differ in their number of partitions.
  enum class Ingest { kDirect, kRekey };

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
  Ingest ingest = Ingest::kDirect;
  std::string rekeyed_topic = "tocsin.events";  // Of kRekey.
  std::vector<std::string> sources;             // Of kRekey: what is moved; see ForTasks.
  std::string changelog_topic = "tocsin.changelog";
  std::string feedback_topic = "account-feedback";  // Where answers of owners go: one that is read.
  std::string findings_topic = "tocsin.findings";
  std::string notices_topic = "tocsin.notices";
  std::string tickets_topic = "tocsin.tickets";
  std::string actions_topic = "tocsin.actions";
  std::string dead_letters_topic = "tocsin.dead-letters";

  KafkaSecurity security;

  // Between two heartbeats to each partition of the first input topic; 0: none are sent.
  std::chrono::seconds heartbeat_interval{0};

  bool create_topics = true;  // Make what is missing; otherwise refuse to start and say what to make.
  int partitions = 4;         // Of input topics when none of them is there yet; what is there decides.
  int replication = 0;        // Of topics that are made; 0: three, or as many as there are brokers.
  // Further librdkafka properties ("security.protocol", "ssl.ca.location", …), for every connection. Those
  // that would break a guarantee are refused.
  std::map<std::string, std::string> properties;
};

// The configuration as the tasks see it: with kRekey they read the rekeyed topic, and what the file calls
// input topics are the sources of it.
[[nodiscard]] inline KafkaConfig ForTasks(KafkaConfig config) {
  if (config.ingest == KafkaConfig::Ingest::kDirect || !config.sources.empty()) return config;
  config.sources = std::exchange(config.input_topics, {config.rekeyed_topic});
  return config;
}

}  // namespace tocsin::daemon
