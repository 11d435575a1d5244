#include "daemon/log/kafka_input.h"

#include <algorithm>
#include <utility>

#include "daemon/log/fit_record.h"
#include "daemon/log/heartbeat.h"
#include "daemon/log/kafka_properties.h"
#include "daemon/log/kafka_queues.h"
#include "daemon/log/kafka_record.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

// A topic that neither brings a record nor says that it is drained keeps the others of its task waiting so
// long.
constexpr std::chrono::seconds kMergePatience{5};
// With records on their way, a caller who does not want to wait waits so long, rather than take a pause for
// the end.
constexpr std::chrono::milliseconds kFetchPatience{5};
constexpr std::chrono::milliseconds kCloseWait{5'000};
constexpr std::chrono::seconds kLagInterval{1};
constexpr std::chrono::seconds kRejoinWait{
    10};  // Two processes of one name do not throw each other out all the time.
constexpr std::chrono::milliseconds kWakeFetcherInterval{25};
constexpr std::chrono::seconds kWakeFetcherPause{5};  // After it was not answered.
constexpr std::chrono::milliseconds kWakeFetcherWait{100};

// The producer takes no larger record, compressed or not (message.max.bytes).
constexpr int64_t kLetterBytesMax = 8'000'000;

std::string Place(const std::string& topic, int32_t partition) {
  return topic + "/" + std::to_string(partition);
}

}  // namespace

void KafkaInput::Source::Clear() {
  for (; begin < end; ++begin) rd_kafka_message_destroy(batch[begin]);
  begin = end = announced = 0;
  drained = false;
}

KafkaInput::KafkaInput(const KafkaConfig& config, const KafkaTopics& topics, int worker, std::string instance,
                       KafkaStats& stats, KafkaReport report)
    : config_(config),
      topics_(topics),
      worker_(worker),
      instance_(std::move(instance)),
      stats_(stats),
      letter_bytes_max_(std::min(topics.dead_letter_bytes_max, kLetterBytesMax)),
      partitioners_(config.input_topics, topics.partitions) {
  callbacks_.report = std::move(report);
  callbacks_.name = "consumer";
  callbacks_.stats = &stats.consumers;
  callbacks_.on_rebalance = [this](rd_kafka_t* handle, rd_kafka_resp_err_t err,
                                   rd_kafka_topic_partition_list_t* partitions) {
    OnRebalance(handle, err, partitions);
  };
}

KafkaInput::~KafkaInput() { Close(); }

void KafkaInput::Report(std::string_view code, const std::string& text) const {
  if (callbacks_.report) callbacks_.report(code, text);
}

