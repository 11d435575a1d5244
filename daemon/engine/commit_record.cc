#include "daemon/engine/commit_record.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/engine/state_form.h"

namespace tocsin::daemon {
namespace {
constexpr uint8_t kVersion = 2;        // With a form of states.
constexpr uint8_t kVersionNoForm = 1;  // Nothing but that is different.
constexpr uint8_t kLaterMax = 15;      // What is greater is no version, but damage.
constexpr size_t kTopicsMax = 1024;
}  // namespace

std::string ChangelogKey(uint8_t kind, std::string_view key) {
  std::string out;
  out.reserve(key.size() + 1);
  out.push_back(static_cast<char>(kind));
  out.append(key);
  return out;
}

std::string Encode(const CommitRecord& record) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(record.state_form > 0 ? kVersion : kVersionNoForm);
  writer.Varint(record.sequence);
  writer.Varint(record.positions.size());
  for (const TopicPosition& position : record.positions) {
    writer.String(position.topic);
    writer.Signed(position.next);
  }
  writer.Varint(record.segments);
  writer.Varint(record.outputs);
  writer.Varint(record.events);
  writer.Fixed64(record.chain);
  if (record.state_form > 0) writer.Varint(record.state_form);
  return out;
}

Result<CommitRecord> DecodeCommitRecord(std::string_view bytes) {
  ByteReader reader(bytes);
  CommitRecord record;
  const uint8_t version = reader.Byte();
  if (version > kVersion && version <= kLaterMax)
    return WrittenByALaterVersion("commit record", "form " + std::to_string(version));
  record.sequence = reader.Varint();
  const size_t topics = reader.Count(2);
  if (topics > kTopicsMax) reader.Fail();
  for (size_t i = 0; i < topics && reader.ok(); ++i) {
    std::string topic(reader.String());
    record.positions.push_back({std::move(topic), reader.Signed()});
  }
  record.segments = reader.Varint();
  record.outputs = reader.Varint();
  record.events = reader.Varint();
  record.chain = reader.Fixed64();
  if (version == kVersion) record.state_form = reader.Varint();
  const bool as_written = version == kVersionNoForm || record.state_form > 0;
  if (!reader.ok() || !reader.AtEnd() || version < kVersionNoForm || !as_written) {
    return Error{ErrorCode::kCorrupt, "commit record", "not written by this program or a compatible one"};
  }
  return record;
}

uint64_t ExtendChain(uint64_t chain, std::string_view key, std::string_view value) {
  return Hash64(value, Hash64(key, chain));
}

}  // namespace tocsin::daemon
