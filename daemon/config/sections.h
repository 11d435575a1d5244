// The parts of the configuration that are lists of records: limits, exchange rates, the policy table, the
// support calendar.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/yaml_node.h"

namespace tocsin::daemon {

struct Config;

// `complain` gets each problem with the node it is at, the key's path and a text.
using Complain = std::function<void(const YamlNode& at, const std::string& key, const std::string& text)>;

struct Section {
  std::string_view path;  // "limits"
  std::string_view doc;
  void (*read)(const YamlNode& node, const std::string& path, const Complain& complain, Config& config);
  std::string (*defaults)(const Config& config);  // YAML text after "path:", without the last line break.
  std::string_view schema;                        // JSON Schema of the value.
  // Instead of `read`, for sections that name files: relative to `directory`.
  void (*read_files)(const YamlNode& node, const std::string& path, const Complain& complain,
                     const std::string& directory, Config& config) = nullptr;
  // For sections that hold secrets: the value as it may be printed. Without, as it was written.
  YamlNode (*printable)(YamlNode node) = nullptr;
  // Whether two configurations have one value, where what is printed does not tell.
  bool (*same)(const Config& a, const Config& b) = nullptr;
};

[[nodiscard]] const std::vector<Section>& Sections();

}  // namespace tocsin::daemon
