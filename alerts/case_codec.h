// Bytes of the case segment (cases, notices sent, and what waits for the digest), and of the one of findings
// that no case holds. Used by case_file.cc and its tests.
#pragma once

#include <vector>

#include "alerts/case_file.h"
#include "base/bytes.h"

namespace tocsin::alerts {

void EncodeCases(const std::vector<Case>& cases, const std::vector<NoticeSent>& notices,
                 const std::vector<Folded>& folded, ByteWriter& writer);
// False when EncodeCases cannot have written the bytes; what was read then means nothing.
[[nodiscard]] bool DecodeCases(ByteReader& reader, std::vector<Case>& cases, std::vector<NoticeSent>& notices,
                               std::vector<Folded>& folded);

void EncodeTold(const std::vector<Told>& told, ByteWriter& writer);
// False when EncodeTold cannot have written the bytes.
[[nodiscard]] bool DecodeTold(ByteReader& reader, std::vector<Told>& told);

}  // namespace tocsin::alerts
