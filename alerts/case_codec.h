// Bytes of the case segment: cases and notices sent. Used by case_file.cc and its tests.
#pragma once

#include <vector>

#include "alerts/case_file.h"
#include "base/bytes.h"

namespace tocsin::alerts {

void EncodeCases(const std::vector<Case>& cases, const std::vector<NoticeSent>& notices, ByteWriter& writer);
// False when EncodeCases cannot have written the bytes; what is in `cases` and `notices` then means nothing.
[[nodiscard]] bool DecodeCases(ByteReader& reader, std::vector<Case>& cases,
                               std::vector<NoticeSent>& notices);

}  // namespace tocsin::alerts
