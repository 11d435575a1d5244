#include "daemon/log/kafka_rekey.h"

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

#include "daemon/log/kafka_group_offsets.h"
#include "daemon/log/kafka_properties.h"
#include "daemon/log/kafka_record.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr size_t kBatchRecords = 10'000;
constexpr size_t kBatchBytes = 4U << 20U;
constexpr std::chrono::milliseconds kBatchWait{20};  // For more records, once there is one.
constexpr int kIdleWaitMs = 100;
constexpr std::chrono::seconds kLagInterval{1};
constexpr std::chrono::milliseconds kLookWait{100};
constexpr int kStatsIndex = -1;  // Not a worker.
constexpr int kInfinite = -1;
constexpr std::chrono::milliseconds kRequestWait{10'000};
constexpr std::chrono::milliseconds kFlushWait{30'000};
constexpr std::chrono::milliseconds kCloseWait{5'000};
constexpr std::chrono::milliseconds kRetryWait{500};
constexpr std::chrono::seconds kPositionsInterval{5};
constexpr int64_t kSendBytes = 1'000'000;       // The client's own batch.size.
constexpr int64_t kRecordBytesMax = 8'000'000;  // The producer takes no larger one, where nobody says less.

int64_t RecordBytesMax(const KafkaConfig& config) {
  const auto found = config.properties.find("message.max.bytes");
  if (found == config.properties.end()) return kRecordBytesMax;
  const std::string& text = found->second;
  int64_t bytes = kRecordBytesMax;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return std::min(bytes, kRecordBytesMax);
}

}  // namespace

KafkaRekey::KafkaRekey(const KafkaConfig& config, const KafkaTopics& topics, const std::string& process,
                       const schemas::DecodeLimits& limits, KafkaStats& stats, KafkaReport report)
    : config_(config),
      topics_(topics),
      name_(process + ".rekey"),
      group_(config.group + ".rekey"),
      record_bytes_max_(RecordBytesMax(config)),
      stats_(stats),
      decoder_([&limits] {
        schemas::DecodeLimits any_key = limits;
        any_key.check_key = false;
        return any_key;
      }()) {
  consumer_callbacks_.report = producer_callbacks_.report = std::move(report);
  consumer_callbacks_.name = "rekey consumer";
  consumer_callbacks_.on_rebalance = [this](rd_kafka_t* handle, rd_kafka_resp_err_t err,
                                            rd_kafka_topic_partition_list_t* partitions) {
    OnRebalance(handle, err, partitions);
  };
  producer_callbacks_.name = "rekey producer";
  producer_callbacks_.on_delivery = [this](const rd_kafka_message_t& message) {
    if (delivery_error_ == RD_KAFKA_RESP_ERR_NO_ERROR) delivery_error_ = message.err;
  };
}

KafkaRekey::~KafkaRekey() { Close(); }

void KafkaRekey::Report(std::string_view code, const std::string& text) const {
  if (consumer_callbacks_.report) consumer_callbacks_.report(code, text);
}

void KafkaRekey::Run(const std::atomic<bool>& stop) {
  while (!stop.load(std::memory_order_relaxed)) {
    Result<Done> stepped = Open();
    if (stepped) stepped = Step();
    if (stepped) continue;
    Report("rekey_recovers", stepped.error().ToString());
    Close();
    std::this_thread::sleep_for(kRetryWait);
  }
  CommitBatch();
  Close();
  stats_.sources_stopped = 0;
  stats_.SetLags(kStatsIndex, {});
}

void KafkaRekey::GiveUpProducer() {
  if (producer_ == nullptr) return;
  rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(producer_.get(), 0);
  letters_ = nullptr;
  target_ = nullptr;
  producer_ = nullptr;
}

Result<KafkaHandle> KafkaRekey::MakeProducer() {
  // A topic that takes less at once refuses what is sent together, and would refuse it again for ever.
  const int64_t sent_bytes_max = std::min(topics_.rekeyed_bytes_max, topics_.dead_letter_bytes_max);
  KafkaConf conf = MakeKafkaConf(
      config_,
      {{"batch.size", std::to_string(std::clamp<int64_t>(sent_bytes_max, 1, kSendBytes))},
       {"linger.ms", "1"},
       {"compression.type", "lz4"},
       {"transaction.timeout.ms", "10000"},
       {"queue.buffering.max.messages", "100000"},
       {"queue.buffering.max.kbytes", "65536"},
       {"message.max.bytes", "8388608"}},
      {{"transactional.id", config_.group + "." + name_}, {"enable.idempotence", "true"}, {"acks", "all"}},
      producer_callbacks_);
  WatchTransactions(conf.get(), producer_callbacks_);
  return MakeKafkaHandle(RD_KAFKA_PRODUCER, std::move(conf));
}

Result<Done> KafkaRekey::OpenProducer() {
  if (producer_ != nullptr && !producer_callbacks_.tainted.load(std::memory_order_relaxed)) return Done{};
  GiveUpProducer();
  // One that only waits for the brokers goes on where it is, as kafka_producer.cc explains.
  if (opening_ == nullptr) {
    Result<KafkaHandle> made = MakeProducer();
    if (!made) return made.error();
    opening_ = *std::move(made);
  }
  const KafkaError refused(
      rd_kafka_init_transactions(opening_.get(), static_cast<int>(kRequestWait.count())));
  if (refused != nullptr) {
    if (rd_kafka_error_is_retriable(refused.get()) == 0) opening_ = nullptr;
    return ToError("rekey producer", *refused);
  }
  producer_ = std::move(opening_);
  producer_callbacks_.tainted = false;  // Of asking for the producer's id: no transaction has begun.
  target_.reset(rd_kafka_topic_new(producer_.get(), config_.rekeyed_topic.c_str(), nullptr));
  letters_.reset(rd_kafka_topic_new(producer_.get(), config_.dead_letters_topic.c_str(), nullptr));
  return Done{};
}

Result<Done> KafkaRekey::Open() {
  // First: what an earlier process of this name left open ends here, and with it the wait for its offsets.
  if (Result<Done> opened = OpenProducer(); !opened) return opened;
  if (consumer_ != nullptr) return Done{};
  failed_ = Done{};
  std::vector<KafkaProperty> fixed = {{"group.id", group_},
                                      {"enable.auto.commit", "false"},
                                      {"enable.auto.offset.store", "false"},
                                      {"isolation.level", "read_committed"},
                                      {"enable.partition.eof", "true"},
                                      {"partition.assignment.strategy", "range,roundrobin"}};
  if (!config_.instance.empty()) fixed.push_back({"group.instance.id", StaticMember(name_, config_.sources)});
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config_,
                                                       {{"auto.offset.reset", "error"},
                                                        {"queued.max.messages.kbytes", "16384"},
                                                        {"fetch.wait.max.ms", "10"},
                                                        {"fetch.error.backoff.ms", "100"},
                                                        {"session.timeout.ms", "15000"},
                                                        {"max.poll.interval.ms", "60000"}},
                                                       fixed, consumer_callbacks_));
  if (!made) return made.error();
  consumer_ = *std::move(made);
  rd_kafka_poll_set_consumer(consumer_.get());
  const KafkaPartitions subscription(
      rd_kafka_topic_partition_list_new(static_cast<int>(config_.sources.size())));
  for (const std::string& topic : config_.sources) {
    rd_kafka_topic_partition_list_add(subscription.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t err = rd_kafka_subscribe(consumer_.get(), subscription.get());
  return err == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<Done>(Done{}) : ToError("rekey subscribe", err);
}

void KafkaRekey::Close() {
  batch_.clear();  // Messages end before their handle.
  batch_bytes_ = 0;
  membership_ = nullptr;
  sources_.clear();
  CloseKafkaConsumer(std::move(consumer_), kCloseWait);
  consumer_ = nullptr;
  GiveUpProducer();
}

// Fills one batch and commits it.
Result<Done> KafkaRekey::Step() {
  auto deadline = steady_clock::time_point::max();
  int wait = kIdleWaitMs;
  while (batch_.size() < kBatchRecords && batch_bytes_ < kBatchBytes) {
    KafkaMessage message(rd_kafka_consumer_poll(consumer_.get(), wait));
    if (!failed_) return failed_;
    const auto now = steady_clock::now();
    if (message == nullptr && (batch_.empty() || now >= deadline)) break;
    if (message == nullptr) continue;
    if (Result<Done> taken = Take(std::move(message)); !taken) return taken;
    if (batch_.empty()) continue;
    if (deadline == steady_clock::time_point::max()) deadline = now + kBatchWait;
    wait = static_cast<int>(
        std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now).count()));
    if (now >= deadline) break;
  }
  CommitBatch();
  // Without partitions it knows of none: what waited when they went still does, until they are assigned anew.
  if (membership_ != nullptr && steady_clock::now() - lags_at_ >= kLagInterval) PublishLags();
  return failed_;
}

