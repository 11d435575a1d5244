#include "schemas/finding_parts.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace tocsin::schemas {

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

void WriteStrings(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.Key(key).BeginArray();
  for (const std::string& value : values) json.String(value);
  json.EndArray();
}

void WriteEvidence(JsonWriter& json, std::string_view key, const std::vector<Evidence>& evidence) {
  json.Key(key).BeginObject();
  for (auto entry = evidence.begin(); entry != evidence.end(); ++entry) {
    const auto same_name = [&](const Evidence& earlier) { return earlier.name == entry->name; };
    if (std::any_of(evidence.begin(), entry, same_name)) continue;
    std::visit([&](const auto& value) { json.Member(entry->name, value); }, entry->value);
  }
  json.EndObject();
}

void WriteReasons(JsonWriter& json, std::string_view key, const std::vector<ReasonText>& reasons) {
  json.Key(key).BeginArray();
  for (const ReasonText& reason : reasons) {
    json.BeginObject().Member("code", reason.code).Member("text", reason.text);
    json.MemberIf("observed", reason.observed).MemberIf("usual", reason.usual).EndObject();
  }
  json.EndArray();
}

void WriteAddends(JsonWriter& json, std::string_view key, const std::vector<Addend>& addends) {
  json.Key(key).BeginArray();
  for (const Addend& addend : addends) {
    json.BeginObject()
        .Member("detector", addend.detector)
        .Member("weight", Rounded(addend.weight))
        .EndObject();
  }
  json.EndArray();
}

void WriteTechniques(JsonWriter& json, std::string_view key, const std::vector<Technique>& techniques) {
  json.Key(key).BeginArray();
  for (const Technique& technique : techniques) {
    json.BeginObject().Member("framework", technique.framework).Member("id", technique.id).EndObject();
  }
  json.EndArray();
}

}  // namespace tocsin::schemas
