#include "daemon/log/kafka_producer.h"

#include <algorithm>
#include <utility>

#include "daemon/log/kafka_properties.h"

namespace tocsin::daemon {
namespace {

// Larger values than this are copied by us: the client refers to their bytes instead of copying, even after a
// purge.
constexpr size_t kBorrowedBytesMax = 32U << 10U;
constexpr int kInfinite = -1;  // Of transactional calls: the client bounds them by the transaction's timeout.
constexpr std::chrono::milliseconds kFlushWait{
    30'000};  // Records fail with the transaction's timeout, well before.
constexpr std::chrono::milliseconds kReadyWait{10'000};

const std::string& TopicOf(const KafkaConfig& config, size_t kind) {
  switch (static_cast<schemas::OutputKind>(kind)) {
    case schemas::OutputKind::kFinding:
      return config.findings_topic;
    case schemas::OutputKind::kNotice:
      return config.notices_topic;
    case schemas::OutputKind::kTicket:
      return config.tickets_topic;
    case schemas::OutputKind::kAction:
      return config.actions_topic;
    case schemas::OutputKind::kDeadLetter:
      return config.dead_letters_topic;
    case schemas::OutputKind::kVerdict:
      break;
  }
  return config.dead_letters_topic;  // Not reached: verdicts have no partitions.
}

}  // namespace

KafkaTransactions::KafkaTransactions(const KafkaConfig& config, const KafkaTopics& topics,
                                     KafkaClientStats* stats, KafkaReport report)
    : config_(config), topics_(topics) {
  callbacks_.report = std::move(report);
  callbacks_.name = "producer";
  callbacks_.stats = stats;
  callbacks_.on_delivery = [this](const rd_kafka_message_t& message) { OnDelivery(message); };
}

KafkaTransactions::~KafkaTransactions() {
  if (handle_ == nullptr) return;
  // What was not delivered belongs to a transaction that the next handle aborts.
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(handle_.get(), 0);
  if (callbacks_.stats == nullptr) return;
  outputs_ = {};
  changelog_ = nullptr;
  handle_ = nullptr;  // Its threads end here, and say which connections do.
  callbacks_.stats->Forget(&callbacks_, KafkaClientStats::Clock::now());
}

Result<Done> KafkaTransactions::Open(const std::string& transactional_id) {
  if (handle_ == nullptr) {
    KafkaConf conf = MakeKafkaConf(
        config_, ProducerDefaults(),
        {{"transactional.id", transactional_id}, {"enable.idempotence", "true"}, {"acks", "all"}},
        callbacks_);
    WatchTransactions(conf.get(), callbacks_);
    Result<KafkaHandle> made = MakeKafkaHandle(RD_KAFKA_PRODUCER, std::move(conf));
    if (!made) return made.error();
    handle_ = *std::move(made);
  }
  const KafkaError refused(rd_kafka_init_transactions(handle_.get(), static_cast<int>(kReadyWait.count())));
  resumable_ = refused != nullptr && rd_kafka_error_is_retriable(refused.get()) != 0;
  if (refused != nullptr) return ToError("producer", *refused);

  callbacks_.tainted = false;  // Of asking for the producer's id: no transaction has begun.
  changelog_.reset(rd_kafka_topic_new(handle_.get(), config_.changelog_topic.c_str(), nullptr));
  for (size_t kind = 0; kind < kOutputKinds; ++kind) {
    if (topics_.output_partitions[kind] == 0) continue;
    outputs_[kind].reset(rd_kafka_topic_new(handle_.get(), TopicOf(config_, kind).c_str(), nullptr));
  }
  return Done{};
}

void KafkaTransactions::OnDelivery(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (delivery_error_ == RD_KAFKA_RESP_ERR_NO_ERROR) {
      delivery_error_ = message.err;
      delivery_topic_ = rd_kafka_topic_name(message.rkt);
    }
  } else if (message._private != nullptr) {
    *static_cast<int64_t*>(message._private) = message.offset + 1;
  }
}

Result<Done> KafkaTransactions::Append(int32_t partition, const ChangelogRecord& record, int64_t* next) {
  // The client takes pointers to bytes it only reads.
  auto* const value = record.value.empty() ? nullptr : const_cast<char*>(record.value.data());
  const int copy = record.value.size() > kBorrowedBytesMax ? RD_KAFKA_MSG_F_COPY : 0;
  while (rd_kafka_produce(changelog_.get(), partition, copy, value, record.value.size(), record.key.data(),
                          record.key.size(), next) != 0) {
    const rd_kafka_resp_err_t err = rd_kafka_last_error();
    if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL) return ToError("topic " + config_.changelog_topic, err);
    rd_kafka_poll(handle_.get(), 10);  // Ends: undelivered records fail with the transaction's timeout.
  }
  return Done{};
}

Result<Done> KafkaTransactions::Put(int32_t partition, const schemas::OutRecord& record) {
  const auto kind = static_cast<size_t>(record.kind);
  const int count = topics_.output_partitions[kind];
  if (count == 0) return Done{};
  const auto argument = [this](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    rd_kafka_vu_t& added = arguments_.emplace_back();
    added.vtype = type;
    return added;
  };
  arguments_.clear();
  argument(RD_KAFKA_VTYPE_RKT).u.rkt = outputs_[kind].get();
  // An account's outputs stay in order: they are all in the partition that its task says.
  argument(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition % count;
  argument(RD_KAFKA_VTYPE_VALUE).u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
  if (!record.key.empty()) {
    argument(RD_KAFKA_VTYPE_KEY).u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
  }
  for (const schemas::OutHeader& header : record.headers) {
    argument(RD_KAFKA_VTYPE_HEADER).u.header = {header.name.c_str(), header.value.data(),
                                                static_cast<ssize_t>(header.value.size())};
  }
  argument(RD_KAFKA_VTYPE_MSGFLAGS).u.i = record.value.size() > kBorrowedBytesMax ? RD_KAFKA_MSG_F_COPY : 0;
  for (;;) {
    const KafkaError refused(rd_kafka_produceva(handle_.get(), arguments_.data(), arguments_.size()));
    if (refused == nullptr) return Done{};
    if (rd_kafka_error_code(refused.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return ToError("topic " + TopicOf(config_, kind), *refused);
    }
    rd_kafka_poll(handle_.get(), 10);
  }
}

Result<Done> KafkaTransactions::Flush() {
  const rd_kafka_resp_err_t err = rd_kafka_flush(handle_.get(), static_cast<int>(kFlushWait.count()));
  if (delivery_error_ != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("topic " + delivery_topic_, delivery_error_);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("producer", err);
  return Done{};
}

Result<Done> KafkaTransactions::Begin() {
  delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (const KafkaError refused(rd_kafka_begin_transaction(handle_.get())); refused != nullptr) {
    return ToError("begin", *refused);
  }
  return Done{};
}

Result<Done> KafkaTransactions::AddOffsets(std::span<const TaskCommit> commits,
                                           const Membership& membership) {
  const std::vector<std::string>& read = config_.input_topics;
  const KafkaPartitions offsets(
      rd_kafka_topic_partition_list_new(static_cast<int>(commits.size() * read.size())));
  for (const TaskCommit& commit : commits) {
    for (const TopicPosition& position : commit.positions) {
      // The changelog keeps the position in a topic that is no longer read. The brokers would refuse it, and
      // every commit with it, once the topic is gone or may not be read.
      if (std::ranges::find(read, position.topic) == read.end()) continue;
      rd_kafka_topic_partition_list_add(offsets.get(), position.topic.c_str(), commit.partition)->offset =
          position.next;
    }
  }
  // Without any offset the client asks nobody, and nobody would look at the generation.
  if (offsets->cnt == 0)
    rd_kafka_topic_partition_list_add(offsets.get(), read.front().c_str(), commits.front().partition)
        ->offset = 0;
  const auto& metadata = static_cast<const KafkaMembership&>(membership).metadata;
  if (const KafkaError refused(
          rd_kafka_send_offsets_to_transaction(handle_.get(), offsets.get(), metadata.get(), kInfinite));
      refused != nullptr) {
    return ToError("input offsets", *refused);
  }
  return Done{};
}

Result<Done> KafkaTransactions::Commit() {
  if (const KafkaError refused(rd_kafka_commit_transaction(handle_.get(), kInfinite)); refused != nullptr) {
    return ToError("commit", *refused);
  }
  return Done{};
}

void KafkaTransactions::Listen() { rd_kafka_poll(handle_.get(), 0); }

KafkaProducer::KafkaProducer(const KafkaConfig& config, const KafkaTopics& topics,
                             std::string transactional_id, KafkaClientStats* stats, KafkaReport report)
    : config_(config),
      topics_(topics),
      transactional_id_(std::move(transactional_id)),
      stats_(stats),
      report_(std::move(report)) {}

Result<std::unique_ptr<Transactions>> KafkaProducer::Open() {
  // One that only waits for the brokers goes on where it is: handles that come and go while brokers cannot be
  // reached are what librdkafka 2.0 aborts on (its issue 3608).
  if (opening_ == nullptr) opening_ = std::make_unique<KafkaTransactions>(config_, topics_, stats_, report_);
  Result<Done> opened = opening_->Open(transactional_id_);
  if (opened) return std::unique_ptr<Transactions>(std::move(opening_));
  if (!opening_->resumable()) opening_ = nullptr;
  return opened.error();
}

}  // namespace tocsin::daemon
