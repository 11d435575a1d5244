#include "daemon/service/service.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "alerts/answers.h"
#include "base/json_writer.h"
#include "daemon/config/memory_budget.h"
#include "daemon/detection/account_detection.h"
#include "daemon/detection/make_rules.h"
#include "daemon/engine/state_form.h"
#include "daemon/engine/state_table.h"
#include "daemon/log/kafka_rekey.h"
#include "daemon/log/local_log.h"
#include "daemon/service/log_line.h"
#include "daemon/store/open_store.h"
#include "daemon/store/state_directory.h"
#include "daemon/version.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// A worker that has said nothing for so long hangs, unless it waits for brokers: a commit that they leave
// alone in its middle waits for its records, its end and a new producer, ten to thirty seconds each, and for
// its positions until the group's coordinator is back, whatever time it was given (librdkafka issue 5456).
constexpr std::chrono::seconds kProgressMax{90};
constexpr std::chrono::milliseconds kConnectPause{1'000};

// Brokers say which right is missing by its kind only.
void ReportWarning(std::string_view code, const std::string& text) {
  const bool right = text.find("uthorization failed") != std::string::npos;
  LogLine(LogLevel::kWarning, code,
          right ? text + " (`tocsin doctor` names the right that is missing)" : text);
}

Timestamp WallClock() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

}  // namespace

Service::Service(Config config, std::string config_path)
    : config_(std::move(config)),
      started_at_(WallClock()),
      audit_(config_.state_dir, WallClock),
      erasures_(config_.state_dir, WallClock, "erasures"),
      reloader_(
          std::move(config_path), config_, [this](const Config& taken) { UseConfig(taken); },
          [this](ReloadCause cause, const ReloadOutcome& outcome) { AuditReload(cause, outcome); }),
      config_reloaded_at_(started_at_) {}

Result<std::unique_ptr<Service>> Service::Start(Config config, std::string config_path) {
  std::unique_ptr<Service> service(new Service(std::move(config), std::move(config_path)));
  if (Result<Done> opened = service->Open(); !opened) return opened.error();
  if (Result<Done> served = service->ServeMetrics(); !served) return served.error();
  Result<Done> connected = service->local_ ? Done{} : service->ConnectKafka();
  if (connected) connected = service->Begin();
  if (connected) return service;
  if (service->local_ || service->begun_ || connected.error().code != ErrorCode::kUnavailable)
    return connected.error();
  service->AwaitBrokers(connected.error().ToString());
  return service;
}

// What needs the log. An error is final.
Result<Done> Service::Begin() {
  begun_ = true;
  const MemoryBudget budget = BudgetOf(config_, workers_, kafka_topics_.partitions);
  if (Result<Done> fits = CheckMemory(budget, MemoryLimit(config_.engine)); !fits) return fits;
  states_ = std::make_unique<StateDesk>(workers_);
  Result<AccountRefs> refs = AccountRefs::Open(config_.state_dir);
  if (!refs) return refs.error();
  refs_ = *std::move(refs);
  OpenAdmin();
  if (Result<Done> started = StartWorkers(); !started) return started;
  if (Result<Done> started = StartHeartbeats(); !started) return started;
  if (Result<Done> opened = OpenFeedback(); !opened) return opened;
  if (Result<Done> started = StartDelivery(); !started) return started;
  if (Result<Done> started = StartEvents(); !started) return started;
  if (Result<Done> started = ListenAdmin(); !started) return started;
  serving_ = true;
  return Done{};
}

// No restart would bring the brokers back sooner: the probes are served meanwhile, and tell.
void Service::AwaitBrokers(std::string said) {
  ReportWarning("kafka_awaited", said + "; it is tried again");
  joiner_ = std::async(std::launch::async, [this, said = std::move(said)]() mutable {
    Result<Done> connected = ConnectKafka();
    while (!connected && connected.error().code == ErrorCode::kUnavailable && !stop_) {
      if (std::string now = connected.error().ToString(); now != said) {
        ReportWarning("kafka_awaited", now);
        said = std::move(now);
      }
      std::this_thread::sleep_for(kConnectPause);
      connected = ConnectKafka();
    }
    if (stop_) return;
    if (connected) connected = Begin();
    if (!connected) Fail("start_failed", connected.error());
  });
}

