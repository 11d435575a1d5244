// Four strangers who have the password and log in once, each knowing more of the owner than the one before:
// the attackers that the literature on risk-based authentication measures with (Freeman et al., NDSS 2016;
// Wiefling et al., 2021). docs/detection-quality.md has a curve for each.
#pragma once

#include "daemon/generate/attacks.h"
#include "daemon/generate/thief.h"

namespace tocsin::daemon::generate {

// REQUIRES: kind is one of kNaiveLogin … kVeryTargetedLogin.
void WriteStranger(AttackKind kind, Thief& thief);

}  // namespace tocsin::daemon::generate
