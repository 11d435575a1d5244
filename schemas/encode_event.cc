// Events as plain JSON: the exact reverse of schemas/event_decoder.cc, for generators, replays and tests.
#include "base/json_writer.h"
#include "schemas/encode.h"
#include "schemas/enum_names.h"

namespace tocsin::schemas {
namespace {

// An absent value has no name (kNone) and is not written.
template <class E>
void Enum(JsonWriter& json, std::string_view key, E value) {
  json.MemberIf(key, Name(value));
}

void Flag(JsonWriter& json, std::string_view key, bool value) {
  if (value) json.Member(key, true);
}

void Amount(JsonWriter& json, std::string_view key, int64_t minor, Currency currency) {
  json.Member(key, FormatAmount(Money{minor, currency}));
}

void Write(JsonWriter& json, const ReportedDevice& device) {
  if (!device.present) return;
  json.Key("device").BeginObject();
  json.MemberIf("id", device.id);
  Enum(json, "platform", device.platform);
  json.MemberIf("model", device.model);
  json.MemberIf("os_version", device.os_version);
  json.MemberIf("app_version", device.app_version);
  json.MemberIf("name", device.name);
  Flag(json, "emulator", device.emulator);
  Flag(json, "rooted", device.rooted);
  json.EndObject();
}

void Write(JsonWriter& json, const Contact& contact) {
  json.BeginObject();
  Enum(json, "channel", contact.channel);
  json.Member("address", contact.address);
  Flag(json, "verified", contact.verified);
  Flag(json, "primary", contact.primary);
  json.EndObject();
}

void Write(JsonWriter& json, const Login& login) {
  Enum(json, "outcome", login.outcome);
  Enum(json, "failure_reason", login.failure_reason);
  Enum(json, "method", login.method);
  Enum(json, "mfa", login.mfa);
}

void Write(JsonWriter& json, const Transaction& transaction) {
  json.Member("transaction_id", transaction.transaction_id);
  Enum(json, "kind", transaction.kind);
  Enum(json, "direction", transaction.direction);
  Enum(json, "status", transaction.status);
  Enum(json, "decline_reason", transaction.decline_reason);
  const Currency currency = transaction.amount.currency;
  Amount(json, "amount", transaction.amount.minor, currency);
  json.Member("currency", currency.code());
  if (transaction.balance_after_minor) {
    Amount(json, "balance_after", *transaction.balance_after_minor, currency);
  }
  const Counterparty& other = transaction.counterparty;
  if (!other.id.empty() || !other.name.empty() || !other.country.empty() ||
      other.type != CounterpartyType::kNone) {
    json.Key("counterparty").BeginObject();
    json.MemberIf("id", other.id).MemberIf("name", other.name).MemberIf("country", other.country);
    Enum(json, "type", other.type);
    json.EndObject();
  }
  const Instrument& instrument = transaction.instrument;
  if (!instrument.id.empty() || instrument.type != InstrumentType::kNone) {
    json.Key("instrument").BeginObject().MemberIf("id", instrument.id);
    Enum(json, "type", instrument.type);
    json.EndObject();
  }
  if (transaction.cross_border) json.Member("cross_border", *transaction.cross_border);
}

void Write(JsonWriter& json, const AccountChange& change) {
  Enum(json, "change", change.change);
  if (change.previous_contact) {
    json.Key("previous_contact");
    Write(json, *change.previous_contact);
  }
  if (!change.payee_id.empty()) {
    json.Key("payee").BeginObject().Member("id", change.payee_id).EndObject();
  }
  if (const auto& limit = change.limit) {
    json.Key("limit").BeginObject().Member("name", limit->name);
    if (limit->previous_minor) Amount(json, "previous", *limit->previous_minor, limit->currency);
    if (limit->value_minor) Amount(json, "value", *limit->value_minor, limit->currency);
    json.MemberIf("currency", limit->currency.code()).EndObject();
  }
  if (const auto& travel = change.travel) {
    json.Key("travel").BeginObject().Key("countries").BeginArray();
    for (const std::string& country : travel->countries) json.String(country);
    json.EndArray().Member("from", travel->from).Member("until", travel->until).EndObject();
  }
}

// Locale and time zone are written by the caller: they are common members too.
void Write(JsonWriter& json, const AccountProfile& profile) {
  json.MemberIf("display_name", profile.display_name);
  if (!profile.contacts.empty()) {
    json.Key("contacts").BeginArray();
    for (const Contact& contact : profile.contacts) Write(json, contact);
    json.EndArray();
  }
  json.MemberIf("country", profile.country).MemberIf("tier", profile.tier);
  if (profile.opened_at) json.Member("opened_at", *profile.opened_at);
  Enum(json, "status", profile.status);
  if (!profile.limits.empty()) {
    json.Key("limits").BeginArray();
    for (const ProfileLimit& limit : profile.limits) {
      json.BeginObject().Member("name", limit.name);
      Amount(json, "max", limit.max.minor, limit.max.currency);
      json.Member("currency", limit.max.currency.code()).EndObject();
    }
    json.EndArray();
  }
}

void Write(JsonWriter& json, const Feedback& feedback) {
  Enum(json, "verdict", feedback.verdict);
  Enum(json, "by", feedback.by);
  json.MemberIf("case_id", feedback.case_id);
  json.MemberIf("finding_id", feedback.finding_id);
  json.MemberIf("notice_id", feedback.notice_id);
  json.MemberIf("transaction_id", feedback.transaction_id);
}

}  // namespace

void AppendJson(std::string& out, const Event& event) {
  JsonWriter json(out);
  json.BeginObject();
  Enum(json, "type", event.type);
  json.Member("event_id", event.event_id.view()).MemberIf("source", event.source);
  json.Member("account_id", event.account_id.view()).Member("occurred_at", event.occurred_at);
  json.MemberIf("tenant", event.tenant).MemberIf("session_id", event.session_id);
  if (event.ip) json.Member("ip", event.ip->ToString());
  json.MemberIf("user_agent", event.user_agent);
  Enum(json, "channel", event.channel);
  json.MemberIf("locale", event.locale).MemberIf("timezone", event.timezone);
  json.MemberIf("traceparent", event.traceparent);
  Write(json, event.device);
  std::visit([&](const auto& payload) { Write(json, payload); }, event.payload);
  json.EndObject();
}

}  // namespace tocsin::schemas
