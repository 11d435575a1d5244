#include "daemon/generate/single_signs.h"

#include <algorithm>
#include <string>
#include <vector>

namespace tocsin::daemon::generate {
namespace {

using schemas::LoginMethod;

// Nobody of the population lives there, and many lists have one of them.
constexpr std::string_view kListed[] = {"NG", "RU"};

// Answers a city of which `wanted` is true, or `otherwise`.
template <class Wanted>
int PickCity(Random& random, int otherwise, Wanted wanted) {
  std::vector<int> found;
  for (int i = 0; i < static_cast<int>(Cities().size()); ++i) {
    if (wanted(Cities()[static_cast<size_t>(i)], i)) found.push_back(i);
  }
  return found.empty() ? otherwise : found[random.Below(found.size())];
}

// So far from home that no database takes it for the same region.
constexpr double kElsewhereKm = 350;

// Where the country has no other city here, one of another country.
void ComeFromElsewhereInTheCountry(Thief& thief) {
  const City& home = Cities()[thief.account().city];
  const int other = PickCity(thief.random(), -1, [&](const City& city, int) {
    return city.country == home.country && DistanceKm(city.point, home.point) > kElsewhereKm;
  });
  if (other < 0) return thief.ComeFromAbroad(NetworkKind::kResidential);
  thief.ComeFrom(other, NetworkKind::kResidential);
}

void ComeFromListedCountry(Thief& thief) {
  const int city = PickCity(thief.random(), thief.account().city, [](const City& one, int) {
    return std::ranges::find(kListed, one.country) != std::end(kListed);
  });
  thief.ComeFrom(city, NetworkKind::kResidential);
}

// A device of his own, behind the owner's back: then patience, then a payee and the money.
void WaitAndSend(Thief& thief) {
  const Account& account = thief.account();
  thief.ComeFrom(*account.home);
  thief.HoldStrangeLaptop();
  thief.Enter();
  thief.Wait(2 * kHour, 8 * kHour);
  const std::string payee = thief.StrangePayee();
  thief.AddPayee(payee);
  thief.Wait(5 * kMinute, kHour);
  const int64_t minor = account.transfer_limit_minor * 9 / 10;
  thief.EnsureBalance(minor);
  thief.Send(payee, minor);
}

// Never over the limit of a day, nor over that of one transfer.
void SendUpToTheLimit(Thief& thief) {
  const Account& account = thief.account();
  const std::string payee = thief.StrangePayee();
  thief.WaitForADayOf(2);
  int64_t left = account.daily_limit_minor * thief.random().Between(int64_t{85}, int64_t{97}) / 100;
  thief.EnsureBalance(left);
  while (left > 0) {
    const int64_t part = std::min(left, account.transfer_limit_minor * 3 / 4);
    thief.Send(payee, part);
    left -= part;
    thief.Wait(60, 900);
  }
}

}  // namespace

void WriteSingleSign(AttackKind kind, Thief& thief) {
  Account& account = thief.account();
  switch (kind) {
    case AttackKind::kNewDevice:
      thief.ComeFrom(*account.home);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case AttackKind::kNewNetwork:
      thief.UseOwnersPhoneAtHome();
      thief.ComeFromAnotherProvider();
      thief.Enter();
      return;
    case AttackKind::kNewRegion:
      ComeFromElsewhereInTheCountry(thief);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case AttackKind::kHighRiskCountry:
      ComeFromListedCountry(thief);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case AttackKind::kLocaleMismatch:
      thief.ComeFromAnotherContinent(NetworkKind::kResidential);  // Where his clock is.
      thief.HideIn(account.city, NetworkKind::kResidential);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case AttackKind::kUnusualHour:
      thief.WaitForTheNight();
      thief.UseOwnersPhoneAtHome();
      thief.Enter(LoginMethod::kBiometric);
      return;
    case AttackKind::kCoolingOff:
      return WaitAndSend(thief);
    case AttackKind::kLimitApproach:
      thief.UseOwnersPhoneAtHome();
      thief.Enter(LoginMethod::kBiometric);
      thief.Wait(30, 300);
      return SendUpToTheLimit(thief);
    case AttackKind::kBalanceMismatch:
      thief.UseOwnersPhoneAtHome();
      for (int booking = 0; booking < 2; ++booking) {
        Movement movement;
        movement.minor = account.payment_minor;
        movement.counterparty = "shop-" + std::to_string(thief.random().Below(5000));
        movement.misbooked_minor = account.payment_minor * thief.random().Between(int64_t{2}, int64_t{9});
        thief.EnsureBalance(movement.minor);
        thief.Move(movement);
        thief.Wait(2 * kHour, 3 * kHour);
      }
      return;
    default: {  // kUserReported
      Movement movement;
      movement.minor = account.payment_minor * thief.random().Between(int64_t{1}, int64_t{3});
      movement.counterparty = "shop-" + std::to_string(thief.random().Below(5000));
      movement.instrument = "card-" + std::to_string(account.number) + "-1";
      movement.at_till = true;
      thief.EnsureBalance(movement.minor);
      thief.Move(movement);
      thief.Wait(kHour, 10 * kHour);
      thief.OwnerReportsLastPayment();
    }
  }
}

}  // namespace tocsin::daemon::generate