void Service::Fail(std::string_view code, const Error& why) {
  LogLine(LogLevel::kError, code, why.ToString());
  const std::lock_guard lock(failure_mutex_);
  failure_ = std::make_unique<Error>(why);
}

Result<Done> Service::Open() {
  Result<std::shared_ptr<const Databases>> loaded = LoadDatabases(config_.databases);
  // A file that the configuration names and that is not what it should be: no restart mends it.
  if (!loaded) return Error{ErrorCode::kInvalid, loaded.error().field, loaded.error().detail};
  for (const std::string& warning : (*loaded)->warnings()) LogLine(LogLevel::kWarning, "geoip", warning);
  DatabaseWatcher::Options options;
  options.on_swapped = [this](const Databases& databases) {
    geoip_reload_ok_ = true;
    UseRules();
    LogLine(LogLevel::kInfo, "geoip_swapped", "databases " + databases.version() + " are in use");
  };
  options.on_refused = [this](const Error& error) {
    geoip_reload_ok_ = false;
    LogLine(LogLevel::kError, "geoip_refused", error.ToString() + "; the old databases stay in use");
  };
  databases_ = std::make_unique<DatabaseWatcher>(config_.databases, *loaded, std::move(options));
  UseRules();

  if (Result<Done> can = CheckStateDirectory(config_.state_dir); !can) return can;
  StoreOptions store;
  store.block_cache_bytes = static_cast<size_t>(config_.engine.block_cache_mb) << 20U;
  const std::string directory = (fs::path(config_.state_dir) / "state").string();
  // Kafka's changelog has everything; what the embedded log still has is only what follows the checkpoint.
  Result<std::unique_ptr<StateStore>> state = config_.log == LogKind::kKafka
                                                  ? OpenOrDrop(directory, store, ReportWarning)
                                                  : OpenOnlyCopy(directory, store);
  if (!state) return state.error();
  state_ = *std::move(state);
  if (Result<Done> readable = CheckStateForms(*state_, Account::Form()); !readable) return readable;
  workers_ = config_.engine.workers > 0 ? config_.engine.workers
                                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (config_.log == LogKind::kLocal) return OpenLocal();
  if (Result<Done> checked = CheckKafkaConfig(config_.kafka); !checked) return checked;
  config_.kafka = ForTasks(std::move(config_.kafka));
  return Done{};
}

Result<Done> Service::OpenLocal() {
  LocalStoreOptions options{.directory = (fs::path(config_.state_dir) / "log").string(),
                            .outputs = config_.local.outputs,
                            .partitions = config_.local.partitions};
  options.retention_bytes = static_cast<uint64_t>(config_.local.retention_mb) << 20U;
  options.retention = config_.local.retention;
  options.outputs_retention = config_.local.outputs_retention;
  options.report = ReportWarning;
  Result<std::unique_ptr<LocalStore>> opened = LocalStore::Open(options);
  if (!opened) return opened.error();
  local_ = *std::move(opened);
  workers_ = std::min(workers_, config_.local.partitions);
  return Done{};
}

Result<Done> Service::ConnectKafka() {
  Result<KafkaTopics> topics = PrepareKafkaTopics(config_.kafka, ReportWarning, &stop_);
  if (!topics) return topics.error();
  kafka_topics_ = *std::move(topics);
  Result<std::string> producer = ProducerIdOf(config_.state_dir);
  if (!producer) return producer.error();
  kafka_producer_id_ = *std::move(producer);
  workers_ = std::min(workers_, kafka_topics_.partitions);
  return Done{};
}

std::unique_ptr<Log> Service::MakeLog(int worker, std::string& owner) {
  if (local_) {
    owner = "local/" + local_->id();
    return std::make_unique<LocalLog>(*local_, worker, workers_, ReportWarning);
  }
  owner = kafka_topics_.owner;
  return std::make_unique<KafkaLog>(config_.kafka, kafka_topics_,
                                    KafkaLogOptions{.worker = worker,
                                                    .producer_id = kafka_producer_id_,
                                                    .stats = &kafka_stats_,
                                                    .report = ReportWarning});
}

