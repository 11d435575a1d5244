// Delivery put together: the processor on a worker of its own, the senders' threads, and the desk where an
// operator asks.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "daemon/config/config.h"
#include "daemon/delivery/delivery_log.h"
#include "daemon/delivery/delivery_metrics.h"
#include "daemon/delivery/tail_log.h"
#include "daemon/delivery/ticket_watch.h"
#include "daemon/engine/worker.h"
#include "daemon/log/kafka_log.h"
#include "daemon/log/local_store.h"
#include "daemon/metrics/delivery_exposition.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

struct DeliveryServiceParts {
  std::string producer_id;  // Kafka: names this process.
  std::function<Timestamp()> wall_clock;
  std::function<void(std::string_view code, const std::string& text)> report;
  // Keeps an event for detection, durably; the account decides where. Any thread.
  std::function<Result<Done>(std::string_view account, const std::string& event)> keep;
  OutputHistory* outputs = nullptr;  // With the embedded log: what detection puts out. Outlives the service.
};

class DeliveryService {
 public:
  // `config` outlives the service. Errors as of Service::Start.
  [[nodiscard]] static Result<std::unique_ptr<DeliveryService>> Start(const Config& config,
                                                                      DeliveryServiceParts parts);
  // Stops as Stop does, however long that takes.
  ~DeliveryService();
  // Takes nothing new, gives what is under way a moment to end, commits what became of it. False: `deadline`
  // came first, and its threads go on ending: end the process without destroying it. What is not committed
  // then is sent at the next start, with the same idempotency keys. Call from one thread.
  [[nodiscard]] bool Stop(std::chrono::steady_clock::time_point deadline);
  // Attempts whose outcome is not known yet.
  [[nodiscard]] size_t under_way() const { return under_way_; }
  // Call often, as LocalStore::Tidy.
  void Tidy();
  // Reminders, and what tickets are told of notices that did not arrive, are by this from now on. Any thread.
  void Use(const alerts::AlertsConfig& alerts);

  [[nodiscard]] DeliveryDesk& desk() { return desk_; }
  [[nodiscard]] const DeliveryMetrics& metrics() const { return metrics_; }
  [[nodiscard]] DeliveryWork Work() const;
  // Of its own clients: see KafkaClientStats.
  [[nodiscard]] bool BrokersLostSince(KafkaClientStats::Clock::time_point since) const {
    return kafka_stats_.LostSince(since);
  }
  // The worker ended by itself.
  [[nodiscard]] bool Failed(Error& why) const;

 private:
  DeliveryService(const Config& config, DeliveryServiceParts parts);
  [[nodiscard]] Result<std::unique_ptr<Log>> MakeLog(std::string& owner);
  [[nodiscard]] std::vector<ChannelSpec> MakeChannels();
  void AddTicketChannels(std::vector<ChannelSpec>& channels);
  void WatchTickets();
  void SetTexts(DeliveryRules& rules);
  [[nodiscard]] HttpClientOptions HttpOptions();
  [[nodiscard]] Result<Done> StartWorker();
  void End(std::chrono::steady_clock::time_point deadline);

  const Config& config_;
  const DeliveryServiceParts parts_;
  const std::string directory_;
  int partitions_ = 1;
  KafkaConfig kafka_;
  KafkaTopics kafka_topics_;
  KafkaStats kafka_stats_;
  std::unique_ptr<LocalStore> local_;
  TailStats tail_;
  std::unique_ptr<StateStore> state_;
  DeliveryMetrics metrics_;
  WorkerMetrics worker_metrics_;
  DeliveryDesk desk_;
  Errands errands_;
  std::atomic<bool> senders_stop_{false};
  std::unique_ptr<Senders> senders_;
  struct Texts;
  [[nodiscard]] std::shared_ptr<const Texts> CurrentTexts() const;
  mutable std::mutex texts_mutex_;
  std::shared_ptr<const Texts> texts_;
  TicketNews news_;
  std::unique_ptr<TicketWatch> watch_;
  std::atomic<bool> stop_{false};
  std::atomic<size_t> under_way_{0};  // Once it stops.
  std::atomic<bool> failed_{false};
  Error why_;
  std::thread thread_;
  std::future<void> end_;  // Valid once it stops.
};

}  // namespace tocsin::daemon
