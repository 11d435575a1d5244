#include "daemon/config/key_builder.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {
namespace {

template <size_t I>
void AddDetector(KeyBuilder& builder) {
  using D = std::tuple_element_t<I, detectors::DetectorConfigs>;
  const detectors::DetectorInfo& info = detectors::Catalogue()[I];
  const std::string prefix = "detectors." + std::string(info.id) + ".";
  const auto of = [](Config& config) -> D& { return std::get<I>(config.rules.detectors); };
  builder
      .Add<bool>(
          prefix + "enabled", [of](Config& config) -> bool& { return of(config).options.enabled; },
          "Off: answers not_evaluable:disabled.")
      .reload = Reload::kLive;
  builder.Choice<schemas::Mode>(
      prefix + "mode", [of](Config& config) -> schemas::Mode& { return of(config).options.mode; },
      {{"live", schemas::Mode::kLive}, {"shadow", schemas::Mode::kShadow}},
      "shadow: findings are written, and count for nothing: no risk, case, notice or ticket.", Reload::kLive);
  builder
      .Add<double>(
          prefix + "weight", [of](Config& config) -> double& { return of(config).options.weight; },
          "What a finding adds to the account's risk.", 0, 10, "log-odds")
      .reload = Reload::kLive;
  builder
      .Add<double>(
          prefix + "precision_floor",
          [of](Config& config) -> double& { return of(config).options.precision_floor; },
          "Of its findings that people have judged (30 or more in a partition) at least this share must be "
          "right; "
          "below it the detector goes to shadow there. 0: never.",
          0, 1)
      .reload = Reload::kLive;
  Key& restored = builder.Add<std::string>(
      prefix + "restored_at", [of](Config& config) -> std::string& { return of(config).options.restored_at; },
      "RFC 3339. Brings a detector back that went to shadow before: its precision is counted anew from this "
      "instant.");
  restored.reload = Reload::kLive;
  restored.set = [set = restored.set](const YamlNode& node, const std::string& directory,
                                      Config& config) -> Result<Done, Wrong> {
    if (node.kind != YamlNode::Kind::kScalar || (!node.text.empty() && !ParseRfc3339(node.text)))
      return Wrong{"must be a time as 2026-03-01T00:00:00Z"};
    return set(node, directory, config);
  };
  using Settings = std::remove_cvref_t<decltype(of(std::declval<Config&>()).config)>;
  AddTable<Settings>(builder.keys, prefix, Settings::kSettings,
                     [of](Config& config) -> Settings& { return of(config).config; });
}

template <size_t... I>
void AddDetectors(KeyBuilder& builder, std::index_sequence<I...>) {
  (AddDetector<I>(builder), ...);
}

}  // namespace

void AddDetectorKeys(KeyBuilder& b) {
  AddTable<detectors::LearningConfig>(
      b.keys, "learning.", detectors::LearningConfig::kSettings,
      [](Config& c) -> detectors::LearningConfig& { return c.rules.learning; });
  b.List(
      "profiles", [](Config& c) -> std::vector<std::string>& { return c.rules.profiles; },
      "Regulator profiles (mas-srf, psd2-art18, npci-p2p): findings say how each of their conditions was "
      "evaluated, and their limits are switched on.",
      false);
  AddDetectors(b, std::make_index_sequence<detectors::kDetectorCount>());
}

}  // namespace tocsin::daemon
