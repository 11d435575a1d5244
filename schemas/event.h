// The five things a platform tells Tocsin (contracts.md §1–2). One Event is reused for record after record:
// Clear() keeps the capacity of its strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip_address.h"
#include "base/money.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "schemas/facts.h"

namespace tocsin::schemas {

// Every enum: kNone (0) means the member was absent. Text forms in schemas/enum_names.h. Values are stored:
// append only.
enum class EventType : uint8_t {
  kLogin = 1,
  kTransaction = 2,
  kAccountChange = 3,
  kAccountProfile = 4,
  kFeedback = 5
};
enum class Channel : uint8_t { kNone, kWeb, kApp, kApi, kPhone, kPos, kOther };
enum class Platform : uint8_t { kNone, kIos, kAndroid, kWindows, kMacos, kLinux, kWeb, kOther };
enum class LoginOutcome : uint8_t { kNone, kSuccess, kFailure };
enum class FailureReason : uint8_t {
  kNone,
  kBadCredentials,
  kUnknownAccount,
  kMfaFailed,
  kMfaDenied,
  kMfaTimeout,
  kLocked,
  kBlockedByPolicy,
  kExpired,
  kOther,
};
enum class LoginMethod : uint8_t { kNone, kPassword, kPasskey, kOtp, kSso, kSocial, kBiometric, kToken };
// kNoFactor is the literal "none"; kNone is an absent member.
enum class Mfa : uint8_t { kNone, kNoFactor, kTotp, kSms, kEmail, kPush, kPasskey, kHardwareKey };
enum class TransactionKind : uint8_t {
  kNone,
  kPayment,
  kTransfer,
  kWithdrawal,
  kTopUp,
  kRefund,
  kExchange,
  kFee
};
enum class Direction : uint8_t { kNone, kOut, kIn };
enum class TransactionStatus : uint8_t { kNone, kAuthorized, kCompleted, kDeclined, kFailed, kReversed };
enum class DeclineReason : uint8_t {
  kNone,
  kInsufficientFunds,
  kLimitExceeded,
  kInvalidInstrument,
  kSuspectedFraud,
  kOther
};
enum class CounterpartyType : uint8_t {
  kNone,
  kPerson,
  kMerchant,
  kBankAccount,
  kWallet,
  kCrypto,
  kTerminal
};
enum class InstrumentType : uint8_t { kNone, kBalance, kCard, kBankAccount };
enum class ChangeKind : uint8_t {
  kNone,
  kPasswordChanged,
  kPasswordResetRequested,
  kPasswordReset,
  kEmailChanged,
  kPhoneChanged,
  kAddressChanged,
  kMfaEnabled,
  kMfaDisabled,
  kMfaMethodAdded,
  kMfaMethodRemoved,
  kDeviceTrusted,
  kDeviceRemoved,
  kPayeeAdded,
  kPayeeRemoved,
  kLimitChanged,
  kNotificationsChanged,
  kTierChanged,
  kSessionsRevoked,
  kFrozen,
  kUnfrozen,
  kClosed,
  kTravelNotice,
  kErased,
};
enum class ContactChannel : uint8_t { kNone, kEmail, kSms, kPush, kWebhook };
enum class AccountStatus : uint8_t { kNone, kActive, kFrozen, kClosed };
enum class FeedbackVerdict : uint8_t { kNone, kMe, kNotMe, kConfirmedFraud, kFalsePositive };
enum class FeedbackBy : uint8_t { kNone, kOwner, kAnalyst, kSystem };

struct ReportedDevice {
  std::string id;
  Platform platform = Platform::kNone;
  std::string model;
  std::string os_version;
  std::string app_version;
  std::string name;
  bool emulator = false;
  bool rooted = false;
  bool present = false;
  friend bool operator==(const ReportedDevice&, const ReportedDevice&) = default;
};

struct Login {
  LoginOutcome outcome = LoginOutcome::kNone;
  FailureReason failure_reason = FailureReason::kNone;
  LoginMethod method = LoginMethod::kNone;
  Mfa mfa = Mfa::kNone;
  friend bool operator==(const Login&, const Login&) = default;
};

struct Counterparty {
  std::string id;
  std::string name;
  std::string country;  // ISO 3166-1 alpha-2.
  CounterpartyType type = CounterpartyType::kNone;
  friend bool operator==(const Counterparty&, const Counterparty&) = default;
};

struct Instrument {
  std::string id;
  InstrumentType type = InstrumentType::kNone;
  friend bool operator==(const Instrument&, const Instrument&) = default;
};

struct Transaction {
  std::string transaction_id;
  TransactionKind kind = TransactionKind::kNone;
  Direction direction = Direction::kNone;  // Filled by the decoder: by kind when absent.
  TransactionStatus status = TransactionStatus::kNone;
  DeclineReason decline_reason = DeclineReason::kNone;
  Money amount;                                // Never negative.
  std::optional<int64_t> balance_after_minor;  // In amount's currency; may be negative.
  Counterparty counterparty;
  Instrument instrument;
  std::optional<bool>
      cross_border;  // As reported; detectors fall back to counterparty country ≠ profile country.
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct Contact {
  ContactChannel channel = ContactChannel::kNone;
  std::string address;
  bool verified = false;
  bool primary = false;
  friend bool operator==(const Contact&, const Contact&) = default;
};

struct ChangedLimit {
  std::string name;
  std::optional<int64_t> previous_minor;
  std::optional<int64_t> value_minor;
  Currency currency;
  friend bool operator==(const ChangedLimit&, const ChangedLimit&) = default;
};

struct Travel {
  std::vector<std::string> countries;
  Timestamp from;
  Timestamp until;
  friend bool operator==(const Travel&, const Travel&) = default;
};

struct AccountChange {
  ChangeKind change = ChangeKind::kNone;
  std::optional<Contact> previous_contact;
  std::string payee_id;
  std::optional<ChangedLimit> limit;
  std::optional<Travel> travel;
  friend bool operator==(const AccountChange&, const AccountChange&) = default;
};

struct ProfileLimit {
  std::string name;
  Money max;
  friend bool operator==(const ProfileLimit&, const ProfileLimit&) = default;
};

// Also what the account state remembers of the owner: the last profile wins.
struct AccountProfile {
  std::string display_name;
  std::vector<Contact> contacts;
  std::string locale;    // BCP 47; "" unknown.
  std::string timezone;  // As TimeZone::Find reads it; "" unknown.
  std::string country;   // ISO 3166-1 alpha-2; "" unknown.
  std::string tier;
  std::optional<Timestamp> opened_at;
  AccountStatus status = AccountStatus::kNone;
  std::vector<ProfileLimit> limits;
  friend bool operator==(const AccountProfile&, const AccountProfile&) = default;
};

struct Feedback {
  FeedbackVerdict verdict = FeedbackVerdict::kNone;
  FeedbackBy by = FeedbackBy::kNone;
  // Exactly one of the three.
  std::string case_id;
  std::string finding_id;
  std::string notice_id;
  std::string transaction_id;  // With money labels only.
  friend bool operator==(const Feedback&, const Feedback&) = default;
};

struct Event {
  EventType type = EventType::kLogin;
  EventId event_id;
  std::string source;
  AccountId account_id;
  Timestamp occurred_at;  // After clamping, see `clamped`.
  bool clamped = false;   // It said a time more than 5 minutes after it was appended to the log.
  std::string tenant;
  std::string session_id;
  std::optional<IpAddress> ip;
  std::string user_agent;
  Channel channel = Channel::kNone;
  std::string locale;
  std::string timezone;
  std::string traceparent;
  ReportedDevice device;

  // The member that `type` names is the one in use; the others are cleared.
  std::variant<Login, Transaction, AccountChange, AccountProfile, Feedback>
      payload;  // In the order of EventType.

  Facts facts;  // Filled by enrichment.

  // Duplicates have the same key: a hash of (source, event_id).
  [[nodiscard]] uint64_t DedupKey() const;

  [[nodiscard]] const Login* login() const { return std::get_if<Login>(&payload); }
  [[nodiscard]] const Transaction* transaction() const { return std::get_if<Transaction>(&payload); }
  [[nodiscard]] const AccountChange* change() const { return std::get_if<AccountChange>(&payload); }
  [[nodiscard]] const AccountProfile* profile() const { return std::get_if<AccountProfile>(&payload); }
  [[nodiscard]] const Feedback* feedback() const { return std::get_if<Feedback>(&payload); }

  // A login that succeeded, or money the account sent or topped up that was authorized or completed: proof
  // that somebody holds the account.
  [[nodiscard]] bool IsSuccessfulUse() const;

  // Empties every member but keeps the memory of its strings; the payload stays of the kind it was, and
  // `type` says so.
  void Clear();
};

}  // namespace tocsin::schemas
