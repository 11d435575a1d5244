#include "daemon/config/memory_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "daemon/config/load_config.h"
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
