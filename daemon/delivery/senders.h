// The threads that send: each channel has its own queue and its own threads, so that one slow receiver delays
// nobody else. A queue is short: what finds no room stays where it is durable and comes again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/delivery/errands.h"

namespace tocsin::daemon {

struct Sent {
  int32_t partition = 0;
  std::string lane;
  std::string item;
  int number = 0;
  SendOutcome outcome;
};

// Thread safe.
class Senders {
 public:
  using Clock = std::chrono::steady_clock;
  // `stop` ends what is under way; the channels look at it. By `steady_clock` receivers are left alone.
  Senders(
      const std::vector<ChannelSpec>& channels, size_t queue_max, std::atomic<bool>& stop,
      std::function<Timestamp()> wall_clock,
      std::function<Clock::time_point()> steady_clock = [] { return Clock::now(); });
  ~Senders();

  // The outcome comes by Take; kBusy at once when there is no room. Of an attempt that is being made already,
  // by the time that its partition has gone and come back, the outcome is the one that comes.
  void Offer(Attempt attempt);
  // Nothing new begins: what waits is dropped, and what is offered finds no room.
  void Finish();
  // Attempts of the partition that nobody has begun are dropped.
  void Forget(int32_t partition);
  // What was sent since the last call.
  [[nodiscard]] std::vector<Sent> Take();
  // Every channel has as many attempts waiting as it may have; `was`: still more than half of it.
  [[nodiscard]] bool Full(bool was) const;
  // How many more a line of the channel takes now. Of a channel that is not there: any number, which it
  // refuses.
  [[nodiscard]] size_t Room(const std::string& channel, bool urgent) const;
  // Attempts that wait, that are made, and whose outcome nobody has taken.
  [[nodiscard]] size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

 private:
  struct Queue {
    ChannelSpec spec;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Attempt> urgent;  // Goes first; as many again as `waiting`.
    std::deque<Attempt> waiting;
    std::vector<Sent> making;      // Begun, and not told of yet; without outcome.
    Clock::time_point rest_until;  // The receiver asked for time, or does not answer.
    Clock::time_point next_slot;   // By per_minute.
    int failures = 0;              // In a row.
  };
  void Run(Queue& queue);
  void Heed(Queue& queue, const SendOutcome& outcome);
  void Report(Sent sent);

  const size_t queue_max_;
  std::atomic<bool>& stop_;
  const std::function<Timestamp()> wall_clock_;
  const std::function<Clock::time_point()> steady_clock_;
  std::map<std::string, std::unique_ptr<Queue>> queues_;
  std::atomic<bool> finishing_{false};
  std::mutex sent_mutex_;
  std::vector<Sent> sent_;
  size_t made_ = 0;  // Of them; the others found no room.
  std::atomic<size_t> under_way_{0};
  std::vector<std::thread> threads_;
};

}  // namespace tocsin::daemon
