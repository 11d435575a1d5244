#include "tests/sim/ledger.h"

#include <array>

#include "base/bytes.h"
#include "base/hash.h"
#include "tests/sim/client.h"

namespace tocsin::sim {
namespace {

constexpr uint8_t kFirstSegment = 1;  // Then one for each topic.

size_t TopicOf(std::string_view topic) { return topic == kInputs[0] ? 0 : 1; }

class Page final : public daemon::KeyedState {
 public:
  struct Column {
    uint64_t count = 0;
    uint64_t hash = 0;
  };
  std::array<Column, 2> columns;
  uint64_t changed_bits = 0;

  uint64_t changed() const override { return changed_bits; }
  void ClearChanged() override { changed_bits = 0; }
  uint64_t segments() const override { return 0b11U << kFirstSegment; }
  void EncodeSegment(uint8_t segment, std::string& out) const override {
    const Column& column = columns.at(segment - kFirstSegment);
    if (column.count == 0) return;
    ByteWriter writer(out);
    writer.Varint(column.count);
    writer.Fixed64(column.hash);
  }
  Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override {
    Column& column = columns.at(segment - kFirstSegment);
    column = {};
    if (bytes.empty()) return Done{};
    ByteReader reader(bytes);
    column.count = reader.Varint();
    column.hash = reader.Fixed64();
    return Done{};
  }
  size_t ByteSize() const override { return sizeof(*this); }
};

}  // namespace

std::unique_ptr<daemon::KeyedState> LedgerProcessor::NewState(std::string_view) const {
  return std::make_unique<Page>();
}

Result<Done> LedgerProcessor::Process(const schemas::Record& record, Timestamp, daemon::States& states,
                                      daemon::Outputs& outputs) {
  if (record.value.starts_with("poison")) {
    outputs.Add({.kind = schemas::OutputKind::kDeadLetter,
                 .key = "",
                 .headers = {},
                 .value = std::string(record.value)});
    return Done{};
  }
  if (record.value.starts_with("erase")) {
    return states.Erase(record.key);
  }
  Result<daemon::KeyedState*> state = states.Load(record.key);
  if (!state) return state.error();
  auto& page = static_cast<Page&>(**state);
  const size_t topic = TopicOf(record.topic);
  Page::Column& column = page.columns.at(topic);
  column.hash = Hash64(record.value, column.hash);
  ++column.count;
  page.changed_bits |= 1ULL << (kFirstSegment + topic);
  outputs.urgent = outputs.urgent || column.hash % 7 == 0;
  outputs.Add({.kind = schemas::OutputKind::kFinding,
               .key = std::string(record.key),
               .headers = {},
               .value = std::string(record.key) + " " + std::to_string(topic) + " " +
                        std::to_string(column.count) + " " + std::to_string(column.hash) + " " +
                        std::string(record.value)});
  return Done{};
}

Truth Expect(Cluster& cluster) {
  Truth truth;
  for (int32_t partition = 0; partition < cluster.partitions(); ++partition) {
    auto& segments = truth.segments[partition];
    for (size_t topic = 0; topic < kInputs.size(); ++topic) {
      std::map<std::string, std::pair<uint64_t, uint64_t>> pages;
      for (const Entry& entry : cluster.log(kInputs[topic], partition).entries) {
        if (entry.value.substr(0, 6) == "poison") {
          truth.letters.insert(entry.value);
          continue;
        }
        if (entry.value.substr(0, 5) == "erase") {
          pages.erase(entry.key);
          continue;
        }
        auto& [count, hash] = pages[entry.key];
        hash = Hash64(entry.value, hash);
        count += 1;
        truth.lines.insert(entry.key + " " + std::to_string(topic) + " " + std::to_string(count) + " " +
                           std::to_string(hash) + " " + entry.value);
      }
      for (const auto& [key, page] : pages) {
        std::string value;
        ByteWriter writer(value);
        writer.Varint(page.first);
        writer.Fixed64(page.second);
        segments[std::string(1, static_cast<char>(kFirstSegment + topic)) + key] = value;
      }
    }
  }
  return truth;
}

}  // namespace tocsin::sim
