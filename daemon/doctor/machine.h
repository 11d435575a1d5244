// What the machine gives: a directory for the state, memory, a clock that somebody sets. Looks only.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/doctor/diagnosis.h"

namespace tocsin::daemon {

// Subjects "state_dir" and "state_dir.space". Whether a daemon holds it is told, and is nothing bad.
[[nodiscard]] Diagnoses ExamineStateDirectory(const std::string& directory);
// Whether a process holds the state in `directory`.
[[nodiscard]] bool StateIsHeld(const std::string& directory);

// Of a file system with so many bytes free, and `used` in the directory: kBad when the next compaction may
// fail.
[[nodiscard]] Diagnosis JudgeSpace(uint64_t free_bytes, uint64_t used_bytes);

// "clock": whether the kernel says that it is kept in step.
[[nodiscard]] Diagnosis ExamineClock();

}  // namespace tocsin::daemon
