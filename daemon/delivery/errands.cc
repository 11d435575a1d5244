#include "daemon/delivery/errands.h"

#include "base/bytes.h"

namespace tocsin::daemon {

std::string Encode(const Word& word) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(static_cast<uint8_t>(word.kind));
  writer.Signed(word.number);
  writer.String(word.item);
  writer.Byte(static_cast<uint8_t>(word.outcome.kind));
  writer.String(word.outcome.reason);
  writer.Signed(word.outcome.retry_after.count());
  writer.String(word.outcome.external_id);
  return out;
}

Result<Word> DecodeWord(std::string_view bytes) {
  ByteReader reader(bytes);
  Word word;
  const uint8_t kind = reader.Byte();
  word.number = static_cast<int>(reader.Signed());
  word.item = reader.String();
  const uint8_t outcome = reader.Byte();
  word.outcome.reason = reader.String();
  word.outcome.retry_after = std::chrono::seconds(reader.Signed());
  word.outcome.external_id = reader.String();
  if (!reader.ok() || !reader.AtEnd() || kind > 5 || outcome > 3)
    return Error{ErrorCode::kInvalid, "delivery", "not a word of ours"};
  word.kind = static_cast<Word::Kind>(kind);
  word.outcome.kind = static_cast<SendOutcome::Kind>(outcome);
  return word;
}

}  // namespace tocsin::daemon
