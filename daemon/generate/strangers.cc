#include "daemon/generate/strangers.h"

#include <cstdio>
#include <utility>

namespace tocsin::daemon::generate {
namespace {

// What the owner uses, in the thief's own hands: the same model, system and browser. Where the platform gives
// devices an id, the thief's has another one.
Gadget LikeTheOwners(Thief& thief, int day) {
  Gadget gadget = thief.account().has_laptop ? LaptopOf(thief.account(), day) : PhoneOf(thief.account(), day);
  if (gadget.id.empty()) return gadget;
  char id[32];
  std::snprintf(id, sizeof id, "device-x%08x-1", static_cast<unsigned>(thief.random().Next() & 0xffffffffU));
  gadget.id = id;
  return gadget;
}

}  // namespace

void WriteStranger(AttackKind kind, Thief& thief) {
  const Account& account = thief.account();
  switch (kind) {
    case AttackKind::kNaiveLogin:
      thief.ComeFromAbroad(NetworkKind::kHosting);
      thief.HoldStrangeLaptop();
      break;
    case AttackKind::kVpnLogin:
      thief.ComeFromCountryOf(account.city, NetworkKind::kAnonymiser);
      thief.HoldStrangeLaptop();
      break;
    case AttackKind::kTargetedLogin:
      thief.ComeFrom(account.city, NetworkKind::kResidential);
      thief.Hold(LikeTheOwners(thief, thief.day()));
      break;
    default:  // kVeryTargetedLogin
      thief.ComeFrom(*account.home);
      thief.Hold(account.has_laptop ? LaptopOf(account, thief.day()) : PhoneOf(account, thief.day()));
  }
  thief.Enter(schemas::LoginMethod::kPassword, FactorOf(account));
}

}  // namespace tocsin::daemon::generate