Result<Done> KafkaInput::Open() {
  if (handle_ != nullptr) return Done{};
  if (steady_clock::now() < open_at_)
    return Error{ErrorCode::kUnavailable, "kafka", "waits before it joins the group again"};
  const size_t sources = config_.input_topics.size() * static_cast<size_t>(topics_.partitions);
  const size_t bytes = QueueBytesOf(sources);
  std::vector<KafkaProperty> fixed = {
      {"group.id", config_.group},           {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"}, {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},      {"partition.assignment.strategy", "range"}};
  if (!instance_.empty()) fixed.push_back({"group.instance.id", instance_});
  std::vector<KafkaProperty> defaults = ConsumerDefaults();
  defaults.push_back({"queued.max.messages.kbytes", std::to_string(bytes >> 10U)});
  defaults.push_back({"fetch.message.max.bytes", std::to_string(bytes)});
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config_, defaults, fixed, callbacks_));
  if (!made) return made.error();
  handle_ = *std::move(made);
  fatal_ = false;
  rd_kafka_poll_set_consumer(handle_.get());
  events_.reset(rd_kafka_queue_get_consumer(handle_.get()));
  rd_kafka_queue_cb_event_enable(events_.get(), Wake, this);
  heartbeat_.reset(rd_kafka_queue_new(handle_.get()));

  const KafkaPartitions subscription(
      rd_kafka_topic_partition_list_new(static_cast<int>(config_.input_topics.size())));
  for (const std::string& topic : config_.input_topics) {
    rd_kafka_topic_partition_list_add(subscription.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t err = rd_kafka_subscribe(handle_.get(), subscription.get());
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return Done{};
  Close();
  return ToError("subscribe", err);
}

void KafkaInput::Close() {
  listener_ = nullptr;
  Silence(tasks_);
  if (events_ != nullptr) rd_kafka_queue_cb_event_enable(events_.get(), nullptr, nullptr);
  tasks_.clear();
  events_ = nullptr;
  heartbeat_ = nullptr;
  CloseKafkaConsumer(std::move(handle_), kCloseWait);
  stats_.SetLags(worker_, {});
  stats_.consumers.Forget(&callbacks_, steady_clock::now());
}

void KafkaInput::KeepAlive() {
  rd_kafka_message_t* none = nullptr;
  if (heartbeat_ != nullptr) rd_kafka_consume_batch_queue(heartbeat_.get(), 0, &none, 1);
}

void KafkaInput::Wake(rd_kafka_t*, void* input) {
  auto& self = *static_cast<KafkaInput*>(input);
  {
    const std::lock_guard lock(self.wake_mutex_);
    if (std::exchange(self.awake_, true)) return;
  }
  self.wake_.notify_one();
}

void KafkaInput::WaitUntil(steady_clock::time_point deadline) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_until(lock, deadline, [this] { return awake_; });
}

Result<size_t> KafkaInput::Poll(std::chrono::milliseconds wait, size_t records_max, GroupListener& listener) {
  thread_.Check();
  if (Result<Done> opened = Open(); !opened) return opened.error();
  listener_ = &listener;
  const auto start = steady_clock::now();
  for (;;) {
    {
      const std::lock_guard lock(wake_mutex_);
      awake_ = false;  // Before looking: what comes after the look wakes.
    }
    Serve();
    if (fatal_) {
      Lose();
      Close();
      return Error{ErrorCode::kUnavailable, "kafka", "the consumer is fenced or broken: it begins again"};
    }
    if (!refused_) {
      Result<Done> still = CheckPartitionCounts();
      if (!still) return still.error();
      // It fits again; what was refused is assigned with the next rebalance, which a new subscription brings
      // about.
      refused_ = Done{};
      Close();
      return size_t{0};
    }
    if (std::exchange(rebalanced_, false)) return size_t{0};  // The worker restores what is new.
    const size_t handed = HandOver(records_max);
    if (steady_clock::now() - lags_at_ >= kLagInterval) PublishLags();
    if (handed > 0) return handed;
    auto patience = wait;
    for (const auto& [partition, task] : tasks_) {
      if (task.ready && !task.paused && task.merge.AnyUnknown())
        patience = std::max(patience, kFetchPatience);
    }
    const auto deadline = start + patience;
    if (steady_clock::now() >= deadline) return size_t{0};
    WaitUntil(deadline);
  }
}

void KafkaInput::Serve() {
  while (rd_kafka_message_t* polled = rd_kafka_consumer_poll(handle_.get(), 0)) {
    const KafkaMessage message(polled);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) OnClientError(*message);
  }
}