void KafkaRekey::PublishLags() {
  lags_at_ = steady_clock::now();
  const int64_t now = ToMillis(std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()));
  std::vector<KafkaStats::Lag> lags;
  bool asked_in_vain = false;
  for (auto& [place, source] : sources_) {
    KafkaOffsets held;
    if (source.lost && asked_in_vain) continue;
    // Of a partition that is not fetched the client learns nothing unless it asks.
    const auto& [topic, partition] = place;
    const rd_kafka_resp_err_t err = source.lost
                                        ? QueryOffsets(consumer_.get(), topic, partition, kLookWait, held)
                                        : rd_kafka_get_watermark_offsets(consumer_.get(), topic.c_str(),
                                                                         partition, &held.begin, &held.end);
    asked_in_vain = asked_in_vain || (source.lost && err != RD_KAFKA_RESP_ERR_NO_ERROR);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR || held.end < 0) continue;
    const int64_t behind =
        std::max<int64_t>(held.end - std::max({source.next, source.end, held.begin, int64_t{0}}), 0);
    if (behind == 0) source.moved_at.reset();
    lags.push_back({place.first, place.second, behind, source.waiting.Look(behind, source.moved_at, now)});
  }
  stats_.SetLags(kStatsIndex, std::move(lags));
}

KafkaRekey::Source& KafkaRekey::SourceOf(const rd_kafka_message_t& message) {
  return sources_[{rd_kafka_topic_name(message.rkt), message.partition}];
}

