#include "tests/bench/lived_population.h"

#include "base/check.h"
#include "daemon/config/load_config.h"
#include "daemon/engine/state_table.h"
#include "daemon/generate/traffic.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kCommitRecords = 10'000;

// Takes the checkpoint.
class Keeper final : public PartitionStore {
 public:
  explicit Keeper(std::vector<CheckpointEntry>& into) : into_(into) {}
  [[nodiscard]] Result<std::optional<CheckpointMark>> ReadMark() override {
    return std::optional<CheckpointMark>();
  }
  [[nodiscard]] Result<bool> Get(std::string_view, std::string&) override { return false; }
  [[nodiscard]] Result<Done> Write(const CheckpointMark&, std::vector<CheckpointEntry>& entries) override {
    into_ = entries;
    return Done{};
  }
  [[nodiscard]] Result<Done> ForEach(
      const std::function<void(std::string_view, std::string_view)>&) override {
    return Done{};
  }
  [[nodiscard]] Result<Done> Clear() override { return Done{}; }

 private:
  std::vector<CheckpointEntry>& into_;
};

template <class Visit>
void ForEachLine(std::string_view text, const Visit& visit) {
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    visit(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::unique_ptr<AccountDetection> MakeDetection(WorkerMetrics& metrics, std::string_view config,
                                                DetectionObserver* observer) {
  const std::string base = TOCSIN_TEST_DATA;
  const auto databases = LoadDatabases(
      {.city = {base + "/city.mmdb"}, .asn = {base + "/asn.mmdb"}, .anonymity = base + "/anonymous-ip.mmdb"});
  const LoadedConfig loaded = ParseConfig(config, ".");
  CHECK(databases && loaded.valid());
  DetectionOptions options{.decode = loaded.config.decode, .observer = observer};
  options.decode.check_key = false;
  return std::make_unique<AccountDetection>(std::make_shared<Rules>(loaded.config.rules, schemas::Versions{}),
                                            std::make_unique<Enricher>(*databases), options, metrics);
}

LivedPopulation::LivedPopulation(uint32_t accounts, int days, uint64_t seed, bool attacks,
                                 std::string_view config, DetectionObserver* observer) {
  WorkerMetrics metrics;
  const auto detection = MakeDetection(metrics, config, observer);
  Keeper keeper(states);
  StateTable table(*detection, keeper, metrics);
  Outputs outputs;
  size_t lived = 0;
  const auto live = [&](std::string_view line) {
    const schemas::Record record{.topic = "events", .appended_at = kTimestampMax, .value = line};
    CHECK(detection->Process(record, kTimestampMin, table, outputs));
    outputs.Clear();
    if (lived++ % kCommitRecords == 0) table.MarkCommitted();
  };

  generate::TrafficOptions options{.accounts = accounts, .days = days + 1, .seed = seed};
  if (attacks) options.attacks = *generate::ParseAttacks("all");
  int day = 0;
  const auto write = [&](std::string_view text) {
    ForEachLine(text, [&](std::string_view line) {
      if (day < days) return live(line);
      next_day.emplace_back(line);
    });
    return true;
  };
  const bool generated =
      generate::GenerateTraffic(options, {.write = write,
                                          .write_label = [](std::string_view) { return true; },
                                          .progress = [&](int written) { day = written + 1; }});
  CHECK(generated);
  table.MarkCommitted();
  memory_bytes = table.bytes() / table.size();
  CHECK(table.Checkpoint({}));
  std::erase_if(states, [&](const CheckpointEntry& one) {
    if (one.key != PopulationState::kKey) return false;
    ForEachSegment(*one.value, [&](uint8_t segment, std::string_view bytes) {
      if (segment == PopulationState::kSegment) counts = bytes;
    });
    return true;
  });
}

}  // namespace tocsin::daemon
