#include "daemon/enrich/device_facts.h"

#include <string_view>

namespace tocsin::daemon {
namespace {

using schemas::Missing;
using schemas::Platform;

std::string_view PlatformName(Platform platform) {
  switch (platform) {
    case Platform::kNone:
      return "";
    case Platform::kIos:
      return "ios";
    case Platform::kAndroid:
      return "android";
    case Platform::kWindows:
      return "windows";
    case Platform::kMacos:
      return "macos";
    case Platform::kLinux:
      return "linux";
    case Platform::kWeb:
      return "web";
    case Platform::kOther:
      return "other";
  }
  return "";
}

// The operating system that a platform is; empty for "web" and "other".
std::string_view OsOf(Platform platform) {
  switch (platform) {
    case Platform::kIos:
      return "iOS";
    case Platform::kAndroid:
      return "Android";
    case Platform::kWindows:
      return "Windows";
    case Platform::kMacos:
      return "macOS";
    case Platform::kLinux:
      return "Linux";
    default:
      return "";
  }
}

std::string_view PlatformOfOs(std::string_view os) {
  if (os.empty()) return "other";
  if (os == "iOS") return "ios";
  if (os == "Android") return "android";
  if (os.starts_with("Windows")) return "windows";
  if (os == "macOS") return "macos";
  for (const std::string_view linux :
       {"Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "CentOS", "SUSE", "Chrome OS", "Chromecast",
        "Arch Linux", "Gentoo", "Mint", "FreeBSD", "OpenBSD"}) {
    if (os.starts_with(linux)) return "linux";
  }
  return "other";
}

// "17" of "17.4.1"; 0 for none.
int MajorOf(std::string_view version) {
  int value = 0;
  for (const char c : version) {
    if (c < '0' || c > '9') break;
    value = value * 10 + (c - '0');
    if (value > 99'999) return 0;
  }
  return value;
}

}  // namespace

void FillDeviceFacts(const schemas::ReportedDevice& reported, const UserAgentInfo& agent, bool has_agent,
                     schemas::Device& out) {
  const std::string_view reported_os = OsOf(reported.platform);
  out.id.assign(reported.id);
  out.emulator = reported.emulator;
  out.rooted = reported.rooted;

  out.os_family.assign(reported_os.empty() ? std::string_view(agent.os_family) : reported_os);
  out.os_major = MajorOf(reported.os_version);
  // The user agent may speak of another system (a shared browser engine, a lie): its version is then not this
  // one's.
  if (out.os_major == 0 && out.os_family == agent.os_family) out.os_major = agent.os_major;

  if (reported.platform != Platform::kNone) {
    out.platform.assign(PlatformName(reported.platform));
  } else if (has_agent) {
    out.platform.assign(PlatformOfOs(agent.os_family));
  } else {
    out.platform.clear();
  }
  out.model.assign(reported.model.empty() ? agent.device_model : reported.model);

  const bool is_app = !reported.app_version.empty();
  out.browser_family.assign(!agent.browser_family.empty() ? std::string_view(agent.browser_family)
                            : is_app                      ? std::string_view("App")
                            : has_agent                   ? std::string_view("Other")
                                                          : std::string_view());
  out.browser_major = is_app ? MajorOf(reported.app_version) : agent.browser_major;

  const bool known = !out.id.empty() || !out.platform.empty() || has_agent;
  out.missing = known ? Missing::kNo : Missing::kNoAddress;
}

}  // namespace tocsin::daemon
