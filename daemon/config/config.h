// The whole configuration, as values: load_config.h reads it, print_config.h writes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "daemon/delivery/delivery_config.h"
#include "daemon/detection/rules.h"
#include "daemon/engine/engine_config.h"
#include "daemon/enrich/databases.h"
#include "daemon/log/kafka_config.h"
#include "schemas/encode_ocsf.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon {

enum class LogKind : uint8_t { kLocal, kKafka };

struct LocalConfig {
  int partitions = 4;       // Fixed once the directory is made.
  std::string outputs;      // Directory of the output files; "" : <state_dir>/out.
  int retention_mb = 1024;  // Of input that has been processed.
  std::chrono::seconds retention = std::chrono::hours(24 * 14);          // Likewise, from its arrival.
  std::chrono::seconds outputs_retention = std::chrono::hours(24 * 90);  // Of what was put out.
};

struct HttpConfig {
  std::string metrics_listen = "127.0.0.1:9464";  // Port 0 takes a free one.
  std::string events_listen = "127.0.0.1:8700";   // Local log only; "" : none.
  std::string events_token;  // The secret's bytes, read from a file; needed when not on loopback.
  std::string admin_listen = "127.0.0.1:8701";  // "" or no token: none.
  std::string admin_token;                      // The secret's bytes; always asked for.
  std::string admin_read_token;                 // May look and not change; "" : there is none.
  int body_mb_max = 8;
  int pending_mb_max = 64;  // Accepted and not yet processed: beyond it 429.
};

struct Config {
  LogKind log = LogKind::kLocal;
  std::string state_dir = "tocsin-state";
  KafkaConfig kafka;
  LocalConfig local;
  HttpConfig http;
  EngineConfig engine;
  DeliveryConfig delivery;
  schemas::DecodeLimits decode;
  schemas::FindingFormat findings_format = schemas::FindingFormat::kTocsin;
  DatabasePaths databases;
  RulesConfig rules;
  std::vector<alerts::AnswersConfig> answers_before;  // Keys of links that are still on their way.
  // Hash of everything in `rules` (hex, 16 digits): versions.config of the findings. Transport does not
  // change it.
  std::string rules_hash;
  bool watch_config = true;  // A changed file is taken over by itself.
  // The parts of the file that are lists of records, as they stand there, in one line: by path. Secrets are
  // named by file only.
  std::map<std::string, std::string> sections;
};

}  // namespace tocsin::daemon
