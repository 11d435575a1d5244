#include "daemon/delivery/delivery_log.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tocsin::daemon {
namespace {

constexpr std::chrono::milliseconds kLookForResults{10};
constexpr std::chrono::milliseconds kPublishEvery{100};
constexpr std::chrono::seconds kClockBack{60};   // What the wall clock may go back unnoticed.
constexpr std::chrono::seconds kSweepEvery{60};  // One bucket of 64: all of them in an hour.

}  // namespace

Result<Done> DeliveryDesk::Ask(DeliveryRequest& request, std::chrono::milliseconds wait,
                               std::optional<std::chrono::milliseconds> of_some) {
  Asked asked{.request = &request};
  std::unique_lock lock(mutex_);
  asked_.push_back(&asked);
  const auto over = [&] { return asked.done || closed_; };
  if (!changed_.wait_for(lock, wait, over) && request.kind == DeliveryRequest::Kind::kList) {
    asked.of_some = true;
    changed_.wait_for(lock, of_some.value_or(wait), over);
  }
  // Once the worker has it, it writes into it: until it says that it is done.
  changed_.wait(lock, [&] { return asked.done || !asked.taken || closed_; });
  std::erase(asked_, &asked);
  const auto unavailable = [](const char* why) { return Error{ErrorCode::kUnavailable, "delivery", why}; };
  if (asked.failed) return unavailable("a commit failed, and not all of it is done");
  if (asked.done) return Done{};
  if (closed_) return unavailable("it has ended");
  return unavailable("a partition is being restored, or is stopped; nothing was done");
}

size_t DeliveryDesk::asking() const {
  const std::lock_guard lock(mutex_);
  return asked_.size();
}

void DeliveryDesk::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void TicketNews::Put(std::string lane, TicketOutcome outcome) {
  const std::lock_guard lock(mutex_);
  news_.emplace_back(std::move(lane), outcome);
}

std::vector<std::pair<std::string, TicketOutcome>> TicketNews::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

DeliveryLog::DeliveryLog(DeliveryLogParts parts) : parts_(std::move(parts)) {}

Result<size_t> DeliveryLog::Poll(std::chrono::milliseconds wait, size_t records_max, LogListener& listener) {
  listener_ = &listener;
  handed_ = 0;
  HandResults();
  HandWords(records_max);
  HandDue(records_max);
  HandRequests();
  HandNews();
  Sweep();
  Throttle();
  if (handed_ >= records_max) return handed_;
  if (handed_ > 0) wait = {};
  if (parts_.senders->under_way() > 0) wait = std::min(wait, kLookForResults);
  if (!wakes_.empty()) {
    const auto until = std::chrono::ceil<std::chrono::milliseconds>(wakes_.top().at - parts_.wall_clock());
    wait = std::clamp(until, std::chrono::milliseconds(0), wait);
  }
  Result<size_t> polled = parts_.inner->Poll(wait, records_max - handed_, *this);
  // They are counted anew each time, of all lanes.
  if (const auto now = std::chrono::steady_clock::now(); now - published_at_ >= kPublishEvery) {
    published_at_ = now;
    parts_.processor->PublishGauges();
  }
  // What was handed over before an error is committed first, as when the log is drained.
  if (!polled && handed_ == 0 && std::exchange(drained_, true)) return polled;
  const size_t all = handed_ + (polled ? *polled : 0);
  drained_ = all == 0;
  return all;
}

void DeliveryLog::HandWords(size_t records_max) {
  Errands& errands = *parts_.errands;
  errands.lanes_left = kLanesMax;
  for (auto& [partition, place] : places_) {
    for (LaneWords* const came : {&place.early, &place.kept}) {
      while (place.serving && !came->empty() && handed_ < records_max) {
        const auto [lane, word] = std::move(came->front());
        came->pop_front();
        Hand(partition, lane, word);
      }
    }
    while (place.serving && !place.words.empty() && handed_ < records_max && errands.lanes_left > 0) {
      Word word = std::move(place.words.front());
      place.words.pop_front();
      errands.next_place = -1;
      if (!Hand(partition, {}, word)) break;
      if (errands.next_place < 0) continue;
      word.number = errands.next_place;
      place.words.push_front(std::move(word));
    }
  }
  errands.lanes_left = std::numeric_limits<size_t>::max();
}

