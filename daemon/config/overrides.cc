#include "daemon/config/overrides.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "daemon/config/config.h"
#include "daemon/config/key.h"
#include "daemon/config/record_reader.h"
#include "daemon/config/unknown_key.h"
#include "detectors/country_list.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kOverridesMax = 32;

void ReadSetting(const YamlNode& name, const YamlNode& value, const std::string& key_path,
                 const std::string& shown_path, const Complain& complain, Config& changed) {
  for (const Key& key : Keys()) {
    if (key.path != key_path) continue;
    if (Result<Done, Wrong> set = key.set(value, "", changed); !set)
      complain(value, shown_path, set.error().text);
    return;
  }
  std::vector<std::string_view> names;
  for (const Key& key : Keys()) {
    if (key.path.starts_with("detectors.")) names.push_back(key.path);
  }
  complain(name, shown_path, key_path.size() <= 128 ? UnknownKey(key_path, names) : "is not a known key");
}

// {DETECTOR: {SETTING: VALUE}}
void ReadDetectors(const YamlNode& node, const std::string& path, const Complain& complain, Config& changed) {
  if (node.kind != YamlNode::Kind::kMap) return complain(node, path, "must be a map of detectors");
  for (const auto& [detector, settings] : node.members) {
    const std::string of_detector = path + "." + detector.text;
    if (settings.kind != YamlNode::Kind::kMap) {
      complain(settings, of_detector, "must be a map of keys and values");
      continue;
    }
    for (const auto& [name, value] : settings.members) {
      ReadSetting(name, value, "detectors." + detector.text + "." + name.text, of_detector + "." + name.text,
                  complain, changed);
    }
  }
}

}  // namespace

std::string WrongCountries(const detectors::DetectorConfigs& configs) {
  const auto& watched = std::get<detectors::Configured<detectors::HighRiskCountry>>(configs).config;
  const std::string unknown = detectors::UnknownCountry(watched.countries);
  if (unknown.empty()) return "";
  return "must be ISO 3166-1 alpha-2 codes separated by commas; \"" + CleanText(unknown) + "\" is none";
}

void ReadOverrides(const YamlNode& node, const std::string& path, const Complain& complain, Config& config) {
  std::vector<DetectorOverride>& overrides = config.rules.overrides;
  overrides.clear();
  for (const YamlNode* item : ReadList(node, path, complain)) {
    if (overrides.size() == kOverridesMax) return complain(*item, path, "more than 32 overrides");
    RecordReader record(*item, path + "[" + std::to_string(overrides.size()) + "]", complain);
    DetectorOverride row;
    record.Take("tenant", ReadText, row.tenant);
    if (const YamlNode* tiers = record.Find("tiers")) {
      for (const YamlNode* tier : ReadList(*tiers, record.path() + ".tiers", complain)) {
        if (const auto text = ReadText(*tier); text && !text->empty()) {
          row.tiers.push_back(*text);
        } else {
          complain(*tier, record.path() + ".tiers", "must be a list of texts");
        }
      }
    }
    if (row.tenant.empty() && row.tiers.empty())
      complain(*item, record.path(), "is for nobody: give tenant, tiers or both");
    Config changed = config;
    if (const YamlNode* detectors = record.Find("detectors")) {
      ReadDetectors(*detectors, record.path() + ".detectors", complain, changed);
    } else {
      record.Wrong("detectors", "an override needs detectors");
    }
    // Inherited ones have been complained about where they stand.
    const std::string wrong = WrongCountries(changed.rules.detectors);
    if (!wrong.empty() && wrong != WrongCountries(config.rules.detectors))
      complain(*item, record.path() + ".detectors.high_risk_country.countries", wrong);
    record.Close();
    row.detectors = changed.rules.detectors;
    overrides.push_back(std::move(row));
  }
}

}  // namespace tocsin::daemon
