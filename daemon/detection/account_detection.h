// The first processor: one event along the line decode ─► enrich ─► detect ─► learn ─► decide (design.md §1).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/detection/account.h"
#include "daemon/detection/key_finder.h"
#include "daemon/detection/observer.h"
#include "daemon/detection/rules.h"
#include "daemon/engine/processor.h"
#include "daemon/enrich/enricher.h"
#include "daemon/metrics/latencies.h"
#include "daemon/metrics/worker_metrics.h"
#include "schemas/encode_ocsf.h"
#include "schemas/event_decoder.h"

namespace tocsin::daemon {

struct DetectionOptions {
  schemas::DecodeLimits decode;
  schemas::FindingFormat findings_format = schemas::FindingFormat::kTocsin;
  // Off for files and the embedded log: what a record's topic says there is no producer's word.
  bool has_topics = true;
  bool verdict_lines = false;             // A verdict record for every event (replay).
  bool detected_at_is_event = false;      // Replay: equal input gives equal output files.
  DetectionObserver* observer = nullptr;  // Outlives the processor.
};

// One thread; one for each worker.
class AccountDetection final : public Processor {
 public:
  AccountDetection(std::shared_ptr<const Rules> rules, std::unique_ptr<Enricher> enricher,
                   DetectionOptions options, WorkerMetrics& metrics);
  ~AccountDetection() override;

  // Takes over a new snapshot. Only between two calls of Process.
  void Use(std::shared_ptr<const Rules> rules);
  [[nodiscard]] Enricher& enricher() { return *enricher_; }

  [[nodiscard]] std::string_view LikelyKey(const schemas::Record& record) override {
    return record.key.empty() ? key_finder_.Find(record.value) : record.key;
  }
  [[nodiscard]] size_t state_bytes() const override { return sizeof(Account); }
  [[nodiscard]] uint64_t state_form() const override { return Account::Form(); }
  [[nodiscard]] std::unique_ptr<KeyedState> NewState(std::string_view key) const override;
  [[nodiscard]] Result<Done> Process(const schemas::Record& record, Timestamp now, States& states,
                                     Outputs& outputs) override;

 private:
  void Judge(Timestamp now, Account& account, PopulationState& counts, Outputs& outputs);
  [[nodiscard]] Result<Done> Erase(const schemas::Record& record, const detectors::Profile& profile,
                                   States& states);
  void PassOverErasure(const schemas::Record& record);
  [[nodiscard]] bool TakeLate(const schemas::Record& record, bool of_another, Account& account,
                              Outputs& outputs);
  [[nodiscard]] Result<Done> PassHeartbeat(const schemas::Record& record, Timestamp now, States& states);
  // People's answers: labels, and which detectors they send to shadow.
  void TakeLabels(alerts::CaseFile& cases, Precision& precision);
  // Claims of detectors that are in shadow for their precision, or that are allowed for this account, are not
  // told.
  void Hush(const alerts::CaseFile& cases, const Precision& precision);
  void Count();
  // Completes feedback that names only a payment (NameSubject: changes event_), and gives the causes that it
  // answers: none for other events, and none for the owner's "me" after their "not me". Views into `account`.
  [[nodiscard]] std::vector<std::string_view> TakeSubject(const Account& account);
  // Moves what the verdicts claim out of result_ to claims_, with conditions_, retractions_ and leanings_.
  void GatherTold();
  // Fills decision_ from what was gathered. `owner_before`: as alerts::Judged::owner_before.
  void Decide(Timestamp now, const std::optional<schemas::AccountProfile>& owner_before, Account& account);
  void StageEnds(size_t stage) { stages_.End(stage, metrics_.stage_seconds); }
  void PutOut(Outputs& outputs);
  [[nodiscard]] schemas::OutRecord FindingRecord(const schemas::Finding& finding) const;
  void Reject(const schemas::Record& record, const schemas::Rejection& rejection, Outputs& outputs);

  std::shared_ptr<const Rules> rules_;
  std::unique_ptr<Enricher> enricher_;
  DetectionOptions options_;
  WorkerMetrics& metrics_;
  StageClock stages_;
  schemas::EventDecoder decoder_;
  KeyFinder key_finder_;

  // Reused from event to event.
  schemas::Event event_;
  detectors::DetectionResult result_;
  detectors::Measures measures_;               // Only of events that the observer asks about.
  std::vector<uint8_t> telling_;               // Detectors whose verdict says something, or leans.
  std::vector<schemas::Evidence> conditions_;  // Of the rule books that are on: of each claim's evidence.
  std::vector<schemas::Claim> claims_;
  std::vector<schemas::Retraction> retractions_;
  std::vector<alerts::Leaning> leanings_;
  alerts::Decision decision_;
};

}  // namespace tocsin::daemon
