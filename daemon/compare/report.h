// A comparison as a person reads it, and as a program does.
#pragma once

#include <cstddef>
#include <string>

#include "daemon/compare/comparison.h"

namespace tocsin::daemon {

// `changes_max` of the changed findings are listed; the tables count all.
[[nodiscard]] std::string ComparisonText(const Comparison& comparison, const ComparisonOptions& options,
                                         size_t changes_max);
// One object, one line; every change.
[[nodiscard]] std::string ComparisonJson(const Comparison& comparison, const ComparisonOptions& options);

}  // namespace tocsin::daemon
