#include "daemon/store/checkpoint_mark.h"

#include "base/bytes.h"

namespace tocsin::daemon {

// Version 2 has one member more. Without it a mark is what it was: an embedded log can go back to version 1.
std::string EncodeMark(const CheckpointMark& mark) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(mark.commit_next == 0 ? 1 : 2);
  writer.String(mark.owner);
  writer.Signed(mark.changelog_next);
  writer.String(mark.commit_record);
  writer.Signed(ToMillis(mark.written_at));
  if (mark.commit_next != 0) writer.Signed(mark.commit_next);
  return out;
}

Result<CheckpointMark> DecodeMark(std::string_view bytes) {
  ByteReader reader(bytes);
  CheckpointMark mark;
  const uint8_t version = reader.Byte();
  mark.owner = reader.String();
  mark.changelog_next = reader.Signed();
  mark.commit_record = reader.String();
  mark.written_at = FromMillis(reader.Signed());
  if (version == 2) mark.commit_next = reader.Signed();
  if (!reader.ok() || !reader.AtEnd() || version < 1 || version > 2) {
    return Error{ErrorCode::kCorrupt, "state directory", "the checkpoint's mark cannot be read"};
  }
  return mark;
}

}  // namespace tocsin::daemon