void KafkaInput::OnClientError(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  std::array<char, 512> why{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(handle_.get(), why.data(), why.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fatal_ = true;
    open_at_ = steady_clock::now() + kRejoinWait;
    const bool twin = fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    Report("kafka_fenced",
           twin ? "another process runs as instance " + config_.instance + ": kafka.instance must be unique"
                : std::string(why.data()));
    return;
  }
  Report("kafka_consumer", rd_kafka_message_errstr(&message));
}

size_t KafkaInput::HandOver(size_t records_max) {
  size_t handed = 0;
  // Each round begins with another partition: none waits for a busy one for long.
  const auto first = tasks_.upper_bound(turn_);
  const auto serve = [&](auto from, auto to) {
    for (auto task = from; task != to && handed < records_max; ++task) {
      handed += HandOverTask(task->first, task->second, records_max - handed);
    }
  };
  serve(first, tasks_.end());
  serve(tasks_.begin(), first);
  if (!tasks_.empty()) turn_ = (first == tasks_.end() ? tasks_.begin() : first)->first;
  return handed;
}

size_t KafkaInput::HandOverTask(int32_t partition, Task& task, size_t records_max) {
  if (task.paused || !task.ready || task.broken) return 0;
  for (size_t topic = 0; topic < task.sources.size(); ++topic) {
    if (task.sources[topic].begin == task.sources[topic].end) Look(partition, task, topic);
  }
  size_t handed = 0;
  while (handed < records_max && !task.broken) {
    const std::optional<size_t> topic = task.merge.Next(Impatient(partition, task));
    if (!topic) break;
    if (!HandOverRecord(partition, task, *topic)) {
      task.ready = false;  // The worker restores the partition, and seeks.
      break;
    }
    ++handed;
    Look(partition, task, *topic);
  }
  return handed;
}

bool KafkaInput::Impatient(int32_t partition, Task& task) {
  if (!task.merge.Waits()) {
    task.waits_since = {};
    task.impatient = false;
    return false;
  }
  const auto now = steady_clock::now();
  if (task.waits_since == steady_clock::time_point{}) task.waits_since = now;
  if (task.impatient || now - task.waits_since < kMergePatience) return task.impatient;
  // Late is better than not at all; late records are what the processor is made for.
  Report("kafka_topic_waits",
         "partition " + std::to_string(partition) + ": a topic cannot be read; the others go on");
  task.impatient = true;
  return true;
}

bool KafkaInput::HandOverRecord(int32_t partition, Task& task, size_t topic) {
  Source& source = task.sources[topic];
  const rd_kafka_message_t& message = *source.batch[source.begin];
  schemas::Record record = ToRecord(message, config_.input_topics[topic], headers_);
  if (FitRecord(letter_bytes_max_, record) && !std::exchange(cut_reported_, true)) {
    Report("kafka_record_cut", Place(config_.input_topics[topic], partition) +
                                   ": a record is too large for topic " + config_.dead_letters_topic +
                                   ": its dead letter holds the beginning only. Remedy: kafka-configs.sh "
                                   "--alter --entity-type topics --entity-name " +
                                   config_.dead_letters_topic + " --add-config max.message.bytes=4194304");
  }
  if (record.key != kHeartbeatName) partitioners_.See(topic, record.key, partition);
  Announce(source, partition);
  if (!listener_->OnRecord(record)) return false;
  source.next = message.offset + 1;
  source.waiting.HandedOver(ToMillis(record.appended_at));
  rd_kafka_message_destroy(source.batch[source.begin++]);
  return true;
}

// Tells of the records behind the head, as far as they are in the batch. Topics take turns, so that one comes
// after kComing others or later.
void KafkaInput::Announce(Source& source, int32_t partition) {
  const size_t end = std::min(source.end, source.begin + 1 + LogListener::kComing);
  for (source.announced = std::max(source.announced, source.begin + 1); source.announced < end;
       ++source.announced) {
    const rd_kafka_message_t& coming = *source.batch[source.announced];
    if (coming.err != RD_KAFKA_RESP_ERR_NO_ERROR || coming.key == nullptr) continue;
    listener_->OnComing(
        {.partition = partition, .key = {static_cast<const char*>(coming.key), coming.key_len}});
  }
}

// Finds the head of a topic: the next record, or the news that there is none.
void KafkaInput::Look(int32_t partition, Task& task, size_t topic) {
  Source& source = task.sources[topic];
  for (;;) {
    if (source.begin == source.end) {
      source.begin = source.announced = 0;
      const ssize_t got = rd_kafka_consume_batch_queue(source.queue.get(), 0, source.batch.data(), kBatch);
      source.end = got > 0 ? static_cast<size_t>(got) : 0;
      if (source.end < kBatch && source.next >= 0 &&
          !AtEnd(partition, topic, source.next + static_cast<int64_t>(source.end)))
        WakeFetcher(partition, topic);
    }
    if (source.begin == source.end) {
      if (!source.drained && AtEnd(partition, topic, source.next)) source.drained = true;
      source.drained ? task.merge.SetDrained(topic) : task.merge.SetUnknown(topic);
      return;
    }
    const rd_kafka_message_t& message = *source.batch[source.begin];
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR && source.next >= 0 && message.offset < source.next) {
      OnInputLost(partition, task, topic,
                  "was made anew, or lost records: its offsets are below where the state stands. Give it "
                  "another name in "
                  "kafka.input_topics; it is read from its start then");
      task.merge.SetUnknown(topic);
      return;
    }
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      source.drained = false;
      task.merge.SetHead(topic, AppendedAt(message));
      return;
    }
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      source.drained = true;
    } else {
      OnSourceError(partition, task, topic, message);
    }
    rd_kafka_message_destroy(source.batch[source.begin++]);
  }
}