// Called with new rules or new databases: workers take the snapshot over between two batches.
void Service::UseRules() {
  const std::lock_guard lock(rules_mutex_);
  rules_ = MakeRules(config_, *databases_->Current());
  ++rules_generation_;
}

std::shared_ptr<const Rules> Service::CurrentRules() const {
  const std::lock_guard lock(rules_mutex_);
  return rules_;
}

void Service::TakeSnapshots(Processor& processor, uint64_t& rules_seen, uint64_t& databases_seen) {
  auto& detection = static_cast<AccountDetection&>(processor);
  if (const uint64_t generation = databases_->generation(); generation != databases_seen) {
    databases_seen = generation;
    detection.enricher().Use(databases_->Current());
  }
  if (const uint64_t generation = rules_generation_.load(); generation != rules_seen) {
    rules_seen = generation;
    detection.Use(CurrentRules());
  }
}

Result<Done> Service::StartWorkers() {
  const uint64_t rules_generation = rules_generation_.load();
  const std::shared_ptr<const Rules> rules = CurrentRules();
  // As of the rules: a swap from here on is seen before the first record.
  const uint64_t databases_generation = databases_->generation();
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < workers_; ++i) {
    metrics_.push_back(std::make_unique<WorkerMetrics>());
    metrics_.back()->last_progress_millis = ToMillis(WallClock());
    WorkerParts parts;
    parts.log = MakeLog(i, parts.owner);
    DetectionOptions options{.decode = config_.decode, .findings_format = config_.findings_format};
    options.has_topics = !local_;
    if (admin_) options.observer = &admin_->feed();
    parts.processor = std::make_unique<AccountDetection>(
        rules, std::make_unique<Enricher>(databases_->Current()), options, *metrics_.back());
    parts.store = state_.get();
    parts.config = config_.engine;
    parts.checkpoint_commits = local_ != nullptr;
    parts.workers = workers_;
    parts.metrics = metrics_.back().get();
    parts.wall_clock = WallClock;
    parts.report = ReportWarning;
    parts.desk = states_.get();
    boards_.push_back(std::make_unique<PartitionBoard>());
    parts.board = boards_.back().get();
    if (admin_) {
      parts.committed = [feed = &admin_->feed()](std::span<const TaskCommit> commits) {
        feed->Take(commits);
      };
    }
    parts.erased = [this](std::span<const std::string> accounts) { NoteErased(accounts); };
    parts.between_batches = [this, rules_seen = rules_generation,
                             databases_seen = databases_generation](Processor& processor) mutable {
      TakeSnapshots(processor, rules_seen, databases_seen);
    };
    workers.push_back(std::make_unique<Worker>(std::move(parts)));
  }
  running_ = workers_;
  if (!local_ && !config_.kafka.sources.empty()) StartRekey();
  for (std::unique_ptr<Worker>& worker : workers) {
    threads_.emplace_back([this, running = std::move(worker)]() mutable {
      if (Result<Done> ran = running->Run(stop_); !ran) {
        Fail("worker_stopped", ran.error());
      }
      if (running->left_uncommitted()) left_uncommitted_ = true;
      running = nullptr;  // Its goodbye to the brokers takes time as well.
      --running_;
    });
  }
  return Done{};
}

void Service::StartRekey() {
  ++running_;
  const std::string& instance = config_.kafka.instance;
  threads_.emplace_back([this, process = instance.empty() ? kafka_producer_id_ : instance] {
    {
      KafkaRekey rekey(config_.kafka, kafka_topics_, process, config_.decode, kafka_stats_, ReportWarning);
      rekey.Run(stop_);
    }
    --running_;
  });
}

