#include "schemas/enum_names.h"

#include "schemas/record.h"

namespace tocsin::schemas {

// One table an enum. A specialisation, so that a missing table is a link error and not an empty list.
#define TOCSIN_ENUM_NAMES(E, ...)                        \
  template <>                                            \
  std::span<const EnumName<E>> EnumNames<E>() {          \
    using enum E;                                        \
    static constexpr EnumName<E> kNames[] = __VA_ARGS__; \
    return kNames;                                       \
  }

TOCSIN_ENUM_NAMES(EventType, {{kLogin, "login"},
                              {kTransaction, "transaction"},
                              {kAccountChange, "account_change"},
                              {kAccountProfile, "account_profile"},
                              {kFeedback, "feedback"}})

TOCSIN_ENUM_NAMES(
    Channel,
    {{kWeb, "web"}, {kApp, "app"}, {kApi, "api"}, {kPhone, "phone"}, {kPos, "pos"}, {kOther, "other"}})

TOCSIN_ENUM_NAMES(Platform, {{kIos, "ios"},
                             {kAndroid, "android"},
                             {kWindows, "windows"},
                             {kMacos, "macos"},
                             {kLinux, "linux"},
                             {kWeb, "web"},
                             {kOther, "other"}})

TOCSIN_ENUM_NAMES(LoginOutcome, {{kSuccess, "success"}, {kFailure, "failure"}})

TOCSIN_ENUM_NAMES(FailureReason, {{kBadCredentials, "bad_credentials"},
                                  {kUnknownAccount, "unknown_account"},
                                  {kMfaFailed, "mfa_failed"},
                                  {kMfaDenied, "mfa_denied"},
                                  {kMfaTimeout, "mfa_timeout"},
                                  {kLocked, "locked"},
                                  {kBlockedByPolicy, "blocked_by_policy"},
                                  {kExpired, "expired"},
                                  {kOther, "other"}})

TOCSIN_ENUM_NAMES(LoginMethod, {{kPassword, "password"},
                                {kPasskey, "passkey"},
                                {kOtp, "otp"},
                                {kSso, "sso"},
                                {kSocial, "social"},
                                {kBiometric, "biometric"},
                                {kToken, "token"}})

TOCSIN_ENUM_NAMES(Mfa, {{kNoFactor, "none"},
                        {kTotp, "totp"},
                        {kSms, "sms"},
                        {kEmail, "email"},
                        {kPush, "push"},
                        {kPasskey, "passkey"},
                        {kHardwareKey, "hardware_key"}})

TOCSIN_ENUM_NAMES(TransactionKind, {{kPayment, "payment"},
                                    {kTransfer, "transfer"},
                                    {kWithdrawal, "withdrawal"},
                                    {kTopUp, "top_up"},
                                    {kRefund, "refund"},
                                    {kExchange, "exchange"},
                                    {kFee, "fee"}})

TOCSIN_ENUM_NAMES(Direction, {{kOut, "out"}, {kIn, "in"}})

TOCSIN_ENUM_NAMES(TransactionStatus, {{kAuthorized, "authorized"},
                                      {kCompleted, "completed"},
                                      {kDeclined, "declined"},
                                      {kFailed, "failed"},
                                      {kReversed, "reversed"}})

TOCSIN_ENUM_NAMES(DeclineReason, {{kInsufficientFunds, "insufficient_funds"},
                                  {kLimitExceeded, "limit_exceeded"},
                                  {kInvalidInstrument, "invalid_instrument"},
                                  {kSuspectedFraud, "suspected_fraud"},
                                  {kOther, "other"}})

TOCSIN_ENUM_NAMES(CounterpartyType, {{kPerson, "person"},
                                     {kMerchant, "merchant"},
                                     {kBankAccount, "bank_account"},
                                     {kWallet, "wallet"},
                                     {kCrypto, "crypto"},
                                     {kTerminal, "terminal"}})

TOCSIN_ENUM_NAMES(InstrumentType, {{kBalance, "balance"}, {kCard, "card"}, {kBankAccount, "bank_account"}})

TOCSIN_ENUM_NAMES(ChangeKind, {{kPasswordChanged, "password_changed"},
                               {kPasswordResetRequested, "password_reset_requested"},
                               {kPasswordReset, "password_reset"},
                               {kEmailChanged, "email_changed"},
                               {kPhoneChanged, "phone_changed"},
                               {kAddressChanged, "address_changed"},
                               {kMfaEnabled, "mfa_enabled"},
                               {kMfaDisabled, "mfa_disabled"},
                               {kMfaMethodAdded, "mfa_method_added"},
                               {kMfaMethodRemoved, "mfa_method_removed"},
                               {kDeviceTrusted, "device_trusted"},
                               {kDeviceRemoved, "device_removed"},
                               {kPayeeAdded, "payee_added"},
                               {kPayeeRemoved, "payee_removed"},
                               {kLimitChanged, "limit_changed"},
                               {kNotificationsChanged, "notifications_changed"},
                               {kTierChanged, "tier_changed"},
                               {kSessionsRevoked, "sessions_revoked"},
                               {kFrozen, "frozen"},
                               {kUnfrozen, "unfrozen"},
                               {kClosed, "closed"},
                               {kTravelNotice, "travel_notice"},
                               {kErased, "erased"}})

TOCSIN_ENUM_NAMES(ContactChannel, {{kEmail, "email"}, {kSms, "sms"}, {kPush, "push"}, {kWebhook, "webhook"}})

TOCSIN_ENUM_NAMES(AccountStatus, {{kActive, "active"}, {kFrozen, "frozen"}, {kClosed, "closed"}})

TOCSIN_ENUM_NAMES(FeedbackVerdict, {{kMe, "me"},
                                    {kNotMe, "not_me"},
                                    {kConfirmedFraud, "confirmed_fraud"},
                                    {kFalsePositive, "false_positive"}})

TOCSIN_ENUM_NAMES(FeedbackBy, {{kOwner, "owner"}, {kAnalyst, "analyst"}, {kSystem, "system"}})

TOCSIN_ENUM_NAMES(
    Severity, {{kInfo, "info"}, {kLow, "low"}, {kMedium, "medium"}, {kHigh, "high"}, {kCritical, "critical"}})

TOCSIN_ENUM_NAMES(Family, {{kLocation, "location"},
                           {kDevice, "device"},
                           {kCredential, "credential"},
                           {kTakeover, "takeover"},
                           {kLimit, "limit"},
                           {kMoney, "money"},
                           {kRarity, "rarity"},
                           {kReport, "report"}})

TOCSIN_ENUM_NAMES(Mode, {{kLive, "live"}, {kShadow, "shadow"}})

TOCSIN_ENUM_NAMES(FindingStatus, {{kNew, "new"}, {kUpdated, "updated"}, {kSuperseded, "superseded"}})

TOCSIN_ENUM_NAMES(TicketOperation,
                  {{kOpen, "open"}, {kAppend, "append"}, {kEscalate, "escalate"}, {kResolve, "resolve"}})

TOCSIN_ENUM_NAMES(Priority, {{kP1, "P1"}, {kP2, "P2"}, {kP3, "P3"}, {kP4, "P4"}})

TOCSIN_ENUM_NAMES(ActionKind, {{kNone, "none"},
                               {kStepUp, "step_up"},
                               {kHoldTransaction, "hold_transaction"},
                               {kLimit, "limit"},
                               {kFreeze, "freeze"},
                               {kRevokeSessions, "revoke_sessions"}})

TOCSIN_ENUM_NAMES(NetworkClass, {{kUnknown, "unknown"},
                                 {kMobile, "mobile"},
                                 {kResidential, "residential"},
                                 {kBusiness, "business"},
                                 {kHosting, "hosting"},
                                 {kAnonymiser, "anonymiser"},
                                 {kSatellite, "satellite"},
                                 {kPrivate, "private"}})

TOCSIN_ENUM_NAMES(Anonymiser,
                  {{kNone, "none"}, {kVpn, "vpn"}, {kProxy, "proxy"}, {kTor, "tor"}, {kRelay, "relay"}})

TOCSIN_ENUM_NAMES(Precision, {{kCity, "city"}, {kRegion, "region"}, {kCountry, "country"}})

TOCSIN_ENUM_NAMES(OutputKind, {{kFinding, "finding"},
                               {kNotice, "notice"},
                               {kTicket, "ticket"},
                               {kAction, "action"},
                               {kDeadLetter, "dead_letter"}})

#undef TOCSIN_ENUM_NAMES

}  // namespace tocsin::schemas
