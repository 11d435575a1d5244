// The delivery processor's part about tickets: reminders of what is due, notices that do not reach their
// owner, and what agents decided.
#include <algorithm>

#include "alerts/answer_token.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "daemon/delivery/delivery_processor.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

std::string FeedbackEvent(const Lane::Head& head, std::string_view secret, Timestamp now) {
  const bool fraud = head.outcome == TicketOutcome::kFraud;
  const std::string_view verdict = fraud ? "confirmed_fraud" : "false_positive";
  std::string event;
  JsonWriter json(event);
  json.BeginObject().Member("type", "feedback").Member("source", "tocsin-tickets");
  json.Member("event_id", alerts::OutcomeId(head.case_id, verdict, head.outcomes, secret));
  json.Member("account_id", head.account_id).Member("occurred_at", now);
  json.Member("verdict", verdict).Member("by", "analyst").Member("case_id", head.case_id).EndObject();
  return event;
}

// It makes no ticket where there is none.
bool OnlyAdds(const LaneItem& item) {
  const Result<Parcel> read = ReadParcel(ParcelKind::kTicket, item.json);
  return read && (read->reminder || read->unreached);
}

// What only adds to a ticket leaves this many of a lane's places to operations.
constexpr size_t kAddedMax = Lane::kItemsMax - 22;

// Whether the lane's first item makes the ticket. A webhook is asked for one by its first operation alone.
bool Creates(const Lane& lane) {
  if (!lane.head().external_id.empty()) return false;
  if (lane.head().channel == kTicketChannel) return true;
  const Result<Parcel> first = ReadParcel(ParcelKind::kTicket, lane.front().json);
  return first && first->operation == schemas::TicketOperation::kOpen;
}

}  // namespace

std::string TicketLaneId(std::string_view channel, std::string_view case_id) {
  return ToHex(IdentityHash().Add("ticket").Add(channel).Add(case_id).Add("").Finish());
}

bool IsAside(const std::string& lane_id, const Lane::Head& head) {
  return head.kind == ParcelKind::kTicket && lane_id != TicketLaneId(head.channel, head.case_id);
}

// The first item was refused. What is behind it does not wait for a person: it is told, and what was refused
// goes aside, where that person finds it. A ticket that is not there is made by the news instead, which says
// all that was refused; a reminder does not, and makes none.
Result<bool> DeliveryProcessor::PassOver(Turn& turn, const std::string& lane_id, Lane& lane) {
  if (lane.head().kind != ParcelKind::kTicket || lane.size() < 2) return false;
  if (!Creates(lane)) {
    if (Result<Done> kept = SetAside(turn, lane); !kept) return kept.error();
    lane.Pop();
  } else {
    size_t news = 1;
    while (news < lane.size() && OnlyAdds(lane.at(news))) ++news;
    if (news == lane.size()) return false;
    for (; news > 0; --news) lane.Pop();
  }
  Lane::Head& head = lane.MutableHead();
  head.reason.clear();
  head.attempt = 0;
  head.entered_at = turn.now;
  Begin(turn, lane_id, lane);
  return true;
}

Result<Done> DeliveryProcessor::SetAside(Turn& turn, const Lane& lane) {
  const Lane::Head& from = lane.head();
  const std::string id =
      ToHex(IdentityHash().Add("aside").Add(from.channel).Add(from.case_id).Add(lane.front().id).Finish());
  Result<Lane*> loaded = turn.Load<Lane>(id);
  if (!loaded) return loaded.error();
  Lane& aside = **loaded;
  if (!aside.empty()) return Done{};
  aside.Push(lane.front());
  Lane::Head& head = aside.MutableHead();
  head.kind = from.kind;
  head.status = LaneStatus::kFailed;
  head.channel = from.channel;
  head.case_id = from.case_id;
  head.external_id = from.external_id;
  head.reason = from.reason;
  head.attempt = from.attempt;
  head.entered_at = from.entered_at;
  head.attempted_at = from.attempted_at;
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(id));
  if (!index) return index.error();
  (*index)->Add(id);
  Note(turn, id, aside);
  return Done{};
}

// Each operation says all that the earlier ones did: the oldest goes that is not under way, nor the only one.
// What only adds goes where a lane of a former version is full of it.
void DeliveryProcessor::MakeRoom(Lane& lane) {
  CHECK(lane.size() > 2);
  const size_t last = lane.size() - 1;
  size_t at = 1;
  while (at < last && OnlyAdds(lane.at(at))) ++at;
  lane.Erase(at < last ? at : 1);
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
  const auto next = NextReminder(rules_.reminders, head);
  if (!next) return;
  Timestamp& woken = woken_[turn.partition].try_emplace(lane_id, kTimestampMin).first->second;
  if (woken > turn.now && woken <= *next) return;  // It is asked again then.
  woken = *next;
  errands_.wakes.push_back({.at = *next, .partition = turn.partition, .lane = lane_id});
}

// What came of a reminder, if the lane's first item was one: nobody had to be reminded, or somebody was.
void DeliveryProcessor::NoteReminder(Turn& turn, const std::string& lane_id, Lane& lane, bool answered) {
  const Result<Parcel> told = ReadParcel(lane.head().kind, lane.front().json);
  const std::optional<TicketClock> reminder = told ? told->reminder : std::nullopt;
  if (!reminder) return;
  const auto clock = static_cast<size_t>(*reminder);
  if (!answered) {
    if (told->percent >= kReminderPercents.back() && !told->counted) metrics_.overdue[clock].Add();
    return;
  }
  Lane::Head& head = lane.MutableHead();
  head.clocks[clock].step = kReminderPercents.size();
  WakeToRemind(turn, lane_id, head);  // The one that was to come was perhaps this clock's.
}

