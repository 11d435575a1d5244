// Devices of owners and thieves. Browsers grow older by a major version every four weeks, as they do.
#include <cstdio>

#include "daemon/generate/scribe.h"

namespace tocsin::daemon::generate {
namespace {

using schemas::Channel;
using schemas::Mfa;
using schemas::Platform;

struct Phone {
  Platform platform;
  std::string_view model;
  std::string_view os_version;
};
constexpr Phone kPhones[] = {
    {Platform::kIos, "iPhone 14", "18.1"},     {Platform::kIos, "iPhone 15", "18.2"},
    {Platform::kIos, "iPhone 16 Pro", "18.2"}, {Platform::kAndroid, "Pixel 8", "15"},
    {Platform::kAndroid, "SM-S918B", "14"},    {Platform::kAndroid, "2311DRK48C", "14"},
    {Platform::kAndroid, "HUAWEI P60", "12"},  {Platform::kAndroid, "V2309A", "14"},
};
constexpr size_t kPhoneCount = std::size(kPhones);

constexpr Mfa kFactors[] = {Mfa::kSms, Mfa::kSms, Mfa::kTotp, Mfa::kPush, Mfa::kNoFactor, Mfa::kNoFactor};

std::string BrowserText(int which, int day) {
  const int weeks4 = day / 28;
  char text[200];
  int length = 0;
  switch (which) {
    case 0:
      length = std::snprintf(text, sizeof text,
                             "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                             "Gecko) Chrome/%d.0.0.0 Safari/537.36",
                             138 + weeks4);
      break;
    case 1:
      length = std::snprintf(text, sizeof text,
                             "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                             "Gecko) Chrome/%d.0.0.0 Safari/537.36 Edg/%d.0.0.0",
                             138 + weeks4, 138 + weeks4);
      break;
    case 2:
      length = std::snprintf(text, sizeof text,
                             "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                             "like Gecko) Version/18.%d Safari/605.1.15",
                             weeks4 < 9 ? weeks4 : 9);
      break;
    case 3:
      length = std::snprintf(text, sizeof text,
                             "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, "
                             "like Gecko) Chrome/%d.0.0.0 Safari/537.36",
                             138 + weeks4);
      break;
    default:
      length = std::snprintf(text, sizeof text,
                             "Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0",
                             128 + weeks4, 128 + weeks4);
  }
  return {text, static_cast<size_t>(length)};
}

std::string Id(const char* format, uint32_t number, uint32_t other) {
  char text[48];
  const int length = std::snprintf(text, sizeof text, format, number, other);
  return {text, static_cast<size_t>(length)};
}

Gadget PhoneGadget(const Phone& phone, std::string id) {
  Gadget gadget;
  gadget.id = std::move(id);
  gadget.platform = phone.platform;
  gadget.model = phone.model;
  gadget.os_version = phone.os_version;
  gadget.channel = Channel::kApp;
  return gadget;
}

}  // namespace

Gadget PhoneOf(const Account& account, int day) {
  const bool newer = account.new_phone_day >= 0 && day >= account.new_phone_day;
  const size_t model = (account.phone + (newer ? 1U : 0U)) % kPhoneCount;
  return PhoneGadget(kPhones[model], Id("phone-%07u-%u", account.number, newer ? 2 : 1));
}

Gadget LaptopOf(const Account& account, int day) {
  Gadget gadget;
  if (account.laptop_has_id) gadget.id = Id("browser-%07u-%u", account.number, 1);
  gadget.user_agent = BrowserText(account.laptop, day);
  gadget.channel = Channel::kWeb;
  return gadget;
}

Gadget SharedTabletOf(const Account& account) {
  Gadget gadget =
      PhoneGadget({Platform::kIos, "iPad Air", "18.1"}, Id("tablet-%07u-%u", account.number / 2, 0));
  return gadget;
}

Mfa FactorOf(const Account& account) { return kFactors[account.mfa]; }

Gadget StrangeLaptop(Random& random, const Account& account, int day) {
  Gadget gadget;
  const int which = random.Chance(0.4) ? 4 : static_cast<int>((account.laptop + 1U + random.Below(3)) % 4);
  gadget.user_agent = BrowserText(which, day);
  gadget.channel = Channel::kWeb;
  if (random.Chance(0.5)) gadget.id = Id("browser-x%08x-%u", static_cast<uint32_t>(random.Next()), 1);
  return gadget;
}

Gadget StrangePhone(Random& random, bool emulator) {
  Gadget gadget = PhoneGadget(kPhones[3 + random.Below(kPhoneCount - 3)],
                              Id("phone-x%08x-%u", static_cast<uint32_t>(random.Next()), 1));
  if (emulator) {
    gadget.model = "sdk_gphone64_x86_64";
    gadget.emulator = true;
    gadget.rooted = true;
  }
  return gadget;
}

}  // namespace tocsin::daemon::generate
