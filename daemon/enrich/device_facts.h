// What is known of a device: what the platform reported first, what the user agent says second.
#pragma once

#include "daemon/enrich/user_agent.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// Fills all of `out`. `has_agent`: the event had a user agent, however little it said.
//
// platform        as reported; else the one of the user agent's operating system.
// os              of a reported platform that is one (iOS, Android, …); else the user agent's.
// model           as reported; else the user agent's.
// browser         the user agent's; the major version is the reported app's when there is one. An app without
// a user agent
//                 is "App", a user agent nobody knows is "Other".
// Known when there is an id, a platform, or a user agent. Pure.
void FillDeviceFacts(const schemas::ReportedDevice& reported, const UserAgentInfo& agent, bool has_agent,
                     schemas::Device& out);

}  // namespace tocsin::daemon
