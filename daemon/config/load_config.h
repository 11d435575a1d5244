// Reads and checks the configuration. Every key is described once, in rows (base/setting.h and
// config/keys.cc): the parser, `tocsin generate config`, the reference and the JSON Schema are made from
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/config/config.h"

namespace tocsin::daemon {

// Line and column, from 1; 0: of no place in the file.
struct ConfigPlace {
  int line = 0;
  int column = 0;
};

struct ConfigProblem {
  int line = 0;  // As ConfigPlace.
  int column = 0;
  std::string key;   // "detectors.impossible_travel.speed_kmh_max"
  std::string text;  // What is wrong and what is allowed; names the nearest known key for an unknown one.
                     // Never a secret.
  bool warning = false;
  // "key: text"; a problem of the file as a whole has no key.
  [[nodiscard]] std::string Sentence() const;
};

// A key that had another name once: it is read, with a warning.
struct RenamedKey {
  std::string_view was;
  std::string_view is;
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigProblem> problems;  // Every one, in file order.
  // Of what the file sets, by path ("policy[1].actions"); "": of the file's first key.
  std::map<std::string, ConfigPlace, std::less<>> places;
  bool holds_no_key = false;  // Nothing but comments, if that: a file that is being written, or was emptied.

  // Where the key is; where it is absent, the nearest of what it would be in.
  [[nodiscard]] ConfigPlace PlaceOf(std::string_view key) const;
  // Adds a problem of that key.
  void Add(std::string key, std::string text, bool warning);
  // Puts the problems into file order.
  void Sort();
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
// What a file that holds no key is: of a process that begins its defaults, with a warning; under one that
// runs a mistake, which must not take its limits away.
enum class EmptyFile : uint8_t { kWarnedOf, kRefused };
// An error, with the system's reason, when the file cannot be read. "" gives the built-in defaults.
[[nodiscard]] Result<LoadedConfig> LoadConfig(const std::string& path,
                                              EmptyFile empty = EmptyFile::kWarnedOf);

}  // namespace tocsin::daemon