Result<Done> Service::StartDelivery() {
  if (!config_.delivery.enabled()) return Done{};
  Result<std::unique_ptr<DeliveryService>> started = DeliveryService::Start(
      config_, {.producer_id = kafka_producer_id_,
                .wall_clock = WallClock,
                .report = ReportWarning,
                .keep = [this](std::string_view account,
                               const std::string& event) { return KeepEvent(account, event); },
                .outputs = local_ ? &local_->outputs() : nullptr});
  if (!started) return started.error();
  delivery_ = *std::move(started);
  return Done{};
}

Result<Done> Service::KeepEvent(std::string_view account, const std::string& event) {
  if (event_writer_) return event_writer_->Put(account, event);
  const Accepted accepted{
      .account = account, .topic = config_.kafka.feedback_topic, .headers = {}, .value = event};
  return local_->Append({&accepted, 1}, WallClock());
}

// Where answers of owners, what agents decided and what operators say are written.
Result<Done> Service::OpenFeedback() {
  const std::vector<std::string>& inputs =
      config_.kafka.sources.empty() ? config_.kafka.input_topics : config_.kafka.sources;
  // What an operator says of an account is refused when it is said, where nobody reads the topic.
  const bool operators = admin_ && std::ranges::find(inputs, config_.kafka.feedback_topic) != inputs.end();
  const bool wanted =
      !config_.rules.alerts.answers.base_url.empty() || config_.delivery.tickets.enabled() || operators;
  if (local_ || !wanted) return Done{};
  Result<std::unique_ptr<KafkaEventWriter>> writer =
      KafkaEventWriter::Open(config_.kafka, config_.kafka.feedback_topic, ReportWarning);
  if (!writer) return writer.error();
  event_writer_ = *std::move(writer);
  return Done{};
}

void Service::OpenAnswers() {
  const alerts::AlertsConfig& alerts = config_.rules.alerts;
  if (alerts.answers.base_url.empty()) return;
  answer_endpoint_ = std::make_unique<AnswerEndpoint>(AnswerEndpointOptions{
      .alerts = alerts,
      .before = config_.answers_before,
      .keep = [this](std::string_view account,
                     const std::string& event) { return KeepEvent(account, event); },
      .said_not_me = [this](const alerts::AnswerClaim& claim) { return SaidNotMe(claim); },
      .wall_clock = WallClock});
}

bool Service::SaidNotMe(const alerts::AnswerClaim& claim) {
  constexpr std::chrono::milliseconds kWait{500};
  const StateDesk::Answer answer = states_->Ask(claim.account_id.view(), kWait);
  Account account;
  return answer.state && DecodeState(*answer.state, account) &&
         alerts::SaidNotMe(account.cases, claim.notice_id, WallClock());
}

Result<Done> Service::StartEvents() {
  if (config_.http.events_listen.empty()) return Done{};
  OpenAnswers();
  std::vector<HttpRoute> routes;
  if (answer_endpoint_) routes = answer_endpoint_->Routes();
  if (local_) {
    EventsEndpointOptions options{.decode = config_.decode,
                                  .token = config_.http.events_token,
                                  .pending_bytes_max = static_cast<uint64_t>(config_.http.pending_mb_max)
                                                       << 20U,
                                  .wall_clock = WallClock,
                                  .report = ReportWarning};
    options.decode.check_key = false;
    events_endpoint_ = std::make_unique<EventsEndpoint>(*local_, std::move(options));
    routes.push_back({.method = "POST",
                      .path = "/v1/events",
                      .handle =
                          [this](const HttpRequest& request) {
                            HttpResponse answer = events_endpoint_->Handle(request);
                            ingest_counts_.Add(answer.status);
                            return answer;
                          },
                      .refuse =
                          [this](const HttpRequest& request) {
                            std::optional<HttpResponse> answer = events_endpoint_->Refuse(request);
                            if (answer) ingest_counts_.Add(answer->status);
                            return answer;
                          }});
  }
  if (routes.empty()) return Done{};
  HttpServerOptions server_options{.listen = config_.http.events_listen, .connections_max = 256};
  server_options.body_bytes_max = static_cast<size_t>(config_.http.body_mb_max) << 20U;
  server_options.answered = CountsRequests();
  server_options.closed = &connections_closed_.events;
  Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(server_options, std::move(routes));
  if (!server) return server.error();
  events_server_ = *std::move(server);
  const std::string port = std::to_string(events_server_->port());
  if (local_) LogLine(LogLevel::kInfo, "events_served", "POST /v1/events at port " + port);
  if (answer_endpoint_) LogLine(LogLevel::kInfo, "answers_served", "answers at port " + port);
  return Done{};
}

