// Reads and checks the configuration. Every key is described once, in rows (base/setting.h and
// config/keys.cc): the parser, `tocsin generate config`, the reference and the JSON Schema are made from
// them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/config/config.h"

namespace tocsin::daemon {

struct ConfigProblem {
  int line = 0;  // From 1; 0: not of a place in the file.
  int column = 0;
  std::string key;   // "detectors.impossible_travel.speed_kmh_max"
  std::string text;  // What is wrong and what is allowed; names the nearest known key for an unknown one.
                     // Never a secret.
  bool warning = false;
};

// A key that had another name once: it is read, with a warning.
struct RenamedKey {
  std::string_view was;
  std::string_view is;
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
[[nodiscard]] LoadedConfig ParseConfig(std::string_view yaml, const std::string& directory,
                                       std::span<const RenamedKey> renamed);
// kNotFound when the file cannot be read. "" gives the built-in defaults.
[[nodiscard]] Result<LoadedConfig> LoadConfig(const std::string& path);

}  // namespace tocsin::daemon