void DeliveryLog::HandOrKeep(int32_t partition, const std::string& lane, Word word) {
  const auto place = places_.find(partition);
  const bool outcome = word.kind == Word::Kind::kResult;
  if (place == places_.end()) {
    const auto suspended = suspended_.find(partition);
    if (outcome && suspended != suspended_.end()) suspended->second.emplace_back(lane, std::move(word));
  } else if (place->second.serving) {
    Hand(partition, lane, word);
  } else {
    LaneWords& came = outcome && !place->second.sought ? place->second.early : place->second.kept;
    came.emplace_back(lane, std::move(word));
  }
}

bool DeliveryLog::Hand(int32_t partition, const std::string& lane, const Word& word) {
  const auto place = places_.find(partition);
  if (place == places_.end() || !place->second.serving) return false;
  const std::string value = Encode(word);
  schemas::Record record;
  record.topic = kDeliveryTopic;
  record.partition = partition;
  record.offset = place->second.next;
  record.appended_at = parts_.wall_clock();
  record.key = lane;
  record.value = value;
  // A record that is not taken: the partition is restored, and begins again with what is committed.
  if (!listener_->OnRecord(record)) return false;
  ++place->second.next;
  ++handed_;
  return true;
}

bool DeliveryLog::AllServe() const {
  return std::ranges::all_of(places_, [](const auto& entry) { return entry.second.serving; });
}

void DeliveryLog::HandResults() {
  for (Sent& sent : parts_.senders->Take()) {
    HandOrKeep(sent.partition, sent.lane,
               {.kind = Word::Kind::kResult,
                .number = sent.number,
                .item = std::move(sent.item),
                .outcome = std::move(sent.outcome)});
  }
}

void DeliveryLog::HandDue(size_t records_max) {
  const Timestamp now = parts_.wall_clock();
  while (!wakes_.empty() && wakes_.top().at <= now && handed_ < records_max && !throttled_) {
    Wake wake = wakes_.top();
    wakes_.pop();
    if (wake.channel.empty()) {
      HandOrKeep(wake.partition, wake.lane, {.kind = Word::Kind::kDue});
    } else {
      auto& line = lines_[{wake.channel, wake.urgent}];
      line.push_back(std::move(wake));
    }
  }
  if (!throttled_) HandLines(records_max);
}

// No more of a line than there is room: the others cost nothing meanwhile.
void DeliveryLog::HandLines(size_t records_max) {
  for (auto& [of, line] : lines_) {
    if (line.empty()) continue;
    size_t room = parts_.senders->Room(of.first, of.second);
    // What is handed over already, and leaves with the next commit, finds room before.
    const auto leaving =
        static_cast<size_t>(std::ranges::count(parts_.errands->attempts, of.first, &Attempt::channel));
    room -= std::min(room, leaving);
    for (; room > 0 && !line.empty() && handed_ < records_max; --room) {
      const Wake wake = std::move(line.front());
      line.pop_front();
      HandOrKeep(wake.partition, wake.lane, {.kind = Word::Kind::kDue});
    }
  }
}

// An answer is that of all partitions: what is asked while one of them is restored waits, if it can. What is
// asked of many lanes is answered in slices, a commit after each, and done with the last one's.
void DeliveryLog::HandRequests() {
  const auto answers = [](const auto& entry) {
    return entry.second.serving && entry.second.words.empty();  // It knows all its lanes.
  };
  const bool all = suspended_.empty() && std::ranges::all_of(places_, answers);
  std::vector<DeliveryDesk::Asked*> taken;
  {
    const std::lock_guard lock(parts_.desk->mutex_);
    for (DeliveryDesk::Asked* asked : parts_.desk->asked_) {
      if ((all || asked->of_some) && !std::exchange(asked->taken, true)) taken.push_back(asked);
    }
  }
  for (DeliveryDesk::Asked* asked : taken) {
    Answering& answering = answering_[++request_];
    answering.asked = asked;
    asked->request->unread.clear();
    for (const auto& entry : places_) {
      if (answers(entry)) {
        answering.left.push_back(entry.first);
      } else {
        asked->request->unread.push_back(entry.first);
      }
    }
  }
  std::vector<int> numbers;
  numbers.reserve(answering_.size());
  for (const auto& [number, answering] : answering_) numbers.push_back(number);
  for (const int number : numbers) AnswerSome(number);
  parts_.errands->lanes_left = std::numeric_limits<size_t>::max();
  if (!taken.empty()) EndUnasked();
}

