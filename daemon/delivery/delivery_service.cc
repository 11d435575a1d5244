#include "daemon/delivery/delivery_service.h"

#include <algorithm>
#include <filesystem>

#include "alerts/business_calendar.h"
#include "alerts/tickets.h"
#include "base/check.h"
#include "daemon/delivery/delivery_kafka.h"
#include "daemon/delivery/smtp_channel.h"
#include "daemon/delivery/ticket_channel.h"
#include "daemon/delivery/webhook_channel.h"
#include "daemon/engine/state_form.h"
#include "daemon/store/open_store.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr size_t kQueueMax = 500;  // Attempts in a channel's queue.
constexpr std::chrono::seconds kFinishWait{5};
constexpr int kStateMb = 64;
constexpr size_t kCacheBytes = 8U << 20U;

DeliveryRules RulesOf(const DeliveryConfig& config, int partitions) {
  DeliveryRules rules;
  rules.retry_waits = config.retry_waits;
  rules.keep_failed = config.keep_failed;
  rules.keep_idle = config.tickets.keep;
  rules.flood_window = config.flood_window;
  rules.flood_max = config.flood_max == 0 ? 0 : std::max(1, config.flood_max / partitions);
  if (!config.mail.url.empty())
    rules.targets.push_back(
        {.channel = "mail", .mail = true, .notices = true, .contacts = {schemas::ContactChannel::kEmail}});
  for (const WebhookConfig& webhook : config.webhooks) {
    rules.targets.push_back({.channel = webhook.name,
                             .notices = webhook.notices,
                             .tickets = webhook.tickets,
                             .contacts = webhook.channels});
  }
  if (config.tickets.enabled()) {
    rules.outcome_secret = config.tickets.token;  // Who has it may speak for the agents anyway.
    rules.targets.push_back(
        {.channel = std::string(kTicketChannel), .tickets = true, .remind = true, .contacts = {}});
  }
  return rules;
}

// Hands what agents decided to detection.
class FeedbackChannel final : public Channel {
 public:
  using Keep = std::function<Result<Done>(std::string_view account, const std::string& event)>;
  explicit FeedbackChannel(Keep keep) : keep_(std::move(keep)) {}
  SendOutcome Send(const Parcel& parcel, Timestamp) override {
    return keep_(parcel.account_id, parcel.json) ? SendOutcome::Delivered() : SendOutcome::Retry("not_kept");
  }

 private:
  const Keep keep_;
};

}  // namespace

// What is taken over from a new configuration, in one piece.
struct DeliveryService::Texts {
  alerts::AlertsConfig alerts;
  alerts::BusinessClock clock;
};

DeliveryService::DeliveryService(const Config& config, DeliveryServiceParts parts)
    : config_(config),
      parts_(std::move(parts)),
      directory_((fs::path(config.state_dir) / "delivery").string()) {}

DeliveryService::~DeliveryService() {
  static_cast<void>(Stop(steady_clock::now() + 2 * kFinishWait));
  if (end_.valid()) end_.wait();
}

void DeliveryService::Use(const alerts::AlertsConfig& alerts) {
  const Result<alerts::BusinessClock> clock = alerts::BusinessClock::Make(alerts.support.calendar);
  CHECK(clock.ok());  // The configuration was checked.
  auto texts = std::make_shared<const Texts>(Texts{.alerts = alerts, .clock = *clock});
  const std::lock_guard lock(texts_mutex_);
  texts_ = std::move(texts);
}

std::shared_ptr<const DeliveryService::Texts> DeliveryService::CurrentTexts() const {
  const std::lock_guard lock(texts_mutex_);
  return texts_;
}

void DeliveryService::SetTexts(DeliveryRules& rules) {
  rules.reminders = {
      .part_of =
          [this](Timestamp from, Timestamp due, int percent) {
            if (percent >= 100) return due;
            const auto texts = CurrentTexts();
            const Millis open = texts->clock.OpenBetween(from, due) * percent / 100;
            return texts->clock.DueAfter(from, std::chrono::duration_cast<std::chrono::seconds>(open));
          },
      .text =
          [this](TicketClock clock, int percent, Timestamp due, std::optional<schemas::Priority> raised_to) {
            return alerts::ReminderText(CurrentTexts()->alerts, kClockNames[static_cast<size_t>(clock)],
                                        percent, due, raised_to);
          }};
  rules.unreached = [this](const alerts::Unreached& unreached) {
    return alerts::UnreachedText(CurrentTexts()->alerts, unreached);
  };
}

