#include "daemon/detection/rules.h"

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

}  // namespace

Rules::Rules(const RulesConfig& config, const schemas::Versions& versions)
    : detectors(config.detectors),
      learning(config.learning),
      limits(config.limits),
      decider(config.alerts, &TechniquesOf, versions) {}

}  // namespace tocsin::daemon
