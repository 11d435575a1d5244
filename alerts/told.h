// Findings that were told and that no case holds any more: of a case that another has replaced or that was
// forgotten, of one that was full, and those in shadow, which never had one. A late event may still disprove
// them, and who was told of a finding is told that it is none. Only of these is that said: what is not
// remembered here and is in no case may never have been told.
//
// People's answers and labels, which may come weeks later, reach them too.
//
// Bounded: of kToldMax entries those in shadow go first, then the oldest; all go after the longest window
// that a limit has. An entry holds enough for the record that takes the finding back and for a label, and no
// values.
//
// Thread safety: pure functions over the CaseFile they are given.
#pragma once

#include <string_view>

#include "alerts/case_file.h"
#include "base/time.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// `case_id` is of the case that held it; "" in shadow.
void RememberTold(CaseFile& file, const CaseFinding& finding, std::string_view case_id, schemas::Mode mode);

// All findings of a case that goes.
void RememberTold(CaseFile& file, const Case& one);

// Null when it is not remembered.
[[nodiscard]] const Told* FindTold(const CaseFile& file, std::string_view finding_id);

// A case holds it again, or it was taken back.
void ForgetTold(CaseFile& file, std::string_view finding_id);

void PruneTold(CaseFile& file, Timestamp at);

}  // namespace tocsin::alerts
