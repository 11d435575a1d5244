// The account table by itself: hints change nothing, and what is held is measured closely enough.
#include "daemon/engine/state_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace tocsin::daemon {
namespace {

constexpr uint8_t kText = 1;

// A text that grows; holds what it says it holds.
class TextState final : public KeyedState {
 public:
  std::string text;
  [[nodiscard]] uint64_t changed() const override { return changed_ ? 1U << kText : 0; }
  void ClearChanged() override { changed_ = false; }
  [[nodiscard]] uint64_t segments() const override { return 1U << kText; }
  void EncodeSegment(uint8_t, std::string& out) const override { out += text; }
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t, std::string_view bytes) override {
    text = bytes;
    return Done{};
  }
  [[nodiscard]] size_t ByteSize() const override { return sizeof *this + text.size(); }
  void Append(size_t bytes) {
    text.append(bytes, 'x');
    changed_ = true;
  }

 private:
  bool changed_ = false;
};

class TextProcessor final : public Processor {
 public:
  [[nodiscard]] size_t state_bytes() const override { return sizeof(TextState); }
  [[nodiscard]] std::unique_ptr<KeyedState> NewState(std::string_view) const override {
    return std::make_unique<TextState>();
  }
  [[nodiscard]] Result<Done> Process(const schemas::Record&, Timestamp, States&, Outputs&) override {
    return Done{};
  }
};

class MapStore final : public PartitionStore {
 public:
  [[nodiscard]] Result<std::optional<CheckpointMark>> ReadMark() override {
    return std::optional<CheckpointMark>();
  }
  [[nodiscard]] Result<bool> Get(std::string_view key, std::string& value) override {
    if (unreadable) return Error{ErrorCode::kCorrupt, "disk", "test"};
    const auto found = values.find(std::string(key));
    if (found != values.end()) value = found->second;
    return found != values.end();
  }
  [[nodiscard]] Result<Done> Write(const CheckpointMark&, std::vector<CheckpointEntry>& entries) override {
    for (CheckpointEntry& entry : entries) {
      values.erase(entry.key);
      if (entry.value) values[entry.key] = *entry.value;
    }
    return Done{};
  }
  [[nodiscard]] Result<Done> ForEach(
      const std::function<void(std::string_view, std::string_view)>& visit) override {
    for (const auto& [key, value] : values) visit(key, value);
    return Done{};
  }
  [[nodiscard]] Result<Done> Clear() override { return values.clear(), Done{}; }

  std::map<std::string, std::string> values;
  bool unreadable = false;
};

class StateTableTest : public testing::Test {
 protected:
  TextState& Load(StateTable& table, const std::string& key) {
    return static_cast<TextState&>(**table.Load(key));
  }
  static void Commit(StateTable& table) {
    std::vector<ChangelogRecord> changes;
    table.AppendChanges(changes);
    table.MarkCommitted();
  }

  TextProcessor processor_;
  MapStore store_;
  WorkerMetrics metrics_;
};

TEST_F(StateTableTest, HintsOfAnyKeyChangeNothing) {
  StateTable table(processor_, store_, metrics_);
  std::map<std::string, size_t> sizes;
  std::mt19937 random(7);
  const auto any_key = [&] { return "key-" + std::to_string(random() % 400); };
  for (int i = 0; i < 20'000; ++i) {
    table.Expect(any_key());
    const std::string key = any_key();
    if (random() % 50 == 0) {
      ASSERT_TRUE(table.Erase(key).ok());
      sizes.erase(key);
    } else {
      TextState& state = Load(table, key);
      ASSERT_EQ(state.text.size(), sizes[key]) << key;
      state.Append(3);
      sizes[key] += 3;
    }
    if (i % 100 == 99) Commit(table);
    if (i % 500 == 499) {
      ASSERT_TRUE(table.Checkpoint({}));
      table.Shrink(20'000);
      ASSERT_LE(table.bytes(), 20'000U);
    }
  }
}

TEST_F(StateTableTest, WhatIsHeldIsMeasuredAtMostFifteenEventsLate) {
  StateTable table(processor_, store_, metrics_);
  constexpr size_t kGrowth = 1000;
  for (int event = 1; event <= 200; ++event) {
    Load(table, "grows").Append(kGrowth);
    if (event % 20 == 0) Commit(table);
    const size_t real = static_cast<size_t>(event) * kGrowth;
    if (event >= 20) {
      EXPECT_GE(table.bytes() + 16 * kGrowth, real);
      EXPECT_LE(table.bytes(), real + 1000);
    }
  }
}

TEST_F(StateTableTest, StatesOfASingleEventAreMeasuredAtTheirCommit) {
  StateTable table(processor_, store_, metrics_);
  for (int i = 0; i < 100; ++i) Load(table, "key-" + std::to_string(i)).Append(5000);
  Commit(table);
  EXPECT_GE(table.bytes(), 500'000U);
  EXPECT_EQ(table.unwritten_bytes(), table.bytes());
  ASSERT_TRUE(table.Checkpoint({}));
  table.Shrink(0);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST_F(StateTableTest, WhatIsRestoredIsMeasuredOnceItsSegmentsAreThere) {
  StateTable table(processor_, store_, metrics_);
  const std::string text(5000, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(table.Apply(kText, "key-" + std::to_string(i), "short"));
    ASSERT_TRUE(table.Apply(kText, "key-" + std::to_string(i), text));
  }
  EXPECT_GE(table.bytes(), 99 * text.size());
  ASSERT_TRUE(table.Checkpoint({}));
  EXPECT_GE(table.bytes(), 100 * text.size());
  EXPECT_EQ(table.unwritten_bytes(), 0U);
  table.Shrink(0);
  EXPECT_EQ(table.bytes(), 0U);
  EXPECT_EQ(Load(table, "key-7").text, text);
}

// Else it would be dropped in silence, and the account be there as before.
TEST_F(StateTableTest, AnErasureOfWhatCannotBeReadIsAnError) {
  StateTable table(processor_, store_, metrics_);
  Load(table, "key").Append(3);
  Commit(table);
  ASSERT_TRUE(table.Checkpoint({}));
  table.Shrink(0);
  store_.unreadable = true;
  const Result<Done> erased = table.Erase("key");
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(table.TakeErased().empty());
  // Once it can be read again, it is done.
  store_.unreadable = false;
  ASSERT_TRUE(table.Erase("key"));
  std::vector<ChangelogRecord> changes;
  table.AppendChanges(changes);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].value, "") << "deletes it";
}

}  // namespace
}  // namespace tocsin::daemon