Result<std::unique_ptr<DeliveryService>> DeliveryService::Start(const Config& config,
                                                                DeliveryServiceParts parts) {
  std::unique_ptr<DeliveryService> made(new DeliveryService(config, std::move(parts)));
  if (Result<Done> started = made->StartWorker(); !started) return started.error();
  return made;
}

std::vector<ChannelSpec> DeliveryService::MakeChannels() {
  const DeliveryConfig& delivery = config_.delivery;
  std::vector<ChannelSpec> channels;
  if (!delivery.mail.url.empty()) {
    channels.push_back({.name = "mail",
                        .threads = delivery.mail.connections,
                        .per_minute = delivery.mail.per_minute,
                        .make = [this, &delivery]() -> std::unique_ptr<Channel> {
                          return std::make_unique<SmtpChannel>(delivery.mail, delivery.timeout,
                                                               &senders_stop_);
                        }});
  }
  for (const WebhookConfig& webhook : delivery.webhooks) {
    channels.push_back({.name = webhook.name,
                        .threads = webhook.connections,
                        .per_minute = webhook.per_minute,
                        .make = [this, &webhook]() -> std::unique_ptr<Channel> {
                          return std::make_unique<WebhookChannel>(webhook, HttpOptions());
                        }});
  }
  if (delivery.tickets.enabled()) AddTicketChannels(channels);
  for (const ChannelSpec& channel : channels)
    metrics_.channels[channel.name] = std::make_unique<ChannelCounts>();
  metrics_.channels[std::string(kRemovedChannel)] = std::make_unique<ChannelCounts>();
  return channels;
}

void DeliveryService::AddTicketChannels(std::vector<ChannelSpec>& channels) {
  const DeliveryConfig& delivery = config_.delivery;
  channels.push_back({.name = std::string(kTicketChannel),
                      .threads = delivery.tickets.connections,
                      .make = [this, &delivery]() -> std::unique_ptr<Channel> {
                        return std::make_unique<TicketChannel>(
                            MakeTicketSystem(delivery.tickets, HttpOptions()));
                      }});
  channels.push_back(
      {.name = std::string(kFeedbackChannel), .threads = 1, .make = [this]() -> std::unique_ptr<Channel> {
         return std::make_unique<FeedbackChannel>(parts_.keep);
       }});
}

void DeliveryService::WatchTickets() {
  const TicketsConfig& tickets = config_.delivery.tickets;
  if (!tickets.enabled() || tickets.poll.count() == 0) return;
  watch_ = std::make_unique<TicketWatch>(TicketWatchParts{.system = MakeTicketSystem(tickets, HttpOptions()),
                                                          .poll = tickets.poll,
                                                          .keep = tickets.keep,
                                                          .wall_clock = parts_.wall_clock,
                                                          .report = parts_.report,
                                                          .news = &news_,
                                                          .unread = &metrics_.outcomes_unread});
}

void DeliveryService::Tidy() {
  if (local_) local_->Tidy(parts_.wall_clock());
}

HttpClientOptions DeliveryService::HttpOptions() {
  return {.ca_file = {}, .timeout = config_.delivery.timeout, .stop = &senders_stop_};
}

Result<std::unique_ptr<Log>> DeliveryService::MakeLog(std::string& owner) {
  if (config_.log == LogKind::kLocal) {
    LocalStoreOptions options{.directory = (fs::path(directory_) / "log").string(),
                              .outputs = (fs::path(directory_) / "out").string(),
                              .partitions = 1};
    options.retention = config_.local.retention;
    Result<std::unique_ptr<LocalStore>> opened = LocalStore::Open(options);
    if (!opened) return opened.error();
    local_ = *std::move(opened);
    owner = "delivery/" + local_->id();
    return std::unique_ptr<Log>(std::make_unique<TailLog>(TailLogParts{.outputs = parts_.outputs,
                                                                       .store = local_.get(),
                                                                       .stats = &tail_,
                                                                       .wall_clock = parts_.wall_clock,
                                                                       .report = parts_.report}));
  }
  kafka_ = ForDelivery(config_.kafka, config_.delivery);
  Result<KafkaTopics> topics = PrepareKafkaTopics(kafka_, parts_.report);
  if (!topics) return topics.error();
  kafka_topics_ = *std::move(topics);
  partitions_ = kafka_topics_.partitions;
  owner = kafka_topics_.owner;
  return std::unique_ptr<Log>(std::make_unique<KafkaLog>(
      kafka_, kafka_topics_,
      KafkaLogOptions{
          .worker = 0, .producer_id = parts_.producer_id, .stats = &kafka_stats_, .report = parts_.report}));
}

