#include "daemon/service/memory_budget.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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
  const uint64_t machine = MemoryLimit(root.path());
  EXPECT_GT(machine, 0U);
  std::ofstream(root / "memory.max") << "max\n";
  EXPECT_EQ(MemoryLimit(root.path()), machine);
  std::ofstream(root / "memory.max") << (64 << 20) << "\n";
  EXPECT_EQ(MemoryLimit(root.path()), 64U << 20U);
  std::filesystem::create_directory(root / "memory");
  std::ofstream(root / "memory/memory.limit_in_bytes") << (32 << 20) << "\n";
  EXPECT_EQ(MemoryLimit(root.path()), 32U << 20U);
}

}  // namespace
}  // namespace tocsin::daemon
