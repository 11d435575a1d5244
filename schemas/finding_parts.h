// The parts of a finding that stand alike in each of its forms: JSON values below the key they are given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "schemas/finding.h"

namespace tocsin::schemas {

// Six decimals: beyond them there is only rounding, which would differ between two honest ways to compute the
// same number.
[[nodiscard]] double Rounded(double value);

void WriteStrings(JsonWriter& json, std::string_view key, const std::vector<std::string>& values);
// An object. The first of a name is kept: readers disagree about what a repeated member means.
void WriteEvidence(JsonWriter& json, std::string_view key, const std::vector<Evidence>& evidence);
void WriteReasons(JsonWriter& json, std::string_view key, const std::vector<ReasonText>& reasons);
void WriteAddends(JsonWriter& json, std::string_view key, const std::vector<Addend>& addends);
void WriteTechniques(JsonWriter& json, std::string_view key, const std::vector<Technique>& techniques);

}  // namespace tocsin::schemas