// No partition can be asked: nothing will be committed.
void DeliveryLog::EndUnasked() {
  {
    const std::lock_guard lock(parts_.desk->mutex_);
    std::erase_if(answering_, [&](const auto& entry) {
      const Answering& answering = entry.second;
      if (!answering.left.empty() || !answering.told.empty()) return false;
      EndRequest(entry.first, answering, false);
      return true;
    });
  }
  parts_.desk->changed_.notify_all();
}

void DeliveryLog::AnswerSome(int number) {
  Errands& errands = *parts_.errands;
  errands.lanes_left = kLanesMax;
  for (auto found = answering_.find(number); found != answering_.end() && errands.lanes_left > 0;
       found = answering_.find(number)) {
    Answering& answering = found->second;
    if (answering.left.empty()) return;
    const int32_t partition = answering.left.front();
    if (!std::ranges::count(answering.told, partition)) answering.told.push_back(partition);
    errands.requests[number] = answering.asked->request;
    const bool taken = Hand(partition, {}, {.kind = Word::Kind::kRequest, .number = number});
    errands.requests.clear();
    if (!taken) return FailRequests(partition);  // Who asked goes on: the request may be gone.
    if (errands.unanswered.contains({number, partition})) return;
    answering.left.pop_front();
  }
}

void DeliveryLog::EndRequest(int number, const Answering& answering, bool failed) {
  std::erase_if(parts_.errands->unanswered, [&](const auto& entry) { return entry.first.first == number; });
  answering.asked->failed = failed;
  answering.asked->done = true;
}

// A commit, of the partitions that `durable` knows.
void DeliveryLog::EndRequests(const std::function<bool(int32_t partition)>& durable) {
  {
    const std::lock_guard lock(parts_.desk->mutex_);
    std::erase_if(answering_, [&](const auto& entry) {
      const Answering& answering = entry.second;
      const bool failed = !std::ranges::all_of(answering.told, durable);
      if (!failed && !answering.left.empty()) return false;
      EndRequest(entry.first, answering, failed);
      return true;
    });
    for (auto& [number, answering] : answering_) answering.told.clear();
  }
  parts_.desk->changed_.notify_all();
}

// The partition goes back to what was committed, or away.
void DeliveryLog::FailRequests(int32_t partition) {
  {
    const std::lock_guard lock(parts_.desk->mutex_);
    std::erase_if(answering_, [&](const auto& entry) {
      const Answering& answering = entry.second;
      if (!std::ranges::count(answering.told, partition) && !std::ranges::count(answering.left, partition))
        return false;
      EndRequest(entry.first, answering, true);
      return true;
    });
  }
  parts_.desk->changed_.notify_all();
}

// Whose partition a lane is in is not known here: all are told, and one has it. What comes while one of them
// is restored waits.
void DeliveryLog::HandNews() {
  if (parts_.news == nullptr || places_.empty() || !AllServe()) return;
  for (const auto& [lane, outcome] : parts_.news->Take()) {
    for (const auto& [partition, place] : places_)
      Hand(partition, lane, {.kind = Word::Kind::kOutcome, .number = static_cast<int>(outcome)});
  }
}

