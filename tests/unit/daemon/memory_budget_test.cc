#include "daemon/config/memory_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "daemon/config/load_config.h"
#include "daemon/log/kafka_queues.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

TEST(MemoryBudget, TheDefaultsFitIntoAGigabyteAndAHalf) {
  Config config;
  config.log = LogKind::kKafka;
  EXPECT_LE(BudgetOf(config, 4).Sum(), 1536ULL << 20U);
  config.log = LogKind::kLocal;
  EXPECT_LE(BudgetOf(config, 4).Sum(), 1024ULL << 20U);
}

TEST(MemoryBudget, GrowsWithWhatTheConfigurationAsksFor) {
  Config config;
  config.log = LogKind::kKafka;
  const uint64_t before = BudgetOf(config, 1).Sum();
  config.engine.state_memory_mb += 100;
  EXPECT_EQ(BudgetOf(config, 1).Sum(), before + (100ULL << 20U));
  EXPECT_GT(BudgetOf(config, 2).Sum(), BudgetOf(config, 1).Sum());
  const uint64_t direct = BudgetOf(config, 1).Sum();
  config.kafka.ingest = KafkaConfig::Ingest::kRekey;
  EXPECT_GT(BudgetOf(config, 1).Sum(), direct);
}

TEST(MemoryBudget, TheQueuesOfSomePartitionsShareWhatAWorkerHas) {
  for (const size_t sources : {1, 3, 4, 5, 100, 255, 256}) {
    EXPECT_LE(QueueBytesOfAll(sources), 2 * kQueueBytesOfWorker) << sources;
    EXPECT_GE(QueueBytesOf(sources), kQueueBytesMin) << sources;
  }
}

// A queue is no smaller than it is of use, however many there are.
TEST(MemoryBudget, TheQueuesOfManyPartitionsAreCounted) {
  constexpr uint64_t kTwoQueues = 2 * 2 * kQueueBytesMin;
  Config config;
  config.log = LogKind::kKafka;
  config.kafka.input_topics = {"logins", "transactions"};
  const uint64_t one = BudgetOf(config, 1).Sum();
  EXPECT_EQ(BudgetOf(config, 1, 128).Sum(), one);
  EXPECT_EQ(BudgetOf(config, 1, 129).Sum(), one + kTwoQueues);
  EXPECT_EQ(BudgetOf(config, 1, 4096).Sum(), one + (4096 - 128) * kTwoQueues);
  // Together the workers of a process have each partition once.
  const uint64_t two = BudgetOf(config, 2).Sum();
  EXPECT_EQ(BudgetOf(config, 2, 256).Sum(), two);
  EXPECT_EQ(BudgetOf(config, 2, 257).Sum(), two + kTwoQueues);

  const Result<Done> refused = CheckMemory(BudgetOf(config, 1, 129), one);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().ToString().find("partitions of kafka.input_topics"), std::string::npos);
  EXPECT_TRUE(CheckMemory(BudgetOf(config, 1, 128), one));

  // What is moved to one topic is read from that one.
  config.kafka.ingest = KafkaConfig::Ingest::kRekey;
  EXPECT_EQ(BudgetOf(config, 1, 256).Sum(), BudgetOf(config, 1).Sum());
  EXPECT_EQ(BudgetOf(config, 1, 257).Sum(), BudgetOf(config, 1).Sum() + kTwoQueues / 2);
  config.log = LogKind::kLocal;
  EXPECT_EQ(BudgetOf(config, 1, 4096).Sum(), BudgetOf(config, 1).Sum());
}

TEST(MemoryBudget, MoreThanThereIsIsRefusedWithEveryAddend) {
  const MemoryBudget budget = BudgetOf({}, 1);
  EXPECT_TRUE(CheckMemory(budget, budget.Sum()));
  const Result<Done> refused = CheckMemory(budget, budget.Sum() - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
  for (const char* key : {"engine.state_memory_mb", "engine.block_cache_mb", "engine.workers"}) {
    EXPECT_NE(refused.error().ToString().find(key), std::string::npos) << key;
  }
}

TEST(MemoryBudget, TheLimitIsThatOfTheContainer) {
  const TempDirectory root;
  const uint64_t machine = MemoryLimit({}, root.path());
  EXPECT_GT(machine, 0U);
  std::ofstream(root / "memory.max") << "max\n";
  EXPECT_EQ(MemoryLimit({}, root.path()), machine);
  std::ofstream(root / "memory.max") << (64 << 20) << "\n";
  EXPECT_EQ(MemoryLimit({}, root.path()), 64U << 20U);
  std::filesystem::create_directory(root / "memory");
  std::ofstream(root / "memory/memory.limit_in_bytes") << (32 << 20) << "\n";
  EXPECT_EQ(MemoryLimit({}, root.path()), 32U << 20U);
}

TEST(MemoryBudget, TheConfiguredLimitIsOneToo) {
  const TempDirectory root;
  EngineConfig config;
  config.memory_limit_mb = 96;
  EXPECT_EQ(MemoryLimit(config, root.path()), 96U << 20U);
  std::ofstream(root / "memory.max") << (64 << 20) << "\n";
  EXPECT_EQ(MemoryLimit(config, root.path()), 64U << 20U);
}

TEST(MemoryBudget, AConfigurationAboveItsOwnLimitIsNotValid) {
  const LoadedConfig wrong = ParseConfig("engine:\n  state_memory_mb: 4096\n  memory_limit_mb: 2048\n", ".");
  EXPECT_FALSE(wrong.valid());
  const auto told = std::ranges::find(wrong.problems, "engine.memory_limit_mb", &ConfigProblem::key);
  ASSERT_NE(told, wrong.problems.end());
  EXPECT_EQ(told->line, 3);
  EXPECT_NE(told->text.find("states 4096 MiB (engine.state_memory_mb)"), std::string::npos) << told->text;
  EXPECT_TRUE(ParseConfig("engine: {state_memory_mb: 1024, memory_limit_mb: 2048}", ".").valid());
  // As many workers as another machine has cores: that is for the start to say.
  EXPECT_FALSE(ParseConfig("log: kafka\nengine: {workers: 16, memory_limit_mb: 2048}", ".").valid());
  EXPECT_TRUE(ParseConfig("log: kafka\nengine: {workers: 0, memory_limit_mb: 2048}", ".").valid());
}

}  // namespace
}  // namespace tocsin::daemon
