// The whole line of one partition without engine, log or store: records in, outputs out, states in a map.
// What a law of the program says about events is tested here, with every detector and every text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "daemon/config/load_config.h"
#include "daemon/detection/account.h"
#include "daemon/detection/account_detection.h"
#include "daemon/detection/make_rules.h"
#include "daemon/engine/state_table.h"
#include "daemon/enrich/databases.h"
#include "daemon/generate/traffic.h"
#include "schemas/enum_names.h"

namespace tocsin::test {

// Lines of `tocsin generate traffic` with attacks of every kind, as they arrive.
inline std::vector<std::string> GeneratedLines(uint32_t accounts, int days, uint64_t seed) {
  daemon::generate::TrafficOptions options{.accounts = accounts, .days = days, .seed = seed};
  options.attacks = *daemon::generate::ParseAttacks("all");
  std::vector<std::string> lines;
  const daemon::generate::TrafficSinks sinks{
      .write =
          [&](std::string_view text) {
            while (!text.empty()) {
              const size_t end = text.find('\n');
              lines.emplace_back(text.substr(0, end));
              text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
            }
            return true;
          },
      .write_label = [](std::string_view) { return true; }};
  CHECK(daemon::generate::GenerateTraffic(options, sinks));
  return lines;
}

// What a processor put out, as text: kind, key, value.
inline std::string ToText(const schemas::OutRecord& record) {
  return std::to_string(static_cast<int>(record.kind)) + " " + record.key + " " + record.value;
}

class DetectionLine final : private daemon::States {
 public:
  struct Options {
    // Every event meets a population that has seen nothing: accounts then have nothing in common.
    bool forget_population = false;
    std::string config;  // YAML; what it does not say is the default.
    // As in the daemon: what is told says when the event was read (RunAt). Else, as in a replay, when it was.
    bool detected_at_is_event = true;
    // Keys must be the account's id, and the databases are those that `config` names. Otherwise keys do not
    // matter, and the databases are those of the tests.
    bool as_over_kafka = false;
    daemon::DetectionObserver* observer = nullptr;
  };

  DetectionLine() : DetectionLine(Options{}) {}
  explicit DetectionLine(Options options) : options_(std::move(options)) {
    const daemon::LoadedConfig loaded = daemon::ParseConfig(options_.config, ".");
    CHECK(loaded.valid());
    schemas::DecodeLimits decode = loaded.config.decode;
    decode.check_key = options_.as_over_kafka;
    const std::shared_ptr<const daemon::Databases> databases =
        LoadedFrom(options_.as_over_kafka ? loaded.config.databases : TestDatabases());
    detection_ = std::make_unique<daemon::AccountDetection>(
        daemon::MakeRules(loaded.config, *databases), std::make_unique<daemon::Enricher>(databases),
        daemon::DetectionOptions{.decode = decode,
                                 .findings_format = loaded.config.findings_format,
                                 .detected_at_is_event = options_.detected_at_is_event,
                                 .observer = options_.observer},
        metrics_);
  }

  // One event; its outputs are appended to outputs().
  void Run(std::string_view line) { RunAt(line, Timestamp{}, kTimestampMin); }
  // The same, that came into the log and was read then.
  void RunAt(std::string_view line, Timestamp appended_at, Timestamp read_at) {
    schemas::Record record;
    record.topic = "events";
    record.offset = offset_++;
    record.appended_at = appended_at;
    record.value = line;
    RunRecord(record, read_at);
  }
  // The same of a record as a log would hand it over.
  void RunRecord(const schemas::Record& record, Timestamp read_at = kTimestampMin) {
    daemon::Outputs out;
    CHECK(detection_->Process(record, read_at, *this, out).ok());
    for (schemas::OutRecord& put_out : out.records) outputs_.push_back(std::move(put_out));
  }
  void RunAll(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) Run(line);
  }

  // Through bytes and back: what a restart does to every state.
  void Restart() {
    for (auto& [key, state] : states_) {
      std::string bytes;
      daemon::EncodeState(*state, bytes);
      std::unique_ptr<daemon::KeyedState> read = detection_->NewState(key);
      CHECK(daemon::DecodeState(bytes, *read).ok());
      state = std::move(read);
    }
  }

  [[nodiscard]] const std::vector<schemas::OutRecord>& outputs() const { return outputs_; }
  [[nodiscard]] std::vector<std::string> OutputTexts() const {
    std::vector<std::string> texts;
    for (const schemas::OutRecord& record : outputs_) texts.push_back(ToText(record));
    return texts;
  }
  // "analyst case 2": how many answers were about something that nobody knows.
  [[nodiscard]] std::vector<std::string> Unmatched() const {
    std::vector<std::string> texts;
    for (size_t by = 0; by < metrics_.feedback_unmatched.size(); ++by) {
      for (size_t about = 0; about < daemon::WorkerMetrics::kAbout.size(); ++about) {
        const int64_t count = metrics_.feedback_unmatched[by][about].value();
        if (count == 0) continue;
        texts.push_back(std::string(schemas::Name(static_cast<schemas::FeedbackBy>(by))) + " " +
                        daemon::WorkerMetrics::kAbout[about] + " " + std::to_string(count));
      }
    }
    return texts;
  }
  // By key: the bytes a checkpoint would hold.
  [[nodiscard]] std::map<std::string, std::string> StateBytes() const {
    std::map<std::string, std::string> all;
    for (const auto& [key, state] : states_) daemon::EncodeState(*state, all[key]);
    return all;
  }
  [[nodiscard]] const std::map<std::string, std::unique_ptr<daemon::KeyedState>, std::less<>>& states()
      const {
    return states_;
  }

 private:
  static daemon::DatabasePaths TestDatabases() {
    const std::string folder = TOCSIN_TEST_DATA;
    return {.city = {folder + "/city.mmdb"},
            .asn = {folder + "/asn.mmdb"},
            .anonymity = folder + "/anonymous-ip.mmdb",
            .lists = {},
            .cache_directory = {}};
  }
  static std::shared_ptr<const daemon::Databases> LoadedFrom(const daemon::DatabasePaths& paths) {
    auto loaded = daemon::LoadDatabases(paths);
    CHECK(loaded.ok());
    return *loaded;
  }

  Result<daemon::KeyedState*> Load(std::string_view key) override {
    std::unique_ptr<daemon::KeyedState>& held = states_[std::string(key)];
    const bool forget = options_.forget_population && key == daemon::PopulationState::kKey;
    if (held == nullptr || forget) held = detection_->NewState(key);
    if (forget) static_cast<daemon::PopulationState&>(*held).population = {};
    return held.get();
  }
  Result<Done> Erase(std::string_view key) override {
    states_.erase(std::string(key));
    return Done{};
  }

  Options options_;
  daemon::WorkerMetrics metrics_;
  std::unique_ptr<daemon::AccountDetection> detection_;
  std::map<std::string, std::unique_ptr<daemon::KeyedState>, std::less<>> states_;
  std::vector<schemas::OutRecord> outputs_;
  int64_t offset_ = 0;
};

}  // namespace tocsin::test
