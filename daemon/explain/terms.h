// What measures, evidence, codes and times are called, for somebody who has not read the code.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "base/time_zone.h"
#include "detectors/measure.h"
#include "schemas/finding.h"

namespace tocsin::daemon {

// "2026-01-15 13:21:13 (UTC-5)".
[[nodiscard]] std::string LocalTimeText(Timestamp at, const TimeZone& zone);

// "bank_account": "bank account".
[[nodiscard]] std::string Spoken(std::string_view code);

// "Takeover chain"; the id itself when no detector has it.
[[nodiscard]] std::string TitleOf(std::string_view detector);

// "days_unseen": "days since it was last used"; "limit daily-out, sum": "limit daily-out, sum".
[[nodiscard]] std::string MeasureName(std::string_view name);
// It is no number, but is so or is not: 1 or 0.
[[nodiscard]] bool IsYesOrNo(const detectors::Measure& measure);

// "window_seconds": "window, seconds".
[[nodiscard]] std::string EvidenceName(std::string_view name);
// Of names that say yes or no by 1 or 0.
[[nodiscard]] bool SaysYesOrNo(std::string_view evidence_name);

}  // namespace tocsin::daemon
