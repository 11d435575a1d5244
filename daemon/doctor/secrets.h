// Files that hold secrets, and who may read them.
#pragma once

#include <string>

#include "daemon/doctor/diagnosis.h"

namespace tocsin::daemon {

// Of every file that the configuration at `path` names as a secret ({file: PATH}, and private keys); "" has
// none. A configuration that cannot be read is not this one's to tell.
[[nodiscard]] Diagnoses ExamineSecrets(const std::string& path);

}  // namespace tocsin::daemon
