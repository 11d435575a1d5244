// The whole configuration, read and checked. Every key is described once, in rows (base/setting.h and
// config/keys.cc): the parser, `tocsin generate config`, the reference and the JSON Schema are made from
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/delivery/delivery_config.h"
#include "daemon/detection/rules.h"
#include "daemon/engine/engine_config.h"
#include "daemon/enrich/databases.h"
#include "daemon/log/kafka_config.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon {

enum class LogKind : uint8_t { kLocal, kKafka };

struct LocalConfig {
  int partitions = 4;       // Fixed once the directory is made.
  std::string outputs;      // Directory of the output files; "" : <state_dir>/out.
  int retention_mb = 1024;  // Of input that has been processed.
};

struct HttpConfig {
  std::string metrics_listen = "127.0.0.1:9464";  // Port 0 takes a free one.
  std::string events_listen = "127.0.0.1:8700";   // Local log only; "" : none.
  std::string events_token;  // The secret's bytes, read from a file; needed when not on loopback.
  std::string admin_listen = "127.0.0.1:8701";  // "" or no token: none.
  std::string admin_token;                      // The secret's bytes; always asked for.
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
  DatabasePaths databases;
  RulesConfig rules;
  std::vector<alerts::AnswersConfig> answers_before;  // Keys of links that are still on their way.
  // Hash of everything in `rules` (hex, 16 digits): versions.config of the findings. Transport does not
  // change it.
  std::string rules_hash;
};

struct ConfigProblem {
  int line = 0;  // From 1; 0: not of a place in the file.
  int column = 0;
  std::string key;   // "detectors.impossible_travel.speed_kmh_max"
  std::string text;  // What is wrong and what is allowed; names the nearest known key for an unknown one.
                     // Never a secret.
  bool warning = false;
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigProblem> problems;  // Every one, in file order.
  [[nodiscard]] bool valid() const {
    for (const ConfigProblem& problem : problems) {
      if (!problem.warning) return false;
    }
    return true;
  }
};

// Closed: an unknown or repeated key is an error. `directory` is what relative paths in the file are relative
// to. Never throws.
[[nodiscard]] LoadedConfig ParseConfig(std::string_view yaml, const std::string& directory);
// kNotFound when the file cannot be read. "" gives the built-in defaults.
[[nodiscard]] Result<LoadedConfig> LoadConfig(const std::string& path);
// The defaults as YAML with a comment for every key (`tocsin generate config`), and the JSON Schema of the
// file.
[[nodiscard]] std::string DefaultConfigYaml();
[[nodiscard]] std::string ConfigJsonSchema();

}  // namespace tocsin::daemon
