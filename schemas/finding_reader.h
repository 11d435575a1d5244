// A finding read back from its record: what a person is told of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schemas/finding.h"

namespace tocsin::schemas {

struct FindingSummary {
  std::string finding_id;
  std::string detector;
  Family family = Family::kLocation;
  Severity severity = Severity::kLow;
  std::string account_id;
  std::string case_id;  // Empty for shadow findings.
  Timestamp occurred_at;
  std::vector<ReasonText> reasons;
};

// The finding's own JSON, a CloudEvent around it (`data`), or what OCSF makes of it. kInvalid names the field
// that is missing or wrong.
[[nodiscard]] Result<FindingSummary> ReadFinding(std::string_view json);

}  // namespace tocsin::schemas
