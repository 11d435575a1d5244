// Findings, notices, tickets, actions and dead letters as JSON, members in the order of contracts.md §3.
#include "schemas/encode.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "schemas/base64.h"
#include "schemas/enum_names.h"
#include "schemas/finding_parts.h"

namespace tocsin::schemas {
namespace {

void WriteTimeline(JsonWriter& json, const std::vector<TimelineEntry>& timeline) {
  json.Key("timeline").BeginArray();
  for (const TimelineEntry& entry : timeline) {
    json.BeginObject().Member("at", entry.at).MemberIf("event_id", entry.event_id).Member("what", entry.what);
    json.MemberIf("place", entry.place).MemberIf("network", entry.network).MemberIf("device", entry.device);
    json.Member("flagged", entry.flagged).EndObject();
  }
  json.EndArray();
}

}  // namespace

void AppendJson(std::string& out, const Finding& finding) {
  JsonWriter json(out);
  json.BeginObject().Member("finding_id", finding.finding_id).Member("detector", finding.detector);
  json.Member("family", Name(finding.family)).Member("severity", Name(finding.severity));
  json.Member("confidence", finding.confidence).Member("account_id", finding.account_id.view());
  json.MemberIf("tenant", finding.tenant);
  json.Member("occurred_at", finding.occurred_at).Member("detected_at", finding.detected_at);
  WriteStrings(json, "cause", finding.cause);
  json.MemberIf("case_id", finding.case_id).Member("risk", Rounded(finding.risk));

  WriteAddends(json, "addends", finding.addends);
  WriteReasons(json, "reasons", finding.reasons);
  WriteEvidence(json, "evidence", finding.evidence);
  WriteTechniques(json, "techniques", finding.techniques);
  json.Member("status", Name(finding.status)).Member("mode", Name(finding.mode));

  const Versions& versions = finding.versions;
  json.Key("versions").BeginObject().Member("program", versions.program);
  json.Member("config", versions.config).Member("geoip", versions.geoip).EndObject();
  json.EndObject();
}

void AppendJson(std::string& out, const Notice& notice) {
  JsonWriter json(out);
  json.BeginObject().Member("notice_id", notice.notice_id).Member("case_id", notice.case_id);
  json.Member("account_id", notice.account_id.view()).MemberIf("tenant", notice.tenant);
  json.Member("template", notice.template_name).Member("locale", notice.locale);
  json.Member("severity", Name(notice.severity)).Member("occurred_at", notice.occurred_at);

  json.Key("recipients").BeginArray();
  for (const Recipient& recipient : notice.recipients) {
    json.BeginObject().MemberIf("channel", Name(recipient.channel));
    json.Member("address", recipient.address).EndObject();
  }
  json.EndArray();
  json.Member("subject", notice.subject).Member("text", notice.text).Member("html", notice.html);

  json.Key("facts").BeginObject();
  for (const auto& [name, value] : notice.facts) json.Member(name, value);
  json.EndObject();
  json.Key("links").BeginObject().MemberIf("me", notice.link_me).MemberIf("not_me", notice.link_not_me);
  json.EndObject().Member("reference", notice.reference).Member("expires_at", notice.expires_at);
  if (notice.deliver_after > kTimestampMin) json.Member("deliver_after", notice.deliver_after);
  json.EndObject();
}

void AppendJson(std::string& out, const Ticket& ticket) {
  JsonWriter json(out);
  json.BeginObject().Member("ticket_id", ticket.ticket_id).Member("case_id", ticket.case_id);
  json.Member("account_id", ticket.account_id.view()).MemberIf("tenant", ticket.tenant);
  json.Member("operation", Name(ticket.operation)).Member("priority", Name(ticket.priority));
  json.Member("reference", ticket.reference).Member("occurred_at", ticket.occurred_at);
  json.Member("subject", ticket.subject).Member("body", ticket.body);
  WriteTimeline(json, ticket.timeline);
  WriteStrings(json, "findings", ticket.findings);
  json.Member("decision", ticket.decision);
  json.Key("due").BeginObject();
  if (ticket.due.first_reply) json.Member("first_reply", *ticket.due.first_reply);
  if (ticket.due.review) json.Member("review", *ticket.due.review);
  json.EndObject();
  WriteEvidence(json, "evidence", ticket.evidence);
  if (ticket.deliver_after > kTimestampMin) json.Member("deliver_after", ticket.deliver_after);
  json.EndObject();
}

void AppendJson(std::string& out, const Action& action) {
  JsonWriter json(out);
  json.BeginObject().Member("action_id", action.action_id).Member("case_id", action.case_id);
  json.Member("account_id", action.account_id.view()).MemberIf("tenant", action.tenant);
  json.Member("action", Name(action.action))
      .MemberIf("target", action.target)
      .Member("reason", action.reason);
  json.Member("risk", Rounded(action.risk)).Member("occurred_at", action.occurred_at);
  json.Member("expires_at", action.expires_at).EndObject();
}

void AppendJson(std::string& out, const DeadLetter& letter) {
  JsonWriter json(out);
  json.BeginObject().Member("topic", letter.topic).Member("partition", letter.partition);
  json.Member("offset", letter.offset);
  if (letter.appended_at != Timestamp{}) json.Member("appended_at", letter.appended_at);
  json.Member("reason", letter.reason).MemberIf("field", letter.field).Member("detail", letter.detail);
  // A key that is not text would not survive as a JSON string.
  if (IsUtf8(letter.key)) {
    json.MemberIf("key", letter.key);
  } else {
    json.Member("key_base64", ToBase64(letter.key));
  }
  json.Key("headers").BeginArray();
  for (const auto& [name, value] : letter.headers) {
    json.BeginObject().Member("name", name).Member("value", ToBase64(value)).EndObject();
  }
  json.EndArray().Member("bytes", ToBase64(letter.bytes)).EndObject();
}

}  // namespace tocsin::schemas
