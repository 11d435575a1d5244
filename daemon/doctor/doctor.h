// Everything the daemon depends on, looked at from the outside: nothing is made, changed or sent, and no
// secret is in what is said.
#pragma once

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "daemon/config/load_config.h"
#include "daemon/doctor/diagnosis.h"

namespace tocsin::daemon {

struct DoctorOptions {
  std::set<std::string> skip;        // Of kDoctorAreas.
  std::chrono::seconds timeout{10};  // Of one connection to a relay or a host.
};
inline constexpr auto kDoctorAreas = std::to_array<std::string_view>(
    {"config", "secrets", "state", "memory", "clock", "geoip", "kafka", "delivery", "http"});

// In the order of an investigation: what is wrong first explains what follows. REQUIRES: loaded.valid(), or
// only the configuration is told of.
[[nodiscard]] Diagnoses Examine(const LoadedConfig& loaded, const std::string& path,
                                const DoctorOptions& options, Timestamp now);

// {"healthy":true,"checks":[{"subject":"kafka","health":"good","what":"…"},…]} and a line break.
[[nodiscard]] std::string DiagnosesJson(const Diagnoses& diagnoses);
[[nodiscard]] std::string_view Name(Health health);

}  // namespace tocsin::daemon
