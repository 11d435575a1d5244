#include "daemon/engine/state_table.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/prefetch.h"
#include "daemon/engine/commit_record.h"
#include "daemon/log/defence.h"

namespace tocsin::daemon {

struct StateTable::Entry {
  std::string key;
  uint64_t hash = 0;
  std::unique_ptr<KeyedState> state;  // Null: erased, and the erasure is not written yet.
  size_t index = 0;                   // In entries_.
  size_t bytes = 0;
  size_t change_bytes = 0;       // Of its last changes in the changelog; of all of it, when none are known.
  uint32_t loads = 0;            // Since it is here; see Resize.
  uint64_t erased_segments = 0;  // To delete from the changelog at the next commit.
  bool touched = false;
  bool unwritten = false;
  bool referenced = false;  // CLOCK.
};

namespace {
constexpr size_t kEntryOverhead = 160;  // Entry, its slots and its allocations' headers.
constexpr size_t kSlotsMin = 64;
constexpr uint32_t kYoungLoads = 8;
constexpr uint32_t kLoadsMeasured = 16;

template <class Visit>
void ForEachBit(uint64_t bits, const Visit& visit) {
  for (; bits != 0; bits &= bits - 1) visit(static_cast<uint8_t>(std::countr_zero(bits)));
}
}  // namespace

void EncodeState(const KeyedState& state, std::string& out) {
  std::string segment_bytes;
  ByteWriter writer(out);
  ForEachBit(state.segments(), [&](uint8_t segment) {
    segment_bytes.clear();
    state.EncodeSegment(segment, segment_bytes);
    if (segment_bytes.empty()) return;
    writer.Byte(segment);
    writer.String(segment_bytes);
  });
}

Result<Done> DecodeState(std::string_view bytes, KeyedState& state) {
  ByteReader reader(bytes);
  while (reader.ok() && !reader.AtEnd()) {
    const uint8_t segment = reader.Byte();
    const std::string_view value = reader.String();
    if (!reader.ok()) break;
    if (Result<Done> decoded = state.DecodeSegment(segment, value); !decoded) return decoded.error();
  }
  if (!reader.ok()) return Error{ErrorCode::kCorrupt, "state", "cut short"};
  return Done{};
}

StateTable::StateTable(const Processor& processor, PartitionStore& store, WorkerMetrics& metrics)
    : processor_(processor), store_(store), metrics_(metrics), slots_(kSlotsMin) {}
StateTable::~StateTable() { PublishAs(0, 0); }

StateTable::Entry* StateTable::Find(std::string_view key, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.entry == nullptr) return nullptr;
    if (slot.hash == hash && slot.entry->key == key) return slot.entry;
  }
}

std::optional<std::string> StateTable::Peek(std::string_view key) const {
  std::string bytes;
  if (const Entry* const entry = Find(key, Hash64(key)); entry != nullptr) {
    if (entry->state == nullptr) return std::nullopt;
    EncodeState(*entry->state, bytes);
    return bytes.empty() ? std::nullopt : std::optional(std::move(bytes));
  }
  const Result<bool> found = store_.Get(key, bytes);
  if (!found || !*found) return std::nullopt;
  return bytes;
}

void StateTable::Rehash(size_t slots) {
  slots_.assign(slots, {});
  const size_t mask = slots - 1;
  for (const auto& entry : entries_) {
    size_t i = entry->hash & mask;
    while (slots_[i].entry != nullptr) i = (i + 1) & mask;
    slots_[i] = {entry->hash, entry.get()};
  }
}

StateTable::Entry* StateTable::Insert(std::string_view key, uint64_t hash,
                                      std::unique_ptr<KeyedState> state) {
  if ((count_ + 1) * 2 > slots_.size()) Rehash(slots_.size() * 2);
  auto owned = std::make_unique<Entry>();
  Entry* entry = owned.get();
  entry->key = key;
  entry->hash = hash;
  entry->state = std::move(state);
  entry->index = entries_.size();
  entries_.push_back(std::move(owned));
  const size_t mask = slots_.size() - 1;
  size_t i = hash & mask;
  while (slots_[i].entry != nullptr) i = (i + 1) & mask;
  slots_[i] = {hash, entry};
  ++count_;
  Resize(*entry);
  return entry;
}