void DeliveryProcessor::Remind(Turn& turn, const std::string& lane_id, Lane& lane) {
  const auto next = NextReminder(rules_.reminders, lane.head());
  if (!next) return;
  // By a calendar that changed it may be later than when it was to wake.
  if (*next > turn.now) return WakeToRemind(turn, lane_id, lane.head());
  const bool unanswerable = lane.head().status == LaneStatus::kFailed;
  for (;;) {
    auto reminder = TakeReminder(rules_.reminders, turn.now, unanswerable, lane.MutableHead());
    if (!reminder) break;
    metrics_.reminders[static_cast<size_t>(reminder->clock)][reminder->step].Add();
    const bool begins = lane.empty();
    const bool failed = lane.head().status == LaneStatus::kFailed;
    // Whether somebody has taken it up cannot be asked, and it is late all the same.
    if (unanswerable && kReminderPercents[static_cast<size_t>(reminder->step)] >= 100)
      metrics_.overdue[static_cast<size_t>(reminder->clock)].Add();
    // A lane without room has more urgent things to say.
    if (lane.size() >= kAddedMax || !lane.Push(std::move(reminder->item)) || (!begins && !failed)) continue;
    if (begins) lane.MutableHead().entered_at = turn.now;
    lane.MutableHead().attempt = 0;
    Begin(turn, lane_id, lane);
  }
  WakeToRemind(turn, lane_id, lane.head());
}

// Whoever works the case calls instead.
Result<Done> DeliveryProcessor::TellUnreached(Turn& turn, const Lane& lane, bool refused) {
  const Lane::Head& from = lane.head();
  if (!rules_.unreached || from.kind != ParcelKind::kNotice || from.case_id.empty()) return Done{};
  const Result<Parcel> notice = ReadParcel(from.kind, lane.front().json);
  CHECK(notice.ok());  // It was read when it came.
  const std::string& to = from.address.empty() ? from.channel : from.address;
  LaneItem item{.id = ToHex(IdentityHash().Add("unreached").Add(notice->id).Add(to).Finish())};
  JsonWriter json(item.json);
  json.BeginObject().Member("unreached_id", item.id).Member("case_id", from.case_id);
  json.Member("account_id", notice->account_id).MemberIf("reference", notice->reference);
  json.Member("notice_id", notice->id).Member("notice_occurred_at", notice->occurred_at);
  json.Member("channel", from.channel).MemberIf("address", alerts::MaskedAddress(from.address));
  json.Member("reason", refused ? "refused" : "given_up").Member("unreached", true);
  json.Member("body", rules_.unreached({from.channel, from.address, refused, notice->occurred_at}));
  json.Member("occurred_at", turn.now).EndObject();
  for (const DeliveryTarget& target : rules_.targets) {
    if (!target.tickets || target.channel == from.channel) continue;
    Result<Done> told = target.remind ? AddUnreached(turn, from.case_id, item)
                                      : EnterUnreached(turn, target.channel, from.case_id, item);
    if (!told) return told;
  }
  return Done{};
}

// A receiver of tickets cannot be asked whether it has made one: it is told at once, apart from the
// operations of the case.
Result<Done> DeliveryProcessor::EnterUnreached(Turn& turn, const std::string& channel,
                                               const std::string& case_id, LaneItem item) {
  const std::string id = ToHex(IdentityHash().Add("unreached").Add(channel).Add(item.id).Finish());
  Result<Lane*> loaded = turn.Load<Lane>(id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  if (!lane.empty()) return Done{};  // It is on its way.
  lane.Push(std::move(item));
  Lane::Head& head = lane.MutableHead();
  head.kind = ParcelKind::kTicket;
  head.channel = channel;
  head.case_id = case_id;
  head.entered_at = turn.now;
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(id));
  if (!index) return index.error();
  (*index)->Add(id);
  Begin(turn, id, lane);
  return Done{};
}

// Where there is no ticket it waits for one, as long as a ticket's name is kept.
Result<Done> DeliveryProcessor::AddUnreached(Turn& turn, const std::string& case_id, LaneItem item) {
  const std::string id = TicketLaneId(kTicketChannel, case_id);
  Result<Lane*> loaded = turn.Load<Lane>(id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  const bool known = !lane.head().account_id.empty();  // An operation of it came.
  const bool begins = known && lane.empty();
  // A lane without room has more urgent things to say.
  if (lane.size() >= kAddedMax || !lane.Push(std::move(item))) return Done{};
  Lane::Head& head = lane.MutableHead();
  if (known && !begins) return Done{};
  head.entered_at = turn.now;
  if (known) {
    head.attempt = 0;
    Begin(turn, id, lane);
    return Done{};
  }
  head.kind = ParcelKind::kTicket;
  head.channel = kTicketChannel;
  head.case_id = case_id;
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(id));
  if (!index) return index.error();
  (*index)->Add(id);
  return Done{};
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
  if (!word.empty() || !word.Push({.id = id, .json = FeedbackEvent(head, rules_.outcome_secret, turn.now)}))
    return Done{};
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
