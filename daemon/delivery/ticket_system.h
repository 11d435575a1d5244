// A ticket system as a few verbs. Each implementation talks to one product by its own interface; what an
// operation on a case becomes is the same for all (ticket_channel.h).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/delivery/channel.h"
#include "daemon/delivery/delivery_config.h"
#include "daemon/delivery/http_client.h"

namespace tocsin::daemon {

enum class TicketStage : uint8_t {
  kNew,  // Nobody has taken it up.
  kOpen,
  kClosed,
};

// A ticket of ours as it is there.
struct KnownTicket {
  std::string ticket;   // Its name there.
  std::string case_id;  // "" : the ticket carries none.
  std::string subject;  // "": nobody looked.
  TicketStage stage = TicketStage::kNew;
  TicketOutcome outcome = TicketOutcome::kNone;
  // An agent made the case's ticket a part of this one, which is another case's, or none's.
  bool merged = false;
  bool undecided = false;  // Both outcomes are set, so that none is taken.

  // One of its labels says so.
  void Decide(TicketOutcome said) {
    if (said == TicketOutcome::kNone) return;
    undecided = undecided || (outcome != TicketOutcome::kNone && outcome != said);
    outcome = undecided ? TicketOutcome::kNone : said;
  }
  // "T-2026-7KQ4-M2QX", as subjects of ours begin; "": this one does not.
  [[nodiscard]] std::string reference() const {
    return subject.starts_with("[T-") ? subject.substr(1, subject.find(']') - 1) : std::string();
  }
  friend bool operator==(const KnownTicket&, const KnownTicket&) = default;
};

struct TicketChange {
  enum class Stage : uint8_t { kKeep, kReopen, kClose };
  Stage stage = Stage::kKeep;
  std::optional<schemas::Priority> priority;  // Absent, here and below: stays as it is.
  std::optional<Timestamp> due;
  std::string subject;  // "": stays.
};

struct TicketList {
  std::vector<KnownTicket> tickets;  // The oldest first.
  bool cut = false;                  // There are more than are read.
};

inline constexpr std::string_view kNotShown = "not_shown";

template <class T>
using TicketResult = Result<T, SendOutcome>;  // An error is what the attempt came to: kRetry or kRefused.

// One thread.
class TicketSystem {
 public:
  virtual ~TicketSystem() = default;

  // Whether tickets can be made as it is configured, as far as that shows without making one. kNotShown: what
  // was asked for is in order, but not all may be asked for with this token.
  [[nodiscard]] virtual TicketResult<Done> Check() = 0;

  // The name of the ticket that carries the case, the oldest of several; "" when there is none.
  [[nodiscard]] virtual TicketResult<std::string> Find(const std::string& case_id) = 0;
  // Makes one with subject, words, priority and due time of the operation; its name.
  [[nodiscard]] virtual TicketResult<std::string> Create(const Parcel& operation) = 0;
  // Adds what the operation says, for staff only.
  [[nodiscard]] virtual TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) = 0;
  // Twice is as once. `ticket` as it is now.
  [[nodiscard]] virtual TicketResult<Done> SetState(const KnownTicket& ticket,
                                                    const TicketChange& change) = 0;

  // The ticket as it is now. kRefused with reason "gone" when there is none of this name. The name may be one
  // that another system gave: whose ticket it is says case_id.
  [[nodiscard]] virtual TicketResult<KnownTicket> Look(const std::string& ticket) = 0;
  // Whether the ticket holds the words of the operation, from an attempt whose answer was lost.
  [[nodiscard]] virtual TicketResult<bool> Holds(const std::string& ticket,
                                                 const std::string& operation_id) = 0;
  // Tickets of ours that changed since; a day more does no harm.
  [[nodiscard]] virtual TicketResult<TicketList> List(Timestamp since) = 0;
  // Makes `twin` a part of `ticket`.
  [[nodiscard]] virtual TicketResult<Done> Merge(const std::string& twin, const std::string& ticket) = 0;

  // A ticket that was made may not be found for so long.
  [[nodiscard]] virtual std::chrono::seconds search_lag() const = 0;
};

// `config` outlives the system. REQUIRES: config.system is not kNone.
[[nodiscard]] std::unique_ptr<TicketSystem> MakeTicketSystem(const TicketsConfig& config,
                                                             HttpClientOptions options);

}  // namespace tocsin::daemon