void DeliveryLog::Sweep() {
  const Timestamp now = parts_.wall_clock();
  if (swept_at_ == Timestamp{}) swept_at_ = now;
  // The clock was ahead, and is not any more: every lane is looked at, for times that were made from it.
  if (now + kClockBack < swept_at_) {
    for (auto& [partition, place] : places_) AddResume(place);
  }
  swept_at_ = std::min(swept_at_, now);
  if (now - swept_at_ < kSweepEvery) return;
  swept_at_ = now;
  for (auto& [partition, place] : places_) {
    if (place.serving) place.words.push_back({.kind = Word::Kind::kSweep, .number = sweep_});
  }
  sweep_ = (sweep_ + 1) % LaneIndex::kBuckets;
}

void DeliveryLog::Throttle() {
  const bool full = parts_.senders->Full(throttled_);
  if (full == throttled_) return;
  throttled_ = full;
  for (const auto& [partition, place] : places_) {
    if (place.serving) parts_.inner->Pause(partition, throttled_);
  }
}

void DeliveryLog::AddResume(Place& place) {
  for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
    place.words.push_back({.kind = Word::Kind::kResume, .number = bucket});
}

Result<Done> DeliveryLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  Forget(partition);
  Place& place = places_[partition];
  place = {.sought = true, .early = std::move(place.early)};
  std::vector<TopicPosition> rest;
  for (const TopicPosition& position : positions) {
    if (position.topic == kDeliveryTopic) {
      place.next = position.next;
    } else {
      rest.push_back(position);
    }
  }
  AddResume(place);
  return parts_.inner->Seek(partition, rest);
}

Result<Done> DeliveryLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  for (TaskCommit& commit : commits)
    std::erase_if(commit.positions, [](const TopicPosition& at) { return at.topic == kDeliveryTopic; });
  Result<Done> committed = parts_.inner->Commit(commits, changelog_next);
  const auto durable = [&](int32_t partition) {
    return committed && std::ranges::any_of(commits, [partition](const TaskCommit& commit) {
             return commit.partition == partition;
           });
  };
  // What was decided leaves now, or is decided again once the partition is restored.
  for (Attempt& attempt : std::exchange(parts_.errands->attempts, {})) {
    if (durable(attempt.partition)) parts_.senders->Offer(std::move(attempt));
  }
  for (Wake& wake : std::exchange(parts_.errands->wakes, {})) wakes_.push(std::move(wake));
  EndRequests(durable);
  return committed;
}

void DeliveryLog::Pause(int32_t partition, bool paused) {
  const auto place = places_.find(partition);
  if (place != places_.end()) place->second.serving = !paused;
  if (paused) FailRequests(partition);
  parts_.inner->Pause(partition, paused || throttled_);
}

void DeliveryLog::OnAssigned(int32_t partition) {
  Place& place = places_[partition] = {};  // Served once it is restored.
  if (auto suspended = suspended_.extract(partition); !suspended.empty())
    place.early = std::move(suspended.mapped());
  listener_->OnAssigned(partition);
}

void DeliveryLog::OnSuspended(int32_t partition) {
  listener_->OnSuspended(partition);
  LaneWords& early = suspended_[partition];
  if (const auto place = places_.find(partition); place != places_.end()) {
    early = std::move(place->second.early);
    for (auto& [lane, word] : place->second.kept) {
      if (word.kind == Word::Kind::kResult) early.emplace_back(lane, std::move(word));
    }
  }
  GiveUp(partition);
}

void DeliveryLog::OnRevoked(int32_t partition) {
  listener_->OnRevoked(partition);
  suspended_.erase(partition);
  GiveUp(partition);
}

void DeliveryLog::GiveUp(int32_t partition) {
  FailRequests(partition);
  Forget(partition);
  places_.erase(partition);
}

// Wakes of the partition stay in the queue: they find no place, or a lane that knows better.
void DeliveryLog::Forget(int32_t partition) {
  for (auto& [of, line] : lines_)
    std::erase_if(line, [&](const Wake& wake) { return wake.partition == partition; });
  std::erase_if(parts_.errands->attempts, [&](const Attempt& a) { return a.partition == partition; });
  std::erase_if(parts_.errands->wakes, [&](const Wake& wake) { return wake.partition == partition; });
  parts_.senders->Forget(partition);
  parts_.processor->Forget(partition);
}

}  // namespace tocsin::daemon
