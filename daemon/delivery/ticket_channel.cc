#include "daemon/delivery/ticket_channel.h"

#include <algorithm>

namespace tocsin::daemon {
namespace {

using schemas::TicketOperation;

// The next thing that is due: the first reply, as long as nobody has taken the ticket up; then the review.
std::optional<Timestamp> NextDue(const KnownTicket& ticket, const Parcel& parcel) {
  if (ticket.stage == TicketStage::kOpen || !parcel.due.first_reply) return parcel.due.review;
  return parcel.due.review ? std::min(*parcel.due.first_reply, *parcel.due.review) : *parcel.due.first_reply;
}

// How the ticket is to be headed now, when that is not how it is; "" when it is. A heading that is an agent's
// own stays. A reminder brings none: it may have raised the priority in it.
std::string NewSubject(const KnownTicket& ticket, const Parcel& parcel) {
  if (ticket.reference().empty() || !PriorityIn(ticket.subject)) return {};
  std::string subject =
      parcel.subject.empty() ? WithPriority(ticket.subject, parcel.priority) : parcel.subject;
  return subject == ticket.subject ? std::string() : subject;
}

bool IsAnswered(const KnownTicket& ticket, TicketClock clock) {
  if (clock == TicketClock::kReview) return ticket.stage == TicketStage::kClosed;
  return ticket.stage != TicketStage::kNew;
}

// Whether it is the ticket of the operation's case. One that has lost the case is told by its heading.
bool IsOfCase(const KnownTicket& ticket, const Parcel& parcel) {
  if (!ticket.case_id.empty()) return ticket.case_id == parcel.case_id;
  const std::string reference = ticket.reference();
  return !reference.empty() && (parcel.reference.empty() || parcel.reference == reference);
}

}  // namespace

SendOutcome TicketChannel::Send(const Parcel& parcel, Timestamp now) {
  if (parcel.external_id.empty()) return Begin(parcel, now);
  const TicketResult<KnownTicket> ticket = system_->Look(parcel.external_id);
  if (ticket && IsOfCase(*ticket, parcel))
    return ticket->merged ? Join(*ticket, parcel) : GoOn(*ticket, parcel);
  // Somebody deleted it, or another system is asked now, which gave the name to another ticket. The case is
  // not done for that.
  if (ticket || ticket.error().reason == "gone") return Begin(parcel, now);
  return ticket.error();
}

SendOutcome TicketChannel::Begin(const Parcel& parcel, Timestamp now) {
  // Nobody is reminded of a ticket that is not there, nor told there whom to call.
  if (parcel.reminder || parcel.unreached) return {.reason = std::string(kAnswered), .external_id = {}};
  // What an attempt just made may not be found yet, and would be made twice.
  const Timestamp before = parcel.attempted_before;
  // All of the time again: this is what the next one has before it.
  if (before > kTimestampMin && now - before < system_->search_lag()) {
    return {.kind = SendOutcome::Kind::kBusy, .reason = "search_lag", .retry_after = system_->search_lag()};
  }
  const TicketResult<std::string> found = system_->Find(parcel.case_id);
  if (!found) return found.error();
  if (found->empty()) {
    // The ticket it was for is gone; the news that came after it made another, or will.
    if (parcel.aside) return SendOutcome::Refused("no_ticket");
    const TicketResult<std::string> made = system_->Create(parcel);
    if (!made) return made.error();
    if (parcel.operation == TicketOperation::kResolve) {
      const TicketResult<Done> closed =
          system_->SetState({.ticket = *made, .case_id = parcel.case_id},
                            {.stage = TicketChange::Stage::kClose, .priority = parcel.priority});
      if (!closed) return closed.error();
    }
    return SendOutcome::Delivered(*made);
  }
  // It is this operation's own, from an attempt whose answer was lost.
  if (parcel.operation == TicketOperation::kOpen) return SendOutcome::Delivered(*found);
  const TicketResult<KnownTicket> ticket = system_->Look(*found);
  return ticket ? GoOn(*ticket, parcel) : ticket.error();
}

TicketResult<Done> TicketChannel::Say(const KnownTicket& ticket, const Parcel& parcel) {
  const TicketResult<bool> held = system_->Holds(ticket.ticket, parcel.id);
  if (!held) return held.error();
  return *held ? TicketResult<Done>(Done{}) : system_->Append(ticket.ticket, parcel);
}

// Heading, priority, due time and end are those of the other case; a closed ticket is opened by news, which
// must be seen. The name stays, so that the next operation finds the way here as well.
SendOutcome TicketChannel::Join(const KnownTicket& ticket, const Parcel& parcel) {
  const bool closed = ticket.stage == TicketStage::kClosed;
  // Who merged it has taken it up.
  if (parcel.reminder && (closed || *parcel.reminder == TicketClock::kFirstReply))
    return {.reason = std::string(kAnswered), .external_id = parcel.external_id};
  const bool news =
      parcel.operation != TicketOperation::kResolve && !parcel.aside && !parcel.of_desk && !parcel.unreached;
  if (closed && news) {
    const TicketResult<Done> set = system_->SetState(ticket, {.stage = TicketChange::Stage::kReopen});
    if (!set) return set.error();
  }
  if (TicketResult<Done> said = Say(ticket, parcel); !said) return said.error();
  return SendOutcome::Delivered(parcel.external_id);
}

SendOutcome TicketChannel::GoOn(const KnownTicket& ticket, const Parcel& parcel) {
  if (parcel.reminder && IsAnswered(ticket, *parcel.reminder))
    return {.reason = std::string(kAnswered), .external_id = ticket.ticket};
  const std::string subject = NewSubject(ticket, parcel);
  const bool resolve = parcel.operation == TicketOperation::kResolve && !parcel.aside;
  const bool closed = ticket.stage == TicketStage::kClosed;
  // News of a case whose ticket an agent has closed must be seen; that the agent decided is none. What was
  // told after an operation that went aside has said what the ticket is by now.
  const bool done = parcel.aside || (closed && (parcel.of_desk || parcel.unreached));
  if (!resolve && !done && (closed || parcel.operation != TicketOperation::kAppend)) {
    const auto stage = closed ? TicketChange::Stage::kReopen : TicketChange::Stage::kKeep;
    const TicketChange change{
        .stage = stage, .priority = parcel.priority, .due = NextDue(ticket, parcel), .subject = subject};
    if (TicketResult<Done> set = system_->SetState(ticket, change); !set) return set.error();
  }
  // Heads it anew only; what the case has to say does not depend on it.
  const bool renamed_only = !resolve && !done && !closed && parcel.operation == TicketOperation::kAppend;
  if (TicketResult<Done> said = Say(ticket, parcel); !said) return said.error();
  if (renamed_only && !subject.empty()) {
    const TicketResult<Done> set = system_->SetState(ticket, {.subject = subject});
    if (!set && set.error().kind == SendOutcome::Kind::kRetry) return set.error();
  }
  if (resolve && !closed) {
    const TicketChange change{
        .stage = TicketChange::Stage::kClose, .priority = parcel.priority, .subject = subject};
    if (TicketResult<Done> set = system_->SetState(ticket, change); !set) return set.error();
  }
  return SendOutcome::Delivered(ticket.ticket);
}

}  // namespace tocsin::daemon
