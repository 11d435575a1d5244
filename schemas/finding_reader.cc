#include "schemas/finding_reader.h"

#include <simdjson.h>

#include <utility>

#include "schemas/enum_names.h"
#include "schemas/ocsf_reader.h"

namespace tocsin::schemas {
namespace {

using simdjson::dom::object;

Error Invalid(std::string_view field, std::string_view detail) {
  return {.code = ErrorCode::kInvalid, .field = std::string(field), .detail = std::string(detail)};
}

std::string TextOf(const object& from, const char* key) {
  std::string_view text;
  return from[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

Result<FindingSummary> ReadFinding(std::string_view json) {
  if (LooksLikeOcsf(json)) {
    Result<std::string> own = ReadOcsf(json);
    return own ? ReadFinding(*own) : own.error();
  }
  simdjson::dom::parser parser;
  object read;
  if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS)
    return Invalid("finding", "not a JSON object");
  if (object data; !TextOf(read, "specversion").empty() && read["data"].get(data) == simdjson::SUCCESS)
    read = data;

  FindingSummary finding{.finding_id = TextOf(read, "finding_id"),
                         .detector = TextOf(read, "detector"),
                         .account_id = TextOf(read, "account_id"),
                         .case_id = TextOf(read, "case_id")};
  if (finding.finding_id.empty()) return Invalid("finding_id", "missing or no text");
  if (finding.detector.empty()) return Invalid("detector", "missing or no text");
  if (finding.account_id.empty()) return Invalid("account_id", "missing or no text");
  const auto family = FromName<Family>(TextOf(read, "family"));
  if (!family) return Invalid("family", "not a family of detectors");
  const auto severity = FromName<Severity>(TextOf(read, "severity"));
  if (!severity) return Invalid("severity", "not a severity");
  const auto at = ParseRfc3339(TextOf(read, "occurred_at"));
  if (!at) return Invalid("occurred_at", "not RFC 3339");
  finding.family = *family;
  finding.severity = *severity;
  finding.occurred_at = *at;

  simdjson::dom::array reasons;
  if (read["reasons"].get(reasons) != simdjson::SUCCESS) return Invalid("reasons", "missing or not a list");
  for (const simdjson::dom::element element : reasons) {
    object reason;
    if (element.get(reason) != simdjson::SUCCESS) return Invalid("reasons", "not a list of objects");
    finding.reasons.push_back({.code = TextOf(reason, "code"),
                               .text = TextOf(reason, "text"),
                               .observed = TextOf(reason, "observed"),
                               .usual = TextOf(reason, "usual")});
  }
  if (finding.reasons.empty()) return Invalid("reasons", "empty");
  return finding;
}

}  // namespace tocsin::schemas
