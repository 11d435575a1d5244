// Members whose values a client chooses, or a person who types: the platform passes them on as they are, and
// whoever chooses them must not choose whether the event is judged (ADR 0041).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "schemas/codec/bounds.h"
#include "schemas/codec/members.h"

namespace tocsin::schemas::codec {

struct ClientMade {
  Member member;
  size_t code_points_max = 0;  // Of a text whose beginning says as much; 0: all or nothing.
};
inline constexpr auto kClientMade = std::to_array<ClientMade>({
    {Member::kIp},
    {Member::kUserAgent, kUserAgentMax},
    {Member::kLocale},
    {Member::kTimezone},
    {Member::kTraceparent},
    {Member::kDevice},
    {Member::kDeviceId},  // Its beginning may be another device's.
    {Member::kDevicePlatform},
    {Member::kDeviceModel, kNameMax},
    {Member::kDeviceOsVersion, kNameMax},
    {Member::kDeviceAppVersion, kNameMax},
    {Member::kDeviceName, kNameMax},
    {Member::kDeviceEmulator},
    {Member::kDeviceRooted},
    {Member::kCounterpartyName, kNameMax},
    {Member::kDisplayName, kNameMax},
});

[[nodiscard]] constexpr bool IsClientMade(Member member) {
  return std::ranges::find(kClientMade, member, &ClientMade::member) != kClientMade.end();
}

}  // namespace tocsin::schemas::codec
