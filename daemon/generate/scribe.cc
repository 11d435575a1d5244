#include "daemon/generate/scribe.h"

#include <cstdio>

#include "schemas/enum_names.h"

namespace tocsin::daemon::generate {
namespace {

using schemas::Channel;
using schemas::Direction;
using schemas::Mfa;
using schemas::Platform;
using schemas::TransactionKind;
using schemas::TransactionStatus;

// Shares of what is not in order in any real log.
constexpr double kLate = 0.004;
constexpr double kTwice = 0.002;

constexpr std::string_view kTiers[] = {"basic", "gold"};

std::string AddressText(uint32_t address) {
  char text[16];
  const int length = std::snprintf(text, sizeof text, "%u.%u.%u.%u", address >> 24U, address >> 16U & 255U,
                                   address >> 8U & 255U, address & 255U);
  return {text, static_cast<size_t>(length)};
}

template <class... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  char text[256];
  const int length = std::snprintf(text, sizeof text, format, arguments...);
  return {text, static_cast<size_t>(length)};
}

}  // namespace

std::string Scribe::Begin(JsonWriter& json, std::string_view type, std::string_view source, Timestamp at) {
  std::string id = Format("e-%07u-%05u", account_.number, account_.events++);
  if (collected_ != nullptr) collected_->push_back(id);
  json.BeginObject();
  json.Member("type", type).Member("event_id", id).Member("source", source);
  json.Member("account_id", AccountName(account_.number)).Member("occurred_at", at);
  return id;
}

void Scribe::WriteOrigin(JsonWriter& json, const Origin& origin) {
  if (origin.address != 0) json.Member("ip", AddressText(origin.address));
  json.MemberIf("session_id", origin.session);
  if (origin.gadget == nullptr) return;
  const Gadget& gadget = *origin.gadget;
  if (gadget.channel != Channel::kNone) json.Member("channel", schemas::Name(gadget.channel));
  json.MemberIf("user_agent", gadget.user_agent);
  if (gadget.id.empty()) return;
  json.Key("device").BeginObject().Member("id", gadget.id);
  if (gadget.platform != Platform::kNone) json.Member("platform", schemas::Name(gadget.platform));
  json.MemberIf("model", gadget.model).MemberIf("os_version", gadget.os_version);
  if (gadget.emulator) json.Member("emulator", true);
  if (gadget.rooted) json.Member("rooted", true);
  json.EndObject();
}

void Scribe::End(JsonWriter& json, Timestamp at, size_t begin) {
  json.EndObject();
  batch_.text().push_back('\n');
  const bool late = chance_.Chance(kLate);
  const Timestamp arrives = late ? at + std::chrono::seconds(chance_.Between(int64_t{5}, int64_t{900})) : at;
  batch_.Add(arrives, begin);
  if (chance_.Chance(kTwice))
    batch_.Repeat(arrives + std::chrono::seconds(chance_.Between(int64_t{1}, int64_t{300})));
}

std::string Scribe::Profile(Timestamp at, Timestamp opened_at) {
  const City& city = world_.city(account_.city);
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "account_profile", "accounts.example.com", at);
  json.Member("display_name", OwnerName(world_, account_));
  json.Key("contacts").BeginArray();
  json.BeginObject()
      .Member("channel", "email")
      .Member("address", Format("owner%07u@example.com", account_.number));
  json.Member("verified", true).Member("primary", true).EndObject();
  json.BeginObject()
      .Member("channel", "push")
      .Member("address", Format("push-%07u", account_.number))
      .Member("verified", true)
      .EndObject();
  json.EndArray();
  json.Member("locale", city.language).Member("timezone", city.zone).Member("country", city.country);
  json.Member("tier", kTiers[account_.tier]).Member("opened_at", opened_at).Member("status", "active");
  json.Key("limits").BeginArray();
  const auto limit = [&](std::string_view name, int64_t minor) {
    json.BeginObject().Member("name", name).Member("max", FormatAmount({minor, account_.currency}));
    json.Member("currency", account_.currency.code()).EndObject();
  };
  limit("single-transfer", account_.transfer_limit_minor);
  limit("daily-out", account_.daily_limit_minor);
  json.EndArray();
  End(json, at, begin);
  return id;
}

std::string Scribe::Login(Timestamp at, const Origin& origin, schemas::LoginOutcome outcome,
                          schemas::LoginMethod method, Mfa mfa, schemas::FailureReason reason) {
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "login", "idp.example.com", at);
  WriteOrigin(json, origin);
  json.MemberIf("timezone", origin.zone);
  json.Member("outcome", schemas::Name(outcome));
  if (reason != schemas::FailureReason::kNone) json.Member("failure_reason", schemas::Name(reason));
  json.Member("method", schemas::Name(method));
  if (mfa != Mfa::kNone) json.Member("mfa", schemas::Name(mfa));
  End(json, at, begin);
  return id;
}

