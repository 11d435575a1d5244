#include "daemon/config/memory_budget.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "daemon/log/kafka_queues.h"

namespace tocsin::daemon {
namespace {

constexpr uint64_t kMega = 1U << 20U;
// As kafka_queues.h, kafka_producer.cc and kafka_rekey.cc ask for; the client's own overhead is in it.
constexpr uint64_t kConsumerQueue = 2 * kQueueBytesOfWorker;
constexpr uint64_t kProducerQueue = 64 * kMega;
constexpr uint64_t kRekeyQueues = 96 * kMega;
constexpr uint64_t kWriteBuffers = 16 * kMega;
constexpr uint64_t kProgram = 64 * kMega;
constexpr uint64_t kFeed = 16 * kMega;  // LiveFeed::kBytesMax.
constexpr uint64_t kExplanation =
    88 * kMega;  // explanations.cc: accounts, cache and write buffers of its store.

constexpr uint64_t kLetters = 32 * kMega;  // DeadLetters::kBytesMax, as lines and read.

// A number alone in a file; "max", or no such file, limits nothing.
uint64_t LimitIn(const std::string& path) {
  std::ifstream file(path);
  uint64_t limit = 0;
  return file >> limit && limit > 0 ? limit : UINT64_MAX;
}

uint64_t ConfiguredLimit(const EngineConfig& config) {
  return config.memory_limit_mb > 0 ? static_cast<uint64_t>(config.memory_limit_mb) * kMega : UINT64_MAX;
}

std::string Mebibytes(uint64_t bytes) { return std::to_string((bytes + kMega - 1) / kMega) + " MiB"; }

}  // namespace

MemoryBudget BudgetOf(const Config& config, int workers, int partitions) {
  const auto each = static_cast<uint64_t>(workers);
  MemoryBudget budget;
  budget.states = static_cast<uint64_t>(config.engine.state_memory_mb) * kMega;
  budget.block_cache = static_cast<uint64_t>(config.engine.block_cache_mb) * kMega;
  budget.uncommitted = each * 2 * static_cast<uint64_t>(config.engine.commit_output_bytes);
  budget.write_buffers = kWriteBuffers;
  budget.program = kProgram;
  if (!config.http.admin_token.empty()) budget.program += kFeed + kExplanation + kLetters;
  if (config.log == LogKind::kKafka) {
    const size_t sources = ForTasks(config.kafka).input_topics.size() * static_cast<size_t>(partitions);
    budget.queues = std::max(each * kConsumerQueue, QueueBytesOfAll(sources)) + each * kProducerQueue;
    if (config.kafka.ingest == KafkaConfig::Ingest::kRekey) budget.queues += kRekeyQueues;
  } else {
    budget.queues = 8 * static_cast<uint64_t>(config.http.body_mb_max) * kMega;  // Threads of the server.
  }
  return budget;
}

uint64_t MemoryLimit(const EngineConfig& config, const std::string& cgroup_root) {
  const auto pages = static_cast<uint64_t>(std::max<int64_t>(0, ::sysconf(_SC_PHYS_PAGES)));
  const uint64_t machine = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::min({ConfiguredLimit(config), machine == 0 ? UINT64_MAX : machine,
                   LimitIn(cgroup_root + "/memory.max"),
                   LimitIn(cgroup_root + "/memory/memory.limit_in_bytes")});
}

Result<Done> CheckConfiguredMemory(const Config& config) {
  Result<Done> fits =
      CheckMemory(BudgetOf(config, std::max(1, config.engine.workers)), ConfiguredLimit(config.engine));
  if (!fits) return Error{fits.error().code, "engine.memory_limit_mb", fits.error().detail};
  return fits;
}

Result<Done> CheckMemory(const MemoryBudget& budget, uint64_t limit) {
  if (budget.Sum() <= limit) return Done{};
  return Error{ErrorCode::kInvalid, "engine.state_memory_mb",
               "the configuration may take " + Mebibytes(budget.Sum()) + ", and there are " +
                   Mebibytes(limit) + ": states " + Mebibytes(budget.states) +
                   " (engine.state_memory_mb), block cache " + Mebibytes(budget.block_cache) +
                   " (engine.block_cache_mb), uncommitted output " + Mebibytes(budget.uncommitted) +
                   " (engine.commit_output_bytes, engine.workers), queues " + Mebibytes(budget.queues) +
                   " (engine.workers; over Kafka, partitions of kafka.input_topics), write buffers " +
                   Mebibytes(budget.write_buffers) + ", the program itself " + Mebibytes(budget.program) +
                   ". Lower one of them, or give the program more memory"};
}

}  // namespace tocsin::daemon
