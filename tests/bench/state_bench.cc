// How fast a task restores a generated population from the changelog, how fast it restarts with a checkpoint,
// and what an event costs whose account is not in memory. (Its bytes: state_bytes.cc.)
//
// The population is 2,000 accounts over 28 days, lived once by the real detectors; more accounts are copies
// of it under other names.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "daemon/engine/task.h"
#include "daemon/engine/worker.h"
#include "tests/bench/lived_population.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

constexpr uint32_t kAccounts = 2000;
constexpr int kDays = 28;
constexpr size_t kCommitRecords = 10'000;

const LivedPopulation& Lived() {
  static const LivedPopulation population(kAccounts, kDays, 1, false);
  return population;
}

// The account with this number, a copy of the one whose number it shares modulo kAccounts.
std::string CopyOf(std::string_view account, size_t copy) {
  const unsigned long number = std::stoul(std::string(account.substr(account.find('-') + 1)));
  char name[24];
  std::snprintf(name, sizeof name, "acct-%07lu", number + copy * kAccounts);
  return name;
}

// A log that holds a changelog and hands out records made on the spot.
class BenchLog final : public Log {
 public:
  std::vector<ChangelogRecord> changelog;
  std::function<bool(schemas::Record&)> next;  // False: no more.

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds, size_t records_max,
                                    LogListener& listener) override {
    if (!std::exchange(assigned_, true)) {
      listener.OnAssigned(0);
      return 0;
    }
    if (!serving_) return 0;
    for (size_t handed = 0; handed < records_max; ++handed) {
      schemas::Record record{.topic = "events", .offset = offset_++};
      finished_ = !next(record);
      if (finished_) return handed;
      CHECK(listener.OnRecord(record));
    }
    return records_max;
  }
  [[nodiscard]] Result<Done> Seek(int32_t, std::span<const TopicPosition> positions) override {
    if (!positions.empty()) offset_ = positions.front().next;
    serving_ = true;
    return Done{};
  }
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t from) override {
    return std::unique_ptr<ChangelogReading>(std::make_unique<Reading>(*this, static_cast<size_t>(from)));
  }
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return {}; }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& next_position) override {
    position_ += static_cast<int64_t>(commits.front().changelog.size());
    next_position.assign(commits.size(), position_);
    return Done{};
  }
  void OnCheckpoint(int32_t, int64_t) override {}
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return finished_; }
  void Pause(int32_t, bool) override {}

 private:
  class Reading final : public ChangelogReading {
   public:
    Reading(const auto& log, size_t next) : changelog_(log.changelog), next_(next) {}
    Result<std::optional<int64_t>> Read(size_t records_max, const ChangelogVisitor& visit) override {
      for (; records_max > 0 && next_ < changelog_.size(); --records_max) {
        const ChangelogRecord& record = changelog_[next_++];
        if (auto visited = visit(record.key, record.value, static_cast<int64_t>(next_)); !visited)
          return visited.error();
      }
      if (next_ < changelog_.size()) return std::optional<int64_t>();
      return std::optional<int64_t>(static_cast<int64_t>(next_));
    }

   private:
    const std::vector<ChangelogRecord>& changelog_;
    size_t next_;
  };
  bool assigned_ = false;
  bool serving_ = false;  // The partition is restored, its records may come.
  bool finished_ = false;
  int64_t offset_ = 1;
  int64_t position_ = 0;
};

