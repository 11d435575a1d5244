// Bytes of the case segment (cases, notices sent, what waits for the digest, what was said of a freeze, and
// how the owner was addressed before), and of the one of findings that no case holds. Used by case_file.cc
// and its tests. Written is the newest version, CaseFile::kVersion; read are all.
#pragma once

#include <optional>
#include <vector>

#include "alerts/case_file.h"
#include "base/bytes.h"

namespace tocsin::alerts {

// What is not of one case or notice.
struct AccountSaid {
  std::vector<Folded>& folded;
  std::optional<FreezeSaid>& freeze_said;
  std::optional<AddressedBefore>& addressed_before;
};

void EncodeCases(const std::vector<Case>& cases, const std::vector<Case>& replaced,
                 const std::vector<NoticeSent>& notices, const std::vector<Folded>& folded,
                 const std::optional<FreezeSaid>& freeze_said,
                 const std::optional<AddressedBefore>& addressed_before, ByteWriter& writer);
// False when EncodeCases of that version cannot have written the bytes; what was read then means nothing.
[[nodiscard]] bool DecodeCases(ByteReader& reader, uint8_t version, std::vector<Case>& cases,
                               std::vector<Case>& replaced, std::vector<NoticeSent>& notices,
                               AccountSaid said);

// The label of this number; the reader fails when there is none.
[[nodiscard]] Label ReadLabel(ByteReader& reader, unsigned value);

void EncodeTold(const std::vector<Told>& told, ByteWriter& writer);
// False when EncodeTold cannot have written the bytes.
[[nodiscard]] bool DecodeTold(ByteReader& reader, uint8_t version, std::vector<Told>& told);

}  // namespace tocsin::alerts
