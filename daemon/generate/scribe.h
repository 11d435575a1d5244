// Writes what happens to one account as the platform's services would publish it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "daemon/generate/batch.h"
#include "daemon/generate/population.h"
#include "schemas/event.h"

namespace tocsin::daemon::generate {

// In seconds.
inline constexpr int64_t kMinute = 60;
inline constexpr int64_t kHour = 3600;

// What somebody holds in his hands.
struct Gadget {
  std::string id;  // Empty: known by its user agent only.
  schemas::Platform platform = schemas::Platform::kNone;
  std::string_view model;
  std::string_view os_version;
  std::string user_agent;
  schemas::Channel channel = schemas::Channel::kNone;
  bool emulator = false;
  bool rooted = false;
};

// From where, and with what, somebody uses the account.
struct Origin {
  uint32_t address = 0;  // 0: the event has none (a card at a till, the ledger's own doing).
  const Gadget* gadget = nullptr;
  std::string session;
  std::string_view zone;  // The clock of the device, where it is told.
};

struct Movement {
  schemas::TransactionKind kind = schemas::TransactionKind::kPayment;
  schemas::TransactionStatus status = schemas::TransactionStatus::kCompleted;
  int64_t minor = 0;
  std::string counterparty;
  schemas::CounterpartyType counterparty_type = schemas::CounterpartyType::kMerchant;
  std::string_view country;  // Of the counterparty; empty: the account's.
  std::string instrument;    // Empty: the balance.
  bool incoming = false;     // Only said where the kind does not tell.
  schemas::DeclineReason decline_reason = schemas::DeclineReason::kNone;
  std::string transaction_id;   // Empty: a new one.
  bool at_till = false;         // A card at a till.
  int64_t misbooked_minor = 0;  // The ledger tells so much too much from then on.
};

class Scribe {
 public:
  // `chance` decides what is late and what comes twice. All outlive it.
  Scribe(const World& world, Account& account, Batch& batch, Random& chance)
      : world_(world), account_(account), batch_(batch), chance_(chance) {}

  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] Account& account() { return account_; }

  // Each answers the event's id.
  std::string Profile(Timestamp at, Timestamp opened_at);
  std::string Login(Timestamp at, const Origin& origin, schemas::LoginOutcome outcome,
                    schemas::LoginMethod method, schemas::Mfa mfa,
                    schemas::FailureReason reason = schemas::FailureReason::kNone);
  std::string Change(Timestamp at, const Origin& origin, schemas::ChangeKind change,
                     std::string_view payee = {});
  std::string ChangeLimit(Timestamp at, const Origin& origin, int64_t previous_minor, int64_t value_minor);
  std::string TravelNotice(Timestamp at, const Origin& origin, std::string_view country, Timestamp from,
                           Timestamp until);
  // Moves the balance when the status says so, and tells it.
  std::string Transact(Timestamp at, const Origin& origin, const Movement& movement);
  // The owner's answer to a notice about this finding.
  std::string NotMe(Timestamp at, const std::string& finding_id);
  // What the owner told support about this payment.
  std::string Disputed(Timestamp at, const std::string& transaction_id);

  // Of the transaction written last.
  [[nodiscard]] const std::string& LastTransactionId() const { return last_transaction_; }
  [[nodiscard]] std::string NextSession();
  // Ids of all events since this was set are added to it; null: to nothing.
  void Collect(std::vector<std::string>* ids) { collected_ = ids; }

 private:
  // `member` names what the feedback is about.
  std::string WriteNotMe(Timestamp at, std::string_view source, std::string_view by, std::string_view member,
                         std::string_view about);
  std::string Begin(JsonWriter& json, std::string_view type, std::string_view source, Timestamp at);
  void WriteOrigin(JsonWriter& json, const Origin& origin);
  void End(JsonWriter& json, Timestamp at, size_t begin);

  const World& world_;
  Account& account_;
  Batch& batch_;
  Random& chance_;
  std::vector<std::string>* collected_ = nullptr;
  std::string last_transaction_;
};

// The owner's own things.
[[nodiscard]] Gadget PhoneOf(const Account& account, int day);
[[nodiscard]] Gadget LaptopOf(const Account& account, int day);
[[nodiscard]] Gadget SharedTabletOf(const Account& account);
// The owner's habit of proving himself a second time.
[[nodiscard]] schemas::Mfa FactorOf(const Account& account);
// A thief's: a browser the account does not know, or (emulator) a phone that is none.
[[nodiscard]] Gadget StrangeLaptop(Random& random, const Account& account, int day);
[[nodiscard]] Gadget StrangePhone(Random& random, bool emulator);

}  // namespace tocsin::daemon::generate
