// The states of one partition in memory: what is hot is here, what is cold is in the store, and a change is
// in the changelog before anything else may rely on it.
//
// A state goes   loaded ─► changed ─► committed (in the changelog) ─► written (in a checkpoint) ─► may be
// evicted.
//
// Invariants: a state that is not written is never evicted; the store is only given committed states.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/engine/processor.h"
#include "daemon/log/log.h"
#include "daemon/metrics/worker_metrics.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

// One thread.
class StateTable final : public States {
 public:
  // `processor`, `store` and `metrics` outlive the table.
  StateTable(const Processor& processor, PartitionStore& store, WorkerMetrics& metrics);
  ~StateTable() override;

  [[nodiscard]] Result<KeyedState*> Load(std::string_view key) override;
  [[nodiscard]] Result<Done> Erase(std::string_view key) override;

  // The state of the key as it is now, as EncodeState writes it; nullopt when there is none, or the store
  // cannot tell. Changes nothing.
  [[nodiscard]] std::optional<std::string> Peek(std::string_view key) const;

  // A key that will be loaded in a few records: what is in memory of it is on its way to the processor by
  // then. Each call moves the ones before one step further: slot, entry, state, what it points to, and what
  // that points to.
  void Expect(std::string_view key);

  // Appends a record for each segment that changed since the last commit, in order of first touch.
  void AppendChanges(std::vector<ChangelogRecord>& out);
  // The keys that were erased since the last call.
  [[nodiscard]] std::vector<std::string> TakeErased() { return std::exchange(erased_, {}); }
  // What AppendChanges gave is durable.
  void MarkCommitted();

  // Restoring: takes one segment from the changelog.
  [[nodiscard]] Result<Done> Apply(uint8_t segment, std::string_view key, std::string_view value);

  // Writes everything committed since the last checkpoint. REQUIRES: nothing is uncommitted.
  [[nodiscard]] Result<Done> Checkpoint(const CheckpointMark& mark);

  // Evicts written states, least recently used first (CLOCK), until at most `bytes_max` are held or none is
  // left to evict.
  void Shrink(size_t bytes_max);

  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] size_t size() const { return count_; }
  // Bytes of states that wait for a checkpoint.
  [[nodiscard]] size_t unwritten_bytes() const { return unwritten_bytes_; }
  // What AppendChanges will give, about: of each state that was touched since the last commit so many bytes
  // as its last changes took.
  [[nodiscard]] size_t changed_bytes() const { return changed_bytes_; }
  [[nodiscard]] bool has_unwritten() const { return !unwritten_.empty(); }

 private:
  struct Entry;
  struct Slot {
    uint64_t hash = 0;
    Entry* entry = nullptr;
  };
  struct Expected {
    uint64_t hash = 0;
    Entry* entry = nullptr;
  };
  Entry* Find(std::string_view key, uint64_t hash) const;
  Entry* Insert(std::string_view key, uint64_t hash, std::unique_ptr<KeyedState> state);
  void Remove(Entry* entry);
  void Rehash(size_t slots);
  void MarkUnwritten(Entry& entry);
  void Resize(Entry& entry);
  void MeasureApplied();
  void Publish();
  void PublishAs(size_t states, size_t bytes);

  const Processor& processor_;
  PartitionStore& store_;
  WorkerMetrics& metrics_;
  std::vector<Slot> slots_;  // Open addressing, linear probing; a power of two.
  std::array<Expected, 5> expected_;
  size_t expected_next_ = 0;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<Entry*> touched_;  // Since the last commit.
  std::vector<std::string> erased_;
  std::vector<Entry*> unwritten_;  // Since the last checkpoint.
  Entry* applied_ = nullptr;  // By Apply last, and not measured since: an account's segments come together.
  std::string scratch_;
  size_t count_ = 0;
  size_t bytes_ = 0;
  size_t unwritten_bytes_ = 0;
  size_t changed_bytes_ = 0;
  size_t hand_ = 0;
  size_t published_states_ = 0;
  size_t published_bytes_ = 0;
};

// A state as one value: its segments, each with id and length.
void EncodeState(const KeyedState& state, std::string& out);
[[nodiscard]] Result<Done> DecodeState(std::string_view bytes, KeyedState& state);

}  // namespace tocsin::daemon
