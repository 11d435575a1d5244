// Settings of detectors, each with a small story and two values that make it end differently.
//
//   {"mfa_fatigue.prompts_min", 5, "medium 1.50", 6, "", FivePrompts},
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/setting.h"
#include "detectors/detector_set.h"
#include "schemas/enum_names.h"
#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::test {

using SettingValue = std::variant<double, int, bool, std::chrono::seconds, std::string, Money>;

struct SettingRow {
  std::string_view setting;  // "detector.key"
  SettingValue one;
  std::string_view found_with_one;  // Severity and weight of what the detector claims; "": nothing.
  SettingValue other;
  std::string_view found_with_other;
  void (*tell)(AccountStory& story);
  std::vector<std::pair<std::string_view, SettingValue>> besides = {};  // Not at their defaults either.
};

inline void PrintTo(const SettingRow& row, std::ostream* out) { *out << row.setting; }

// Calls `each` with a detector's configuration, "detector.key" and the row of Config::kSettings.
template <class Each>
void ForEachSetting(detectors::DetectorConfigs& configs, Each each) {
  size_t index = 0;
  const auto of_detector = [&](auto& configured) {
    using Config = std::remove_cvref_t<decltype(configured.config)>;
    const std::string prefix = std::string(detectors::Catalogue()[index++].id) + ".";
    for (const Setting<Config>& setting : Config::kSettings)
      each(configured.config, prefix + std::string(setting.key), setting);
  };
  std::apply([&](auto&... configured) { (of_detector(configured), ...); }, configs);
}

// All of the registry.
inline std::vector<std::string> SettingNames() {
  detectors::DetectorConfigs configs;
  std::vector<std::string> names;
  ForEachSetting(configs, [&](auto& /*config*/, const std::string& name, const auto& /*row*/) {
    names.push_back(name);
  });
  return names;
}

inline double NumberOf(const SettingValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<int>(&value)) return *whole;
  if (const auto* span = std::get_if<std::chrono::seconds>(&value)) return static_cast<double>(span->count());
  return 0;
}

// False: there is no such setting, it is of another type, or the configuration would not take the value.
inline bool Set(detectors::DetectorConfigs& configs, std::string_view name, const SettingValue& value) {
  bool set = false;
  ForEachSetting(configs, [&](auto& config, const std::string& key, const auto& row) {
    if (key != name) return;
    std::visit(
        [&](auto member) {
          using Type = std::remove_cvref_t<decltype(config.*member)>;
          const auto* given = std::get_if<Type>(&value);
          if (given == nullptr) return;
          constexpr bool kRanged = !std::is_same_v<Type, bool> && !std::is_same_v<Type, std::string> &&
                                   !std::is_same_v<Type, Money>;
          if (kRanged && (NumberOf(value) < row.min || NumberOf(value) > row.max)) return;
          config.*member = *given;
          set = true;
        },
        row.member);
  });
  return set;
}

// What the row's detector claims at the end of its story; says so where a value cannot be set.
inline std::string FoundWith(const SettingRow& row, const SettingValue& value) {
  detectors::DetectorConfigs configs;
  for (const auto& [name, besides] : row.besides) {
    if (!Set(configs, name, besides)) return "cannot set " + std::string(name);
  }
  if (!Set(configs, row.setting, value)) return "cannot set " + std::string(row.setting);
  AccountStory story(configs);
  story.limits().rates = Rates();
  row.tell(story);
  std::string found;
  for (const auto& [identity, claim] : story.active()) {
    if (claim.detector != row.setting.substr(0, row.setting.find('.'))) continue;
    std::array<char, 32> weight{};
    std::snprintf(weight.data(), weight.size(), " %.2f", claim.weight);
    found += (found.empty() ? "" : ", ") + std::string(schemas::Name(claim.severity)) + weight.data();
  }
  return found;
}

}  // namespace tocsin::test

namespace tocsin::detectors {

// In the files beside settings_test.cc.
[[nodiscard]] std::vector<test::SettingRow> LocationSettings();
[[nodiscard]] std::vector<test::SettingRow> DeviceSettings();
[[nodiscard]] std::vector<test::SettingRow> CredentialSettings();
[[nodiscard]] std::vector<test::SettingRow> TakeoverSettings();
[[nodiscard]] std::vector<test::SettingRow> LimitSettings();
[[nodiscard]] std::vector<test::SettingRow> MoneySettings();

}  // namespace tocsin::detectors
