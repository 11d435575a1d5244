// Operations on cases to a ticket system: one case, one ticket. Before a ticket is made it is looked for,
// and before words are added it is asked whether it holds them: the answer to an earlier attempt may have
// been lost.
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
  [[nodiscard]] SendOutcome GoOn(const KnownTicket& ticket, const Parcel& parcel);

  std::unique_ptr<TicketSystem> system_;
};

}  // namespace tocsin::daemon
