#include "daemon/delivery/parcel.h"

#include <simdjson.h>

#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using simdjson::dom::object;

std::string TextOf(const object& from, const char* key) {
  std::string_view text;
  return from[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Error Invalid(std::string field, std::string detail) {
  return {ErrorCode::kInvalid, std::move(field), std::move(detail)};
}

// Ids of ours are hexadecimal; a signature joins them by dots to what else it signs.
Result<Done> ReadId(const object& read, const char* key, Parcel& parcel) {
  parcel.id = TextOf(read, key);
  if (parcel.id.empty()) return Invalid(key, "missing or no text");
  if (parcel.id.find('.') != std::string::npos) return Invalid(key, "has a dot, which no id of ours has");
  return Done{};
}

Result<Done> ReadNotice(const object& read, Parcel& parcel) {
  if (Result<Done> id = ReadId(read, "notice_id", parcel); !id) return id;
  parcel.locale = TextOf(read, "locale");
  parcel.text = TextOf(read, "text");
  parcel.html = TextOf(read, "html");
  if (parcel.text.empty()) return Invalid("text", "missing or empty");
  if (const auto severity = schemas::FromName<schemas::Severity>(TextOf(read, "severity")))
    parcel.severity = *severity;
  simdjson::dom::array recipients;
  if (read["recipients"].get(recipients) != simdjson::SUCCESS)
    return Invalid("recipients", "missing or not a list");
  for (const simdjson::dom::element element : recipients) {
    object recipient;
    if (element.get(recipient) != simdjson::SUCCESS) return Invalid("recipients", "not a list of objects");
    const auto channel = schemas::FromName<schemas::ContactChannel>(TextOf(recipient, "channel"));
    if (channel) parcel.recipients.push_back({*channel, TextOf(recipient, "address")});
  }
  return Done{};
}

Result<Done> ReadTicket(const object& read, Parcel& parcel) {
  if (bool unreached = false; read["unreached"].get(unreached) == simdjson::SUCCESS)
    parcel.unreached = unreached;
  const bool told_to_desk = parcel.unreached && TextOf(read, "ticket_id").empty();
  if (Result<Done> id = ReadId(read, told_to_desk ? "unreached_id" : "ticket_id", parcel); !id) return id;
  if (parcel.case_id.empty()) return Invalid("case_id", "missing or no text");
  parcel.text = TextOf(read, "body");
  if (parcel.unreached) {
    parcel.operation = schemas::TicketOperation::kAppend;
    parcel.priority = schemas::Priority::kP4;  // The least: what the ticket has stays.
    return Done{};
  }
  const auto operation = schemas::FromName<schemas::TicketOperation>(TextOf(read, "operation"));
  if (!operation) return Invalid("operation", "not an operation on a ticket");
  const auto priority = schemas::FromName<schemas::Priority>(TextOf(read, "priority"));
  if (!priority) return Invalid("priority", "not a priority");
  parcel.operation = *operation;
  parcel.priority = *priority;
  parcel.decision = TextOf(read, "decision");
  if (object evidence; read["evidence"].get(evidence) == simdjson::SUCCESS)
    parcel.of_desk = TextOf(evidence, "decided_by") == "analyst";
  if (object due; read["due"].get(due) == simdjson::SUCCESS) {
    parcel.due.first_reply = ParseRfc3339(TextOf(due, "first_reply"));
    parcel.due.review = ParseRfc3339(TextOf(due, "review"));
  }
  if (const std::string reminder = TextOf(read, "reminder"); !reminder.empty())
    parcel.reminder = reminder == kClockNames[0] ? TicketClock::kFirstReply : TicketClock::kReview;
  if (int64_t percent = 0; read["percent"].get(percent) == simdjson::SUCCESS)
    parcel.percent = static_cast<int>(percent);
  if (bool counted = false; read["counted"].get(counted) == simdjson::SUCCESS) parcel.counted = counted;
  return Done{};
}

}  // namespace

bool IsUrgent(const Parcel& parcel) {
  return parcel.kind == ParcelKind::kTicket ? parcel.priority <= schemas::Priority::kP2
                                            : parcel.severity >= schemas::Severity::kHigh;
}

std::optional<size_t> PriorityIn(std::string_view subject) {
  constexpr std::string_view kBefore = "] P";
  const size_t at = subject.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = subject.substr(at + kBefore.size());
  const bool ours = !rest.empty() && rest.front() >= '1' && rest.front() <= '4' &&
                    (rest.substr(1).starts_with(":") || rest.substr(1).starts_with("："));
  return ours ? std::optional(at + kBefore.size() - 1) : std::nullopt;
}

std::string WithPriority(std::string subject, schemas::Priority priority) {
  if (const std::optional<size_t> at = PriorityIn(subject)) subject.replace(*at, 2, schemas::Name(priority));
  return subject;
}

Result<Parcel> ReadParcel(ParcelKind kind, std::string_view json) {
  simdjson::dom::parser parser;
  object read;
  if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS)
    return Invalid("", "not a JSON object");
  Parcel parcel;
  parcel.kind = kind;
  parcel.json = json;
  parcel.case_id = TextOf(read, "case_id");
  parcel.account_id = TextOf(read, "account_id");
  parcel.reference = TextOf(read, "reference");
  parcel.subject = TextOf(read, "subject");
  parcel.deliver_after = ParseRfc3339(TextOf(read, "deliver_after")).value_or(kTimestampMin);
  parcel.occurred_at = ParseRfc3339(TextOf(read, "occurred_at")).value_or(kTimestampMin);
  if (kind == ParcelKind::kFeedback) {
    parcel.id = TextOf(read, "event_id");
    return parcel;
  }
  const Result<Done> rest = kind == ParcelKind::kNotice ? ReadNotice(read, parcel) : ReadTicket(read, parcel);
  if (!rest) return rest.error();
  return parcel;
}

}  // namespace tocsin::daemon
