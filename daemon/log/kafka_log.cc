#include "daemon/log/kafka_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "daemon/log/kafka_changelog.h"
#include "daemon/log/kafka_input.h"
#include "daemon/log/kafka_producer.h"

namespace tocsin::daemon {
namespace {

std::string InstanceOf(const KafkaConfig& config, int worker) {
  return config.instance.empty() ? "" : config.instance + "." + std::to_string(worker);
}

std::string TransactionalIdOf(const KafkaConfig& config, const KafkaLogOptions& options) {
  const std::string& process = config.instance.empty() ? options.producer_id : config.instance;
  CHECK(!process.empty());
  return config.group + "." + process + "." + std::to_string(options.worker);
}

}  // namespace

struct KafkaLog::Parts {
  Parts(const KafkaConfig& given, const KafkaTopics& given_topics, const KafkaLogOptions& options)
      : config(given),
        topics(given_topics),
        producer(config, topics, TransactionalIdOf(config, options), *options.stats, options.report),
        changelog(config, options.report),
        input(config, topics, options.worker, InstanceOf(config, options.worker), *options.stats,
              options.report) {}
  const KafkaConfig config;
  const KafkaTopics topics;
  KafkaProducer producer;
  KafkaChangelog changelog;
  KafkaInput input;  // Closed first.
};

KafkaLog::KafkaLog(const KafkaConfig& config, const KafkaTopics& topics, KafkaLogOptions options)
    : parts_(std::make_unique<Parts>(config, topics, options)) {}

KafkaLog::~KafkaLog() = default;

Result<size_t> KafkaLog::Poll(std::chrono::milliseconds wait, size_t records_max, LogListener& listener) {
  // Nothing is read that could not be committed. And what an earlier process of this name left open ends
  // here, before the changelog is read.
  if (Result<Done> ready = parts_->producer.Ready(); !ready) {
    parts_->input.KeepAlive();
    return ready.error();
  }
  return parts_->input.Poll(wait, records_max, listener);
}

Result<Done> KafkaLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  return parts_->input.Seek(partition, positions);
}

Result<int64_t> KafkaLog::ReadChangelog(int32_t partition, int64_t from, const ChangelogVisitor& visit) {
  return parts_->changelog.Read(partition, from, visit, [this] { parts_->input.KeepAlive(); });
}

Result<Done> KafkaLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  const rd_kafka_consumer_group_metadata_t* membership = parts_->input.membership();
  if (membership == nullptr)
    return Error{ErrorCode::kConflict, "commit", "the partitions are no longer this worker's"};
  changelog_next.assign(commits.size(), -1);
  return parts_->producer.Commit(commits, *membership, changelog_next);
}

void KafkaLog::Pause(int32_t partition, bool paused) { parts_->input.Pause(partition, paused); }

Result<std::string> ProducerIdOf(const std::string& directory) {
  const std::string path = directory + "/producer-id";
  if (std::ifstream file(path); file) {
    std::string id;
    std::getline(file, id);
    if (!id.empty()) return id;
  }
  std::random_device random;
  const std::string id =
      ToHex(Hash128{(uint64_t{random()} << 32U) | random(), (uint64_t{random()} << 32U) | random()});
  const std::string fresh = path + ".new";
  const auto failed = [&path] {
    return Error{ErrorCode::kUnavailable, path, std::string("cannot be written: ") + std::strerror(errno)};
  };
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed();
  const bool written =
      ::write(fd, id.data(), id.size()) == static_cast<ssize_t>(id.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) return failed();
  return id;
}

}  // namespace tocsin::daemon
