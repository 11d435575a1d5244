// One account, and what a rule book's condition says of its events.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "daemon/detection/conditions.h"
#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::test {

class Book : public AccountStory {
 public:
  // `condition`: its name, a literal.
  explicit Book(std::string_view condition, const detectors::DetectorConfigs& configs = {})
      : AccountStory(configs), condition_(condition) {}

  // Of the event, which the account then learns.
  std::string Ask(const schemas::Event& event) {
    const detectors::AccountState before = state();
    last_ = &Run(event);
    const detectors::Context context{.population = population(), .limits = limits(), .learning = learning()};
    const auto condition = std::ranges::find(daemon::Conditions(), condition_, &daemon::Condition::name);
    CHECK(condition != daemon::Conditions().end());
    std::vector<schemas::Evidence> evidence;
    daemon::AddConditions({&condition->profile, 1}, event, before, context, *last_, evidence);
    const auto said = std::ranges::find(evidence, condition_, &schemas::Evidence::name);
    return std::get<std::string>(said->value);
  }
  std::string Ask(const Pay& pay) { return Ask(Build(pay)); }
  // Of the last event.
  [[nodiscard]] const detectors::Verdict& Of(std::string_view detector) const { return last_->Of(detector); }

 private:
  std::string_view condition_;
  const detectors::DetectionResult* last_ = nullptr;
};

// The defaults but for one detector's: `change(config)`.
template <class Detector, class Change>
detectors::DetectorConfigs ConfiguredBy(Change change) {
  detectors::DetectorConfigs configs;
  change(std::get<detectors::Configured<Detector>>(configs).config);
  return configs;
}

// Another event of the same transaction.
inline Pay Again(Pay pay, Millis later,
                 schemas::TransactionStatus status = schemas::TransactionStatus::kCompleted) {
  pay.event_id = pay.id + "-again";
  pay.at += later;
  pay.status = status;
  return pay;
}

}  // namespace tocsin::test