// The queue ran dry with more in the broker. When the queues of all partitions of a broker are full, the
// client's thread for it sleeps for up to a second, and does not see that they were emptied
// (librdkafka issue 2879; later versions have fetch.queue.backoff.ms). A question to that broker wakes it;
// the answer takes one round trip, as the records do.
void KafkaInput::WakeFetcher(int32_t partition, size_t topic) {
  const auto now = steady_clock::now();
  if (now < wake_fetcher_at_) return;
  int64_t end = 0;
  const rd_kafka_resp_err_t err = QueryOffset(handle_.get(), config_.input_topics[topic], partition,
                                              RD_KAFKA_OFFSET_END, kWakeFetcherWait, end);
  wake_fetcher_at_ = now + (err == RD_KAFKA_RESP_ERR_NO_ERROR ? kWakeFetcherInterval : kWakeFetcherPause);
}

// Without waiting for the client's word that the end is reached, which comes with the next, empty answer of
// the broker.
bool KafkaInput::AtEnd(int32_t partition, size_t topic, int64_t next) const {
  int64_t low = 0;
  int64_t high = RD_KAFKA_OFFSET_INVALID;
  return next >= 0 &&
         rd_kafka_get_watermark_offsets(handle_.get(), config_.input_topics[topic].c_str(), partition, &low,
                                        &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
         high >= 0 && next >= high;
}

void KafkaInput::OnSourceError(int32_t partition, Task& task, size_t topic,
                               const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    OnInputLost(partition, task, topic,
                "the records from offset " + std::to_string(task.sources[topic].next) +
                    " on are no longer there. To go on with the oldest that are, set kafka.properties: "
                    "{auto.offset.reset: earliest} and restart");
    return;
  }
  Report("kafka_input",
         Place(config_.input_topics[topic], partition) + ": " + rd_kafka_message_errstr(&message));
}

// What was not processed is gone: what becomes of the partition is the protocol's to say.
void KafkaInput::OnInputLost(int32_t partition, Task& task, size_t topic, const std::string& why) {
  task.broken = listener_ == nullptr || listener_->StopsAtLoss(partition);
  Report("kafka_input_lost", Place(config_.input_topics[topic], partition) + ": the partition stops: " + why);
}

// When the log took the next record, once that has been fetched.
std::optional<int64_t> KafkaInput::HeadAppendedAt(const Source& source) {
  if (source.begin == source.end || source.batch[source.begin]->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const rd_kafka_message_t& head = *source.batch[source.begin];
  const int64_t millis = ToMillis(AppendedAt(head));
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  if (millis != rd_kafka_message_timestamp(&head, &type)) return std::nullopt;  // It says none that can be.
  return millis;
}

void KafkaInput::PublishLags() {
  if (const std::string complaint = partitioners_.TakeComplaint(); !complaint.empty())
    Report("kafka_keys_differ", complaint);
  lags_at_ = steady_clock::now();
  // In an outage the client gives them up after the session: what waits still does.
  if (lags_kept_) return;
  const int64_t now = ToMillis(std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()));
  std::vector<KafkaStats::Lag> lags;
  for (auto& [partition, task] : tasks_) {
    for (size_t topic = 0; topic < task.sources.size(); ++topic) {
      Source& source = task.sources[topic];
      int64_t low = 0;
      int64_t high = 0;
      const std::string& name = config_.input_topics[topic];
      if (rd_kafka_get_watermark_offsets(handle_.get(), name.c_str(), partition, &low, &high) !=
              RD_KAFKA_RESP_ERR_NO_ERROR ||
          high < 0) {
        continue;
      }
      const int64_t next = source.next >= 0 ? source.next : std::max<int64_t>(low, 0);
      const int64_t behind = source.drained ? 0 : std::max<int64_t>(high - next, 0);
      lags.push_back({name, partition, behind, source.waiting.Look(behind, HeadAppendedAt(source), now)});
    }
  }
  stats_.SetLags(worker_, std::move(lags));
}

}  // namespace tocsin::daemon