Result<Done> DeliveryService::StartWorker() {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) return Error{ErrorCode::kUnavailable, directory_, "cannot be made: " + error.message()};
  const std::string directory = (fs::path(directory_) / "state").string();
  const StoreOptions options{.block_cache_bytes = kCacheBytes};
  // As of detection's: the embedded log has only what follows the checkpoint.
  Result<std::unique_ptr<StateStore>> state = config_.log == LogKind::kKafka
                                                  ? OpenOrDrop(directory, options, parts_.report)
                                                  : OpenOnlyCopy(directory, options);
  if (!state) return state.error();
  state_ = *std::move(state);
  if (Result<Done> readable = CheckStateForms(*state_, Lane::Form()); !readable) return readable;

  WorkerParts parts;
  Result<std::unique_ptr<Log>> inner = MakeLog(parts.owner);
  if (!inner) return inner.error();
  senders_ = std::make_unique<Senders>(MakeChannels(), kQueueMax, senders_stop_, parts_.wall_clock);
  DeliveryRules rules = RulesOf(config_.delivery, partitions_);
  Use(config_.rules.alerts);
  SetTexts(rules);
  auto processor = std::make_unique<DeliveryProcessor>(std::move(rules), errands_, metrics_);
  parts.log = std::make_unique<DeliveryLog>(DeliveryLogParts{.inner = *std::move(inner),
                                                             .errands = &errands_,
                                                             .processor = processor.get(),
                                                             .senders = senders_.get(),
                                                             .desk = &desk_,
                                                             .news = &news_,
                                                             .wall_clock = parts_.wall_clock});
  parts.processor = std::move(processor);
  parts.store = state_.get();
  parts.config = config_.engine;
  parts.checkpoint_commits = local_ != nullptr;
  parts.config.state_memory_mb = kStateMb;
  parts.config.commit_interval_ms = std::min(parts.config.commit_interval_ms, 20.0);
  parts.metrics = &worker_metrics_;
  worker_metrics_.last_progress_millis = ToMillis(parts_.wall_clock());
  parts.wall_clock = parts_.wall_clock;
  parts.report = [report = parts_.report](std::string_view code, const std::string& text) {
    report("delivery_" + std::string(code), text);
  };
  auto worker = std::make_unique<Worker>(std::move(parts));
  thread_ = std::thread([this, running = std::move(worker)]() mutable {
    if (Result<Done> ran = running->Run(stop_); !ran) {
      why_ = ran.error();
      failed_ = true;
    }
    running = nullptr;
    desk_.Close();
  });
  WatchTickets();
  return Done{};
}

bool DeliveryService::Stop(steady_clock::time_point deadline) {
  if (!end_.valid()) {
    if (!thread_.joinable()) return true;
    senders_->Finish();
    under_way_ = senders_->under_way();
    end_ = std::async(std::launch::async, [this, deadline] { End(deadline); });
  }
  return end_.wait_until(deadline) == std::future_status::ready;
}

// On a thread of its own: a commit waits for its brokers, and a look-up of a name or an event for detection
// cannot be broken off.
void DeliveryService::End(steady_clock::time_point deadline) {
  const auto now = steady_clock::now();
  // What was sent in the first half of the time is still committed in the other.
  const auto patience = now + std::min<steady_clock::duration>(kFinishWait, (deadline - now) / 2);
  while ((under_way_ = senders_->under_way()) > 0 && steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop_ = true;
  thread_.join();
  senders_stop_ = true;
  watch_ = nullptr;
  senders_ = nullptr;
}

DeliveryWork DeliveryService::Work() const {
  DeliveryWork work{.worker = &worker_metrics_, .kafka = local_ == nullptr};
  if (local_) {
    work.unread = tail_.unread_bytes;
    work.waiting_since_millis = tail_.waiting_since_millis;
    return work;
  }
  for (const KafkaStats::Lag& lag : kafka_stats_.Lags()) {
    work.unread += lag.records;
    const int64_t since = lag.waiting_since_millis;
    if (since != 0 && (work.waiting_since_millis == 0 || since < work.waiting_since_millis))
      work.waiting_since_millis = since;
  }
  return work;
}

bool DeliveryService::Failed(Error& why) const {
  if (!failed_) return false;
  why = why_;
  return true;
}

}  // namespace tocsin::daemon
