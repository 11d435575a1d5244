// A ticket channel on a ticket system in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "daemon/delivery/ticket_channel.h"

namespace tocsin::daemon {

using std::chrono::seconds;
using Kind = SendOutcome::Kind;
using schemas::TicketOperation;

inline constexpr Timestamp kNow{std::chrono::hours(500'000)};

struct Held {
  KnownTicket known;
  std::vector<std::string> words;  // Ids of operations.
  schemas::Priority priority = schemas::Priority::kP4;
  std::optional<Timestamp> due;
};

// A ticket system in memory. A failure can be ordered: the call is carried out, and its answer is lost.
struct Desk {
  std::map<std::string, Held> tickets;
  std::map<std::string, std::string> merged;  // What a ticket is a part of.
  std::string lose;                           // Name of the call whose next answer is lost.
  bool no_right_to_set = false;
};

class MemorySystem final : public TicketSystem {
 public:
  explicit MemorySystem(Desk& desk) : desk_(desk) {}
  TicketResult<std::string> Find(const std::string& case_id) override {
    for (const auto& [name, held] : desk_.tickets) {
      if (held.known.case_id == case_id) return name;
    }
    return std::string();
  }
  TicketResult<std::string> Create(const Parcel& operation) override {
    const std::string name = std::to_string(desk_.tickets.size() + 1);
    desk_.tickets[name] = {
        .known = {.ticket = name, .case_id = operation.case_id, .subject = operation.subject},
        .words = {operation.id},
        .priority = operation.priority};
    if (Lost("create")) return SendOutcome::Retry("timeout");
    return name;
  }
  TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) override {
    desk_.tickets.at(ticket).words.push_back(operation.id);
    if (Lost("append")) return SendOutcome::Retry("timeout");
    return Done{};
  }
  TicketResult<Done> SetState(const KnownTicket& ticket, const TicketChange& change) override {
    Held& held = desk_.tickets.at(ticket.ticket);
    held.priority = change.priority.value_or(held.priority);
    if (change.due) held.due = change.due;
    if (!change.subject.empty()) held.known.subject = change.subject;
    if (change.stage == TicketChange::Stage::kClose) held.known.stage = TicketStage::kClosed;
    if (change.stage == TicketChange::Stage::kReopen) held.known.stage = TicketStage::kOpen;
    if (Lost("set")) return SendOutcome::Retry("timeout");
    if (desk_.no_right_to_set) return SendOutcome::Refused("http_400");
    return Done{};
  }
  TicketResult<KnownTicket> Look(const std::string& ticket) override {
    const auto found = desk_.tickets.find(ticket);
    if (found == desk_.tickets.end()) return SendOutcome::Refused("gone");
    const auto target = desk_.merged.find(ticket);
    if (target == desk_.merged.end()) return found->second.known;
    KnownTicket known = desk_.tickets.at(target->second).known;
    known.case_id = found->second.known.case_id;
    known.merged = true;
    return known;
  }
  TicketResult<bool> Holds(const std::string& ticket, const std::string& operation_id) override {
    const auto& words = desk_.tickets.at(ticket).words;
    return std::ranges::find(words, operation_id) != words.end();
  }
  TicketResult<Done> Check() override { return Done{}; }
  TicketResult<TicketList> List(Timestamp) override { return TicketList{}; }
  TicketResult<Done> Merge(const std::string&, const std::string&) override { return Done{}; }
  [[nodiscard]] seconds search_lag() const override { return seconds(30); }

 private:
  bool Lost(const std::string& call) {
    if (desk_.lose != call) return false;
    desk_.lose.clear();
    return true;
  }
  Desk& desk_;
};

inline Parcel Operation(TicketOperation operation, const std::string& id) {
  Parcel parcel{.kind = ParcelKind::kTicket, .id = id, .case_id = "case-1"};
  parcel.operation = operation;
  parcel.priority = schemas::Priority::kP2;
  return parcel;
}

class TicketChannelTest : public testing::Test {
 protected:
  SendOutcome Send(const Parcel& parcel) { return channel_.Send(parcel, kNow); }
  // As a known ticket's next operation.
  SendOutcome Tell(TicketOperation operation, const std::string& id) {
    Parcel parcel = Operation(operation, id);
    parcel.external_id = "1";
    return Send(parcel);
  }
  Held& held() { return desk_.tickets.at("1"); }

  Desk desk_;
  TicketChannel channel_{std::make_unique<MemorySystem>(desk_)};
};

}  // namespace tocsin::daemon
