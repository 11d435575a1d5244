#include "alerts/case_codec.h"
#include "alerts/codec_fields.h"

namespace tocsin::alerts {

Label ReadLabel(ByteReader& reader, unsigned value) {
  if (value > static_cast<unsigned>(Label::kWrongByAnalyst)) reader.Fail();
  return reader.ok() ? static_cast<Label>(value) : Label::kNone;
}

void EncodeTold(const std::vector<Told>& told, ByteWriter& writer) {
  writer.Varint(told.size());
  for (const Told& one : told) {
    WriteId(one.finding_id, writer);
    WriteId(one.case_id, writer);
    writer.String(one.reason);
    WriteTime(one.at, writer);
    WriteEnum(one.family, writer);
    WriteEnum(one.severity, writer);
    writer.Byte(static_cast<uint8_t>(one.confidence));
    WriteEnum(one.mode, writer);
    writer.String(one.detector);
    WriteEnum(one.label, writer);
    writer.Bool(one.payment != 0);
    if (one.payment != 0) writer.Fixed64(one.payment);
    WriteStrings(one.cause, writer);
  }
}

bool DecodeTold(ByteReader& reader, uint8_t version, std::vector<Told>& told) {
  if (version == 0 || version > CaseFile::kToldVersion) return false;
  const size_t count = reader.Count();
  if (count == 0 || count > CaseFile::kToldMax) return false;
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    Told& one = told.emplace_back();
    one.finding_id = ReadId(reader);
    one.case_id = ReadId(reader);
    one.reason = reader.String();
    one.at = ReadTime(reader);
    one.family = ReadEnum(reader, schemas::Family::kReport);
    one.severity = ReadEnum(reader, schemas::Severity::kCritical);
    one.confidence = reader.Byte();
    if (one.confidence > 100) reader.Fail();
    one.mode = ReadEnum(reader, schemas::Mode::kShadow);
    if (version == 1) continue;
    one.detector = reader.String();
    one.label = ReadLabel(reader, reader.Byte());
    if (reader.Bool()) {
      one.payment = reader.Fixed64();
      if (one.payment == 0) reader.Fail();
    }
    one.cause = ReadStrings(reader);
  }
  return reader.ok();
}

}  // namespace tocsin::alerts