std::string Scribe::Change(Timestamp at, const Origin& origin, schemas::ChangeKind change,
                           std::string_view payee) {
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "account_change", "accounts.example.com", at);
  WriteOrigin(json, origin);
  json.Member("change", schemas::Name(change));
  if (change == schemas::ChangeKind::kEmailChanged) {
    json.Key("previous_contact").BeginObject().Member("channel", "email");
    json.Member("address", Format("owner%07u@example.com", account_.number))
        .Member("verified", true)
        .EndObject();
  }
  if (!payee.empty()) json.Key("payee").BeginObject().Member("id", payee).EndObject();
  End(json, at, begin);
  return id;
}

std::string Scribe::ChangeLimit(Timestamp at, const Origin& origin, int64_t previous_minor,
                                int64_t value_minor) {
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "account_change", "accounts.example.com", at);
  WriteOrigin(json, origin);
  json.Member("change", "limit_changed").Key("limit").BeginObject().Member("name", "daily-out");
  json.Member("previous", FormatAmount({previous_minor, account_.currency}));
  json.Member("value", FormatAmount({value_minor, account_.currency}))
      .Member("currency", account_.currency.code())
      .EndObject();
  End(json, at, begin);
  return id;
}

std::string Scribe::TravelNotice(Timestamp at, const Origin& origin, std::string_view country, Timestamp from,
                                 Timestamp until) {
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "account_change", "accounts.example.com", at);
  WriteOrigin(json, origin);
  json.Member("change", "travel_notice")
      .Key("travel")
      .BeginObject()
      .Key("countries")
      .BeginArray()
      .String(country)
      .EndArray();
  json.Member("from", from).Member("until", until).EndObject();
  End(json, at, begin);
  return id;
}

std::string Scribe::Transact(Timestamp at, const Origin& origin, const Movement& movement) {
  const bool in = movement.incoming || movement.kind == TransactionKind::kTopUp ||
                  movement.kind == TransactionKind::kRefund;
  // Money moves once: with the first word of it that is not a refusal. A completion names the transaction it
  // completes.
  const bool first = movement.transaction_id.empty();
  const bool counts =
      movement.status == TransactionStatus::kAuthorized || movement.status == TransactionStatus::kCompleted;
  int64_t moves = 0;
  if (first && counts) moves = in ? movement.minor : -movement.minor;
  if (movement.status == TransactionStatus::kReversed) moves = in ? -movement.minor : movement.minor;
  account_.balance_minor += moves;

  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "transaction", "ledger.example.com", at);
  WriteOrigin(json, origin);
  if (movement.at_till) json.Member("channel", "pos");
  last_transaction_ =
      first ? Format("tx-%07u-%05u", account_.number, account_.transactions++) : movement.transaction_id;
  json.Member("transaction_id", last_transaction_);
  json.Member("kind", schemas::Name(movement.kind));
  if (movement.incoming) json.Member("direction", schemas::Name(Direction::kIn));
  json.Member("status", schemas::Name(movement.status));
  if (movement.decline_reason != schemas::DeclineReason::kNone)
    json.Member("decline_reason", schemas::Name(movement.decline_reason));
  json.Member("amount", FormatAmount({movement.minor, account_.currency}))
      .Member("currency", account_.currency.code());
  // A completion reports later than what was paid since.
  if (first || movement.status == TransactionStatus::kReversed) {
    json.Member("balance_after", "");
    batch_.text().pop_back();
    batch_.TellBalance(at, account_.told_balance, moves + movement.misbooked_minor);
    batch_.text().push_back('"');
  }
  if (!movement.counterparty.empty()) {
    json.Key("counterparty").BeginObject().Member("id", movement.counterparty);
    json.Member("country", movement.country.empty() ? world_.city(account_.city).country : movement.country);
    json.Member("type", schemas::Name(movement.counterparty_type)).EndObject();
  }
  json.Key("instrument").BeginObject();
  if (movement.instrument.empty()) {
    json.Member("id", Format("balance-%07u", account_.number)).Member("type", "balance");
  } else {
    json.Member("id", movement.instrument).Member("type", "card");
  }
  json.EndObject();
  End(json, at, begin);
  return id;
}

std::string Scribe::NotMe(Timestamp at, const std::string& finding_id) {
  return WriteNotMe(at, "answers.example.com", "owner", "finding_id", finding_id);
}

std::string Scribe::Disputed(Timestamp at, const std::string& transaction_id) {
  return WriteNotMe(at, "support.example.com", "analyst", "transaction_id", transaction_id);
}

std::string Scribe::WriteNotMe(Timestamp at, std::string_view source, std::string_view by,
                               std::string_view member, std::string_view about) {
  const size_t begin = batch_.size();
  JsonWriter json(batch_.text());
  std::string id = Begin(json, "feedback", source, at);
  json.Member("verdict", "not_me").Member("by", by).Member(member, about);
  End(json, at, begin);
  return id;
}

std::string Scribe::NextSession() { return Format("s-%07u-%05u", account_.number, account_.sessions++); }

}  // namespace tocsin::daemon::generate
