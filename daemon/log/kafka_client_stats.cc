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
  std::string_view state;
  if (broker["state"].get(state) == simdjson::SUCCESS && state == "UP") ++to.brokers_connected;
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
  KafkaClientNumbers& held = handles_[handle];
  if (now.sent_bytes < held.sent_bytes) AddCounters(held, gone_);
  held = now;
}

void KafkaClientStats::Forget(const void* handle) {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return;
  AddCounters(found->second, gone_);
  handles_.erase(found);
  last_gone_at_ = std::chrono::steady_clock::now();
}

KafkaClientNumbers KafkaClientStats::Sum() const {
  const std::lock_guard lock(mutex_);
  KafkaClientNumbers sum = gone_;
  for (const auto& [handle, numbers] : handles_) {
    AddCounters(numbers, sum);
    sum.brokers_connected += numbers.brokers_connected;
    sum.queue_bytes += numbers.queue_bytes;
    sum.round_trip_seconds = std::max(sum.round_trip_seconds, numbers.round_trip_seconds);
  }
  return sum;
}

bool KafkaClientStats::AllCutOff(std::chrono::steady_clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  bool talked = gone_.received_bytes > 0;
  for (const auto& [handle, numbers] : handles_) {
    if (numbers.brokers_connected > 0) return false;
    talked = talked || numbers.received_bytes > 0;
  }
  return talked && (!handles_.empty() || now - last_gone_at_ > kAnewMax);
}

}  // namespace tocsin::daemon
