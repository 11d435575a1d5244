// The way back from OCSF: whoever knows findings by their own JSON reads both forms.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "schemas/record.h"

namespace tocsin::schemas {

// True for a record of ToOcsfRecord.
[[nodiscard]] bool IsOcsf(const OutRecord& record);

// True for the JSON of a Detection Finding, whoever wrote it.
[[nodiscard]] bool LooksLikeOcsf(std::string_view json);

// What AppendOcsf wrote, as AppendJson writes the same finding: byte for byte. kInvalid names the member that
// is missing or not as AppendOcsf writes it.
[[nodiscard]] Result<std::string> ReadOcsf(std::string_view json);

}  // namespace tocsin::schemas
