#include "schemas/codec/payloads.h"

#include <initializer_list>

#include "schemas/codec/shapes.h"

namespace tocsin::schemas::codec {
namespace {

using enum Member;

bool ReadDevice(const Fields& fields, ReportedDevice& device) {
  const Field self = fields.At(kDevice);
  if (self.absent()) return true;
  device.present = true;
  if (!fields.IsObject(self) || !fields.Text(kDeviceId, kForeignIdMax, device.id)) return false;
  // A placeholder is no device; kept, it would make all phones without an id the same phone.
  if (IsPlaceholder(device.id)) device.id.clear();
  return fields.Enum(kDevicePlatform, device.platform) && fields.Text(kDeviceModel, kNameMax, device.model) &&
         fields.Text(kDeviceOsVersion, kNameMax, device.os_version) &&
         fields.Text(kDeviceAppVersion, kNameMax, device.app_version) &&
         fields.Text(kDeviceName, kNameMax, device.name) && fields.Flag(kDeviceEmulator, device.emulator) &&
         fields.Flag(kDeviceRooted, device.rooted);
}

bool ReadAddress(const Fields& fields, IpAddress& parsed, bool& present) {
  const Field field = fields.At(kIp);
  if (field.absent()) return true;
  if (!fields.IsString(field)) return false;
  const std::optional<IpAddress> address = IpAddress::Parse(field.slot->text);
  if (!address) return fields.Reject(field, RejectionCode::kBadAddress, "not an IPv4 or IPv6 address");
  parsed = *address;
  present = true;
  return true;
}

// As the W3C asks: a broken trace is forgotten, and never costs the event.
bool ReadTrace(const Fields& fields, std::string& traceparent) {
  const Field field = fields.At(kTraceparent);
  if (field.absent()) return true;
  if (!fields.IsString(field)) return false;
  if (IsTraceparent(field.slot->text)) traceparent = field.slot->text;
  return true;
}

bool Read(const Fields& fields, Login& login) {
  return fields.Require(kOutcome) && fields.Enum(kOutcome, login.outcome) &&
         fields.Enum(kFailureReason, login.failure_reason) && fields.Enum(kMethod, login.method) &&
         fields.Enum(kMfa, login.mfa);
}

bool ReadCounterparty(const Fields& fields, Counterparty& counterparty) {
  return fields.IsObject(fields.At(kCounterparty)) &&
         fields.OptionalIdentity(kCounterpartyId, kForeignIdMax, counterparty.id) &&
         fields.Text(kCounterpartyName, kNameMax, counterparty.name) &&
         fields.Country(fields.At(kCounterpartyCountry), counterparty.country) &&
         fields.Enum(kCounterpartyType, counterparty.type);
}

bool ReadMoney(const Fields& fields, Transaction& transaction) {
  std::optional<int64_t> minor;
  Currency& currency = transaction.amount.currency;
  if (!fields.Require(kCurrency) || !fields.CurrencyCode(fields.At(kCurrency), currency)) return false;
  if (!fields.Require(kAmount) || !fields.Amount(fields.At(kAmount), currency, false, minor)) return false;
  transaction.amount.minor = *minor;
  return fields.Amount(fields.At(kBalanceAfter), currency, true, transaction.balance_after_minor);
}

bool Read(const Fields& fields, Transaction& transaction) {
  std::string_view id;
  if (!fields.Identity(kTransactionId, kIdMax, id)) return false;
  transaction.transaction_id = id;
  if (!fields.Require(kKind) || !fields.Enum(kKind, transaction.kind)) return false;
  if (!fields.Require(kStatus) || !fields.Enum(kStatus, transaction.status)) return false;
  if (!fields.Enum(kDirection, transaction.direction)) return false;
  if (transaction.direction == Direction::kNone) {
    const bool in =
        transaction.kind == TransactionKind::kTopUp || transaction.kind == TransactionKind::kRefund;
    transaction.direction = in ? Direction::kIn : Direction::kOut;
  }
  bool cross_border = false;
  if (!fields.Enum(kDeclineReason, transaction.decline_reason) || !fields.Flag(kCrossBorder, cross_border))
    return false;
  if (!fields.At(kCrossBorder).absent()) transaction.cross_border = cross_border;
  return ReadMoney(fields, transaction) && ReadCounterparty(fields, transaction.counterparty) &&
         fields.IsObject(fields.At(kInstrument)) &&
         fields.OptionalIdentity(kInstrumentId, kForeignIdMax, transaction.instrument.id) &&
         fields.Enum(kInstrumentType, transaction.instrument.type);
}

// A contact has a channel and an address, wherever it stands.
bool ReadContact(const Fields& fields, Field channel, Field address, Field verified, Field primary,
                 Contact& contact) {
  return fields.Require(channel) && fields.Enum(channel, contact.channel) &&
         fields.RequiredId(address, kAddressMax, contact.address) &&
         fields.Flag(verified, contact.verified) && fields.Flag(primary, contact.primary);
}

bool ReadPreviousContact(const Fields& fields, AccountChange& change) {
  const Field self = fields.At(kPreviousContact);
  if (self.absent()) return true;
  return fields.IsObject(self) &&
         ReadContact(fields, fields.At(kPreviousContactChannel), fields.At(kPreviousContactAddress),
                     fields.At(kPreviousContactVerified), fields.At(kPreviousContactPrimary),
                     change.previous_contact.emplace());
}

bool ReadPayee(const Fields& fields, AccountChange& change) {
  const Field self = fields.At(kPayee);
  if (self.absent()) return true;
  return fields.IsObject(self) && fields.RequiredId(fields.At(kPayeeId), kForeignIdMax, change.payee_id);
}

bool ReadLimit(const Fields& fields, AccountChange& change) {
  const Field self = fields.At(kLimit);
  if (self.absent()) return true;
  if (!fields.IsObject(self)) return false;
  ChangedLimit& limit = change.limit.emplace();
  const Field previous = fields.At(kLimitPrevious);
  const Field value = fields.At(kLimitValue);
  const bool has_amounts = !previous.absent() || !value.absent();
  return fields.RequiredId(fields.At(kLimitName), kIdMax, limit.name) &&
         (!has_amounts || fields.Require(kLimitCurrency)) &&
         fields.CurrencyCode(fields.At(kLimitCurrency), limit.currency) &&
         fields.Amount(previous, limit.currency, false, limit.previous_minor) &&
         fields.Amount(value, limit.currency, false, limit.value_minor);
}

bool ReadTravel(const Fields& fields, AccountChange& change) {
  const Field self = fields.At(kTravel);
  if (self.absent()) {
    return change.change != ChangeKind::kTravelNotice || fields.Require(kTravel);
  }
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;
  if (!fields.IsObject(self) || !fields.Require(kTravelCountries) ||
      !fields.IsArray(kTravelCountries, 1, kCountriesMax) || !fields.Require(kTravelFrom) ||
      !fields.Time(kTravelFrom, from) || !fields.Require(kTravelUntil) || !fields.Time(kTravelUntil, until)) {
    return false;
  }
  if (*until < *from) return fields.Reject(kTravelUntil, RejectionCode::kOutOfRange, "before travel.from");
  Travel& travel = change.travel.emplace();
  travel.from = *from;
  travel.until = *until;
  travel.countries.resize(fields.ElementsOf(kTravelCountries).size());
  for (size_t i = 0; i < travel.countries.size(); ++i) {
    const Field country = fields.At(kTravelCountries, i, kTravelCountries);
    if (country.absent()) return fields.Reject(country, RejectionCode::kWrongType, "expected a string");
    if (!fields.Country(country, travel.countries[i])) return false;
  }
  return true;
}

bool Read(const Fields& fields, AccountChange& change) {
  return fields.Require(kChange) && fields.Enum(kChange, change.change) &&
         ReadPreviousContact(fields, change) && ReadPayee(fields, change) && ReadLimit(fields, change) &&
         ReadTravel(fields, change);
}

// An element that must be an object.
bool RequireObject(const Fields& fields, Field element) {
  return element.slot->kind == Slot::Kind::kObject ||
         fields.Reject(element, RejectionCode::kWrongType, "expected an object");
}

bool ReadContacts(const Fields& fields, AccountProfile& profile) {
  if (!fields.IsArray(kContacts, 0, kContactsMax)) return false;
  if (fields.At(kContacts).absent()) return true;
  profile.contacts.resize(fields.ElementsOf(kContacts).size());
  for (size_t i = 0; i < profile.contacts.size(); ++i) {
    const auto at = [&](Member member) { return fields.At(kContacts, i, member); };
    if (!RequireObject(fields, at(kContacts)) ||
        !ReadContact(fields, at(kContactChannel), at(kContactAddress), at(kContactVerified),
                     at(kContactPrimary), profile.contacts[i])) {
      return false;
    }
  }
  return true;
}

bool ReadLimits(const Fields& fields, AccountProfile& profile) {
  if (!fields.IsArray(kLimits, 0, kLimitsMax)) return false;
  if (fields.At(kLimits).absent()) return true;
  profile.limits.resize(fields.ElementsOf(kLimits).size());
  for (size_t i = 0; i < profile.limits.size(); ++i) {
    const auto at = [&](Member member) { return fields.At(kLimits, i, member); };
    ProfileLimit& limit = profile.limits[i];
    std::optional<int64_t> max;
    if (!RequireObject(fields, at(kLimits)) ||
        !fields.RequiredId(at(kProfileLimitName), kIdMax, limit.name) ||
        !fields.Require(at(kProfileLimitCurrency)) ||
        !fields.CurrencyCode(at(kProfileLimitCurrency), limit.max.currency) ||
        !fields.Require(at(kProfileLimitMax)) ||
        !fields.Amount(at(kProfileLimitMax), limit.max.currency, false, max)) {
      return false;
    }
    limit.max.minor = *max;
  }
  return true;
}

bool Read(const Fields& fields, AccountProfile& profile) {
  return fields.Text(kDisplayName, kNameMax, profile.display_name) && ReadContacts(fields, profile) &&
         fields.Locale(kLocale, profile.locale) && fields.Timezone(kTimezone, profile.timezone) &&
         fields.Country(fields.At(kCountry), profile.country) && fields.Text(kTier, kTierMax, profile.tier) &&
         fields.PastTime(kOpenedAt, profile.opened_at) && fields.Enum(kStatus, profile.status) &&
         ReadLimits(fields, profile);
}

bool Read(const Fields& fields, Feedback& feedback) {
  if (!fields.Require(kVerdict) || !fields.Enum(kVerdict, feedback.verdict) || !fields.Require(kBy) ||
      !fields.Enum(kBy, feedback.by) || !fields.Id(kCaseId, kIdMax, feedback.case_id) ||
      !fields.Id(kFindingId, kIdMax, feedback.finding_id) ||
      !fields.Id(kNoticeId, kIdMax, feedback.notice_id) ||
      !fields.Id(kTransactionId, kIdMax, feedback.transaction_id)) {
    return false;
  }
  const int subjects = !feedback.case_id.empty() + !feedback.finding_id.empty() + !feedback.notice_id.empty();
  constexpr std::string_view kExpected =
      "exactly one of case_id, finding_id and notice_id is required, or of analyst and system transaction_id";
  // A back office knows the payment.
  if (subjects == 0 && feedback.by != FeedbackBy::kOwner && !feedback.transaction_id.empty()) return true;
  if (subjects == 0) return fields.Reject(kCaseId, RejectionCode::kMissingMember, kExpected);
  return subjects == 1 || fields.Reject(kCaseId, RejectionCode::kConflictingMembers, kExpected);
}

MemberSet SetOf(std::initializer_list<Member> members) {
  MemberSet set;
  for (const Member member : members) set[Index(member)] = true;
  return set;
}

MemberSet FirstMembers(size_t count) {
  MemberSet set;
  for (size_t i = 0; i < count; ++i) set[i] = true;
  return set;
}

}  // namespace

bool ReadCommon(const Fields& fields, Event& event) {
  std::string_view id;
  if (!fields.Identity(kAccountId, kIdMax, id)) return false;
  event.account_id.Assign(id);
  if (!fields.Identity(kEventId, kIdMax, id)) return false;
  event.event_id.Assign(id);

  std::optional<Timestamp> occurred_at;
  if (!fields.Require(kOccurredAt) || !fields.Time(kOccurredAt, occurred_at)) return false;
  event.occurred_at = *occurred_at;

  IpAddress address;
  bool has_address = false;
  if (!ReadAddress(fields, address, has_address)) return false;
  if (has_address) event.ip = address;

  if (!fields.Id(kSource, kSourceMax, event.source) || !fields.Id(kTenant, kTenantMax, event.tenant) ||
      !fields.OptionalIdentity(kSessionId, kForeignIdMax, event.session_id) ||
      !fields.Text(kUserAgent, kUserAgentMax, event.user_agent) || !fields.Enum(kChannel, event.channel) ||
      !fields.Locale(kLocale, event.locale) || !fields.Timezone(kTimezone, event.timezone)) {
    return false;
  }
  return ReadTrace(fields, event.traceparent) && ReadDevice(fields, event.device);
}

bool ReadPayload(const Fields& fields, Event& event) {
  return std::visit([&](auto& payload) { return Read(fields, payload); }, event.payload);
}

size_t CountForeignMembers(const Document& document, EventType type) {
  static const MemberSet kTopLevel = FirstMembers(kTopLevelMembers);
  static const MemberSet kCommon = FirstMembers(Index(kOutcome));
  static const std::array<MemberSet, 5> kOwn{
      SetOf({kOutcome, kFailureReason, kMethod, kMfa}),
      SetOf({kTransactionId, kKind, kDirection, kStatus, kDeclineReason, kAmount, kCurrency, kBalanceAfter,
             kCounterparty, kInstrument, kCrossBorder}),
      SetOf({kChange, kPreviousContact, kPayee, kLimit, kTravel}),
      SetOf({kDisplayName, kContacts, kCountry, kTier, kOpenedAt, kStatus, kLimits}),
      SetOf({kVerdict, kBy, kCaseId, kFindingId, kNoticeId, kTransactionId}),
  };
  const MemberSet& own = kOwn[static_cast<size_t>(type) - 1];
  return (document.seen & kTopLevel & ~(kCommon | own)).count();
}

}  // namespace tocsin::schemas::codec
