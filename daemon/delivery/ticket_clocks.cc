#include "daemon/delivery/ticket_clocks.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/json_writer.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using schemas::Priority;
using schemas::TicketOperation;

constexpr int kStepsEnd = kReminderPercents.size();

std::optional<Timestamp> At(const ReminderRules& rules, const DueClock& clock) {
  if (clock.due == kTimestampMin || clock.step >= kStepsEnd) return std::nullopt;
  return rules.part_of(clock.from, clock.due, kReminderPercents[static_cast<size_t>(clock.step)]);
}

Priority Raised(Priority priority, int percent) {
  if (percent >= 100) return Priority::kP1;
  if (percent < 80 || priority == Priority::kP1) return priority;
  return static_cast<Priority>(static_cast<uint8_t>(priority) - 1);
}

LaneItem ItemOf(const ReminderRules& rules, const Lane::Head& head, TicketClock which, int percent,
                std::optional<Priority> raised_to, bool counted, Timestamp now) {
  const DueClock& clock = head.clocks[static_cast<size_t>(which)];
  const std::string_view name = kClockNames[static_cast<size_t>(which)];
  LaneItem item{.id = ToHex(IdentityHash()
                                .Add("reminder")
                                .Add(head.case_id)
                                .Add(name)
                                .Add(ToMillis(clock.due))
                                .Add(static_cast<int64_t>(percent))
                                .Finish())};
  const auto operation = percent < 80 ? TicketOperation::kAppend : TicketOperation::kEscalate;
  JsonWriter json(item.json);
  json.BeginObject().Member("ticket_id", item.id).Member("case_id", head.case_id);
  json.Member("account_id", head.account_id).Member("operation", schemas::Name(operation));
  json.Member("priority", schemas::Name(head.priority)).Member("reminder", name).Member("percent", percent);
  if (counted) json.Member("counted", true);
  json.Member("body", rules.text(which, percent, clock.due, raised_to)).Member("occurred_at", now);
  json.Key("due").BeginObject();
  for (size_t i = 0; i < head.clocks.size(); ++i) {
    if (head.clocks[i].due > kTimestampMin) json.Member(kClockNames[i], head.clocks[i].due);
  }
  json.EndObject().EndObject();
  return item;
}

}  // namespace

bool SetClocks(const Parcel& operation, Timestamp now, Lane::Head& head) {
  if (operation.operation == TicketOperation::kResolve) {
    EndClocks(head);
    return false;
  }
  const std::array<std::optional<Timestamp>, 2> due = {operation.due.first_reply, operation.due.review};
  bool changed = false;
  for (size_t i = 0; i < due.size(); ++i) {
    DueClock& clock = head.clocks[i];
    const std::optional<Timestamp>& one = due[i];
    // No longer due: nothing is restricted any more.
    if (!one) clock = {};
    if (!one || *one == clock.due) continue;
    clock = {.from = std::min(operation.occurred_at, *one), .due = *one, .step = 0};
    if (clock.due <= now) clock.step = kStepsEnd;
    changed = changed || clock.step == 0;
  }
  return changed;
}

void EndClocks(Lane::Head& head) {
  for (DueClock& clock : head.clocks) clock.step = kStepsEnd;
}

std::optional<Timestamp> NextReminder(const ReminderRules& rules, const Lane::Head& head) {
  std::optional<Timestamp> next;
  for (const DueClock& clock : head.clocks) {
    const auto at = At(rules, clock);
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

std::optional<Reminder> TakeReminder(const ReminderRules& rules, Timestamp now, bool unanswerable,
                                     Lane::Head& head) {
  for (size_t i = 0; i < head.clocks.size(); ++i) {
    DueClock& clock = head.clocks[i];
    const int before = clock.step;
    for (auto at = At(rules, clock); at && *at <= now; at = At(rules, clock)) ++clock.step;
    if (clock.step == before) continue;
    const auto step = static_cast<size_t>(clock.step - 1);
    const auto which = static_cast<TicketClock>(i);
    const int percent = kReminderPercents[step];
    const Priority priority = std::exchange(head.priority, Raised(head.priority, percent));
    std::optional<Priority> raised_to;
    if (head.priority != priority) raised_to = head.priority;
    const bool counted = unanswerable && percent >= kReminderPercents.back();
    return Reminder{
        .clock = which, .step = step, .item = ItemOf(rules, head, which, percent, raised_to, counted, now)};
  }
  return std::nullopt;
}

}  // namespace tocsin::daemon