Result<Done> Service::ServeMetrics() {
  if (config_.http.metrics_listen.empty()) return Done{};
  const auto probe = [](const std::string& bad) {
    return HttpResponse{
        .status = bad.empty() ? 200 : 503, .body = (bad.empty() ? "ok" : bad) + "\n", .headers = {}};
  };
  std::vector<HttpRoute> routes = {
      {"GET", "/metrics", [this](const HttpRequest&) { return Metrics(); }},
      {"GET", "/livez", [this, probe](const HttpRequest&) { return probe(Live() ? "" : "a worker hangs"); }},
      {"GET", "/readyz", [this, probe](const HttpRequest&) { return probe(WhyNotReady(ReadinessNow())); }},
      {"GET", "/version", [](const HttpRequest&) {
         HttpResponse response{.content_type = "application/json", .body = {}, .headers = {}};
         JsonWriter(response.body).BeginObject().Member("version", kProgramVersion).EndObject();
         return response;
       }}};
  Result<std::unique_ptr<HttpServer>> server = HttpServer::Start({.listen = config_.http.metrics_listen,
                                                                  .answered = CountsRequests(),
                                                                  .closed = &connections_closed_.metrics},
                                                                 std::move(routes));
  if (!server) return server.error();
  metrics_server_ = *std::move(server);
  LogLine(LogLevel::kInfo, "metrics_served", "metrics at port " + std::to_string(metrics_server_->port()));
  return Done{};
}

bool Service::Failed(Error& why) const {
  if (serving_ && delivery_ && delivery_->Failed(why)) return true;
  const std::lock_guard lock(failure_mutex_);
  if (failure_) why = *failure_;
  return failure_ != nullptr;
}

void Service::UseConfig(const Config& taken) {
  {
    const std::lock_guard lock(rules_mutex_);
    config_.rules = taken.rules;
    config_.rules_hash = taken.rules_hash;
    config_reloaded_at_ = WallClock();
  }
  if (answer_endpoint_) answer_endpoint_->Use(taken.rules.alerts);
  if (serving_ && delivery_) delivery_->Use(taken.rules.alerts);
  UseRules();
}

bool Service::Live() const {
  if (!serving_) return true;
  const Timestamp now = WallClock();
  const auto since = KafkaClientStats::Clock::now() - kProgressMax;
  if (kafka_stats_.LostSince(since) || (delivery_ && delivery_->BrokersLostSince(since))) return true;
  const auto goes_round = [&](const WorkerMetrics& worker) {
    return now - FromMillis(worker.last_progress_millis.load(std::memory_order_relaxed)) < kProgressMax;
  };
  return std::ranges::all_of(metrics_, [&](const auto& metrics) { return goes_round(*metrics); }) &&
         (!delivery_ || goes_round(*delivery_->Work().worker));
}

bool Service::Ready() const { return WhyNotReady(ReadinessNow()).empty(); }

Readiness Service::ReadinessNow() const {
  Readiness now{.stopping = stop_, .begun = begun_, .serving = serving_};
  if (!now.serving) return now;  // The threads and what they count are being made.
  now.working = running_ >= static_cast<int>(threads_.size()) && Live();
  for (const auto& metrics : metrics_) {
    now.partitions += metrics->partitions.value();
    now.restoring += metrics->partitions_restoring.value();
    now.stopped += metrics->partitions_stopped.value();
  }
  if (now.partitions > 0 && now.restoring == 0) restored_ = true;
  now.restored = restored_;
  now.reach = kafka_stats_.Reach(KafkaClientStats::Clock::now());
  return now;
}

}  // namespace tocsin::daemon
