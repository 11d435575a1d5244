#include "daemon/delivery/senders.h"

#include <algorithm>
#include <limits>

namespace tocsin::daemon {
namespace {

// A receiver that failed so often in a row is left alone for a while, which doubles.
constexpr int kFailuresMax = 5;
constexpr std::chrono::seconds kRest{1};
constexpr int kRestDoublings = 5;  // Half a minute.
constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kNoChannel{60};
// What one answer may ask of a whole channel: the rest of its time is that one delivery's.
constexpr std::chrono::seconds kRestAskedMax{60};

bool IsSame(const Sent& sent, const Attempt& attempt) {
  return sent.partition == attempt.partition && sent.number == attempt.number && sent.lane == attempt.lane &&
         sent.item == attempt.item;
}

}  // namespace

Senders::Senders(const std::vector<ChannelSpec>& channels, size_t queue_max, std::atomic<bool>& stop,
                 std::function<Timestamp()> wall_clock, std::function<Clock::time_point()> steady_clock)
    : queue_max_(queue_max),
      stop_(stop),
      wall_clock_(std::move(wall_clock)),
      steady_clock_(std::move(steady_clock)) {
  for (const ChannelSpec& spec : channels) {
    auto queue = std::make_unique<Queue>();
    queue->spec = spec;
    queues_[spec.name] = std::move(queue);
  }
  for (auto& [name, queue] : queues_) {
    for (int i = 0; i < queue->spec.threads; ++i)
      threads_.emplace_back([this, &queue = *queue] { Run(queue); });
  }
}

Senders::~Senders() {
  stop_ = true;
  for (auto& [name, queue] : queues_) queue->changed.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Senders::Offer(Attempt attempt) {
  Sent refused{
      .partition = attempt.partition, .lane = attempt.lane, .item = attempt.item, .number = attempt.number};
  refused.outcome.kind = SendOutcome::Kind::kBusy;
  const auto found = queues_.find(attempt.channel);
  // A channel that the configuration no longer has: kept until somebody drops it, or the channel is back.
  if (found == queues_.end()) {
    refused.outcome.retry_after = kNoChannel;
    return Report(std::move(refused));
  }
  Queue& queue = *found->second;
  {
    const std::lock_guard lock(queue.mutex);
    if (std::ranges::any_of(queue.making, [&](const Sent& made) { return IsSame(made, attempt); })) return;
    const auto rest = queue.rest_until - steady_clock_();
    const bool urgent = IsUrgent(attempt.parcel);
    auto& line = urgent ? queue.urgent : queue.waiting;
    if (!finishing_ && line.size() < queue_max_ && rest <= kRest) {
      line.push_back(std::move(attempt));
      ++under_way_;
      queue.changed.notify_one();
      return;
    }
    if (urgent) refused.outcome.reason = kUrgent;
    refused.outcome.retry_after = std::chrono::ceil<std::chrono::seconds>(std::max(rest, Clock::duration(0)));
  }
  Report(std::move(refused));
}

void Senders::Finish() {
  finishing_ = true;
  for (auto& [name, queue] : queues_) {
    const std::lock_guard lock(queue->mutex);
    for (auto* line : {&queue->urgent, &queue->waiting}) {
      under_way_ -= line->size();
      line->clear();
    }
  }
}

void Senders::Forget(int32_t partition) {
  for (auto& [name, queue] : queues_) {
    const std::lock_guard lock(queue->mutex);
    for (auto* line : {&queue->urgent, &queue->waiting})
      under_way_ -=
          std::erase_if(*line, [&](const Attempt& attempt) { return attempt.partition == partition; });
  }
}

bool Senders::Full(bool was) const {
  return std::ranges::all_of(queues_, [&](const auto& named) {
    const std::lock_guard lock(named.second->mutex);
    const size_t longer = std::max(named.second->waiting.size(), named.second->urgent.size());
    return longer >= (was ? queue_max_ / 2 : queue_max_);
  });
}

size_t Senders::Room(const std::string& channel, bool urgent) const {
  const auto found = queues_.find(channel);
  if (found == queues_.end()) return std::numeric_limits<size_t>::max();
  Queue& queue = *found->second;
  const std::lock_guard lock(queue.mutex);
  if (finishing_ || queue.rest_until - steady_clock_() > kRest) return 0;
  const size_t waiting = (urgent ? queue.urgent : queue.waiting).size();
  return queue_max_ - std::min(queue_max_, waiting);
}

std::vector<Sent> Senders::Take() {
  const std::lock_guard lock(sent_mutex_);
  under_way_ -= std::exchange(made_, 0);
  return std::exchange(sent_, {});
}

void Senders::Report(Sent sent) {
  const std::lock_guard lock(sent_mutex_);
  sent_.push_back(std::move(sent));
}

void Senders::Run(Queue& queue) {
  const std::unique_ptr<Channel> channel = queue.spec.make();
  while (!stop_) {
    Attempt attempt;
    {
      std::unique_lock lock(queue.mutex);
      const auto now = steady_clock_();
      const auto ready_at = std::max(queue.rest_until, queue.next_slot);
      auto& line = queue.urgent.empty() ? queue.waiting : queue.urgent;
      if (line.empty() || ready_at > now) {
        const auto wait =
            line.empty() ? Clock::duration(kLook) : std::min<Clock::duration>(kLook, ready_at - now);
        queue.changed.wait_for(lock, wait);
        continue;
      }
      attempt = std::move(line.front());
      line.pop_front();
      queue.making.push_back({.partition = attempt.partition,
                              .lane = attempt.lane,
                              .item = attempt.item,
                              .number = attempt.number,
                              .outcome = {}});
      if (queue.spec.per_minute > 0)
        queue.next_slot =
            std::max(now, queue.next_slot) + Clock::duration(std::chrono::minutes(1)) / queue.spec.per_minute;
    }
    SendOutcome outcome = channel->Send(attempt.parcel, wall_clock_());
    Heed(queue, outcome);
    // Ended by our own stop: nobody knows what became of it, and the next start makes it again.
    if (stop_) {
      --under_way_;
      return;
    }
    {
      const std::lock_guard lock(sent_mutex_);
      sent_.push_back({.partition = attempt.partition,
                       .lane = attempt.lane,
                       .item = attempt.item,
                       .number = attempt.number,
                       .outcome = std::move(outcome)});
      ++made_;
    }
    // Not before: in between it would be made once more.
    const std::lock_guard lock(queue.mutex);
    std::erase_if(queue.making, [&](const Sent& made) { return IsSame(made, attempt); });
  }
}

void Senders::Heed(Queue& queue, const SendOutcome& outcome) {
  const std::lock_guard lock(queue.mutex);
  // A relay that answers is there: what it says is about one recipient.
  if (outcome.kind != SendOutcome::Kind::kRetry || outcome.reason.starts_with("smtp_")) {
    queue.failures = 0;
    return;
  }
  const auto now = steady_clock_();
  if (outcome.retry_after.count() > 0)
    queue.rest_until = std::max(queue.rest_until, now + std::min(outcome.retry_after, kRestAskedMax));
  if (++queue.failures >= kFailuresMax) {
    const int doublings = std::min(queue.failures - kFailuresMax, kRestDoublings);
    queue.rest_until = std::max<Clock::time_point>(queue.rest_until, now + kRest * (1 << doublings));
  }
}

}  // namespace tocsin::daemon
