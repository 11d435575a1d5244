#include "daemon/delivery/delivery_processor.h"

#include <algorithm>

#include "base/hash.h"
#include "daemon/delivery/retry.h"

namespace tocsin::daemon {
namespace {

using schemas::ContactChannel;

// How long a lane waits that found no room in its channel.
constexpr std::chrono::seconds kBusyWait{2};
constexpr std::chrono::seconds kBusyWaitMax{60};
// An attempt that lies further ahead was made while the clock was wrong.
constexpr std::chrono::seconds kClockSlack{60};

bool IsMeantFor(const DeliveryTarget& target, const Parcel& parcel) {
  if (parcel.kind == ParcelKind::kTicket) return target.tickets;
  if (!target.notices) return false;
  if (target.contacts.empty()) return true;
  return std::ranges::any_of(parcel.recipients, [&](const schemas::Recipient& recipient) {
    return std::ranges::find(target.contacts, recipient.channel) != target.contacts.end();
  });
}

std::string LaneId(const DeliveryTarget& target, const Parcel& parcel, std::string_view address) {
  if (parcel.kind == ParcelKind::kTicket) return TicketLaneId(target.channel, parcel.case_id);
  return ToHex(IdentityHash().Add("notice").Add(target.channel).Add(parcel.id).Add(address).Finish());
}

bool IsOpen(LaneStatus status) { return status != LaneStatus::kIdle; }

}  // namespace

DeliveryProcessor::DeliveryProcessor(DeliveryRules rules, Errands& errands, DeliveryMetrics& metrics)
    : rules_(std::move(rules)), errands_(errands), metrics_(metrics) {}

std::unique_ptr<KeyedState> DeliveryProcessor::NewState(std::string_view key) const {
  if (std::ranges::find(FloodGate::kKeys, key) != FloodGate::kKeys.end())
    return std::make_unique<FloodGate>();
  if (key.starts_with(LaneIndex::kPrefix)) return std::make_unique<LaneIndex>();
  return std::make_unique<Lane>();
}

Result<Done> DeliveryProcessor::Process(const schemas::Record& record, Timestamp now, States& states,
                                        Outputs&) {
  Turn turn{.partition = record.partition, .now = now, .states = states};
  if (record.topic == kDeliveryTopic) {
    const Result<Word> word = DecodeWord(record.value);
    return word ? Hear(turn, std::string(record.key), *word) : Result<Done>(word.error());
  }
  for (const schemas::Header& header : record.headers) {
    if (header.name != "ce_type") continue;
    if (header.value == "tocsin.notice.v1")
      return Enter(turn, ParcelKind::kNotice, record.value, record.appended_at);
    if (header.value == "tocsin.ticket.v1")
      return Enter(turn, ParcelKind::kTicket, record.value, record.appended_at);
  }
  return Done{};  // A topic that several kinds share.
}

Result<Done> DeliveryProcessor::Enter(Turn& turn, ParcelKind kind, std::string_view json,
                                      Timestamp appended_at) {
  const Result<Parcel> parcel = ReadParcel(kind, json);
  if (!parcel) {
    metrics_.unreadable.Add();
    return Done{};
  }
  bool held = false;
  if (kind == ParcelKind::kNotice && rules_.flood_max > 0) {
    Result<FloodGate*> gate =
        turn.Load<FloodGate>(IsUrgent(*parcel) ? FloodGate::kUrgentKey : FloodGate::kKey);
    if (!gate) return gate.error();
    held = (*gate)->Count(turn.now, rules_.flood_window, rules_.flood_max);
    if (held) metrics_.flood = true;
  }
  bool routed = false;
  for (const DeliveryTarget& target : rules_.targets) {
    if (!IsMeantFor(target, *parcel)) continue;
    std::vector<std::string> addresses = {""};
    if (target.mail) {
      addresses.clear();
      for (const schemas::Recipient& recipient : parcel->recipients) {
        if (recipient.channel == ContactChannel::kEmail) addresses.push_back(recipient.address);
      }
    }
    for (const std::string& address : addresses) {
      routed = true;
      if (Result<Done> entered = EnterLane(turn, target, *parcel, address, held, appended_at); !entered)
        return entered;
    }
  }
  if (!routed) metrics_.unroutable.Add();
  return Done{};
}

Result<Done> DeliveryProcessor::EnterLane(Turn& turn, const DeliveryTarget& target, const Parcel& parcel,
                                          const std::string& address, bool held, Timestamp appended_at) {
  const std::string id = LaneId(target, parcel, address);
  Result<Lane*> loaded = turn.Load<Lane>(id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  const bool notice = parcel.kind == ParcelKind::kNotice;
  if (notice && !lane.empty()) return Done{};  // It is on its way.
  // What was to be told to a ticket before there was one follows what makes it.
  const bool unborn = !notice && !lane.empty() && lane.head().status == LaneStatus::kIdle;
  const bool begins = lane.empty() || unborn;
  const bool append = !notice && parcel.operation == schemas::TicketOperation::kAppend;
  const LaneItem item{.id = parcel.id, .json = parcel.json, .append = append};
  if (!lane.PushOrReplace(item)) {
    MakeRoom(lane);
    lane.Push(item);
  }
  if (unborn) lane.BringLastForward();
  Lane::Head& head = lane.MutableHead();
  head.kind = parcel.kind;
  head.channel = target.channel;
  head.address = address;
  head.case_id = parcel.case_id;
  if (begins) head.entered_at = appended_at;
  if (target.remind) Heed(turn, id, parcel, lane);
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(id));
  if (!index) return index.error();
  (*index)->Add(id);
  if (begins && held) {
    head.status = LaneStatus::kHeld;
    Note(turn, id, lane);
  } else if (begins && parcel.deliver_after > turn.now) {
    // The owner sleeps, or the case may learn more. The time it takes counts from when it may leave.
    head.entered_at = parcel.deliver_after;
    WaitUntil(turn, id, lane, parcel.deliver_after);
  } else if (begins || head.status == LaneStatus::kFailed ||
             (head.status == LaneStatus::kWaiting && parcel.deliver_after <= turn.now)) {
    // News for a ticket that could not be told, or that cannot wait, are a reason to try now.
    head.attempt = 0;
    Begin(turn, id, lane);
  }
  return Done{};
}

// The attempt leaves once this is committed.
void DeliveryProcessor::Begin(Turn& turn, const std::string& lane_id, Lane& lane) {
  Result<Parcel> parcel = ReadParcel(lane.head().kind, lane.front().json);
  CHECK(parcel.ok());  // It was read when it came.
  Lane::Head& head = lane.MutableHead();
  ++head.attempt;
  head.status = LaneStatus::kSending;
  parcel->lane = lane_id;
  parcel->address = head.address;
  parcel->external_id = head.external_id;
  parcel->aside = IsAside(lane_id, head);
  // What a reminder raised stays raised.
  if (!head.account_id.empty() && head.priority < parcel->priority) {
    parcel->priority = head.priority;
    parcel->subject = WithPriority(parcel->subject, head.priority);
  }
  parcel->attempt = head.attempt;
  parcel->attempted_before = head.attempted_at;
  head.attempted_at = turn.now;
  errands_.attempts.push_back({.partition = turn.partition,
                               .lane = lane_id,
                               .item = lane.front().id,
                               .number = head.attempt,
                               .channel = head.channel,
                               .parcel = *std::move(parcel)});
  Note(turn, lane_id, lane);
}

void DeliveryProcessor::WaitUntil(Turn& turn, const std::string& lane_id, Lane& lane, Timestamp at) {
  Lane::Head& head = lane.MutableHead();
  head.status = LaneStatus::kWaiting;
  head.next_at = at;
  errands_.wakes.push_back({.at = at, .partition = turn.partition, .lane = lane_id});
  Note(turn, lane_id, lane);
}

Result<Done> DeliveryProcessor::Hear(Turn& turn, const std::string& lane_id, const Word& word) {
  if (word.kind == Word::Kind::kResume || word.kind == Word::Kind::kSweep)
    return VisitBucket(turn, word.number, word.kind == Word::Kind::kResume);
  if (word.kind == Word::Kind::kRequest) {
    const auto found = errands_.requests.find(word.number);
    return found == errands_.requests.end() ? Result<Done>(Done{})
                                            : Answer(turn, word.number, *found->second);
  }
  Result<Lane*> loaded = turn.Load<Lane>(lane_id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  if (word.kind == Word::Kind::kOutcome)
    return TakeOutcome(turn, lane, static_cast<TicketOutcome>(word.number));
  if (word.kind == Word::Kind::kDue) Remind(turn, lane_id, lane);
  if (lane.empty()) return Done{};
  if (word.kind == Word::Kind::kResult) return TakeResult(turn, lane_id, lane, word);
  if (lane.head().status != LaneStatus::kWaiting) return Done{};
  if (lane.head().next_at > turn.now) {
    WaitUntil(turn, lane_id, lane, lane.head().next_at);
  } else {
    Begin(turn, lane_id, lane);
  }
  return Done{};
}

Result<Done> DeliveryProcessor::TakeResult(Turn& turn, const std::string& lane_id, Lane& lane,
                                           const Word& word) {
  Lane::Head& head = lane.MutableHead();
  // Of an attempt that was given up for lost before: what it did is told by the one that follows. The lane
  // may have gone on to another item since, whose attempts have the same numbers.
  const bool current = head.attempt == word.number && lane.front().id == word.item;
  if (head.status != LaneStatus::kSending || !current) return Done{};
  ChannelCounts* const counts = CountsOf(head.channel);
  const SendOutcome& outcome = word.outcome;
  const uint64_t seed = Hash64(lane_id, static_cast<uint64_t>(head.attempt));
  if (outcome.kind == SendOutcome::Kind::kBusy) {
    if (counts != nullptr) counts->busy.Add();
    --head.attempt;
    const auto wait = std::clamp<std::chrono::seconds>(outcome.retry_after, kBusyWait, kBusyWaitMax);
    WaitUntil(turn, lane_id, lane, turn.now + wait + Millis(static_cast<int64_t>(seed % 3000)));
    // And then until there is room: a long line does not go in circles.
    errands_.wakes.back().channel = head.channel;
    errands_.wakes.back().urgent = outcome.reason == kUrgent;
    return Done{};
  }
  if (outcome.kind == SendOutcome::Kind::kDelivered) {
    if (counts != nullptr) {
      counts->delivered.Add();
      counts->delivered_seconds.Observe(
          std::max(0.0, std::chrono::duration<double>(turn.now - head.entered_at).count()));
    }
    if (head.kind == ParcelKind::kTicket) NoteReminder(turn, lane_id, lane, outcome.reason == kAnswered);
    lane.Pop();
    if (!outcome.external_id.empty()) head.external_id = outcome.external_id;
    head.reason.clear();
    head.attempt = 0;
    if (!lane.empty()) {
      head.entered_at = turn.now;
      Begin(turn, lane_id, lane);
      return Done{};
    }
    if (head.kind != ParcelKind::kTicket || IsAside(lane_id, head)) return Remove(turn, lane_id);
    head.status = LaneStatus::kIdle;
    Note(turn, lane_id, lane);
    return Done{};
  }
  head.reason = outcome.reason;
  if (outcome.kind == SendOutcome::Kind::kRetry) {
    const auto wait = WaitAfter(rules_.retry_waits, head.attempt, outcome.retry_after, seed);
    if (wait) {
      if (counts != nullptr) counts->retried.Add();
      WaitUntil(turn, lane_id, lane, turn.now + *wait);
      return Done{};
    }
  }
  if (counts != nullptr)
    (outcome.kind == SendOutcome::Kind::kRetry ? counts->given_up : counts->refused).Add();
  if (outcome.kind == SendOutcome::Kind::kRefused) {
    const Result<bool> passed = PassOver(turn, lane_id, lane);
    if (!passed) return passed.error();
    if (*passed) return Done{};
  }
  head.status = LaneStatus::kFailed;
  Note(turn, lane_id, lane);
  return TellUnreached(turn, lane, outcome.kind == SendOutcome::Kind::kRefused);
}

Result<Done> DeliveryProcessor::VisitBucket(Turn& turn, int place, bool resume) {
  const int bucket = place % LaneIndex::kBuckets;
  if (bucket < 0) return Done{};
  if (resume && bucket == 0) {
    for (const std::string_view key : FloodGate::kKeys) {
      Result<FloodGate*> gate = turn.Load<FloodGate>(key);
      if (!gate) return gate.error();
      if ((*gate)->shut()) metrics_.flood = true;
    }
  }
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::BucketKey(bucket));
  if (!index) return index.error();
  for (int slot = std::max(1, place / LaneIndex::kBuckets); slot <= LaneIndex::kSlots; ++slot) {
    if (errands_.lanes_left == 0) {
      errands_.next_place = LaneIndex::PlaceOf(bucket, slot);
      return Done{};
    }
    for (const std::string& lane_id : (*index)->Lanes(slot)) {
      errands_.lanes_left -= std::min<size_t>(errands_.lanes_left, 1);
      if (Result<Done> visited = VisitLane(turn, lane_id, resume); !visited) return visited;
    }
  }
  return Done{};
}

Result<Done> DeliveryProcessor::VisitLane(Turn& turn, const std::string& lane_id, bool resume) {
  Result<Lane*> loaded = turn.Load<Lane>(lane_id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  const Lane::Head& head = lane.head();
  if (resume) {
    // What became of an attempt that was under way is not known, or it never left: it is made again, and
    // does not count as another one. One that was made since the partition was restored is under way.
    const bool known = open_[turn.partition].contains(lane_id);
    if (head.status == LaneStatus::kSending && !lane.empty()) {
      if (!known) {
        --lane.MutableHead().attempt;
        Begin(turn, lane_id, lane);
      }
    } else if (head.status == LaneStatus::kWaiting && head.attempted_at > turn.now + kClockSlack) {
      const Millis wait = std::max(Millis(0), head.next_at - head.attempted_at);
      lane.MutableHead().attempted_at = turn.now;
      WaitUntil(turn, lane_id, lane, turn.now + wait);
    } else if (head.status == LaneStatus::kWaiting && !known) {
      errands_.wakes.push_back({.at = head.next_at, .partition = turn.partition, .lane = lane_id});
    }
    woken_[turn.partition].erase(lane_id);  // What was to wake it may be lost.
    if (head.kind == ParcelKind::kTicket && rules_.reminders.part_of) WakeToRemind(turn, lane_id, head);
    Note(turn, lane_id, lane);
    return Done{};
  }
  const auto age = turn.now - std::max(head.attempted_at, head.entered_at);
  const bool old = (head.status == LaneStatus::kIdle && age > rules_.keep_idle) ||
                   (head.status == LaneStatus::kFailed && age > rules_.keep_failed);
  // By a calendar that changed it may be earlier.
  if (!old && head.kind == ParcelKind::kTicket && rules_.reminders.part_of) WakeToRemind(turn, lane_id, head);
  if (!old) return Done{};
  const bool failed = head.status == LaneStatus::kFailed;
  return failed ? Drop(turn, lane_id, lane) : Remove(turn, lane_id);
}

Result<Done> DeliveryProcessor::Answer(Turn& turn, int number, DeliveryRequest& request) {
  const auto [entry, first] = errands_.unanswered.try_emplace({number, turn.partition});
  std::vector<std::string>& lanes = entry->second;
  if (first) {
    if (request.kind == DeliveryRequest::Kind::kOpenGate) {
      for (const std::string_view key : FloodGate::kKeys) {
        Result<FloodGate*> gate = turn.Load<FloodGate>(key);
        if (!gate) return gate.error();
        (*gate)->Open();
      }
      metrics_.flood = false;
    }
    lanes = LanesFor(turn.partition, request);
  }
  for (; !lanes.empty() && errands_.lanes_left > 0; lanes.pop_back()) {
    if (!open_[turn.partition].contains(lanes.back())) continue;  // Gone since the slice before.
    // What a list has no room for is only counted.
    const bool looks =
        request.kind != DeliveryRequest::Kind::kList || request.entries.size() < DeliveryRequest::kEntriesMax;
    if (looks) --errands_.lanes_left;
    if (Result<Done> answered = AnswerLane(turn, lanes.back(), request); !answered) return answered;
  }
  if (lanes.empty()) errands_.unanswered.erase(entry);
  return Done{};
}

// What is told to a ticket is forgotten, and not which ticket it is: what its agent decides is still heard.
Result<Done> DeliveryProcessor::Drop(Turn& turn, const std::string& lane_id, Lane& lane) {
  if (lane.head().kind != ParcelKind::kTicket || IsAside(lane_id, lane.head())) return Remove(turn, lane_id);
  while (!lane.empty()) lane.Pop();
  Lane::Head& head = lane.MutableHead();
  head.status = LaneStatus::kIdle;
  head.reason.clear();
  head.attempt = 0;
  Note(turn, lane_id, lane);
  return Done{};
}

Result<Done> DeliveryProcessor::Remove(Turn& turn, const std::string& lane_id) {
  Result<LaneIndex*> index = turn.Load<LaneIndex>(LaneIndex::KeyOf(lane_id));
  if (!index) return index.error();
  (*index)->Remove(lane_id);
  open_[turn.partition].erase(lane_id);
  woken_[turn.partition].erase(lane_id);
  return turn.states.Erase(lane_id);
}

void DeliveryProcessor::Note(Turn& turn, const std::string& lane_id, const Lane& lane) {
  auto& open = open_[turn.partition];
  if (IsOpen(lane.head().status)) {
    open[lane_id] = {lane.head().channel, lane.head().status, lane.head().entered_at};
  } else {
    open.erase(lane_id);
  }
}

ChannelCounts* DeliveryProcessor::CountsOf(const std::string& channel) {
  const auto found = metrics_.channels.find(channel);
  return found == metrics_.channels.end() ? nullptr : found->second.get();
}

void DeliveryProcessor::Forget(int32_t partition) {
  open_.erase(partition);
  woken_.erase(partition);
}

void DeliveryProcessor::PublishGauges() {
  struct Sum {
    uint64_t pending = 0, failed = 0, held = 0;
    Timestamp oldest = kTimestampMax;
  };
  std::map<std::string, Sum> sums;
  for (const auto& [partition, lanes] : open_) {
    for (const auto& [id, open] : lanes) {
      Sum& sum = sums[CountsOf(open.channel) == nullptr ? std::string(kRemovedChannel) : open.channel];
      if (open.status == LaneStatus::kFailed) {
        ++sum.failed;
      } else if (open.status == LaneStatus::kHeld) {
        ++sum.held;
      } else {
        ++sum.pending;
        sum.oldest = std::min(sum.oldest, open.entered_at);
      }
    }
  }
  for (auto& [channel, counts] : metrics_.channels) {
    const Sum& sum = sums[channel];
    counts->pending.Set(sum.pending);
    counts->failed.Set(sum.failed);
    counts->held.Set(sum.held);
    counts->oldest_millis = sum.pending > 0 ? ToMillis(sum.oldest) : 0;
  }
}

}  // namespace tocsin::daemon
