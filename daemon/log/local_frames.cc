#include "daemon/log/local_frames.h"

#include "base/bytes.h"

namespace tocsin::daemon {
namespace {

constexpr uint8_t kVersion = 1;

Error Damaged(const char* what) {
  return {ErrorCode::kCorrupt, what, "not written by this program or a compatible one"};
}

}  // namespace

void EncodeInput(Timestamp appended_at, std::string_view topic, std::string_view key,
                 std::span<const schemas::Header> headers, std::string_view value, std::string& out) {
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Signed(ToMillis(appended_at));
  writer.String(topic);
  writer.String(key);
  writer.Varint(headers.size());
  for (const schemas::Header& header : headers) {
    writer.String(header.name);
    writer.String(header.value);
  }
  writer.String(value);
}

Result<Done> DecodeInput(std::string_view frame, schemas::Record& record,
                         std::vector<schemas::Header>& headers) {
  ByteReader reader(frame);
  const uint8_t version = reader.Byte();
  record.appended_at = FromMillis(reader.Signed());
  record.topic = reader.String();
  record.key = reader.String();
  headers.clear();
  for (size_t left = reader.Count(2); left > 0 && reader.ok(); --left) {
    schemas::Header& header = headers.emplace_back();
    header.name = reader.String();
    header.value = reader.String();
  }
  record.headers = headers;
  record.value = reader.String();
  if (!reader.ok() || !reader.AtEnd() || version != kVersion) return Damaged("input frame");
  return Done{};
}

void EncodeCommits(std::span<const TaskCommit> commits, std::string& out) {
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Varint(commits.size());
  for (const TaskCommit& commit : commits) {
    writer.Varint(static_cast<uint64_t>(commit.partition));
    writer.Varint(commit.positions.size());
    for (const TopicPosition& position : commit.positions) {
      writer.String(position.topic);
      writer.Signed(position.next);
    }
    writer.Varint(commit.changelog.size());
    for (const ChangelogRecord& record : commit.changelog) {
      writer.String(record.key);
      writer.String(record.value);
    }
    writer.Varint(commit.outputs.size());
    for (const schemas::OutRecord& record : commit.outputs) {
      writer.Byte(static_cast<uint8_t>(record.kind));
      writer.String(record.value);
    }
  }
}

Result<Done> VisitCommits(std::string_view frame, const CommitVisitor& visitor) {
  ByteReader reader(frame);
  if (reader.Byte() != kVersion) return Damaged("commit frame");
  std::vector<TopicPosition> positions;
  for (size_t left = reader.Count(4); left > 0 && reader.ok(); --left) {
    const auto partition = static_cast<int32_t>(reader.Varint());
    positions.clear();
    for (size_t topics = reader.Count(2); topics > 0 && reader.ok(); --topics) {
      std::string topic(reader.String());
      positions.push_back({std::move(topic), reader.Signed()});
    }
    if (reader.ok() && visitor.on_partition) visitor.on_partition(partition, positions);
    for (size_t changes = reader.Count(2); changes > 0 && reader.ok(); --changes) {
      const std::string_view key = reader.String();
      const std::string_view value = reader.String();
      if (!reader.ok() || !visitor.on_change) continue;
      if (Result<Done> visited = visitor.on_change(partition, key, value); !visited) return visited;
    }
    for (size_t outputs = reader.Count(2); outputs > 0 && reader.ok(); --outputs) {
      const uint8_t kind = reader.Byte();
      const std::string_view value = reader.String();
      if (kind >= kOutputKinds) reader.Fail();
      if (reader.ok() && visitor.on_output) visitor.on_output(static_cast<schemas::OutputKind>(kind), value);
    }
  }
  if (!reader.ok() || !reader.AtEnd()) return Damaged("commit frame");
  return Done{};
}

}  // namespace tocsin::daemon
