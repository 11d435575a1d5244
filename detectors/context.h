// What a detector may know besides the event and the account: nothing of clocks, files or other accounts but
// counts.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "detectors/learning/learning_config.h"
#include "detectors/limits/limit.h"
#include "detectors/measure.h"
#include "detectors/population.h"

namespace tocsin::detectors {

class Asked;  // asked.h

struct Context {
  const Population& population;
  const LimitTable& limits;
  const LearningConfig& learning;
  // The account has an open case that was told (medium or more): what waits in quarantine stays there.
  bool case_open = false;
  // The end of the last case that was told (medium or more) and that nobody has decided: what waits in
  // quarantine waits its time from there. kTimestampMin: none.
  Timestamp held_until = kTimestampMin;
  // With feedback: the events that caused the findings which it is about. Empty when they are not known (any
  // more): "me" then teaches nothing, and "not me" is about all that waits in quarantine.
  std::span<const std::string_view> answered_causes = {};
  // Where to note what was measured; null: nobody asks.
  Measures* measures = nullptr;
  // What others have asked of this event and account; null: nobody has. DetectorSet sees to it.
  Asked* asked = nullptr;

  // Makes nothing of its arguments when nobody asks.
  template <class Value, class Threshold>
  void Note(std::string_view name, Value&& value, Needs needs, Threshold&& threshold) const {
    if (measures == nullptr) return;
    measures->push_back({.detector = {},
                         .name = std::string(name),
                         .value = std::forward<Value>(value),
                         .needs = needs,
                         .threshold = std::forward<Threshold>(threshold)});
  }
};

}  // namespace tocsin::detectors
