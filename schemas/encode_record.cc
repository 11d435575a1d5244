// Outputs as CloudEvents in Kafka's binary mode: attributes in headers, data in the value.
#include <string>
#include <utility>

#include "base/time.h"
#include "schemas/dead_letter.h"
#include "schemas/encode.h"
#include "schemas/encode_ocsf.h"
#include "schemas/enum_names.h"

namespace tocsin::schemas {
namespace {

// All but the value. `data_schema` may be empty.
OutRecord Envelope(OutputKind kind, std::string type, std::string data_schema, std::string_view key,
                   std::string_view id, Timestamp occurred_at, std::string_view traceparent) {
  OutRecord record;
  record.kind = kind;
  record.key = key;
  record.headers.reserve(data_schema.empty() ? 8 : 9);
  const auto add = [&](std::string_view name, std::string value) {
    record.headers.push_back({std::string(name), std::move(value)});
  };
  add("ce_specversion", "1.0");
  add("ce_id", std::string(id));
  add("ce_source", "tocsin");
  add("ce_type", std::move(type));
  if (!data_schema.empty()) add("ce_dataschema", std::move(data_schema));
  if (occurred_at != Timestamp{}) add("ce_time", FormatRfc3339(occurred_at));
  add("content-type", "application/json");
  if (!traceparent.empty()) {
    // The extension for CloudEvents readers, the plain header for tracing libraries.
    add("ce_traceparent", std::string(traceparent));
    add("traceparent", std::string(traceparent));
  }
  return record;
}

template <class Output>
OutRecord Make(OutputKind kind, const Output& output, std::string_view key, std::string_view id,
               Timestamp occurred_at, std::string_view traceparent) {
  OutRecord record =
      Envelope(kind, "tocsin." + std::string(Name(kind)) + ".v1", {}, key, id, occurred_at, traceparent);
  AppendJson(record.value, output);
  return record;
}

}  // namespace

OutRecord ToRecord(const Finding& finding) {
  return Make(OutputKind::kFinding, finding, finding.account_id.view(), finding.finding_id,
              finding.occurred_at, finding.traceparent);
}

OutRecord ToOcsfRecord(const Finding& finding, const OcsfContext& context) {
  std::string schema = "https://schema.ocsf.io/" + std::string(kOcsfVersion) + "/classes/detection_finding";
  OutRecord record =
      Envelope(OutputKind::kFinding, std::string(kOcsfType), std::move(schema), finding.account_id.view(),
               finding.finding_id, finding.occurred_at, finding.traceparent);
  AppendOcsf(record.value, finding, context);
  return record;
}

OutRecord ToRecord(const Notice& notice) {
  return Make(OutputKind::kNotice, notice, notice.account_id.view(), notice.notice_id, notice.occurred_at,
              notice.traceparent);
}

OutRecord ToRecord(const Ticket& ticket) {
  return Make(OutputKind::kTicket, ticket, ticket.account_id.view(), ticket.ticket_id, ticket.occurred_at,
              ticket.traceparent);
}

OutRecord ToRecord(const Action& action) {
  return Make(OutputKind::kAction, action, action.account_id.view(), action.action_id, action.occurred_at,
              action.traceparent);
}

OutRecord ToRecord(const DeadLetter& letter) {
  return Make(OutputKind::kDeadLetter, letter, letter.key, DeadLetterId(letter), letter.appended_at, {});
}

}  // namespace tocsin::schemas
