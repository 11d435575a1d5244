// A finding as OCSF 1.8 has it: a Detection Finding (class 2004), for a SIEM or a data lake that reads OCSF.
// docs/ocsf.md lists where each member goes and why. Nothing of the finding is lost: ReadOcsf gives its own
// JSON back, byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/finding.h"
#include "schemas/record.h"

namespace tocsin::schemas {

struct Event;

// What findings are put out as.
enum class FindingFormat : uint8_t { kTocsin, kOcsf };

inline constexpr std::string_view kOcsfVersion = "1.8.0";
// ce_type of the record, whose data is not that of tocsin.finding.v1.
inline constexpr std::string_view kOcsfType = "tocsin.ocsf_finding.v1";

// What OCSF asks for and the finding does not hold.
struct OcsfContext {
  std::string_view title;        // The detector's.
  const Event* event = nullptr;  // The one at which it is found, with its facts.
  // Risk from which the level is medium, high, critical.
  double medium_at = 0.1;
  double high_at = 0.4;
  double critical_at = 0.8;
};

// One JSON object without a line break. Deterministic.
void AppendOcsf(std::string& out, const Finding& finding, const OcsfContext& context);

// With ce_* headers: key, ce_id and ce_time as those of ToRecord, ce_type kOcsfType, ce_dataschema the class.
[[nodiscard]] OutRecord ToOcsfRecord(const Finding& finding, const OcsfContext& context);

}  // namespace tocsin::schemas
