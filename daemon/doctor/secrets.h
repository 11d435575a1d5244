// Files that hold secrets, and who may read them.
#pragma once

#include <string>

#include "daemon/config/load_config.h"
#include "daemon/doctor/diagnosis.h"

namespace tocsin::daemon {

// Of every file that the configuration at `path` names as a secret ({file: PATH}, and private keys); "" has
// none. A configuration that cannot be read is not this one's to tell.
[[nodiscard]] Diagnoses ExamineSecrets(const std::string& path);

// What a person does about a secret that systemd hands over and that cannot be read now; "" for any other
// problem.
[[nodiscard]] std::string CredentialRemedy(const ConfigProblem& problem);

}  // namespace tocsin::daemon
