// The version of the program, as --version, metrics, the admin API and findings tell it.
#pragma once

namespace tocsin::daemon {

inline constexpr const char* kProgramVersion = "0.1.0";

}  // namespace tocsin::daemon
