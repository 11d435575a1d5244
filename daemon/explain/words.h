// What a detector's answer means, for somebody who has not read its code.
#pragma once

#include <string>
#include <string_view>

#include "detectors/measure.h"

namespace tocsin::daemon {

// "more than", "at least", "less than".
[[nodiscard]] std::string_view NeedsText(detectors::Needs needs);

// "The account is too new to know what is usual for it." A code without a sentence is said as it is.
[[nodiscard]] std::string WhyNotEvaluable(std::string_view code);

// The Goal of the detector's page, in one paragraph; "" for one without a page.
[[nodiscard]] std::string GoalOf(std::string_view detector);

}  // namespace tocsin::daemon