void Restore(Task& task) {
  CHECK(task.BeginRestore(FromMillis(1'772'366'400'000), std::chrono::steady_clock::now(), false));
  while (!task.restored()) CHECK(task.RestoreSome(5'000));
}

// Commits of `count` accounts' segments, as the engine writes them.
std::vector<ChangelogRecord> Changelog(size_t count, uint64_t sequence = 0) {
  const LivedPopulation& population = Lived();
  std::vector<ChangelogRecord> changelog;
  CommitRecord commit{.sequence = sequence};
  const auto end_commit = [&] {
    ++commit.sequence;
    commit.positions = {{.topic = "events", .next = static_cast<int64_t>(changelog.size()) + 1}};
    changelog.push_back({ChangelogKey(kCommitKind, {}), Encode(commit)});
    commit.segments = 0;
  };
  for (size_t i = 0; i < count; ++i) {
    const CheckpointEntry& one = population.states[i % population.states.size()];
    const std::string name = CopyOf(one.key, i / population.states.size());
    ForEachSegment(*one.value, [&](uint8_t segment, std::string_view bytes) {
      changelog.push_back({ChangelogKey(segment, name), std::string(bytes)});
      commit.chain = ExtendChain(commit.chain, changelog.back().key, changelog.back().value);
      ++commit.segments;
    });
    if (commit.segments >= kCommitRecords) end_commit();
  }
  end_commit();
  return changelog;
}

constexpr Timestamp kNow = FromMillis(1'772'366'400'000);

// Nothing but the changelog: every segment is decoded, checkpoints are written as memory fills.
void RestoreFromChangelog(benchmark::State& state) {
  WorkerMetrics metrics;
  const auto detection = MakeDetection(metrics);
  BenchLog log;
  log.changelog = Changelog(static_cast<size_t>(state.range(0)));
  const EngineConfig config;
  for (auto _ : state) {
    state.PauseTiming();
    const TempDirectory directory;
    auto store = StateStore::Open(directory.path(), {});
    CHECK(store);
    auto partition = (*store)->OpenPartition("partition-0");
    CHECK(partition);
    {
      Task task(0, "bench", *detection, *std::move(partition), log, config, metrics);
      state.ResumeTiming();
      Restore(task);
      state.PauseTiming();
    }
    store->reset();
    state.ResumeTiming();
  }
  state.counters["segments/s"] = benchmark::Counter(static_cast<double>(log.changelog.size()),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(RestoreFromChangelog)->Arg(50'000)->Iterations(2)->Unit(benchmark::kMillisecond);

// A store of `count` accounts, in checkpoints of 64 MB as a worker writes them.
void FillStore(const std::string& directory, size_t count) {
  const LivedPopulation& population = Lived();
  auto store = StateStore::Open(directory, {});
  CHECK(store);
  auto partition = (*store)->OpenPartition("partition-0");
  CHECK(partition);
  std::vector<CheckpointEntry> writes;
  size_t bytes = 0;
  const auto write = [&] {
    const CommitRecord commit{.sequence = 1, .positions = {{.topic = "events", .next = 1}}};
    CHECK(
        (*partition)->Write({.owner = "bench", .commit_record = Encode(commit), .written_at = kNow}, writes));
    writes.clear();
    bytes = 0;
  };
  for (size_t i = 0; i < count; ++i) {
    const CheckpointEntry& one = population.states[i % population.states.size()];
    writes.push_back({CopyOf(one.key, i / population.states.size()), one.value});
    bytes += one.value->size();
    if (bytes >= 64U << 20U) write();
  }
  write();
}

// Until the first record can be processed: the store is opened, and 100,000 segments that the checkpoint does
// not have are replayed on accounts that are on disk.
void RestartWithCheckpoint(benchmark::State& state) {
  WorkerMetrics metrics;
  const auto detection = MakeDetection(metrics);
  const TempDirectory directory;
  FillStore(directory.path(), static_cast<size_t>(state.range(0)));
  BenchLog log;
  log.changelog = Changelog(10'000, 1);
  const EngineConfig config;
  for (auto _ : state) {
    auto store = StateStore::Open(directory.path(), {});
    CHECK(store);
    auto partition = (*store)->OpenPartition("partition-0");
    CHECK(partition);
    Task task(0, "bench", *detection, *std::move(partition), log, config, metrics);
    Restore(task);
    state.counters["replayed"] = static_cast<double>(log.changelog.size());
    state.counters["disk_mb"] = static_cast<double>((*store)->DiskBytes() >> 20U);
    state.PauseTiming();
    state.ResumeTiming();
  }
}
BENCHMARK(RestartWithCheckpoint)->Arg(100'000)->Arg(1'000'000)->Iterations(2)->Unit(benchmark::kMillisecond);

// Events of accounts at random, of which one in twenty is in memory: each is read, changed, and in time
// written back and evicted. Changelog encoding, commits and checkpoints are part of it.
void ColdEvents(benchmark::State& state) {
  const LivedPopulation& population = Lived();
  const auto accounts = static_cast<size_t>(state.range(0));
  const size_t events = 200'000;
  const size_t copies = accounts / kAccounts;
  const TempDirectory directory;
  FillStore(directory.path(), accounts);
  WorkerMetrics metrics;
  for (auto _ : state) {
    auto store = StateStore::Open(directory.path(), {});
    CHECK(store);
    WorkerParts parts;
    auto log = std::make_unique<BenchLog>();
    std::mt19937 random(1);
    std::string line;
    size_t made = 0;
    log->next = [&](schemas::Record& record) {
      if (made == events) return false;
      line = population.next_day[made++ % population.next_day.size()];
      const size_t at = line.find("acct-");
      CHECK(at != std::string::npos);
      const std::string name = CopyOf(std::string_view(line).substr(at, 12), random() % copies);
      line.replace(at, name.size(), name);
      record.key = std::string_view(line).substr(at, name.size());
      record.value = line;
      record.appended_at = kTimestampMax;
      return true;
    };
    parts.log = std::move(log);
    parts.processor = MakeDetection(metrics);
    parts.store = store->get();
    parts.owner = "bench";
    parts.metrics = &metrics;
    parts.wall_clock = [] { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); };
    parts.config.state_memory_mb = static_cast<int>((population.memory_bytes * accounts / 20) >> 20U);
    Worker worker(std::move(parts));
    const std::atomic<bool> stop{false};
    CHECK(worker.Run(stop));
  }
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["loads"] = static_cast<double>(metrics.state_loads.value());
}
// As many accounts as COLD_ACCOUNTS says, beside: ten million take 13 GB of disk and a quarter of an hour.
void AccountCounts(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(100'000);
  if (const char* const count = std::getenv("COLD_ACCOUNTS"); count != nullptr)
    benchmark->Arg(std::atoll(count));
}
BENCHMARK(ColdEvents)->Apply(AccountCounts)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tocsin::daemon
