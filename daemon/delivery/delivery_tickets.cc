// The delivery processor's part about tickets: reminders of what is due, and what agents decided.
#include <algorithm>

#include "base/hash.h"
#include "base/json_writer.h"
#include "daemon/delivery/delivery_processor.h"

namespace tocsin::daemon {
namespace {

std::string FeedbackEvent(const Lane::Head& head, Timestamp now) {
  const bool fraud = head.outcome == TicketOutcome::kFraud;
  const std::string_view verdict = fraud ? "confirmed_fraud" : "false_positive";
  std::string event;
  JsonWriter json(event);
  json.BeginObject().Member("type", "feedback").Member("source", "tocsin-tickets");
  json.Member("event_id", ToHex(IdentityHash()
                                    .Add("outcome")
                                    .Add(head.case_id)
                                    .Add(verdict)
                                    .Add(static_cast<int64_t>(head.outcomes))
                                    .Finish()));
  json.Member("account_id", head.account_id).Member("occurred_at", now);
  json.Member("verdict", verdict).Member("by", "analyst").Member("case_id", head.case_id).EndObject();
  return event;
}

}  // namespace

std::string TicketLaneId(std::string_view channel, std::string_view case_id) {
  return ToHex(IdentityHash().Add("ticket").Add(channel).Add(case_id).Add("").Finish());
}

// What the operation says of priority and due times is remembered.
void DeliveryProcessor::Heed(Turn& turn, const std::string& lane_id, const Parcel& operation, Lane& lane) {
  Lane::Head& head = lane.MutableHead();
  const bool opens = operation.operation == schemas::TicketOperation::kOpen;
  head.account_id = operation.account_id;
  head.priority = opens ? operation.priority : std::min(head.priority, operation.priority);
  if (SetClocks(operation, turn.now, head)) WakeToRemind(turn, lane_id, head);
}

void DeliveryProcessor::WakeToRemind(Turn& turn, const std::string& lane_id, const Lane::Head& head) {
  if (const auto next = NextReminder(rules_.reminders, head))
    errands_.wakes.push_back({.at = *next, .partition = turn.partition, .lane = lane_id});
}

// What came of a reminder, if the lane's first item was one: nobody had to be reminded, or somebody was.
void DeliveryProcessor::NoteReminder(Turn& turn, const std::string& lane_id, Lane& lane, bool answered) {
  const Result<Parcel> told = ReadParcel(lane.head().kind, lane.front().json);
  const std::optional<TicketClock> reminder = told ? told->reminder : std::nullopt;
  if (!reminder) return;
  const auto clock = static_cast<size_t>(*reminder);
  if (!answered) {
    if (told->percent >= kReminderPercents.back()) metrics_.overdue[clock].Add();
    return;
  }
  Lane::Head& head = lane.MutableHead();
  head.clocks[clock].step = kReminderPercents.size();
  WakeToRemind(turn, lane_id, head);  // The one that was to come was perhaps this clock's.
}

void DeliveryProcessor::Remind(Turn& turn, const std::string& lane_id, Lane& lane) {
  const auto next = NextReminder(rules_.reminders, lane.head());
  if (!next || *next > turn.now) return;
  for (;;) {
    auto reminder = TakeReminder(rules_.reminders, turn.now, lane.MutableHead());
    if (!reminder) break;
    metrics_.reminders[static_cast<size_t>(reminder->clock)][reminder->step].Add();
    const bool begins = lane.empty();
    const bool failed = lane.head().status == LaneStatus::kFailed;
    // Whether somebody has taken it up cannot be asked, and it is late all the same.
    if (failed && kReminderPercents[static_cast<size_t>(reminder->step)] >= 100)
      metrics_.overdue[static_cast<size_t>(reminder->clock)].Add();
    // A lane without room has more urgent things to say.
    if (!lane.Push(std::move(reminder->item)) || (!begins && !failed)) continue;
    if (begins) lane.MutableHead().entered_at = turn.now;
    lane.MutableHead().attempt = 0;
    Begin(turn, lane_id, lane);
  }
  WakeToRemind(turn, lane_id, lane.head());
}

Result<Done> DeliveryProcessor::TakeOutcome(Turn& turn, Lane& lane, TicketOutcome outcome) {
  if (lane.head().account_id.empty() || outcome == TicketOutcome::kNone || outcome == lane.head().outcome)
    return Done{};
  Lane::Head& head = lane.MutableHead();
  head.outcome = outcome;
  ++head.outcomes;
  EndClocks(head);
  metrics_.outcomes[static_cast<size_t>(outcome)].Add();
  const std::string id = ToHex(
      IdentityHash().Add("feedback").Add(head.case_id).Add(static_cast<int64_t>(head.outcomes)).Finish());
  Result<Lane*> loaded = turn.Load<Lane>(id);
  if (!loaded) return loaded.error();
  Lane& word = **loaded;
  if (!word.empty() || !word.Push({.id = id, .json = FeedbackEvent(head, turn.now)})) return Done{};
  Lane::Head& to = word.MutableHead();
  to.kind = ParcelKind::kFeedback;
  to.channel = kFeedbackChannel;
  to.case_id = head.case_id;
  to.entered_at = turn.now;
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(id));
  if (!index) return index.error();
  (*index)->Add(id);
  Begin(turn, id, word);
  return Done{};
}

}  // namespace tocsin::daemon
