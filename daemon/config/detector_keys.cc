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
  AddDetectors(b, std::make_index_sequence<detectors::kDetectorCount>());
}

}  // namespace tocsin::daemon
