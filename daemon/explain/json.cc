#include <variant>

#include "base/json_writer.h"
#include "daemon/explain/explanation.h"
#include "daemon/explain/words.h"

namespace tocsin::daemon {
namespace {

void WriteFacts(JsonWriter& json, std::string_view name, const std::vector<Fact>& facts) {
  json.Key(name).BeginArray();
  for (const auto& [key, value] : facts)
    json.BeginObject().Member("name", key).Member("value", value).EndObject();
  json.EndArray();
}

void WriteTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.Key(name).BeginArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

void WriteClaim(JsonWriter& json, const ExplainedClaim& claim) {
  json.BeginObject()
      .Member("finding_id", claim.finding_id)
      .Member("severity", claim.severity)
      .Member("shadow", claim.shadow)
      .MemberIf("shadow_why", claim.shadow_why)
      .Member("told", claim.told)
      .Member("weight", claim.weight)
      .Member("counts", claim.counts);
  WriteTexts(json, "sentences", claim.sentences);
  WriteTexts(json, "cause", claim.cause);
  json.Key("evidence").BeginObject();
  for (const schemas::Evidence& evidence : claim.evidence) {
    std::visit([&](const auto& value) { json.Member(evidence.name, value); }, evidence.value);
  }
  json.EndObject().EndObject();
}

void WriteVerdict(JsonWriter& json, const ExplainedVerdict& verdict) {
  json.BeginObject()
      .Member("detector", verdict.detector)
      .Member("title", verdict.title)
      .Member("answer", verdict.answer)
      .MemberIf("why", verdict.why)
      .MemberIf("words", verdict.words);
  if (verdict.leaning != 0) json.Member("leaning", verdict.leaning);
  if (verdict.standing != 0) json.Member("standing", verdict.standing);
  json.Key("claims").BeginArray();
  for (const ExplainedClaim& claim : verdict.claims) WriteClaim(json, claim);
  json.EndArray();
  json.Key("measured").BeginArray();
  for (const detectors::Measure& measure : verdict.measures) {
    json.BeginObject().Member("name", measure.name);
    std::visit([&](const auto& value) { json.Member("value", value); }, measure.value);
    json.Member("needs", NeedsText(measure.needs));
    std::visit([&](const auto& value) { json.Member("threshold", value); }, measure.threshold);
    if (const auto met = detectors::IsMet(measure)) json.Member("met", *met);
    json.EndObject();
  }
  json.EndArray();
  WriteTexts(json, "takes_back", verdict.takes_back);
  json.EndObject();
}

void Write(const Explanation& explanation, std::string& out) {
  JsonWriter json(out);
  json.BeginObject()
      .Member("event_id", explanation.event_id)
      .Member("account_id", explanation.account_id)
      .Member("occurred_at", explanation.occurred_at)
      .Member("timezone", explanation.zone.name())
      .Member("what", explanation.what);
  WriteFacts(json, "facts", explanation.facts);
  json.Key("verdicts").BeginArray();
  for (const ExplainedVerdict& verdict : explanation.verdicts) WriteVerdict(json, verdict);
  json.EndArray();
  WriteTexts(json, "other_event", explanation.other);
  json.Member("risk", explanation.risk).Member("bias", explanation.bias);
  json.Key("addends").BeginArray();
  for (const schemas::Addend& addend : explanation.addends)
    json.BeginObject().Member("detector", addend.detector).Member("weight", addend.weight).EndObject();
  json.EndArray();
  json.Key("levels")
      .BeginObject()
      .Member("medium", explanation.medium_at)
      .Member("high", explanation.high_at)
      .Member("critical", explanation.critical_at)
      .EndObject();
  WriteTexts(json, "done", explanation.done);
  WriteFacts(json, "account", explanation.account);
  json.Key("habits").BeginArray();
  for (const Habit& habit : explanation.habits) {
    json.BeginObject()
        .Member("kind", habit.kind)
        .Member("label", habit.label)
        .Member("standing", habit.standing)
        .Member("trust", habit.trust)
        .Member("uses", habit.uses)
        .Member("first_seen", habit.first_seen)
        .Member("last_seen", habit.last_seen)
        .EndObject();
  }
  json.EndArray()
      .Member("repeats", static_cast<int64_t>(explanation.repeats))
      .Member("history_complete", explanation.history_complete)
      .EndObject();
  out += '\n';
}

}  // namespace

std::string ExplanationsJson(std::span<const Explanation> explanations) {
  std::string out;
  for (const Explanation& explanation : explanations) Write(explanation, out);
  return out;
}

}  // namespace tocsin::daemon
