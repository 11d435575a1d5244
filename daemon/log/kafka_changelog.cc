#include "daemon/log/kafka_changelog.h"

#include <utility>

namespace tocsin::daemon {
namespace {

// The worker's other partitions wait meanwhile.
constexpr int kBatchWaitMs = 10;
// A broker that came back while the client still waits for its old connection is found by asking again.
constexpr std::chrono::milliseconds kFindWait{3'000};

std::string_view Bytes(const void* bytes, size_t size) {
  return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
}

}  // namespace

KafkaChangelog::KafkaChangelog(const KafkaConfig& config, const KafkaReport& report) : config_(config) {
  reader_callbacks_.report = report;
  reader_callbacks_.name = "changelog reader";
  end_finder_callbacks_.report = report;
  end_finder_callbacks_.name = "changelog end";
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
      RD_KAFKA_CONSUMER, MakeKafkaConf(config_, defaults, fixed("read_uncommitted"), end_finder_callbacks_));
  if (!end_finder) return end_finder.error();
  Result<KafkaHandle> reader = MakeKafkaHandle(
      RD_KAFKA_CONSUMER, MakeKafkaConf(config_, defaults, fixed("read_committed"), reader_callbacks_));
  if (!reader) return reader.error();
  end_finder_ = *std::move(end_finder);
  reader_ = *std::move(reader);
  rd_kafka_poll_set_consumer(reader_.get());
  queue_.reset(rd_kafka_queue_get_consumer(reader_.get()));
  return Done{};
}

std::string KafkaChangelog::Place() const {
  return config_.changelog_topic + "/" + std::to_string(partition_);
}

Result<ChangelogClient::Range> KafkaChangelog::FindRange(int32_t partition) {
  if (Result<Done> opened = Open(); !opened) return opened.error();
  partition_ = partition;
  KafkaOffsets held;
  const rd_kafka_resp_err_t err =
      QueryOffsets(end_finder_.get(), config_.changelog_topic, partition, kFindWait, held);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // The client goes on asking the leader it once knew, for a quarter of an hour: it is made to look again.
    static_cast<void>(CountPartitions(end_finder_.get(), config_.changelog_topic, kFindWait));
    return ToError(Place(), err);
  }
  // Where it is stable is not asked for: nothing may rest on it.
  return Range{.begin = held.begin, .end = held.end, .stable = held.end};
}

Result<Done> KafkaChangelog::Start(int32_t partition, int64_t from) {
  partition_ = partition;
  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(assigned.get(), config_.changelog_topic.c_str(), partition)->offset =
      from;
  const rd_kafka_resp_err_t refused = rd_kafka_assign(reader_.get(), assigned.get());
  if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError(Place(), refused);
  return Done{};
}

void KafkaChangelog::Stop() { rd_kafka_assign(reader_.get(), nullptr); }

Result<ChangelogClient::Fetched> KafkaChangelog::Fetch(size_t records_max, const ChangelogVisitor& visit) {
  batch_.resize(records_max);
  const ssize_t got = rd_kafka_consume_batch_queue(queue_.get(), kBatchWaitMs, batch_.data(), records_max);
  Fetched fetched;
  Result<Done> outcome = Done{};
  const auto take = [&](const rd_kafka_message_t& message) -> Result<Done> {
    if (message.partition != partition_) return Done{};
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        ++fetched.records;
        fetched.at_end.reset();
        return visit(Bytes(message.key, message.key_len), Bytes(message.payload, message.len),
                     message.offset + 1);
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        // All that is decided has been read. When that is not all there is, a transaction is still open: what
        // it will be decides who made it, or its timeout.
        fetched.at_end = message.offset;
        return Done{};
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        return Error{ErrorCode::kNotFound, Place(), "no longer holds what follows the checkpoint"};
      default:
        return ToError(Place(), message.err);
    }
  };
  for (ssize_t i = 0; i < got; ++i) {
    const KafkaMessage message(batch_[static_cast<size_t>(i)]);
    if (outcome.ok()) outcome = take(*message);
  }
  if (!outcome) return outcome.error();
  return fetched;
}

}  // namespace tocsin::daemon