// Linear probing without tombstones: what follows the gap and may not stay behind it moves up.
void StateTable::Remove(Entry* entry) {
  const size_t mask = slots_.size() - 1;
  size_t gap = entry->hash & mask;
  while (slots_[gap].entry != entry) gap = (gap + 1) & mask;
  for (size_t i = (gap + 1) & mask; slots_[i].entry != nullptr; i = (i + 1) & mask) {
    const size_t home = slots_[i].hash & mask;
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      slots_[gap] = slots_[i];
      gap = i;
    }
  }
  slots_[gap] = {};
  expected_ = {};  // One of them may be this one.
  if (applied_ == entry) applied_ = nullptr;
  bytes_ -= entry->bytes;
  --count_;
  const size_t index = entry->index;
  if (index + 1 != entries_.size()) {
    std::swap(entries_[index], entries_.back());
    entries_[index]->index = index;
  }
  entries_.pop_back();
}

// Measuring walks all of a state. So it is done where the state is in the cache anyway, at every sixteenth
// load, and at the commits of the first few: what comes and goes is measured as well, and what grows is at
// most fifteen events behind.
void StateTable::Resize(Entry& entry) {
  const size_t bytes = kEntryOverhead + entry.key.capacity() + (entry.state ? entry.state->ByteSize() : 0);
  bytes_ += bytes - entry.bytes;
  if (entry.unwritten) unwritten_bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void StateTable::MarkUnwritten(Entry& entry) {
  if (entry.unwritten) return;
  entry.unwritten = true;
  unwritten_bytes_ += entry.bytes;
  unwritten_.push_back(&entry);
}

void StateTable::Publish() { PublishAs(count_, bytes_); }

// Several tables share the counters of one worker: each takes back what it said before.
void StateTable::PublishAs(size_t states, size_t bytes) {
  metrics_.states_in_memory.Set(metrics_.states_in_memory.value() - published_states_ + states);
  metrics_.state_bytes.Set(metrics_.state_bytes.value() - published_bytes_ + bytes);
  published_states_ = states;
  published_bytes_ = bytes;
}

void StateTable::Expect(std::string_view key) {
  // The oldest first: it takes the farthest step, and leaves its place to the new one.
  constexpr size_t kSteps = std::tuple_size_v<decltype(expected_)>;
  const auto before = [this](size_t calls) -> Expected& {
    return expected_[(expected_next_ + kSteps - calls) % kSteps];
  };
  if (const Entry* entry = before(4).entry; entry != nullptr && entry->state) entry->state->PrefetchFar();
  if (const Entry* entry = before(3).entry; entry != nullptr && entry->state) entry->state->Prefetch();
  if (const Entry* entry = before(2).entry; entry != nullptr)
    PrefetchBytes(entry->state.get(), processor_.state_bytes());
  Expected& found = before(1);
  const size_t mask = slots_.size() - 1;
  for (size_t i = found.hash & mask; slots_[i].entry != nullptr; i = (i + 1) & mask) {
    if (slots_[i].hash != found.hash) continue;
    found.entry = slots_[i].entry;
    PrefetchBytes(found.entry, sizeof(Entry));
    break;
  }
  Expected& fresh = before(0);
  fresh = {.hash = Hash64(key)};
  PrefetchBytes(&slots_[fresh.hash & mask], 1);
  ++expected_next_;
}

Result<KeyedState*> StateTable::Load(std::string_view key) {
  const uint64_t hash = Hash64(key);
  Entry* entry = Find(key, hash);
  if (entry == nullptr) {
    Result<bool> found = store_.Get(key, scratch_);
    if (!found) return found.error();
    std::unique_ptr<KeyedState> state = processor_.NewState(key);
    const size_t stored = *found ? scratch_.size() : 0;
    if (*found) {
      metrics_.state_loads.Add();
      if (Result<Done> decoded = DecodeState(scratch_, *state); !decoded) return decoded.error();
    }
    entry = Insert(key, hash, std::move(state));
    entry->change_bytes = stored;
  } else if (entry->state == nullptr) {
    entry->state = processor_.NewState(key);  // Erased in this interval, and now there again.
  } else if (entry->loads % kLoadsMeasured == kLoadsMeasured - 1) {
    Resize(*entry);
  }
  ++entry->loads;
  entry->referenced = true;
  if (!entry->touched) {
    entry->touched = true;
    changed_bytes_ += entry->change_bytes;
    touched_.push_back(entry);
  }
  return entry->state.get();
}

Result<Done> StateTable::Erase(std::string_view key) {
  if (Result<KeyedState*> state = Load(key); !state) return state.error();
  Entry* entry = Find(key, Hash64(key));
  entry->erased_segments = entry->state->segments();
  entry->state = nullptr;
  erased_.emplace_back(key);
  return Done{};
}

void StateTable::AppendChanges(std::vector<ChangelogRecord>& out) {
  for (Entry* entry : touched_) {
    const uint64_t changed = entry->state ? entry->state->changed() : 0;
    size_t bytes = 0;
    ForEachBit(changed | entry->erased_segments, [&](uint8_t segment) {
      ChangelogRecord& record = out.emplace_back();
      record.key = ChangelogKey(segment, entry->key);
      if (entry->state) entry->state->EncodeSegment(segment, record.value);
      bytes += record.key.size() + record.value.size();
    });
    if (bytes > 0) entry->change_bytes = bytes;
  }
}

void StateTable::MarkCommitted() {
  for (size_t i = 0; i < touched_.size(); ++i) {
    if (i + 8 < touched_.size()) PrefetchBytes(touched_[i + 8], sizeof(Entry));
    if (i + 4 < touched_.size()) PrefetchBytes(touched_[i + 4]->state.get(), processor_.state_bytes());
    Entry* const entry = touched_[i];
    entry->touched = false;
    const bool changed = entry->erased_segments != 0 || (entry->state && entry->state->changed() != 0);
    if (!changed) continue;
    entry->erased_segments = 0;
    if (entry->state) entry->state->ClearChanged();
    if (!entry->state || entry->loads <= kYoungLoads) Resize(*entry);
    MarkUnwritten(*entry);
  }
  touched_.clear();
  changed_bytes_ = 0;
  Publish();
}

Result<Done> StateTable::Apply(uint8_t segment, std::string_view key, std::string_view value) {
  Result<KeyedState*> state = Load(key);
  if (!state) return state.error();
  if (Result<Done> decoded = (*state)->DecodeSegment(segment, value); !decoded) return decoded.error();
  Entry* entry = touched_.back();
  if (entry->key != key) entry = Find(key, Hash64(key));
  entry->change_bytes = std::max(entry->change_bytes, value.size());
  MarkUnwritten(*entry);
  if (applied_ != entry) {
    MeasureApplied();
    applied_ = entry;
  }
  return Done{};
}

void StateTable::MeasureApplied() {
  if (applied_ != nullptr) Resize(*applied_);
  applied_ = nullptr;
}

Result<Done> StateTable::Checkpoint(const CheckpointMark& mark) {
  MeasureApplied();
  for (Entry* entry : touched_) {
    // Touched but not changed since the last commit: nothing of it is waiting.
    CHECK(entry->erased_segments == 0 && (entry->state == nullptr || entry->state->changed() == 0));
    entry->touched = false;
  }
  touched_.clear();
  changed_bytes_ = 0;

  std::vector<CheckpointEntry> writes;
  writes.reserve(unwritten_.size());
  for (const Entry* entry : unwritten_) {
    CheckpointEntry& write = writes.emplace_back();
    write.key = entry->key;
    if (entry->state == nullptr) continue;
    std::string value;
    EncodeState(*entry->state, value);
    if (!value.empty()) write.value = std::move(value);
  }
  if (!Holds(Defence::kPositionWithState)) {
    std::vector<CheckpointEntry> none;
    if (Result<Done> written = store_.Write(mark, none); !written) return written.error();
  }
  if (Result<Done> written = store_.Write(mark, writes); !written) return written.error();

  for (Entry* entry : unwritten_) {
    entry->unwritten = false;
    if (entry->state == nullptr) Remove(entry);
  }
  unwritten_.clear();
  unwritten_bytes_ = 0;
  Publish();
  return Done{};
}

void StateTable::Shrink(size_t bytes_max) {
  // Two rounds: the first takes away the reference bits, the second evicts.
  size_t steps = 2 * entries_.size();
  while (bytes_ > bytes_max && steps-- > 0 && !entries_.empty()) {
    if (hand_ >= entries_.size()) hand_ = 0;
    Entry& entry = *entries_[hand_];
    if (entry.touched || entry.unwritten) {
      ++hand_;
    } else if (entry.referenced) {
      entry.referenced = false;
      ++hand_;
    } else {
      Remove(&entry);  // The last entry takes its index: the hand stays.
      metrics_.state_evictions.Add();
    }
  }
  Publish();
}

}  // namespace tocsin::daemon