Result<Done> KafkaRekey::Take(KafkaMessage message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    batch_bytes_ += message->len;
    batch_.push_back(std::move(message));
    return Done{};
  }
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    SourceOf(*message).end = message->offset;
    return Done{};
  }
  std::string where = "rekey";
  if (message->rkt != nullptr)
    where = std::string(rd_kafka_topic_name(message->rkt)) + "/" + std::to_string(message->partition);
  if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    OnInputLost(*message, where);
    return Done{};
  }
  const bool fatal = rd_kafka_fatal_error(consumer_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
  if (fatal) return ToError(where, message->err);
  Report("kafka_consumer", where + ": " + rd_kafka_message_errstr(message.get()));
  return Done{};
}

// A topic that is deleted takes the group's positions along. When it is there again, its records lie where
// others lay that were moved: they are new from the first on, and after this error the mover begins there.
Result<Done> KafkaRekey::CheckSources(const Places& next) {
  const KafkaPartitions known(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [place, offset] : next) {
    if (sources_[place].next >= 0)
      rd_kafka_topic_partition_list_add(known.get(), place.first.c_str(), place.second);
  }
  if (known->cnt == 0) return Done{};
  Result<KafkaPartitions> missing = PartitionsWithoutPosition(consumer_.get(), group_, *known, kRequestWait);
  if (!missing) return missing.error();
  if ((*missing)->cnt == 0) return Done{};
  // The first position that is set in a partition may be on its way: this waits for it.
  const rd_kafka_resp_err_t err =
      rd_kafka_committed(consumer_.get(), missing->get(), static_cast<int>(kRequestWait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("rekey positions", err);
  for (int i = 0; i < (*missing)->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = (*missing)->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("rekey positions", one.err);
    if (one.offset < 0)
      return Error{
          ErrorCode::kConflict, std::string(one.topic) + "/" + std::to_string(one.partition),
          "the group has lost its position: the topic was made anew, and is moved from its beginning"};
  }
  return Done{};
}

// Going on would hide it: the partition stops until a person has decided.
void KafkaRekey::OnInputLost(const rd_kafka_message_t& message, const std::string& where) {
  if (message.rkt != nullptr) {
    failed_ = CheckSources({{{rd_kafka_topic_name(message.rkt), message.partition}, message.offset}});
    if (!failed_) return;
  }
  Report("kafka_input_lost",
         where +
             ": the partition stops: records that were not moved are no longer there. To go on with the "
             "oldest that are, set kafka.properties: {auto.offset.reset: earliest} and restart");
  if (message.rkt == nullptr) return;
  SourceOf(message).lost = true;
  stats_.sources_stopped = static_cast<uint64_t>(
      std::ranges::count_if(sources_, [](const auto& source) { return source.second.lost; }));
}

// Called by the client while it is polled or closed.
void KafkaRekey::OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t err,
                             rd_kafka_topic_partition_list_t* partitions) {
  const bool open = consumer_ != nullptr;  // Not while it is closed.
  if (open && err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    Assign(handle, *partitions);
    return;
  }
  // Before this returns, what was taken from the partitions is committed, or will not be.
  if (open && rd_kafka_assignment_lost(handle) == 0) CommitBatch();
  batch_.clear();
  batch_bytes_ = 0;
  sources_.clear();
  membership_ = nullptr;
  rd_kafka_assign(handle, nullptr);
}

void KafkaRekey::Assign(rd_kafka_t* handle, rd_kafka_topic_partition_list_t& partitions) {
  stats_.rebalances.fetch_add(1, std::memory_order_relaxed);
  membership_.reset(rd_kafka_consumer_group_metadata(handle));
  if (membership_ != nullptr && !HasGeneration(*membership_)) membership_ = nullptr;
  // Waits for the transactions of those who had them before.
  const rd_kafka_resp_err_t err =
      rd_kafka_committed(handle, &partitions, static_cast<int>(kRequestWait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR || membership_ == nullptr) {
    failed_ = membership_ == nullptr
                  ? Result<Done>(Error{ErrorCode::kConflict, "rekey", "is no member any more"})
                  : ToError("rekey positions", err);
    rd_kafka_assign(handle, nullptr);
    return;
  }
  stats_.sources_stopped = 0;
  for (int i = 0; i < partitions.cnt; ++i) {
    if (partitions.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      failed_ = ToError("rekey positions", partitions.elems[i].err);
      rd_kafka_assign(handle, nullptr);
      return;
    }
    rd_kafka_topic_partition_t& one = partitions.elems[i];
    sources_[{one.topic, one.partition}].next = std::max<int64_t>(one.offset, -1);
    if (one.offset < 0) one.offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(handle, &partitions);
}

// Behind the batch, and behind the ends of transactions that were read past: retention takes them as it takes
// records, and from a position before one a record would seem to be missing.
KafkaRekey::Places KafkaRekey::NextPositions() const {
  Places next;
  for (const auto& [place, source] : sources_) {
    if (source.next >= 0 && source.end > source.next) next[place] = source.end;
  }
  for (const KafkaMessage& message : batch_) {
    int64_t& position = next[{rd_kafka_topic_name(message->rkt), message->partition}];
    position = std::max(position, message->offset + 1);
  }
  return next;
}

void KafkaRekey::CommitBatch() {
  const auto now = steady_clock::now();
  if (batch_.empty() && now - positions_at_ < kPositionsInterval) return;
  positions_at_ = now;
  const Places next = NextPositions();
  if (next.empty()) return;
  if (Result<Done> done = Transact(next); done) {
    stats_.rekeyed.fetch_add(batch_.size(), std::memory_order_relaxed);
    for (const auto& [place, offset] : next) sources_[place].next = offset;
    for (const KafkaMessage& message : batch_) SourceOf(*message).moved_at = ToMillis(AppendedAt(*message));
  } else {
    failed_ = done;  // Whether it happened is unknown: the group's positions tell.
    GiveUpProducer();
  }
  batch_.clear();
  batch_bytes_ = 0;
}

// In the order that kafka_producer.h explains: the records are with the brokers before the positions are
// added, which is where a member that lost its partitions is refused.
Result<Done> KafkaRekey::Transact(const Places& next) {
  if (membership_ == nullptr) return Error{ErrorCode::kConflict, "rekey", "the partitions are gone"};
  if (Result<Done> same = CheckSources(next); !same) return same;
  if (Result<Done> ready = OpenProducer(); !ready) return ready;
  delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (const KafkaError refused(rd_kafka_begin_transaction(producer_.get())); refused != nullptr)
    return ToError("rekey begin", *refused);
  for (const KafkaMessage& message : batch_) {
    if (Result<Done> moved = Move(*message); !moved) return moved;
  }
  const rd_kafka_resp_err_t err = rd_kafka_flush(producer_.get(), static_cast<int>(kFlushWait.count()));
  if (delivery_error_ != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("rekey", delivery_error_);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("rekey", err);

  const KafkaPartitions offsets(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [place, offset] : next) {
    rd_kafka_topic_partition_list_add(offsets.get(), place.first.c_str(), place.second)->offset = offset;
  }
  if (const KafkaError refused(
          rd_kafka_send_offsets_to_transaction(producer_.get(), offsets.get(), membership_.get(), kInfinite));
      refused != nullptr) {
    return ToError("rekey positions", *refused);
  }
  if (const KafkaError refused(rd_kafka_commit_transaction(producer_.get(), kInfinite)); refused != nullptr)
    return ToError("rekey commit", *refused);
  return Done{};
}

}  // namespace tocsin::daemon
