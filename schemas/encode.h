// Outputs to JSON and to the records that carry them (CloudEvents binary mode). Deterministic: equal values,
// equal bytes.
#pragma once

#include <string>

#include "schemas/alert.h"
#include "schemas/finding.h"
#include "schemas/record.h"

namespace tocsin::schemas {

// One JSON object without a line break, members as in contracts.md §3.
void AppendJson(std::string& out, const Finding& finding);
void AppendJson(std::string& out, const Notice& notice);
void AppendJson(std::string& out, const Ticket& ticket);
void AppendJson(std::string& out, const Action& action);
void AppendJson(std::string& out, const DeadLetter& letter);
// An event as plain JSON, such that decoding it gives the same event (facts aside).
void AppendJson(std::string& out, const Event& event);

// The same with ce_* headers, keyed by account. `ce_source` is "tocsin"; `ce_time` is the occurrence.
[[nodiscard]] OutRecord ToRecord(const Finding& finding);
[[nodiscard]] OutRecord ToRecord(const Notice& notice);
[[nodiscard]] OutRecord ToRecord(const Ticket& ticket);
[[nodiscard]] OutRecord ToRecord(const Action& action);
[[nodiscard]] OutRecord ToRecord(const DeadLetter& letter);

}  // namespace tocsin::schemas
