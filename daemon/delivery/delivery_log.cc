#include "daemon/delivery/delivery_log.h"

#include <algorithm>
#include <utility>

namespace tocsin::daemon {
namespace {

constexpr std::chrono::milliseconds kLookForResults{10};
constexpr std::chrono::seconds kSweepEvery{60};  // One bucket of 64: all of them in an hour.

}  // namespace

bool DeliveryDesk::Ask(DeliveryRequest& request, std::chrono::milliseconds wait) {
  Asked asked{.request = &request};
  std::unique_lock lock(mutex_);
  asked_.push_back(&asked);
  changed_.wait_for(lock, wait, [&] { return asked.done || closed_; });
  // Once the worker has it, it writes into it: until it says that it is done.
  changed_.wait(lock, [&] { return asked.done || !asked.taken || closed_; });
  std::erase(asked_, &asked);
  return asked.done;
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
  for (auto& [partition, place] : places_) {
    while (place.serving && !place.words.empty() && handed_ < records_max) {
      const Word word = place.words.front();
      place.words.pop_front();
      Hand(partition, {}, word);
    }
  }
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
  parts_.processor->PublishGauges();
  if (!polled) return handed_ > 0 ? Result<size_t>(handed_) : polled;
  return handed_ + *polled;
}

void DeliveryLog::Hand(int32_t partition, const std::string& lane, const Word& word) {
  const auto place = places_.find(partition);
  if (place == places_.end() || !place->second.serving) return;
  const std::string value = Encode(word);
  schemas::Record record;
  record.topic = kDeliveryTopic;
  record.partition = partition;
  record.offset = place->second.next;
  record.appended_at = parts_.wall_clock();
  record.key = lane;
  record.value = value;
  // A record that is not taken: the partition is restored, and begins again with what is committed.
  if (!listener_->OnRecord(record)) return;
  ++place->second.next;
  ++handed_;
}

void DeliveryLog::HandResults() {
  for (Sent& sent : parts_.senders->Take()) {
    Hand(sent.partition, sent.lane,
         {.kind = Word::Kind::kResult,
          .number = sent.number,
          .item = std::move(sent.item),
          .outcome = std::move(sent.outcome)});
  }
}

void DeliveryLog::HandDue(size_t records_max) {
  const Timestamp now = parts_.wall_clock();
  while (!wakes_.empty() && wakes_.top().at <= now && handed_ < records_max && !throttled_) {
    const Wake wake = wakes_.top();
    wakes_.pop();
    Hand(wake.partition, wake.lane, {.kind = Word::Kind::kDue});
  }
}

void DeliveryLog::HandRequests() {
  const std::lock_guard lock(parts_.desk->mutex_);
  for (DeliveryDesk::Asked* asked : parts_.desk->asked_) {
    if (asked->taken) continue;
    asked->taken = true;
    parts_.errands->requests[++request_] = asked->request;
    for (const auto& [partition, place] : places_)
      Hand(partition, {}, {.kind = Word::Kind::kRequest, .number = request_});
    parts_.errands->requests.clear();
    answered_.push_back(asked);
  }
  if (handed_ > 0 || answered_.empty()) return;
  // Nobody is asked, or nothing is to be committed.
  for (DeliveryDesk::Asked* asked : std::exchange(answered_, {})) asked->done = true;
  parts_.desk->changed_.notify_all();
}

// Whose partition a lane is in is not known here: all are told, and one has it. What comes while one of them
// is restored waits.
void DeliveryLog::HandNews() {
  const auto serves = [](const auto& entry) { return entry.second.serving; };
  if (parts_.news == nullptr || places_.empty() || !std::ranges::all_of(places_, serves)) return;
  for (const auto& [lane, outcome] : parts_.news->Take()) {
    for (const auto& [partition, place] : places_)
      Hand(partition, lane, {.kind = Word::Kind::kOutcome, .number = static_cast<int>(outcome)});
  }
}

void DeliveryLog::Sweep() {
  const Timestamp now = parts_.wall_clock();
  if (swept_at_ == Timestamp{}) swept_at_ = now;
  if (now - swept_at_ < kSweepEvery) return;
  swept_at_ = now;
  for (const auto& [partition, place] : places_)
    Hand(partition, {}, {.kind = Word::Kind::kSweep, .number = sweep_});
  sweep_ = (sweep_ + 1) % LaneIndex::kBuckets;
}

void DeliveryLog::Throttle() {
  const size_t under_way = parts_.senders->under_way();
  const bool full = under_way >= (throttled_ ? parts_.under_way_max / 2 : parts_.under_way_max);
  if (full == throttled_) return;
  throttled_ = full;
  for (const auto& [partition, place] : places_) {
    if (place.serving) parts_.inner->Pause(partition, throttled_);
  }
}

Result<Done> DeliveryLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  Forget(partition);
  Place& place = places_[partition];
  place = {};
  std::vector<TopicPosition> rest;
  for (const TopicPosition& position : positions) {
    if (position.topic == kDeliveryTopic) {
      place.next = position.next;
    } else {
      rest.push_back(position);
    }
  }
  for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
    place.words.push_back({.kind = Word::Kind::kResume, .number = bucket});
  return parts_.inner->Seek(partition, rest);
}

Result<Done> DeliveryLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  for (TaskCommit& commit : commits)
    std::erase_if(commit.positions, [](const TopicPosition& at) { return at.topic == kDeliveryTopic; });
  Result<Done> committed = parts_.inner->Commit(commits, changelog_next);
  // What was decided leaves now, or is decided again once the partition is restored.
  for (Attempt& attempt : std::exchange(parts_.errands->attempts, {})) {
    const bool durable = committed && std::ranges::any_of(commits, [&](const TaskCommit& commit) {
                           return commit.partition == attempt.partition;
                         });
    if (durable) parts_.senders->Offer(std::move(attempt));
  }
  for (Wake& wake : std::exchange(parts_.errands->wakes, {})) wakes_.push(std::move(wake));
  {
    const std::lock_guard lock(parts_.desk->mutex_);
    for (DeliveryDesk::Asked* asked : std::exchange(answered_, {})) asked->done = true;
  }
  parts_.desk->changed_.notify_all();
  return committed;
}

void DeliveryLog::Pause(int32_t partition, bool paused) {
  const auto place = places_.find(partition);
  if (place != places_.end()) place->second.serving = !paused;
  parts_.inner->Pause(partition, paused || throttled_);
}

void DeliveryLog::OnAssigned(int32_t partition) { listener_->OnAssigned(partition); }

void DeliveryLog::OnRevoked(int32_t partition, bool lost) {
  listener_->OnRevoked(partition, lost);
  Forget(partition);
  places_.erase(partition);
}

// Wakes of the partition stay in the queue: they find no place, or a lane that knows better.
void DeliveryLog::Forget(int32_t partition) {
  std::erase_if(parts_.errands->attempts, [&](const Attempt& a) { return a.partition == partition; });
  std::erase_if(parts_.errands->wakes, [&](const Wake& wake) { return wake.partition == partition; });
  parts_.senders->Forget(partition);
  parts_.processor->Forget(partition);
}

}  // namespace tocsin::daemon
