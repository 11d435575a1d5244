// One row for each scalar key: everything known about it. Parser, default file, reference and JSON Schema are
// made from rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/setting.h"
#include "daemon/config/yaml_node.h"

namespace tocsin::daemon {

struct Config;

// What is wrong with a value and what is expected; never the value of a secret.
struct Wrong {
  std::string text;
};

enum class KeyType : uint8_t {
  kNumber,
  kInteger,
  kBoolean,
  kDuration,
  kText,
  kChoice,
  kTextList,
  kTextMap,
  kSecretFile
};

struct Key {
  std::string path;  // "detectors.impossible_travel.speed_kmh_max"
  KeyType type = KeyType::kText;
  double min = 0;  // Numbers and durations (seconds): inclusive.
  double max = 0;
  std::vector<std::string_view> choices;
  std::string unit;
  std::string doc;
  Reload reload = Reload::kRestart;
  // Sets the value, or says what is wrong with it (never the value of a secret).
  std::function<Result<Done, Wrong>(const YamlNode& node, const std::string& directory, Config& config)> set;
  // The value as YAML text; of a secret "null".
  std::function<std::string(const Config& config)> get;
  // Whether two configurations have one value; empty: when `get` says the same of both.
  std::function<bool(const Config& a, const Config& b)> same;
};

// Every scalar key, in the order of the default file.
[[nodiscard]] const std::vector<Key>& Keys();

// Scalars as the file writes them. The error says what is expected.
[[nodiscard]] Result<double, Wrong> ReadNumber(const YamlNode& node);
[[nodiscard]] Result<int64_t, Wrong> ReadInteger(const YamlNode& node);
[[nodiscard]] Result<bool, Wrong> ReadBoolean(const YamlNode& node);
[[nodiscard]] Result<std::string, Wrong> ReadText(const YamlNode& node);
// "250ms" is refused (whole seconds); "5s", "10m", "24h", "30d".
[[nodiscard]] Result<std::chrono::seconds, Wrong> ReadDuration(const YamlNode& node);
// "SGD 1000.00": an amount that is not negative.
[[nodiscard]] Result<Money, Wrong> ReadAmount(const YamlNode& node);
// "2026-10-01": a day that the calendar has.
[[nodiscard]] Result<std::string, Wrong> ReadDate(const YamlNode& node);
[[nodiscard]] std::string DurationText(std::chrono::seconds duration);
[[nodiscard]] std::string NumberText(double number);
[[nodiscard]] std::string QuotedText(std::string_view text);

}  // namespace tocsin::daemon
