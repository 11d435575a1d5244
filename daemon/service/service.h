// The daemon: configuration, databases, log, state and workers put together, and what is served by HTTP.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "daemon/config/config.h"
#include "daemon/delivery/delivery_service.h"
#include "daemon/detection/rules.h"
#include "daemon/engine/worker.h"
#include "daemon/enrich/database_watcher.h"
#include "daemon/http/account_ref.h"
#include "daemon/http/answer_endpoint.h"
#include "daemon/http/audit_log.h"
#include "daemon/http/events_endpoint.h"
#include "daemon/http/http_server.h"
#include "daemon/log/kafka_event_writer.h"
#include "daemon/log/kafka_heartbeat.h"
#include "daemon/log/kafka_log.h"
#include "daemon/log/local_store.h"
#include "daemon/metrics/exposition.h"
#include "daemon/service/admin_server.h"
#include "daemon/service/explanations.h"
#include "daemon/service/readiness.h"
#include "daemon/service/reloader.h"

namespace tocsin::daemon {

class Service {
 public:
  // Opens everything and starts to work. While no broker answers, it serves the probes and tries again, on a
  // thread of its own; what is found wrong then is told by Failed. kInvalid: the configuration names
  // something that cannot be; kConflict: somebody else's state; kUnavailable: a file or port that cannot be
  // had.
  [[nodiscard]] static Result<std::unique_ptr<Service>> Start(Config config, std::string config_path);
  // Stops as Stop does.
  ~Service();

  // Finishes what was read, commits, writes checkpoints, ends the threads. No longer than
  // engine.drain_timeout, then the rest is left to recovery. False: clients hold on to requests, or receivers
  // to what is sent to them, in threads that use the service: end the process without destroying it.
  [[nodiscard]] bool Stop();
  // After Stop: something that was read could not be committed, as Worker::left_uncommitted has it.
  [[nodiscard]] bool LeftUncommitted() const { return left_uncommitted_; }
  // A worker ended by itself, or the rest of the start failed: somebody must look. The error tells why.
  [[nodiscard]] bool Failed(Error& why) const;

  // As /livez and /readyz have it. Any thread.
  [[nodiscard]] bool Live() const;
  [[nodiscard]] bool Ready() const;

  // Reads the configuration file and the databases again; keeps the old ones and says so when they are
  // refused. Any thread.
  ReloadOutcome Reload(ReloadCause cause);
  // Call often: takes over a configuration file that has changed, unless watch_config is off.
  void WatchConfig();
  // Call often: removes what the embedded log has kept for long enough.
  void Tidy();

  [[nodiscard]] int metrics_port() const { return metrics_server_ ? metrics_server_->port() : -1; }
  [[nodiscard]] int events_port() const { return events_server_ ? events_server_->port() : -1; }

 private:
  Service(Config config, std::string config_path);
  [[nodiscard]] Result<Done> Open();
  [[nodiscard]] Result<Done> OpenLocal();
  [[nodiscard]] Result<Done> ServeMetrics();
  [[nodiscard]] Result<Done> ConnectKafka();
  [[nodiscard]] Result<Done> Begin();
  void AwaitBrokers(std::string said);
  void Fail(std::string_view code, const Error& why);
  [[nodiscard]] std::unique_ptr<Log> MakeLog(int worker, std::string& owner);
  [[nodiscard]] Result<Done> StartWorkers();
  void StartRekey();
  [[nodiscard]] Result<Done> StartHeartbeats();
  void Beat();
  [[nodiscard]] Result<Done> StartDelivery();
  void OpenAdmin();
  void NoteErased(std::span<const std::string> accounts);
  [[nodiscard]] Result<Done> ListenAdmin();
  [[nodiscard]] DeadLetterPlaces LetterPlaces();
  [[nodiscard]] bool IsOfAnother(const schemas::DeadLetter& letter) const;
  [[nodiscard]] Result<Done> KeepOperatorEvent(std::string_view account, const std::string& event);
  [[nodiscard]] std::string StatusJson() const;
  [[nodiscard]] Result<Done> StartEvents();
  [[nodiscard]] Result<Done> OpenFeedback();
  void OpenAnswers();
  [[nodiscard]] bool SaidNotMe(const alerts::AnswerClaim& claim);
  [[nodiscard]] Result<Done> KeepEvent(std::string_view account, const std::string& event);
  void UseRules();
  [[nodiscard]] std::shared_ptr<const Rules> CurrentRules() const;
  void UseConfig(const Config& taken);
  void AuditReload(ReloadCause cause, const ReloadOutcome& outcome);
  void TakeSnapshots(Processor& processor, uint64_t& rules_seen, uint64_t& databases_seen);
  [[nodiscard]] HttpResponse Metrics() const;
  // For HttpServerOptions::answered.
  [[nodiscard]] std::function<void(std::string_view path, int status)> CountsRequests();
  [[nodiscard]] Readiness ReadinessNow() const;

  Config config_;
  const Timestamp started_at_;
  AuditLog audit_;
  AuditLog erasures_;
  std::optional<AccountRefs> refs_;  // Once the workers are started.
  Reloader reloader_;
  int workers_ = 1;

  std::unique_ptr<DatabaseWatcher> databases_;
  mutable std::mutex rules_mutex_;
  std::shared_ptr<const Rules> rules_;
  std::atomic<uint64_t> rules_generation_{0};
  std::atomic<bool> geoip_reload_ok_{true};
  Timestamp config_reloaded_at_;

  std::unique_ptr<StateStore> state_;
  std::unique_ptr<LocalStore> local_;  // One of the two.
  KafkaTopics kafka_topics_;
  std::string kafka_producer_id_;
  KafkaStats kafka_stats_;
  std::vector<std::unique_ptr<WorkerMetrics>> metrics_;
  std::vector<std::unique_ptr<PartitionBoard>> boards_;  // Of each worker.
  std::unique_ptr<StateDesk> states_;                    // Questions about accounts, to the workers.
  std::vector<std::thread> threads_;
  std::unique_ptr<KafkaHeartbeat> heartbeat_;  // Null: none are sent.
  std::thread heart_;
  std::future<void> joiner_;        // Waits for the brokers.
  std::atomic<bool> begun_{false};  // The log is there.
  // Every server listens. Before, nothing but the probes looks at what the start makes, and they only at what
  // was there before them.
  std::atomic<bool> serving_{false};
  mutable std::atomic<bool> restored_{false};  // Every partition was, when somebody looked.
  std::atomic<bool> stop_{false};
  std::atomic<int> running_{0};
  std::atomic<bool> left_uncommitted_{false};
  mutable std::mutex failure_mutex_;
  std::unique_ptr<Error> failure_;

  std::unique_ptr<DeliveryService> delivery_;  // Null: nothing is configured.
  RequestCounts request_counts_;
  struct {
    ClosedConnections events;
    ClosedConnections admin;
    ClosedConnections metrics;
  } connections_closed_;  // By the port they came to.
  IngestCounts ingest_counts_;
  std::unique_ptr<EventsEndpoint> events_endpoint_;
  std::unique_ptr<KafkaEventWriter> event_writer_;  // Kafka: for feedback.
  std::unique_ptr<AnswerEndpoint> answer_endpoint_;
  std::unique_ptr<HttpServer> metrics_server_;
  std::unique_ptr<HttpServer> events_server_;
  std::unique_ptr<Explanations> explanations_;
  std::unique_ptr<AdminServer> admin_;      // Null: no token, or no address.
  std::vector<std::future<void>> closing_;  // Servers that wait for their clients; joined before all else.
};

}  // namespace tocsin::daemon
