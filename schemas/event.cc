#include "schemas/event.h"

#include "base/hash.h"

namespace tocsin::schemas {
namespace {

// Strings and vectors are emptied one by one rather than by assigning a fresh struct, which would give their
// memory back.
void Clear(ReportedDevice& device) {
  device.id.clear();
  device.platform = Platform::kNone;
  device.model.clear();
  device.os_version.clear();
  device.app_version.clear();
  device.name.clear();
  device.emulator = device.rooted = device.present = false;
}

void Clear(Login& login) { login = {}; }

void Clear(Transaction& transaction) {
  transaction.transaction_id.clear();
  transaction.kind = TransactionKind::kNone;
  transaction.direction = Direction::kNone;
  transaction.status = TransactionStatus::kNone;
  transaction.decline_reason = DeclineReason::kNone;
  transaction.amount = {};
  transaction.balance_after_minor.reset();
  transaction.counterparty.id.clear();
  transaction.counterparty.name.clear();
  transaction.counterparty.country.clear();
  transaction.counterparty.type = CounterpartyType::kNone;
  transaction.instrument.id.clear();
  transaction.instrument.type = InstrumentType::kNone;
  transaction.cross_border.reset();
}

void Clear(AccountChange& change) {
  change.change = ChangeKind::kNone;
  change.previous_contact.reset();
  change.payee_id.clear();
  change.limit.reset();
  change.travel.reset();
}

void Clear(AccountProfile& profile) {
  profile.display_name.clear();
  profile.contacts.clear();
  profile.locale.clear();
  profile.timezone.clear();
  profile.country.clear();
  profile.tier.clear();
  profile.opened_at.reset();
  profile.status = AccountStatus::kNone;
  profile.limits.clear();
}

void Clear(Feedback& feedback) {
  feedback.verdict = FeedbackVerdict::kNone;
  feedback.by = FeedbackBy::kNone;
  feedback.case_id.clear();
  feedback.finding_id.clear();
  feedback.notice_id.clear();
  feedback.transaction_id.clear();
}

void Clear(Facts& facts) {
  Place& place = facts.place;
  place.missing = Missing::kNoAddress;
  place.precision = Precision::kCountry;
  place.country.clear();
  place.region.clear();
  place.city.clear();
  place.point = {};
  place.radius_km = 0;

  Network& network = facts.network;
  network.missing = network.anonymity_missing = Missing::kNoAddress;
  network.has_address = false;
  network.address = {};
  network.asn = 0;
  network.organization.clear();
  network.network_class = NetworkClass::kUnknown;
  network.anonymiser = Anonymiser::kNone;
  network.evidence.clear();

  Device& device = facts.device;
  device.missing = Missing::kNoAddress;
  device.id.clear();
  device.platform.clear();
  device.model.clear();
  device.os_family.clear();
  device.browser_family.clear();
  device.os_major = device.browser_major = 0;
  device.emulator = device.rooted = false;
}

}  // namespace

// 48 bits are enough among the events of one account in three days, and are kept for each of them.
uint64_t Event::DedupKey() const { return Hash64(event_id.view(), Hash64(source)) >> 16U; }

bool Event::IsSuccessfulUse() const {
  if (const Login* use = login()) return use->outcome == LoginOutcome::kSuccess;
  if (const Transaction* use = transaction()) {
    // A fee is the platform's doing; money that comes in is sent by somebody else, but for a top-up, which
    // the owner does.
    if (use->kind == TransactionKind::kFee) return false;
    if (use->direction == Direction::kIn && use->kind != TransactionKind::kTopUp) return false;
    return use->status == TransactionStatus::kAuthorized || use->status == TransactionStatus::kCompleted;
  }
  return false;
}

void Event::Clear() {
  type = static_cast<EventType>(payload.index() + 1);
  event_id.Clear();
  source.clear();
  account_id.Clear();
  occurred_at = {};
  clamped = false;
  tenant.clear();
  session_id.clear();
  ip.reset();
  user_agent.clear();
  channel = Channel::kNone;
  locale.clear();
  timezone.clear();
  traceparent.clear();
  schemas::Clear(device);
  std::visit([](auto& used) { schemas::Clear(used); }, payload);
  schemas::Clear(facts);
}

}  // namespace tocsin::schemas
