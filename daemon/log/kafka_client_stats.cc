#include "daemon/log/kafka_client_stats.h"

#include <simdjson.h>

#include <algorithm>

namespace tocsin::daemon {
namespace {

using simdjson::dom::object;

uint64_t Number(const object& from, std::string_view key) {
  int64_t number = 0;
  if (from[key].get(number) != simdjson::SUCCESS) return 0;
  return static_cast<uint64_t>(std::max<int64_t>(number, 0));
}

void AddBroker(const object& broker, KafkaClientNumbers& to) {
  to.request_errors += Number(broker, "txerrs") + Number(broker, "rxerrs");
  to.request_timeouts += Number(broker, "req_timeouts");
  object trips;
  if (broker["rtt"].get(trips) != simdjson::SUCCESS) return;
  to.round_trip_seconds =
      std::max(to.round_trip_seconds, static_cast<double>(Number(trips, "p99")) / 1'000'000);
}

void AddCounters(const KafkaClientNumbers& from, KafkaClientNumbers& to) {
  to.received_bytes += from.received_bytes;
  to.sent_bytes += from.sent_bytes;
  to.request_errors += from.request_errors;
  to.request_timeouts += from.request_timeouts;
}

}  // namespace

KafkaClientNumbers ParseClientStatistics(std::string_view json) {
  KafkaClientNumbers numbers;
  simdjson::dom::parser parser;
  object all;
  if (parser.parse(json.data(), json.size()).get(all) != simdjson::SUCCESS) return numbers;
  numbers.received_bytes = Number(all, "rx_bytes");
  numbers.sent_bytes = Number(all, "tx_bytes");
  numbers.queue_bytes = Number(all, "msg_size");
  object brokers;
  if (all["brokers"].get(brokers) == simdjson::SUCCESS) {
    for (const auto& [name, broker] : brokers) {
      if (object read; broker.get(read) == simdjson::SUCCESS) AddBroker(read, numbers);
    }
  }
  object topics;
  if (all["topics"].get(topics) != simdjson::SUCCESS) return numbers;
  for (const auto& [name, topic] : topics) {
    object partitions;
    if (topic["partitions"].get(partitions) != simdjson::SUCCESS) continue;
    for (const auto& [number, partition] : partitions) {
      if (object read; partition.get(read) == simdjson::SUCCESS)
        numbers.queue_bytes += Number(read, "fetchq_size");
    }
  }
  return numbers;
}

void KafkaClientStats::Set(const void* handle, const KafkaClientNumbers& now) {
  const std::lock_guard lock(mutex_);
  KafkaClientNumbers& held = handles_[handle].numbers;
  if (now.sent_bytes < held.sent_bytes) AddCounters(held, gone_);
  held = now;
}

void KafkaClientStats::SetConnection(const void* handle, std::string_view broker, bool up,
                                     Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const bool any_lost = AnyLost();
  Handle& held = handles_[handle];
  if (up) {
    held.up.emplace(broker);
  } else if (const auto found = held.up.find(broker); found != held.up.end()) {
    held.up.erase(found);
  }
  const auto note = [&](bool reached, std::optional<Clock::time_point>& since) {
    if (reached) {
      since.reset();
    } else if (!since) {
      since = now;
    }
  };
  note(!held.up.empty(), held.none_since);
  if (broker == kGroupCoordinator || broker == kTransactionCoordinator) note(up, held.no_coordinator_since);
  if (any_lost && !AnyLost()) whole_since_ = now;
}

void KafkaClientStats::Forget(const void* handle, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return;
  AddCounters(found->second.numbers, gone_);
  handles_.erase(found);
  last_gone_at_ = now;
  whole_since_ = now;
}

KafkaClientNumbers KafkaClientStats::Sum() const {
  const std::lock_guard lock(mutex_);
  KafkaClientNumbers sum = gone_;
  for (const auto& [handle, held] : handles_) {
    AddCounters(held.numbers, sum);
    sum.queue_bytes += held.numbers.queue_bytes;
    sum.round_trip_seconds = std::max(sum.round_trip_seconds, held.numbers.round_trip_seconds);
  }
  return sum;
}

uint64_t KafkaClientStats::Connections() const {
  const std::lock_guard lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [handle, held] : handles_) sum += held.up.size();
  return sum;
}

KafkaReach KafkaClientStats::Reach(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto long_ago = [now](const std::optional<Clock::time_point>& since) {
    return since && now - *since > kLostAfter;
  };
  // A handle that is being made anew is not there for a moment.
  if (handles_.empty()) return long_ago(last_gone_at_) ? KafkaReach::kNoBroker : KafkaReach::kAll;
  if (std::ranges::all_of(handles_, [&](const auto& held) { return long_ago(held.second.none_since); }))
    return KafkaReach::kNoBroker;
  const bool any = std::ranges::any_of(handles_, [&](const auto& held) {
    return long_ago(held.second.none_since) || long_ago(held.second.no_coordinator_since);
  });
  return any ? KafkaReach::kNoCoordinator : KafkaReach::kAll;
}

bool KafkaClientStats::LostSince(Clock::time_point since) const {
  const std::lock_guard lock(mutex_);
  return AnyLost() || (whole_since_ && *whole_since_ > since);
}

bool KafkaClientStats::AnyLost() const {
  return std::ranges::any_of(handles_, [](const auto& held) { return held.second.lost(); });
}

}  // namespace tocsin::daemon
