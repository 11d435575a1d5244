#include "daemon/log/kafka_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "base/check.h"
#include "base/hash.h"
#include "daemon/log/kafka_changelog.h"
#include "daemon/log/kafka_input.h"
#include "daemon/log/kafka_producer.h"
#include "daemon/log/kafka_properties.h"

namespace tocsin::daemon {
namespace {

std::string InstanceOf(const KafkaConfig& config, int worker) {
  if (config.instance.empty()) return {};
  return StaticMember(config.instance + "." + std::to_string(worker), config.input_topics);
}

std::string TransactionalIdOf(const KafkaConfig& config, const KafkaLogOptions& options) {
  const std::string& process = config.instance.empty() ? options.producer_id : config.instance;
  CHECK(!process.empty());
  return config.group + "." + process + "." + std::to_string(options.worker);
}

ExactlyOnceParts Connect(const KafkaConfig& config, const KafkaTopics& topics,
                         const KafkaLogOptions& options) {
  ExactlyOnceParts parts;
  parts.producers = std::make_unique<KafkaProducer>(config, topics, TransactionalIdOf(config, options),
                                                    &options.stats->producers, options.report);
  parts.changelog = std::make_unique<KafkaChangelog>(config, options.report);
  parts.consumer = std::make_unique<KafkaInput>(
      config, topics, options.worker, InstanceOf(config, options.worker), *options.stats, options.report);
  parts.deletions_kept_for = topics.deletions_kept_for;
  parts.on_renewed = [&stats = *options.stats] {
    stats.producers_renewed.fetch_add(1, std::memory_order_relaxed);
  };
  return parts;
}

}  // namespace

KafkaLog::KafkaLog(const KafkaConfig& config, const KafkaTopics& topics, const KafkaLogOptions& options)
    : ExactlyOnceLog(Connect(config, topics, options)) {}

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
