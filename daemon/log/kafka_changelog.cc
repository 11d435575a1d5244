#include "daemon/log/kafka_changelog.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tocsin::daemon {
namespace {

constexpr size_t kBatch = 1'000;
constexpr int kBatchWaitMs = 100;
// Longer than the transaction of a process that died lives, and than the broker takes to notice.
constexpr std::chrono::seconds kPatience{60};

std::string_view Bytes(const void* bytes, size_t size) {
  return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
}

}  // namespace

KafkaChangelog::KafkaChangelog(const KafkaConfig& config, KafkaReport report) : config_(config) {
  callbacks_.report = std::move(report);
  callbacks_.name = "changelog reader";
}

KafkaChangelog::~KafkaChangelog() {
  queue_ = nullptr;
  if (reader_ != nullptr) rd_kafka_destroy_flags(reader_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  if (end_finder_ != nullptr)
    rd_kafka_destroy_flags(end_finder_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Result<Done> KafkaChangelog::Open() {
  if (reader_ != nullptr) return Done{};
  // The group's name is for access control only: neither handle joins it.
  const std::vector<KafkaProperty> defaults = {{"queued.max.messages.kbytes", "16384"},
                                               {"fetch.wait.max.ms", "10"},
                                               {"fetch.error.backoff.ms", "100"}};
  const auto fixed = [this](const char* isolation) {
    return std::vector<KafkaProperty>{{"group.id", config_.group},           {"enable.auto.commit", "false"},
                                      {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "error"},
                                      {"enable.partition.eof", "true"},      {"isolation.level", isolation}};
  };
  Result<KafkaHandle> end_finder = MakeKafkaHandle(
      RD_KAFKA_CONSUMER, MakeKafkaConf(config_, defaults, fixed("read_uncommitted"), callbacks_));
  if (!end_finder) return end_finder.error();
  Result<KafkaHandle> reader = MakeKafkaHandle(
      RD_KAFKA_CONSUMER, MakeKafkaConf(config_, defaults, fixed("read_committed"), callbacks_));
  if (!reader) return reader.error();
  end_finder_ = *std::move(end_finder);
  reader_ = *std::move(reader);
  rd_kafka_poll_set_consumer(reader_.get());
  queue_.reset(rd_kafka_queue_get_consumer(reader_.get()));
  return Done{};
}

Result<int64_t> KafkaChangelog::Read(int32_t partition, int64_t from, const Log::ChangelogVisitor& visit,
                                     const std::function<void()>& alive) {
  if (Result<Done> opened = Open(); !opened) return opened.error();
  const std::string place = config_.changelog_topic + "/" + std::to_string(partition);
  int64_t begin = 0;
  int64_t end = 0;
  const auto wait = std::chrono::milliseconds(kKafkaRequestWait);
  const rd_kafka_resp_err_t err =
      rd_kafka_query_watermark_offsets(end_finder_.get(), config_.changelog_topic.c_str(), partition, &begin,
                                       &end, static_cast<int>(wait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // The client goes on asking the leader it once knew, for a quarter of an hour: it is made to look again.
    static_cast<void>(CountPartitions(end_finder_.get(), config_.changelog_topic, wait));
    return ToError(place, err);
  }
  if (from > end) {
    return Error{
        ErrorCode::kCorrupt, place,
        "ends before the checkpoint: it was made anew or lost records. When that was meant, move the state "
        "directory away; the state is then made from what the changelog holds"};
  }
  if (from != 0 && from < begin)
    return Error{ErrorCode::kNotFound, place, "no longer holds what follows the checkpoint"};
  from = std::max(from, begin);
  if (from == end) return end;

  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(assigned.get(), config_.changelog_topic.c_str(), partition)->offset =
      from;
  if (const rd_kafka_resp_err_t refused = rd_kafka_assign(reader_.get(), assigned.get());
      refused != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(place, refused);
  }
  Result<int64_t> read = ReadTo(partition, from, end, visit, alive);
  rd_kafka_assign(reader_.get(), nullptr);
  return read;
}

Result<int64_t> KafkaChangelog::ReadTo(int32_t partition, int64_t from, int64_t end,
                                       const Log::ChangelogVisitor& visit,
                                       const std::function<void()>& alive) {
  const std::string place = config_.changelog_topic + "/" + std::to_string(partition);
  std::array<rd_kafka_message_t*, kBatch> batch{};
  auto progress = std::chrono::steady_clock::now();
  Result<int64_t> outcome = from;
  bool decided = false;
  const auto take = [&](const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // All that is decided has been read. When that is not up to the end, a transaction is still open: what
      // it will be decides who made it, or its timeout.
      decided = message.offset >= end;
      if (decided) outcome = message.offset;
    } else if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      outcome = Error{ErrorCode::kNotFound, place, "no longer holds what follows the checkpoint"};
    } else if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcome = ToError(place, message.err);
    } else if (message.partition == partition) {
      const Result<Done> visited =
          visit(Bytes(message.key, message.key_len), Bytes(message.payload, message.len), message.offset + 1);
      if (!visited) outcome = visited.error();
    }
  };
  while (outcome.ok() && !decided) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue_.get(), kBatchWaitMs, batch.data(), batch.size());
    alive();
    const auto now = std::chrono::steady_clock::now();
    if (got > 0) progress = now;
    if (now - progress > kPatience) {
      return Error{ErrorCode::kUnavailable, place, "a transaction in it stays open, or it cannot be read"};
    }
    for (ssize_t i = 0; i < got; ++i) {
      const KafkaMessage message(batch[static_cast<size_t>(i)]);
      if (outcome.ok() && !decided) take(*message);
    }
  }
  return outcome;
}

}  // namespace tocsin::daemon
