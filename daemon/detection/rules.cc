#include "daemon/detection/rules.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin::daemon {
namespace {

using TechniqueList = std::vector<schemas::Technique>;

// By catalogue position; made once.
const std::array<TechniqueList, detectors::kDetectorCount>& Techniques() {
  static const auto made = [] {
    std::array<TechniqueList, detectors::kDetectorCount> all;
    for (size_t i = 0; i < all.size(); ++i) {
      for (const std::string_view id : detectors::Catalogue()[i].techniques) {
        if (!id.empty()) all[i].push_back({id.starts_with('T') ? "attack" : "f3", id});
      }
    }
    return all;
  }();
  return made;
}

std::span<const schemas::Technique> TechniquesOf(std::string_view detector) {
  for (size_t i = 0; i < detectors::kDetectorCount; ++i) {
    if (detectors::Catalogue()[i].id == detector) return Techniques()[i];
  }
  return {};
}

std::vector<Profile> ProfilesOf(const RulesConfig& config) {
  std::vector<Profile> profiles;
  for (const std::string& name : config.profiles) {
    if (const auto profile = ProfileFromName(name)) profiles.push_back(*profile);
  }
  return profiles;
}

detectors::LimitTable LimitsOf(const RulesConfig& config) {
  detectors::LimitTable table = config.limits;
  AddProfileLimits(ProfilesOf(config), table);
  return table;
}

std::vector<Rules::Override> OverridesOf(const RulesConfig& config) {
  std::vector<Rules::Override> overrides;
  overrides.reserve(config.overrides.size());
  for (const DetectorOverride& row : config.overrides) {
    overrides.push_back({.tenant = row.tenant,
                         .tiers = row.tiers,
                         .detectors = std::make_unique<const detectors::DetectorSet>(row.detectors)});
  }
  return overrides;
}

std::vector<Precision::Rule> PrecisionOf(const RulesConfig& config) {
  std::vector<Precision::Rule> rules;
  std::apply(
      [&](const auto&... configured) {
        const auto add = [&](const detectors::DetectorOptions& options) {
          rules.push_back({.detector = detectors::Catalogue()[rules.size()].id,
                           .floor = options.precision_floor,
                           .restored_at = ParseRfc3339(options.restored_at).value_or(kTimestampMin)});
        };
        (add(configured.options), ...);
      },
      config.detectors);
  return rules;
}

}  // namespace

Rules::Rules(const RulesConfig& config, const schemas::Versions& versions)
    : detectors(config.detectors),
      overrides(OverridesOf(config)),
      learning(config.learning),
      profiles(ProfilesOf(config)),
      precision(PrecisionOf(config)),
      limits(LimitsOf(config)),
      allowed_for(config.alerts.calm.allowed_for),
      risk(config.alerts.risk),
      decider(config.alerts, &TechniquesOf, versions) {}

const detectors::DetectorSet& Rules::DetectorsFor(std::string_view tenant, std::string_view tier) const {
  for (const Override& row : overrides) {
    if (!row.tenant.empty() && row.tenant != tenant) continue;
    if (!row.tiers.empty() && std::ranges::find(row.tiers, tier) == row.tiers.end()) continue;
    return *row.detectors;
  }
  return detectors;
}

}  // namespace tocsin::daemon
