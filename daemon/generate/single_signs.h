// Attacks that differ from the owner's habit in one thing only, each what the detector of its name is about:
// where a recipe of several steps would say little of that one sign.
#pragma once

#include "daemon/generate/attacks.h"
#include "daemon/generate/thief.h"

namespace tocsin::daemon::generate {

// REQUIRES: kind is one of kNewDevice … kUserReported.
void WriteSingleSign(AttackKind kind, Thief& thief);

}  // namespace tocsin::daemon::generate
