// Names, requirements and numbers are those of OCSF's events/findings/detection_finding.json and objects/.
#include "schemas/encode_ocsf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/json_writer.h"
#include "schemas/attack_names.h"
#include "schemas/enum_names.h"
#include "schemas/finding_parts.h"
#include "schemas/ocsf_evidence.h"

namespace tocsin::schemas {
namespace {

// A value of one of OCSF's enums, with its caption.
struct Coded {
  int id;
  std::string_view caption;
};

// In the order of our own enums.
constexpr std::array<Coded, 3> kActivities{{{1, "Create"}, {2, "Update"}, {3, "Close"}}};
constexpr std::array<Coded, 5> kSeverities{
    {{1, "Informational"}, {2, "Low"}, {3, "Medium"}, {4, "High"}, {5, "Critical"}}};
constexpr std::array<Coded, 2> kAnalyticStates{{{1, "Active"}, {2, "Suppressed"}}};

// Nobody has looked at it yet; one that a late event disproved was never there.
Coded StatusOf(const Finding& finding) {
  return finding.status == FindingStatus::kSuperseded ? Coded{6, "Deleted"} : Coded{1, "New"};
}

Coded ConfidenceOf(int percent) {
  if (percent < 34) return {1, "Low"};
  return percent < 67 ? Coded{2, "Medium"} : Coded{3, "High"};
}

Coded RiskLevelOf(double risk, const OcsfContext& context) {
  if (risk >= context.critical_at) return {4, "Critical"};
  if (risk >= context.high_at) return {3, "High"};
  return risk >= context.medium_at ? Coded{2, "Medium"} : Coded{1, "Low"};
}

void WriteCoded(JsonWriter& json, std::string_view id, std::string_view name, const Coded& value) {
  json.Member(id, value.id).Member(name, value.caption);
}

void WriteClass(JsonWriter& json, const Finding& finding) {
  const Coded& activity = kActivities[static_cast<size_t>(finding.status)];
  json.Member("class_uid", 2004).Member("class_name", "Detection Finding");
  json.Member("category_uid", 2).Member("category_name", "Findings");
  WriteCoded(json, "activity_id", "activity_name", activity);
  json.Member("type_uid", 200'400 + activity.id);
  json.Member("type_name", std::string("Detection Finding: ").append(activity.caption));
  json.Member("time", ToMillis(finding.detected_at)).Member("end_time", ToMillis(finding.occurred_at));
}

void WriteVerdict(JsonWriter& json, const Finding& finding, const OcsfContext& context) {
  WriteCoded(json, "severity_id", "severity", kSeverities[static_cast<size_t>(finding.severity)]);
  WriteCoded(json, "status_id", "status", StatusOf(finding));
  json.Member("status_code", Name(finding.status));
  json.Member("is_alert", finding.mode == Mode::kLive && finding.status != FindingStatus::kSuperseded &&
                              finding.severity >= Severity::kMedium);
  WriteCoded(json, "confidence_id", "confidence", ConfidenceOf(finding.confidence));
  json.Member("confidence_score", finding.confidence);
  WriteCoded(json, "risk_level_id", "risk_level", RiskLevelOf(finding.risk, context));
  json.Member("risk_score", static_cast<int64_t>(std::lround(finding.risk * 100)));
  json.MemberIf("message", finding.reasons.empty() ? std::string_view() : finding.reasons.front().text);
}

void WriteMetadata(JsonWriter& json, const Finding& finding, const Event* event) {
  json.Key("metadata").BeginObject().Member("version", kOcsfVersion);
  json.Key("product").BeginObject().Member("name", "Tocsin").Member("vendor_name", "Tocsin");
  json.Member("version", finding.versions.program).EndObject();
  // Of this record, not of the finding: an update must not look like a repetition of what it updates.
  if (event != nullptr) {
    IdentityHash hash;
    hash.Add(finding.finding_id).Add(static_cast<int64_t>(event->DedupKey()));
    json.Member("uid", ToHex(hash.Finish()));
  }
  json.MemberIf("correlation_uid", finding.case_id).MemberIf("tenant_uid", finding.tenant).EndObject();
}

void WriteAttacks(JsonWriter& json, const std::vector<Technique>& techniques) {
  if (std::ranges::find(techniques, "attack", &Technique::framework) == techniques.end()) return;
  const auto write = [&json](std::string_view key, std::string_view uid, std::string_view name) {
    json.Key(key).BeginObject().Member("uid", uid).MemberIf("name", name).EndObject();
  };
  json.Key("attacks").BeginArray();
  for (const Technique& technique : techniques) {
    if (technique.framework != "attack") continue;
    const std::string_view whole = technique.id.substr(0, technique.id.find('.'));
    const AttackName* const known = FindAttack(whole);
    json.BeginObject();
    if (known != nullptr && !known->tactic.empty()) write("tactic", known->tactic_uid, known->tactic);
    write("technique", whole, known == nullptr ? std::string_view() : known->name);
    if (whole != technique.id) {
      const AttackName* const part = FindAttack(technique.id);
      write("sub_technique", technique.id, part == nullptr ? std::string_view() : part->name);
    }
    json.Member("version", kAttackVersion).EndObject();
  }
  json.EndArray();
}

void WriteInfo(JsonWriter& json, const Finding& finding, const OcsfContext& context) {
  std::string description;
  for (const ReasonText& reason : finding.reasons) {
    description.append(description.empty() ? "" : " ").append(reason.text);
  }
  json.Key("finding_info").BeginObject().Member("uid", finding.finding_id);
  json.Member("title", context.title.empty() ? std::string_view(finding.detector) : context.title);
  json.MemberIf("desc", description);
  json.Key("types").BeginArray().String(Name(finding.family)).EndArray();
  json.Member(finding.status == FindingStatus::kNew ? "created_time" : "modified_time",
              ToMillis(finding.detected_at));
  json.Member("last_seen_time", ToMillis(finding.occurred_at));

  json.Key("analytic").BeginObject().Member("uid", finding.detector).MemberIf("name", context.title);
  WriteCoded(json, "type_id", "type", {1, "Rule"});
  WriteCoded(json, "state_id", "state", kAnalyticStates[static_cast<size_t>(finding.mode)]);
  json.Member("version", finding.versions.program).EndObject();
  WriteAttacks(json, finding.techniques);

  json.Key("related_events").BeginArray();
  for (const std::string& cause : finding.cause) json.BeginObject().Member("uid", cause).EndObject();
  json.EndArray().Member("related_events_count", finding.cause.size()).EndObject();
}

// What was seen, and what is usual for the account, of each reason that says it.
void WriteAnomalies(JsonWriter& json, const Finding& finding) {
  const auto write = [&](std::string_view key, std::string ReasonText::*value) {
    const auto empty = [value](const ReasonText& reason) { return (reason.*value).empty(); };
    if (std::ranges::all_of(finding.reasons, empty)) return;
    json.Key(key).BeginArray();
    for (const ReasonText& reason : finding.reasons) {
      if (empty(reason)) continue;
      json.BeginObject().Member("observation_parameter", reason.code);
      json.Key("observations").BeginArray().BeginObject().Member("value", reason.*value);
      json.EndObject().EndArray().EndObject();
    }
    json.EndArray();
  };
  const auto unseen = [](const ReasonText& reason) { return reason.observed.empty(); };
  if (std::ranges::all_of(finding.reasons, unseen)) return;
  json.Key("anomaly_analyses").BeginArray().BeginObject();
  json.Key("analysis_targets").BeginArray().BeginObject().Member("name", finding.account_id.view());
  json.Member("type", "Account").EndObject().EndArray();
  write("anomalies", &ReasonText::observed);
  write("baselines", &ReasonText::usual);
  json.EndObject().EndArray();
}

void WriteUnmapped(JsonWriter& json, const Finding& finding) {
  json.Key("unmapped").BeginObject().Member("risk", Rounded(finding.risk));
  WriteAddends(json, "addends", finding.addends);
  WriteReasons(json, "reasons", finding.reasons);
  WriteTechniques(json, "techniques", finding.techniques);
  json.Key("versions").BeginObject().Member("config", finding.versions.config);
  json.Member("geoip", finding.versions.geoip).EndObject().EndObject();
}

}  // namespace

void AppendOcsf(std::string& out, const Finding& finding, const OcsfContext& context) {
  // One that disproves a finding is no evidence of it.
  const Event* const event = finding.status == FindingStatus::kSuperseded ? nullptr : context.event;
  JsonWriter json(out);
  json.BeginObject();
  WriteClass(json, finding);
  WriteVerdict(json, finding, context);
  WriteMetadata(json, finding, context.event);
  WriteInfo(json, finding, context);

  json.Key("resources").BeginArray().BeginObject().Member("uid", finding.account_id.view());
  json.Member("type", "Account");
  WriteCoded(json, "role_id", "role", {1, "Target"});
  json.EndObject().EndArray();
  WriteOcsfEvidence(json, finding, event);
  WriteAnomalies(json, finding);
  WriteObservables(json, finding, event);
  WriteUnmapped(json, finding);
  json.EndObject();
}

}  // namespace tocsin::schemas
