// Operations on cases to a ticket system: one case, one ticket. Before a ticket is made it is looked for,
// and before words are added it is asked whether it holds them: the answer to an earlier attempt may have
// been lost. Nothing is written into a ticket of another case, or of none: a name may be that of a ticket in
// the system that was configured before.
#pragma once

#include <memory>

#include "daemon/delivery/ticket_system.h"

namespace tocsin::daemon {

class TicketChannel final : public Channel {
 public:
  explicit TicketChannel(std::unique_ptr<TicketSystem> system) : system_(std::move(system)) {}
  [[nodiscard]] SendOutcome Send(const Parcel& parcel, Timestamp now) override;

 private:
  [[nodiscard]] SendOutcome Begin(const Parcel& parcel, Timestamp now);
  [[nodiscard]] SendOutcome Join(const KnownTicket& ticket, const Parcel& parcel);
  // Adds the words, unless the ticket holds them.
  [[nodiscard]] TicketResult<Done> Say(const KnownTicket& ticket, const Parcel& parcel);
  [[nodiscard]] SendOutcome GoOn(const KnownTicket& ticket, const Parcel& parcel);

  std::unique_ptr<TicketSystem> system_;
};

}  // namespace tocsin::daemon
